"""One small TOML file per camera family; read by `provisioner.camera.profile`."""

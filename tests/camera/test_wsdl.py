"""Finding and parsing the service descriptions."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from provisioner.camera import wsdl
from provisioner.fault import PlainError


def test_missing_descriptions_are_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(wsdl, "_places", lambda: iter([tmp_path]))
    with pytest.raises(PlainError, match="pip install") as caught:
        wsdl.wsdl_folder()
    assert caught.value.exit_code == 78 and "Installera" in caught.value.text.sv


def test_debian_puts_them_beside_another_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Debian's pip installs packages to dist-packages and these files to site-packages, below /usr/local."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = tmp_path / "lib" / version / "site-packages" / "wsdl"
    folder.mkdir(parents=True)
    for name in wsdl._NEEDED:
        (folder / name).write_text("")
    monkeypatch.setattr(wsdl.sysconfig, "get_path", lambda name: str(tmp_path / "lib" / version / "dist-packages"))
    monkeypatch.setattr(wsdl.sys, "path", [str(tmp_path / "lib" / version / "dist-packages")])
    monkeypatch.setattr(wsdl.sys, "prefix", str(tmp_path))
    assert wsdl.wsdl_folder() == folder


def test_parsed_once_for_all_threads() -> None:
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(wsdl.services())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1


def test_warm_up_leaves_logging_alone_and_the_adapter_imports_nothing_heavy() -> None:
    code = """
import logging, sys
import provisioner.camera.adapter as adapter
heavy = {"zeep", "cv2", "numpy", "lxml", "onvif", "requests"} & set(sys.modules)
assert not heavy, heavy
adapter.warm_up()
assert not logging.getLogger().handlers
assert not {"onvif", "httpx"} & set(sys.modules)
import httpx
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "" and done.stderr == ""

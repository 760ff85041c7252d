"""The way to the alarm centre: the messages (`contract`), what they mean to the core (`translate`), and the pump that sends them (`client`)."""

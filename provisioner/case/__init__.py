"""The core: what a case is and what happens next. No I/O, no clock, no log, no random (see README.md beside this file)."""

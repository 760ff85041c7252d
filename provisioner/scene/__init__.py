"""Pictures to findings: pure functions of pixels (numpy and OpenCV). No I/O, no clock, nothing kept."""

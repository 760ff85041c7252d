"""Fuzzing of the four readers of foreign bytes: SOAP over HTTP, RTSP with SDP and RTP, WS-Discovery, device profiles. `make fuzz` runs it for long."""

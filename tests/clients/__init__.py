"""Clients that nobody here wrote, each in a place of its own, asking the simulated camera. `make clients` runs them all."""

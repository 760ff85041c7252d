"""Texts that leave the house, made from values: pure, no I/O."""

"""Moves a safety camera from one home to another, without a night in which somebody is unwatched and nobody knows."""

__version__ = "0.1.0"

"""Options of the test suite."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--rewrite-stories`: print the transcripts and drawn pages anew; their diff is then reviewed like code."""
    parser.addoption("--rewrite-stories", action="store_true", help="write the stories of the core, and the picture of its plan, anew")

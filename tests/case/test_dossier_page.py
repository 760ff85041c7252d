"""`docs/identity.md` says what the program does. `pytest --rewrite-stories` writes it anew, and the diff is reviewed like code."""

from pathlib import Path

from provisioner.case.identity_page import page

PAGE = Path(__file__).parents[2] / "docs" / "identity.md"


def test_the_page_is_what_the_tables_and_the_judgement_say(request):
    if request.config.getoption("--rewrite-stories"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()

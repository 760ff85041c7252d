"""docs/routine.md is made from this: each row of the routine, each hazard, the tests that hold it, and what waits.

A test holds a row by its name: `test_r47_...`, `test_h5_...`. The page is written anew by `pytest --rewrite-stories`; a test fails while it is stale, so the
table is true at every commit.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "routine.md"

ROWS = {
    "R1": ("Users who move or change provider, with a safety camera, in ordinary housing", ""),
    "R2": ("Providers' local routines are outside", ""),
    "R3": ("The document's identity: version 2021:1", ""),
    "R4": ("Three situations: move, provider change, both", ""),
    "R5": ("Handing-over unit returns keys and tags", ""),
    "R6": ("Handing-over unit notifies through the support form", "the web form: later: pages"),
    "R7": ("Form: current unit and provider", ""),
    "R8": ("Form: sender's name, e-mail, phone", ""),
    "R9": ("Form: user's name, person number, address, phone", ""),
    "R10": ("Form: contact for booking the dismantling (moves)", ""),
    "R11": ("Form: the camera's serial number", ""),
    "R12": ("Form: date of move and/or provider change", ""),
    "R13": ("Handing-over unit documents in Treserva after the feedback", ""),
    "R14": ("Receiving unit signs out keys, street-door key where required", ""),
    "R15": ("Receiving unit notifies through the support form", "the web form: later: pages"),
    "R16": ("Form: current unit and provider", ""),
    "R17": ("Form: sender's name, e-mail, phone", ""),
    "R18": ("Form: user's name, person number, address, phone; equal to R9", ""),
    "R19": ("Form: contact for booking the installation (moves)", ""),
    "R20": ("Form: keys signed out or not", ""),
    "R21": ("Form: date; differs from R12: blocked and asked", ""),
    "R22": ("Sign languages; Swedish always", ""),
    "R23": ("Receiving unit documents in Treserva after the feedback", ""),
    "R24": ("Receiving unit documents the serial in a secure way", "how the unit keeps it: outside, because it is their record"),
    "R25": ("Units are contacted where more information is needed", ""),
    "R26": ("The relevant IT systems are updated", "updating them by machine: outside, because each is another vendor's"),
    "R27": ("Only with a change of address: R28-R37", ""),
    "R28": ("Dismantling is booked", ""),
    "R29": ("Installation is booked", ""),
    "R30": ("By the contact routes of the form", ""),
    "R31": ("The camera is dismantled, its serial scanned", ""),
    "R32": ("The camera is installed, serial scanned and read back", ""),
    "R33": ("A sign shall be installed", ""),
    "R34": ("Swedish sign always; en, fa, ar, so available", "readers of each language: outside, because people must read them"),
    "R35": ("Sign near the rooms where the camera is", ""),
    "R36": ("Sign not visible from the front door", ""),
    "R37": ("Sign's place judged from monitoring area, reflections, floor plan", ""),
    "R38": ("Sign judgement follows the final camera position", ""),
    "R39": ("Receiving unit: phone call and form reply", ""),
    "R40": ("Feedback: the camera is installed", ""),
    "R41": ("Feedback: supervision begins, only once the alarm centre confirmed", ""),
    "R42": ("Feedback: the verified serial number", ""),
    "R43": ("Handing-over unit: form reply when handled, without the new address", "sending it in the form system: later: pages"),
    "R44": ("Form channel on both ends; the case links to its forms", ""),
    "R45": ("No phone call demanded for the handing-over unit", ""),
    "R46": ("Notices before booking", ""),
    "R47": ("Dismantling before installation", ""),
    "R48": ("Installation and sign before 'supervision begins'", ""),
    "R49": ("Feedback before Treserva", ""),
    "R50": ("Handing-over unit's feedback is the team's last duty", ""),
    "R51": ("Feedback's serial equals the handing-over serial, else swap", ""),
    "R52": ("Contacts: user, relative or unit", ""),
    "R53": ("Keys also at a pure provider change", ""),
    "R54": ("Old sign: not mentioned; removed at dismantling by our default", ""),
    "H1": ("One camera bound to two homes", ""),
    "H2": ("Wrong case or person opened", "masked confirmation (D5) on the pages: later: pages"),
    "H3": ("Serial mistyped, asset number typed as serial", ""),
    "H4": ("Not bound at the new home before the first look", ""),
    "H5": ("Command lost, doubled, reordered; broker or centre down", ""),
    "H6": ("Protected identity leaked", "what the pages show: later: pages"),
    "H7": ("Preview kept or shown", "phone gallery, screenshots: later: pages"),
    "H8": ("Audio on, recording on", ""),
    "H9": ("Default or shared password", ""),
    "H10": ("Clock skew", ""),
    "H11": ("Old viewers keep access", ""),
    "H12": ("Camera swapped on defect", ""),
    "H13": ("Provider change at midnight", ""),
    "H14": ("Queued steps replayed late", "the phone's own queue: later: pages"),
    "H15": ("Death or decision ended mid-case", ""),
    "H16": ("Look running while a command arrives", ""),
    "H17": ("Reflection shows what it must not", ""),
    "H18": ("Sign missing, wrong language, visible from the door", ""),
    "H19": ("Move postponed after suspension", ""),
    "H20": ("Cohabitant never asked", ""),
    "H21": ("Reconciliation trusts one source", ""),
    "H22": ("Forged 'completed'", ""),
}
"""row: (what it asks, in short; what of it waits, or why it is outside)"""

HEAD = """# The routine, row by row

R1-R54: what the municipality's routine 2021:1 says. H1-H22: what must not happen. *Held by*: tests that fail when the row is broken (`make test` runs them all).
*Waits*: the part that is not built yet and where it comes, or why it is outside. Made from `tests/test_routine_table.py`; do not edit by hand.
"""


def holders() -> dict[str, list[str]]:
    """Row -> the tests that carry its name, as `path::name`, in the order of the files."""
    found: dict[str, list[str]] = {row: [] for row in ROWS}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in re.findall(r"^(?:    )?(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            for row in re.findall(r"(?<=_)([rh]\d{1,2})(?=_|$)", name):
                found[row.upper()].append(f"{path.relative_to(ROOT)}::{name}")
    return found


def lines() -> Iterator[str]:
    """The page."""
    yield HEAD
    held = holders()
    for title, letter in (("The routine", "R"), ("Hazards", "H")):
        yield f"## {title}\n\n| row | asks | held by | waits |\n|---|---|---|---|"
        for row, (asks, waits) in ROWS.items():
            if row.startswith(letter):
                names = held[row]
                shown = ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
                yield f"| {row} | {asks} | {shown or '-'} | {waits or '-'} |"
        yield ""


def test_page_is_true(request: pytest.FixtureRequest) -> None:
    """The page is as its rows and the tests' names make it."""
    page = "\n".join(lines())
    if request.config.getoption("--rewrite-stories"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "stale: pytest tests/test_routine_table.py --rewrite-stories"


@pytest.mark.parametrize("row", ROWS)
def test_each_row_has_a_test_or_a_reason(row: str) -> None:
    """No row without a word."""
    assert holders()[row] or re.search(r"not yet|outside, because|later: ", ROWS[row][1]), f"{row} is held by nothing and nothing says why"


def test_no_test_names_a_row_that_does_not_exist() -> None:
    """A typing error in a test's name would hold nothing."""
    holders()

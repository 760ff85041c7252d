"""Foreign database errors become one short list of sentences, here and nowhere else.

| code | what happened | exit code | HTTP |
|---|---|---|---|
| `database_locked` | another program holds the write lock longer than the busy time-out; nothing was changed, try again | 75 | 503 |
| `database_readonly` | the file, its folder or the server refuses writing | 74 | 503 |
| `disk_full` | no space for the change; nothing was changed | 74 | 507 |
| `database_unreachable` | no such folder or file, no server, no permission, wrong password | 69 | 503 |
| `not_a_database` | the file is something else, or damaged | 78 | 500 |
| `database_newer` | made by a newer version of the program (raised in `migrate.py`) | 78 | 500 |
| `database_io` | the disk failed to read or write | 74 | 500 |
| `text_not_storable` | NUL or half a surrogate pair in a text | 2 | 400 |

Exit codes are those of sysexits.h. Anything else is a bug of ours and goes up as it is.
"""

import re
import sqlite3
from dataclasses import dataclass

from provisioner.fault import PlainError, Text


@dataclass(frozen=True, slots=True)
class _Trouble:
    code: str
    sv: str
    en: str
    exit_code: int
    http_status: int


_LOCKED = _Trouble("database_locked", "Databasen är upptagen av ett annat program. Inget ändrades. Försök igen om en stund.",
                   "The database is held by another program. Nothing was changed. Try again in a moment.", 75, 503)
_READONLY = _Trouble("database_readonly", "Databasen kan bara läsas. Inget ändrades. Ge tjänstens användare skrivrätt till filen och dess mapp.",
                     "The database can only be read. Nothing was changed. Give the service's user write access to the file and its folder.", 74, 503)
_FULL = _Trouble("disk_full", "Disken är full. Inget ändrades. Frigör utrymme där databasen ligger och försök igen.",
                 "The disk is full. Nothing was changed. Free some space where the database is and try again.", 74, 507)
_UNREACHABLE = _Trouble("database_unreachable", "Databasen går inte att öppna. Kontrollera adressen, rättigheterna och att servern är igång.",
                        "The database cannot be opened. Check its address, the permissions and that the server is running.", 69, 503)
_NOT_ONE = _Trouble("not_a_database", "Filen är ingen databas från det här programmet, eller skadad. Ange rätt fil eller återställ en kopia.",
                    "The file is not a database of this program, or it is damaged. Give the right file or restore a backup.", 78, 500)
_IO = _Trouble("database_io", "Disken kunde inte läsas eller skrivas. Inget ändrades. Kontrollera disken.",
               "The disk could not be read or written. Nothing was changed. Check the disk.", 74, 500)
_TEXT = _Trouble("text_not_storable", "Texten innehåller tecken som inte kan sparas. Skriv den igen utan dem.",
                 "The text contains characters that cannot be stored. Write it again without them.", 2, 400)

# Primary result codes: https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_BUSY: _LOCKED, sqlite3.SQLITE_LOCKED: _LOCKED, sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_READONLY: _READONLY, sqlite3.SQLITE_PERM: _READONLY, sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: _UNREACHABLE, sqlite3.SQLITE_AUTH: _UNREACHABLE,
    sqlite3.SQLITE_NOTADB: _NOT_ONE, sqlite3.SQLITE_CORRUPT: _NOT_ONE, sqlite3.SQLITE_IOERR: _IO,
}

# SQLSTATE: https://www.postgresql.org/docs/15/errcodes-appendix.html. A class (two characters) stands for all its members.
_SQLSTATE = {
    "55P03": _LOCKED, "40P01": _LOCKED, "57014": _LOCKED,  # lock not available, deadlock, statement time-out
    "25006": _READONLY, "42501": _READONLY,                # read-only transaction, insufficient privilege
    "53100": _FULL, "58030": _IO, "22021": _TEXT, "22P05": _TEXT,
    "08": _UNREACHABLE, "28": _UNREACHABLE, "3D": _UNREACHABLE, "53": _UNREACHABLE, "57": _UNREACHABLE,
}


def plain_from(origin: BaseException | None) -> PlainError | None:
    """The sentence for a driver's error, or None where it is no trouble of the surroundings but a broken rule or a bug.

    A lost or refused connection to a server has no SQLSTATE; it is an `OperationalError` all the same.
    """
    if isinstance(origin, UnicodeEncodeError):  # half a surrogate pair, refused by sqlite3 and psycopg before the database sees it
        trouble: _Trouble | None = _TEXT
    elif isinstance(origin, sqlite3.Error):
        # The low byte of an extended result code is the primary one. NOTADB and CORRUPT come as a bare DatabaseError, with the code set.
        trouble = _SQLITE.get(getattr(origin, "sqlite_errorcode", 0) & 0xFF)
    else:
        state = getattr(origin, "sqlstate", None) or ""
        trouble = _SQLSTATE.get(state) or _SQLSTATE.get(state[:2])
        if trouble is None and not state and type(origin).__name__ in {"OperationalError", "ConnectionTimeout"}:
            trouble = _UNREACHABLE
        if trouble is None and "NUL" in str(origin):  # psycopg refuses NUL itself, without a SQLSTATE
            trouble = _TEXT
    return None if trouble is None else _plain(trouble)


def _plain(trouble: _Trouble) -> PlainError:
    return PlainError(trouble.code, Text(trouble.sv, trouble.en), exit_code=trouble.exit_code, http_status=trouble.http_status)


def locked() -> PlainError:
    """The writers of this very process did not get their turn in time."""
    return _plain(_LOCKED)


def unknown_case(wanted: str) -> PlainError:
    """No case has this id or number. Repeated is only what looks like one: a name or a person number typed here shall not reach a log."""
    shown = f" {wanted}" if re.fullmatch(r"\s*(20[0-9]{2}-[A-Za-z0-9]{1,5}|[0-9a-f]{8}-[0-9a-f-]{0,28})\s*", wanted) else ""
    return PlainError("unknown_case", Text(f"Det finns inget ärende{shown or ' med det numret'}.", f"There is no case{shown or ' of that number'}."), http_status=404)


def ambiguous_case(wanted: str, numbers: list[str]) -> PlainError:
    """Several cases begin like this; the first few are named."""
    some = ", ".join(numbers)
    return PlainError("ambiguous_case", Text(f"Flera ärenden börjar med {wanted!r}: {some}. Skriv mer av numret.",
                                             f"Several cases begin with {wanted!r}: {some}. Type more of the number."), http_status=409)


def case_number_taken(number: str) -> PlainError:
    """Another case has this number."""
    return PlainError("case_number_taken", Text(f"Ärendenumret {number!r} är redan använt.", f"The case number {number!r} is already used."),
                      http_status=409)


def camera_bound_twice(last4: str, binding_id: str) -> PlainError:
    """Invariant 1: the database refused a second live (or a second suspended) binding of one camera."""
    return PlainError("camera_bound_twice", Text(
        f"Kameran ...{last4} har redan en gällande koppling, kopplingen {binding_id} sparades därför inte. Inget ändrades. Ring larmcentralen.",
        f"The camera ...{last4} already has a binding in force; the binding {binding_id} was not saved. Nothing was changed. Call the alarm centre.",
    ), exit_code=70, http_status=409)


def binding_in_other_case(binding_id: str) -> PlainError:
    """U35: one open case per binding."""
    return PlainError("binding_in_other_case", Text(
        f"Kopplingen {binding_id} hör redan till ett annat öppet ärende. Inget ändrades. Avsluta det ärendet först.",
        f"The binding {binding_id} already belongs to another open case. Nothing was changed. Finish that case first."),
        exit_code=70, http_status=409)

"""Files that people hand us: read whole or not at all, and never more of them than is allowed."""

from pathlib import Path

from provisioner.fault import PlainError, Text
from provisioner.wrong import os_finding

_NO_HINT = Text("", "")


def read_file(path: Path, most_bytes: int, *, unreadable: str = "file_unreadable", too_large: str = "file_too_large", hint: Text = _NO_HINT) -> bytes:
    """The file, of at most `most_bytes`, also where it has no end (a device). Raises `PlainError` with the code `unreadable` or `too_large` and `hint`."""
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except OSError as error:
        found = os_finding(error)
        raise PlainError(unreadable, Text(f"{path} {found.sv}.", f"{path} {found.en}.")) from None
    if len(data) > most_bytes:
        most = f"{most_bytes >> 20} MB" if most_bytes >= 2**20 else f"{most_bytes >> 10} kB"
        raise PlainError(too_large, Text(f"{path} är större än {most}. {hint.sv}".rstrip(), f"{path} is larger than {most}. {hint.en}".rstrip()))
    return data


def read_text_file(path: Path, most_bytes: int, *, unreadable: str = "file_unreadable", too_large: str = "file_too_large", garbled: str = "file_garbled",
                   hint: Text = _NO_HINT) -> str:
    """The same as text in UTF-8, with or without its mark at the beginning; what is none has the code `garbled`."""
    try:
        return read_file(path, most_bytes, unreadable=unreadable, too_large=too_large, hint=hint).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PlainError(garbled, Text(f"{path} är ingen text i UTF-8. Spara filen som UTF-8.", f"{path} is no text in UTF-8. Save the file as UTF-8.")) from None

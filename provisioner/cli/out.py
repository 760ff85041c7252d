"""How commands speak: sentences on standard output, errors on standard error, or one JSON object; and what each exit code means."""

import json
import sys
from dataclasses import dataclass
from typing import Any

from provisioner.fault import Fault, FaultKind, PlainError, Text

OK, BUG, INPUT, REFUSED, UNKNOWN, UNREACHABLE, DATABASE, CONFIG, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 78, 130
EXIT_CODES = {
    OK: "done", BUG: "a bug of ours; the text above goes into the report", INPUT: "the input is wrong; the sentence names the field",
    REFUSED: "understood, but it may not be now (or a check failed); the sentence says what may", UNKNOWN: "no such case",
    UNREACHABLE: "the camera, the broker or the alarm centre did not answer as it should", DATABASE: "the database is unwell; nothing was changed",
    CONFIG: "the settings or a secret are wrong", INTERRUPTED: "interrupted at the keyboard",
}
_BY_CODE = {
    "unknown_case": UNKNOWN, "ambiguous_case": UNKNOWN, "not_a_database": DATABASE, "row_unreadable": DATABASE, "seal_broken": CONFIG, "seal_key_missing": CONFIG,
    "case_number_taken": REFUSED, "binding_in_other_case": REFUSED, "camera_bound_twice": REFUSED,
    "registry_client_id": CONFIG, "registry_actor_ref": CONFIG, "registry_needs_tls": CONFIG, "http_port_taken": CONFIG,
}
"""Errors raised below the command line, which knows exit codes of its own: sysexits' in the store."""


@dataclass(frozen=True, slots=True)
class Out:
    """One command's voice."""

    as_json: bool
    language: str

    def say(self, line: str = "") -> None:
        """A line for a person; silent with `--json`."""
        if not self.as_json:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    def text(self, text: Text) -> None:
        """A sentence in the person's language."""
        self.say(text.in_language(self.language))

    def result(self, value: Any) -> None:
        """The one JSON object of `--json`; silent otherwise."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def error(self, code: str, text: Text, exit_code: int, field: str = "") -> int:
        """The error, in the form asked for; returns the exit code."""
        if self.as_json:
            sys.stdout.write(json.dumps({"error": code, "text": text.in_language(self.language), "field": field, "exit_code": exit_code}, ensure_ascii=False) + "\n")
        else:
            sys.stderr.write(text.in_language(self.language) + "\n")
        return exit_code


def exit_code_of(error: PlainError) -> int:
    """The documented exit code of an error."""
    if error.code.startswith(("database_", "disk_")):
        return DATABASE
    code = _BY_CODE.get(error.code, error.exit_code)
    return code if code in EXIT_CODES else BUG


def fault_text(fault: Fault) -> Text:
    """A fault as a sentence: what, what was seen, what to do."""
    kinds = {FaultKind.UNREACHABLE: ("svarar inte", "does not answer"), FaultKind.TIMED_OUT: ("svarade inte i tid", "did not answer in time"),
             FaultKind.REFUSED: ("sa nej", "said no"), FaultKind.UNSUPPORTED: ("kan inte det", "cannot do that"),
             FaultKind.GARBLED: ("svarade obegripligt", "answered unintelligibly"), FaultKind.BUSY: ("är upptagen", "is busy")}
    sv, en = kinds[fault.kind]
    return Text(f"{fault.what}: {sv} ({fault.evidence}). {fault.hint.sv}", f"{fault.what}: {en} ({fault.evidence}). {fault.hint.en}")

"""Who sits at the command line, and what for: each command that shows a case or a person says so in the audit log."""

import argparse
import os
import pwd

from provisioner.case.audit import Access, Purpose, is_actor
from provisioner.fault import PlainError, Text


def account() -> str:
    """The account of whoever typed the command: behind `sudo` the one who called it. An account without a name is its number."""
    said = os.environ.get("SUDO_USER")
    if said and is_actor(said):
        return said
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid.{os.getuid()}"


def via_account() -> str:
    """The way in, as the audit log has it: whatever actor was named, the account stays in the line."""
    return f"cli.{account()}"


def access_of(args: argparse.Namespace, purpose: Purpose | None = None) -> Access:
    """The actor and purpose of `--actor`, `--role`, `--purpose`. Raises `PlainError` (`wrong_actor`)."""
    actor = getattr(args, "actor", "") or account()
    if not is_actor(actor):
        raise PlainError("wrong_actor", Text("Ange --actor som ett användarnamn: bokstäver, siffror, punkt, bindestreck; inte ett namn eller nummer på en person.",
                                             "Give --actor as an account: letters, digits, dot, hyphen; not a person's name or number."))
    return Access(actor, getattr(args, "role", "") or "coordinator", Purpose(getattr(args, "purpose", "") or purpose or Purpose.CASE), via_account())

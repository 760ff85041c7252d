"""The audit log's lines, and the chain that holds them: who did or read what, when and what for (D22, SoLPUL 10). Pure; the store keeps them.

A line names ids, roles and closed words; never a name, a number, an address, a free text or an image. That is why a purpose is a word of a list and why the
words of a four-eyes opening are sealed elsewhere. Each line holds the hash of the one before: SHA-256 over that hash, a newline, and the line as canonical
JSON (keys sorted, no spaces, UTF-8). Whoever changes, removes, moves or inserts a line breaks the chain at that line; only somebody who writes all later
lines anew does not, and for that the newest hash is kept outside (`provisioner audit head`).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

BEGINNING = "0" * 64
"""What stands before the first line."""
_ACTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_LIKE_A_NUMBER = re.compile(r"\+?[0-9][0-9 +-]{5,}")  # person numbers, phones: no actor is called so
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._/-]{0,127}|")


class Action(StrEnum):
    """What was done."""

    READ = "read"
    WROTE = "wrote"
    SAID = "said"              # a statement of the case; `kind` names it
    SEARCHED = "searched"
    FOUND = "found"            # a case that a search led to
    ASKED = "asked"            # for a four-eyes opening
    OPENED = "opened"          # the second pair of eyes
    REFUSED = "refused"        # a read that was not allowed
    EXPORTED = "exported"
    ERASED = "erased"
    SHOWN = "shown"            # a preview frame, on somebody's screen
    ROTATED = "rotated"        # keys
    REVIEWED = "reviewed"      # the log itself (SoLPUL 10: systematic, recurring)
    CUT = "cut"                # the log's own oldest lines, after their time; `ref` is the last hash that went


class Purpose(StrEnum):
    """What for. A closed list: a purpose typed freely would sooner or later hold a name."""

    CASE = "case"                    # the work of the case itself
    INTAKE = "intake"
    BOOKING = "booking"
    VISIT = "visit"
    FEEDBACK = "feedback"
    SUPPORT = "support"
    DATA_SUBJECT = "data_subject"    # GDPR 15
    INCIDENT = "incident"
    SUPERVISION = "supervision"      # an auditor's or the authority's question
    LOG_REVIEW = "log_review"
    RETENTION = "retention"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Access:
    """Who stands behind a read or a write, and what for. `via`: the way in, such as the account of the command line."""

    actor: str
    role: str
    purpose: Purpose
    via: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `at` in microseconds since 1970 UTC, as the database holds it; `kind` of document or statement; `count` of what was read."""

    seq: int
    at: int
    actor: str
    role: str
    via: str
    action: str
    kind: str
    ref: str
    purpose: str
    count: int
    previous: str
    hash: str


def is_actor(text: str) -> bool:
    """Whether this can stand as an actor: an id, neither a person's number nor words."""
    return bool(_ACTOR.fullmatch(text)) and not _LIKE_A_NUMBER.fullmatch(text)


def actor_or_hash(text: str) -> str:
    """The actor, or for what is no id a hash of it: the line must be written, and must not hold what somebody typed."""
    return text if is_actor(text) else f"unnamed-{sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


def line_after(seq: int, previous: str, at: int, access: Access, action: Action, kind: str, ref: str, count: int) -> Line:
    """The line that follows `previous`. Raises `ValueError` where `ref` or `kind` is no id: a bug of the caller, loud before it is on the disk."""
    if not _REF.fullmatch(ref) or not _REF.fullmatch(kind):
        raise ValueError("the audit log holds ids only")
    bare = Line(seq, at, actor_or_hash(access.actor), access.role, actor_or_hash(access.via) if access.via else "", action.value, kind, ref,
                access.purpose.value, count, previous, "")
    return Line(seq, at, bare.actor, bare.role, bare.via, bare.action, kind, ref, bare.purpose, count, previous, hash_of(bare))


def canonical(line: Line) -> str:
    """The line as it is hashed."""
    return json.dumps({"action": line.action, "actor": line.actor, "at": line.at, "count": line.count, "kind": line.kind, "purpose": line.purpose,
                       "ref": line.ref, "role": line.role, "seq": line.seq, "via": line.via}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_of(line: Line) -> str:
    """SHA-256 over the hash before and the line."""
    return sha256(f"{line.previous}\n{canonical(line)}".encode()).hexdigest()


class Breach(StrEnum):
    """What was found wrong at a line."""

    CHANGED = "changed"        # its own hash does not fit what it says
    REMOVED = "removed"        # numbers are missing before it
    UNCHAINED = "unchained"    # it does not follow the line before: moved, inserted, or its neighbour was written anew
    HEAD_GONE = "head_gone"    # the head that was kept outside is not in the log
    CUT_UNSAID = "cut_unsaid"  # lines are missing at the beginning, and no line says that they were erased


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line that is not as it was written."""

    seq: int
    breach: Breach


@dataclass(frozen=True, slots=True)
class Verified:
    """What the verifier saw. `broken` None: all of it holds. `head` is `number:hash` of the newest line."""

    lines: int
    first_seq: int
    head: str
    broken: Broken | None


def verify(lines: Iterable[Line], kept_head: str = "") -> Verified:
    """Walk the lines in the order of their numbers. `kept_head`: what `audit head` said earlier, kept outside the database."""
    count, first, seq, last, beginning, kept_is_there = 0, 0, 0, BEGINNING, BEGINNING, not kept_head
    cuts: set[str] = set()
    for line in lines:
        if count == 0:
            first, beginning = line.seq, line.previous
            if line.seq == 1 and line.previous != BEGINNING:
                return Verified(count, first, "", Broken(line.seq, Breach.UNCHAINED))
        elif line.seq != seq + 1:
            return Verified(count, first, f"{seq}:{last}", Broken(line.seq, Breach.REMOVED if line.seq > seq else Breach.UNCHAINED))
        elif line.previous != last:
            return Verified(count, first, f"{seq}:{last}", Broken(line.seq, Breach.UNCHAINED))
        if line.hash != hash_of(line):
            return Verified(count, first, f"{seq}:{last}", Broken(line.seq, Breach.CHANGED))
        if line.action == Action.CUT:
            cuts.add(line.ref)
        count, seq, last = count + 1, line.seq, line.hash
        kept_is_there = kept_is_there or f"{seq}:{last}" == kept_head
    head = f"{seq}:{last}"
    if first > 1 and f"{first - 1}:{beginning}" not in cuts:
        return Verified(count, first, head, Broken(first, Breach.CUT_UNSAID))
    return Verified(count, first, head, None if kept_is_there else Broken(seq, Breach.HEAD_GONE))

"""`provisioner audit list|question`: what an auditor asks, each answered by one command. What a program cannot answer says which document does, and whether
its place is entered; nothing counts as answered for being asked."""

import argparse
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from itertools import product
from typing import Any

from sqlalchemy import LargeBinary

from provisioner.case.access import Field, Sight, Viewer, Visit, sight
from provisioner.cli import evidence
from provisioner.cli.evidence import Answer, Asking
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED
from provisioner.fault import PlainError, Text
from provisioner.store.schema import metadata as tables
from provisioner.wiring import open_store


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its number in the list, a name, its words, and who answers."""

    number: int
    name: str
    text: Text
    answer: Callable[[Asking], Answer]


def _documents(*names: str) -> Callable[[Asking], Answer]:
    def answer(ask: Asking) -> Answer:
        entered = {name: getattr(ask.context.settings.documents, name) or None for name in names}
        missing = [name for name, ref in entered.items() if ref is None]
        if missing:
            keys = ", ".join(f"documents.{name}" for name in missing)
            return Answer(False, {"documents": entered}, Text(f"Det är organisationens dokument. Skriv in var det finns: {keys}.",
                                                             f"That is a document of the organisation. Enter where it is: {keys}."))
        return Answer(True, {"documents": entered})
    return answer


_WAYS = {Viewer.HANDING_OVER_UNIT: "own form", Viewer.RECEIVING_UNIT: "own form", Viewer.TECHNICIAN: "the day's visit", Viewer.COORDINATOR: "person show",
         Viewer.TEAM_LEAD: "person show", Viewer.SUBJECT: "person export"}


def where_an_address_leaves(ask: Asking) -> Answer:
    """6: every way, from the table that decides it; and what carries none."""
    ways = []
    visits: tuple[Visit | None, ...] = (None, "old", "new")
    for viewer, visit in product(Viewer, visits):
        for field in (Field.OLD_ADDRESS, Field.NEW_ADDRESS) if visit is None or viewer is Viewer.TECHNICIAN else ():
            seen = sight(viewer, field, protected=False, opened=False, visit=visit)
            guarded = sight(viewer, field, protected=True, opened=False, visit=visit)
            if seen is not Sight.NO:
                ways.append({"to": viewer.value, "field": field.value, "visit": visit, "through": _WAYS.get(viewer, "-"),
                             "of_a_protected_person": "after an opening by two" if guarded is Sight.NO else guarded.value})
    carries_none = ["MQTT (docs/contract: no field for one)", "journal and case (references only)", "logs", "audit log", "notices", "search hits", "register export"]
    return Answer(True, {"ways": ways, "carries_none": carries_none, "each_read_is_logged": True})


def frames_not_stored(ask: Asking) -> Answer:
    """7: there is no place for one; what was shown is counted."""
    binary = sorted(f"{table.name}.{column.name}" for table in tables.tables.values() for column in table.columns if isinstance(column.type, LargeBinary))
    shown = sum(line.action == "shown" for line in ask.store.audit_lines())
    judged = sum(case.frames_taken for case in ask.store.all_cases())
    return Answer(True, {"binary_columns": binary, "all_of_them_are": "sealed texts", "frames_judged_in_memory": judged, "frames_shown": shown,
                         "code": ["provisioner/camera/frames.py", "provisioner/camera/pictures.py"],
                         "tests": ["tests/camera/test_canary.py", "tests/camera/test_pictures.py", "docs/routine.md: H7"]})


def broker_down(ask: Asking) -> Answer:
    """14: what happens, with this installation's own hours."""
    policy = ask.context.settings.policy
    return Answer(True, {"what_happens": [
        "commands are kept in the database and sent when the broker is back; none is taken for done without the alarm centre's reply and its retained state",
        "a home whose looks are suspended stays on its acknowledged visits: the fallback ends only when the new binding is active",
        f"{', '.join(f'{hours:g}' for hours in sorted(policy.escalate_before_first_look_h, reverse=True))} h before the first planned look it is escalated; "
        "at the last of them a visit is ordered, not asked about"],
        "tests": ["tests/whole/test_broker_killed.py", "tests/registry/test_pump.py", "docs/routine.md: H4, H5"]})


def bill_of_materials(ask: Asking) -> Answer:
    """16: every installed part with its version, and where a vulnerability is reported."""
    parts = sorted({(str(one.metadata["Name"]).lower(), one.version) for one in metadata.distributions()})
    address = ask.context.settings.documents.vulnerability_address
    data = {"parts": [{"name": name, "version": version} for name, version in parts], "vulnerability_address": address or None}
    if not address:
        return Answer(False, data, Text("Vart sårbarheter rapporteras är inte angivet: documents.vulnerability_address.",
                                        "Where vulnerabilities are reported is not entered: documents.vulnerability_address."))
    return Answer(True, data)


def segregation(ask: Asking) -> Answer:
    """17: what the old provider's unit can see of the new home, from the table itself."""
    new = (Field.NEW_ADDRESS, Field.NEW_UNIT, Field.NEW_CONTACTS, Field.NEW_SENDER, Field.KEYS)
    old = (Field.OLD_ADDRESS, Field.OLD_CONTACTS, Field.OLD_SENDER)
    data = {"handing_over_unit": {one.value: sight(Viewer.HANDING_OVER_UNIT, one, protected=False, opened=True).value for one in new},
            "receiving_unit": {one.value: sight(Viewer.RECEIVING_UNIT, one, protected=False, opened=True).value for one in old}}
    closed = all(value == "no" for rows in data.values() for value in rows.values())
    return Answer(closed, data, None if closed else Text("Tabellen släpper igenom något.", "The table lets something through."))


def sign_reviews(ask: Asking) -> Answer:
    """20: who stands for the sign's text in each language; a text that has changed since is unreviewed again."""
    from provisioner.documents.sign_texts import TEXTS, text_sha256
    from provisioner.sign_reviews import read_reviews

    found = read_reviews(ask.context.settings.sign.reviews_file)
    rows = {str(language): {"reviewer": review.reviewer, "reviewed_on": str(review.reviewed_on), "of_todays_text": review.text_sha256 == text_sha256(language)}
            for language, review in found.items()}
    open_ = [str(language) for language in TEXTS if not rows.get(str(language), {}).get("of_todays_text")]
    if open_:
        return Answer(False, {"languages": rows, "unreviewed": open_}, Text(f"Inte granskade: {', '.join(open_)}. provisioner sign review.",
                                                                            f"Not reviewed: {', '.join(open_)}. provisioner sign review."))
    return Answer(True, {"languages": rows})


QUESTIONS = tuple(Question(number, name, Text(sv, en), answer) for number, (name, sv, en, answer) in enumerate((
    ("case", "Visa för en brukare: beslut, samtycken, bedömning, skylt, vem som såg",
     "Show for a user: decision, consents, assessment, sign, who watched", evidence.about_a_case),
    ("one-home", "Bevisa en kamera = ett hem, vilken minut som helst", "Prove one camera = one home, at any past minute", evidence.one_camera_one_home),
    ("gaps", "Bevisa att ingen natt var obevakad vid flyttar i fjol", "Prove no night passed unsupervised during moves last year", evidence.gaps),
    ("protected-reads", "Alla som läst en skyddad persons ärende", "Everybody who read the case of a protected person", evidence.protected_reads),
    ("log-review", "Senaste månadens logggranskning", "Last month's log review", evidence.log_review),
    ("address", "Var kan en adress lämna systemet?", "Where can an address leave the system?", where_an_address_leaves),
    ("frames", "Visa att bilder inte sparas", "Show that frames are not stored", frames_not_stored),
    ("audio", "Visa att ljudet är av i alla aktiva ärenden i dag", "Show audio off for all active cases today", evidence.audio_off),
    ("default-passwords", "Provet av standardlösenord per kamera", "Default password test result per camera", evidence.default_passwords),
    ("time", "Tidskälla och avvikelse", "Time source, drift", evidence.time_source),
    ("erasure", "Senaste kvartalets gallring", "Erasure run of last quarter", evidence.erasure_runs),
    ("processors", "Biträdesavtal och lista över drift inom EU", "Processor agreements and EU hosting list", _documents("processor_agreements", "hosting_list")),
    ("dpia", "Konsekvensbedömning och registerförteckning", "DPIA and record of processing", _documents("dpia", "record_of_processing")),
    ("broker-down", "Vad händer när mäklaren är nere kl. 21?", "What happens when the broker is down at 21:00?", broker_down),
    ("restore-test", "Återläsningsprov", "Restore test", _documents("restore_test")),
    ("sbom", "Komponentlista, sårbarheter, vart man rapporterar", "SBOM, CVE handling, disclosure address", bill_of_materials),
    ("segregation", "Kan den gamla utföraren se den nya adressen?", "Can the old provider see the new address?", segregation),
    ("overrides", "Vilka steg kan gås förbi, av vem, hur ofta i fjol?", "Which steps can be overridden, by whom, how often last year", evidence.overrides),
    ("wrong-home", "Fel hem: antal, rapporter till IVO och IMY", "Wrong-home incidents: number, lex Sarah and IMY reports", evidence.wrong_homes),
    ("sign-reviews", "Skylttexter: vem granskade vilket språk, när", "Sign texts: who reviewed each language, when", sign_reviews),
), 1))


def list_questions(args: argparse.Namespace, context: Context) -> int:
    """The questions and their names."""
    out = context.out
    out.result({"questions": [{"number": one.number, "name": one.name, "text": one.text.in_language(out.language)} for one in QUESTIONS]})
    for one in QUESTIONS:
        out.say(f"{one.number:3}  {one.name:18} {one.text.in_language(out.language)}")
    return OK


def answer_question(args: argparse.Namespace, context: Context) -> int:
    """One answer; exit code 3 where it could not be given."""
    question = next((one for one in QUESTIONS if args.question in (str(one.number), one.name)), None)
    if question is None:
        raise PlainError("unknown_question", Text("Den frågan finns inte: provisioner audit list.", "There is no such question: provisioner audit list."))
    out = context.out
    with closing(open_store(context.settings, context.secrets)) as store:
        answer = question.answer(Asking(store, context, args))
    why = None if answer.why is None else answer.why.in_language(out.language)
    out.result({"number": question.number, "name": question.name, "question": question.text.in_language(out.language), "answered": answer.answered,
                "why": why, "data": answer.data})
    out.say(f"{question.number}. {question.text.in_language(out.language)}")
    _say(out.say, answer.data, 1)
    if not answer.answered:
        out.text(Text(f"INTE BESVARAD. {why or ''}", f"NOT ANSWERED. {why or ''}"))
    return OK if answer.answered else REFUSED


def _say(say: Callable[[str], None], value: Any, depth: int) -> None:
    """JSON-able values as indented lines."""
    lead = "  " * depth
    for name, inner in value.items() if isinstance(value, dict) else ((None, one) for one in value):
        if isinstance(inner, dict | list) and inner and not (isinstance(inner, dict) and name is None):
            say(f"{lead}{name or '-'}:")
            _say(say, inner, depth + 1)
        elif isinstance(inner, dict):
            say(f"{lead}- " + "  ".join(f"{key}={one}" for key, one in inner.items() if not isinstance(one, list | dict) or not one))
        else:
            say(f"{lead}{f'{name}: ' if name else '- '}{inner if inner not in (None, [], {}) else '-'}")

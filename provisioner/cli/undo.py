"""`provisioner case undo`: a re-bind is taken back by a new case, filled in from the old one and linked with it both ways."""

import argparse
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime

from provisioner.case.inputs import HandingOverNotice, MoveUndone, Opened, ReceivingNotice, Said
from provisioner.case.model import Case, CaseKind, Notice, Role
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED
from provisioner.fault import PlainError, Text
from provisioner.ids import case_number, uuid7
from provisioner.store.keeping import Person
from provisioner.store.persons import INTAKE
from provisioner.store.sql import SqlStore
from provisioner.view import case_view, next_action
from provisioner.wiring import open_store


def undo(args: argparse.Namespace, context: Context) -> int:
    """Say it in the old case, which is over with that, and open the new one. Broken off between the two, the same command goes on where it stopped."""
    out, now = context.out, context.clock.now()
    policy = context.settings.policy.policy()
    with closing(open_store(context.settings, context.secrets)) as store:
        old = store.find_case(args.case)
        number = old.undone_by or case_number(now)
        _not_yet_opened(store, number)
        outcome = store.take(old.case_id, Said(args.by, Role.COORDINATOR, MoveUndone(number)), now, policy).outcome
        if outcome.refusal is not None:
            return out.error(outcome.refusal.code, outcome.refusal.text, REFUSED, outcome.refusal.field)
        if not outcome.case.is_final:
            raise PlainError("undo_waits", Text(
                "Larmcentralen har redan tagit emot ett utförarbyte: vänta på dess tidpunkt och ge kommandot igen.",
                "The alarm centre has accepted a provider change already: wait for its instant and give the command again."), exit_code=REFUSED)
        case_id = uuid7(now)
        handing_over, receiving = prefilled(outcome.case, now, args.move_date or now.date(), args.keys_signed_out == "yes", args.street_key)
        for then, now_ref in ((outcome.case.receiving, handing_over.form_ref), (outcome.case.handing_over, receiving.form_ref)):
            person = store.read_person(then.form_ref, now, INTAKE) if then is not None else None
            if person is not None:
                store.put_person(Person(now_ref, person.kind, person.fields), now)
        store.take(case_id, Opened(case_id, number, CaseKind.MOVE_ONLY, group_ref=old.group_ref, undoes=old.case_number), now, policy)
        for what in (HandingOverNotice(handing_over), ReceivingNotice(receiving)):
            outcome = store.take(case_id, Said(args.by, Role.COORDINATOR, what), now, policy).outcome
            if outcome.refusal is not None:
                return out.error(outcome.refusal.code, outcome.refusal.text, REFUSED, outcome.refusal.field)
    out.result({**case_view(outcome.case, now, out.language), "next_action": next_action(outcome.case, out.language)})
    out.text(Text(f"Ärende {number} tar tillbaka kameran; {old.case_number} är avslutat som ångrat.",
                  f"Case {number} takes the camera back; {old.case_number} is over, undone."))
    out.say(next_action(outcome.case, out.language))
    return OK


def _not_yet_opened(store: SqlStore, number: str) -> None:
    try:
        found = store.find_case(number)
    except PlainError:
        return
    raise PlainError("undone_already", Text(f"Det ångras redan i ärende {found.case_number}.", f"It is being undone in case {found.case_number} already."),
                     exit_code=REFUSED)


def prefilled(old: Case, now: datetime, move_date: date, keys_signed_out: bool, street_key: str) -> tuple[Notice, Notice]:
    """The two forms of the way back. The provider stays who it is by now: to change back is a provider change of its own. Consents, assessment, view and
    sign are not taken over: they were of that day, and are asked anew in the home that gets the camera."""
    assert old.handing_over is not None and old.receiving is not None, "a re-bind had both forms"
    leaves, gets = old.receiving, old.handing_over
    handing_over = replace(leaves, form_ref=f"{leaves.form_ref}-back", arrived_at=now, move_date=move_date, provider_effective_at=None,
                           serial=old.expected_serial, asset_number=gets.asset_number if not old.replaced_serials else None, keys_signed_out=None,
                           street_key=None, missing=())
    receiving = replace(gets, form_ref=f"{gets.form_ref}-back", arrived_at=now, move_date=move_date, provider_effective_at=None, serial=None,
                        asset_number=None, unit_ref=leaves.unit_ref, provider_ref=leaves.provider_ref, keys_signed_out=keys_signed_out,
                        street_key=street_key, sign_languages=leaves.sign_languages, missing=())
    return handing_over, receiving

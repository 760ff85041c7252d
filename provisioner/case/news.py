"""What people must be told now because of what has just happened: each thing once, by its key."""

from datetime import date, datetime

from provisioner.case import effects as fx
from provisioner.case import localtime, workdays
from provisioner.case.cover import live_binding
from provisioner.case.intake import date_notes, questions
from provisioner.case.model import BindingState, Case, CoveredBy, FallbackMode, State
from provisioner.case.policy import Policy
from provisioner.fault import Text

AT_ONCE = ("edited-by-hand", "no-access-")
"""Beginnings of the keys of tasks that call somebody at once; all others wait for the office."""


def tells(case: Case, before: Case, now: datetime, policy: Policy) -> list[fx.TellPeople]:
    """Questions to the units, new tasks, and the news of a state that was just entered. The hours are clockwork's."""
    found = _tasks(case, before)
    if case.state in (State.AWAITING_COUNTERPART, State.NEEDS_INFO):
        found += [fx.TellPeople(f"{case.case_id}/{q.key}", q.to, "question", q.text) for q in questions(case)]
    for form, earlier in ((case.handing_over, before.handing_over), (case.receiving, before.receiving)):
        if form is not None and form != earlier:  # not `is not`: said again, it is another object with the same words
            found += [_tell(case, f"date-{form.move_date}-{form.provider_effective_at}-{at}", "coordinator", "reminder", note.sv, note.en)
                      for at, note in enumerate(date_notes((form,), now))]
    if case.state is not before.state:
        found += _news_of_state(case, before, now, policy)
    else:
        found += _visits_lapse(case, before)
    return found


def _tasks(case: Case, before: Case) -> list[fx.TellPeople]:
    if case.tasks is before.tasks:
        return []
    fresh = [task for task in case.tasks if task not in before.tasks and task.done is None]
    return [fx.TellPeople(f"{case.case_id}/task-{task.key}-{before.revision + 1}", "on_call" if task.key.startswith(AT_ONCE) else "coordinator",
                          "escalation" if task.key.startswith(AT_ONCE) else "phone_task", task.text) for task in fresh]


def _news_of_state(case: Case, before: Case, now: datetime, policy: Policy) -> list[fx.TellPeople]:
    """Feedback becomes due on entering a state; supervision begins only here, after reply and retained state (invariant 3).

    The keys carry no leg: a case that comes back from a hold does not begin again.
    """
    news = []
    match case.state:
        case State.READY if (days := _working_days_left(case, now)) is not None and days < policy.short_notice_days:
            news.append(_tell(case, "short-notice", "coordinator", "reminder", f"Kort varsel: {days} arbetsdagar kvar.", f"Short notice: {days} working days left."))
        case State.SWITCH_SCHEDULED if case.receiving is not None and case.receiving.provider_effective_at is not None:
            at = localtime.shown(case.receiving.provider_effective_at)  # D17: the same instant to both, and neither is told who the other is
            for audience, sv, en in (("handing_over_unit", "Till dess ansvarar ni.", "Until then you are responsible."),
                                     ("receiving_unit", "Från och med då ansvarar ni.", "From then on you are responsible.")):
                news.append(_tell(case, f"switch-{at}-{audience}", audience, "reminder",
                                  f"Utförarbytet är inlagt hos larmcentralen till {at}. {sv}", f"The provider change is scheduled with the alarm centre at {at}. {en}"))
        case State.REBOUND | State.SWITCHED:
            news.append(_tell(case, "began-feedback", "coordinator", "feedback",
                              "Tillsyn via larmcentral har börjat. Ring mottagande verksamhet och svara i formuläret.",
                              "Supervision via the alarm centre has begun. Phone the receiving unit and answer in the form."))
        case State.RECEIVING_INFORMED:
            news.append(_tell(case, "received-feedback", "coordinator", "feedback",
                              "Mottagande verksamhet vet. Svara nu överlämnande verksamhet i formuläret, utan ny adress och ny utförare.",
                              "The receiving unit knows. Now answer the handing-over unit in the form, without the new address and provider."))
        case State.TERMINATING:
            news.append(_tell(case, f"terminating-{case.leg}", "coordinator", "question",
                              "Tillsynen ska avslutas. Svara: ska hemmet besökas, eller behövs det inte? En annan person bekräftar avslutet.",
                              "Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending."))
        case State.ON_HOLD if any(task.key == "refused" and task.done is None and task not in before.tasks for task in case.tasks):
            for audience in ("handing_over_unit", "receiving_unit", "case_officer"):
                news.append(_tell(case, f"refused-{case.leg}-{audience}", audience, "feedback",
                                  "Hemmet har sagt nej till kameran. Den startas inte; tillsynen är som nu tills någon bestämt.",
                                  "The home has said no to the camera. It is not started; supervision is as it is until somebody decides."))
        case State.CANCELLED if case.old_binding is not None and live_binding(case) is None and before.old_binding is not None:
            news.append(_tell(case, "cancelled-unwatched", "on_call", "escalation",
                              "Ärendet är avbrutet, men kameran ger inga tittar: någon annan har pausat dem. Ring larmcentralen.",
                              "The case is cancelled, but the camera gives no looks: somebody else has suspended them. Phone the alarm centre."))
    return news + _visits_end(case, before)


def _visits_lapse(case: Case, before: Case) -> list[fx.TellPeople]:
    """Visits that were agreed and never needed, because the move was put off: whoever promised them hears it."""
    agreed, home = case.fallback, live_binding(case)
    if (agreed is None or agreed.mode is not FallbackMode.VISITS or agreed.released_at is None or before.fallback is None
            or before.fallback.released_at is not None or home is None or home.state is not BindingState.ACTIVE):
        return []
    return [_tell(case, f"visits-not-needed-{agreed.review_at:%Y%m%d}", "night_patrol", "visits_end",
                  "Besöken som avtalats behövs inte nu: kameran ser till hemmet.", "The visits that were agreed are not needed now: the camera watches over the home.")]


def _visits_end(case: Case, before: Case) -> list[fx.TellPeople]:
    """Once the camera watches again, or nobody is owed a look, the night patrol is told that its visits can end."""
    ended = case.fallback is not None and case.fallback.released_at is not None and (before.fallback is None or before.fallback.released_at is None)
    if ended and case.state in (State.REBOUND, State.ROLLED_BACK, State.CANCELLED):
        return [_tell(case, "visits-end", "night_patrol", "visits_end", "Kameran ser till hemmet; besöken i stället för titt-in kan sluta.",
                      "The camera watches over the home; the visits in place of looks can end.")]
    if ended and before.state is State.PAUSED:
        return [_tell(case, f"visits-end-pause-{before.leg}", "night_patrol", "visits_end", "Pausen är slut och kameran ser till hemmet; besöken kan sluta.",
                      "The pause is over and the camera watches over the home; the visits can end.")]
    if case.state is State.TERMINATED and case.fallback is not None and case.fallback.mode is FallbackMode.NOT_NEEDED \
            and any(line.by is CoveredBy.VISITS for line in case.cover):
        return [_tell(case, "visits-end", "night_patrol", "visits_end", "Tillsynen är avslutad; besöken i stället för titt-in behövs inte mer.",
                      "Supervision has ended; the visits in place of looks are not needed any more.")]
    return []


def _working_days_left(case: Case, now: datetime) -> int | None:
    """Working days from today until the first of move and provider change (U1)."""
    form = case.receiving
    if form is None:
        return None
    days: list[date] = [form.move_date] if case.moves and form.move_date else []
    if case.changes_provider and form.provider_effective_at:
        days.append(form.provider_effective_at.date())
    if not days:
        return None
    return workdays.until((now + localtime.offset(now)).date(), min(days))


def _tell(case: Case, key: str, audience: str, about: str, sv: str, en: str) -> fx.TellPeople:
    text = Text(f"{sv} Ärende {case.case_number}.", f"{en} Case {case.case_number}.")
    return fx.TellPeople(f"{case.case_id}/{key}", audience, about, text)  # type: ignore[arg-type]

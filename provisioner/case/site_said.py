"""The site checklist, taken in (U18, U28): what is wanting becomes a task with one next action; only what keeps a camera from working stops the way."""

from datetime import datetime

from provisioner.case import inputs as i
from provisioner.case.model import Case, SiteCheck, but
from provisioner.case.outcome import Refusal
from provisioner.case.policy import Policy
from provisioner.case.tasks import with_task, without_task
from provisioner.fault import Text

WANTING = {
    "socket": Text("Inget eluttag i räckhåll: låt dra ett, eller välj en annan plats, och gå igenom bostaden igen.",
                   "No socket within reach: have one put in, or choose another place, and go through the home again."),
    "signal": Text("Ingen täckning där kameran ska sitta: prova en annan plats, eller beställ antenn eller fast lina, och gå igenom bostaden igen.",
                   "No coverage where the camera is to hang: try another place, or order an antenna or a fixed line, and go through the home again."),
    "power_unswitched": Text("Strömmen kan släckas med en strömbrytare eller en grendosa: byt till ett uttag som alltid är på, och gå igenom bostaden igen.",
                             "The supply can be cut by a light switch or a switched strip: change to a socket that is always on, and go through the home again."),
    "landlord_agrees": Text("Hyresvärden har inte sagt ja till att skruva: ring hyresvärden, eller fäst kameran utan skruv.",
                            "The landlord has not agreed to screws: phone the landlord, or fasten the camera without them."),
}
"""Field of the checklist -> the next action where it is answered no. Socket and signal stop the installation (`needs.SITE`): a camera without either is none."""


def site_checked(case: Case, what: i.SiteChecked, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """U18. Answers of an earlier round are replaced, and their tasks with them."""
    for field, text in WANTING.items():
        key = f"site-{field.replace('_', '-')}"
        case = without_task(case, now, key) if getattr(what, field) else with_task(case, key, text, now)
    return but(case, site=SiteCheck(what.socket, what.signal, what.power_unswitched, what.landlord_agrees, what.cleaned, said.by, now, what.note))

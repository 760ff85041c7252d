"""Consent to look (SoLPUL 9): for one home, from the service user and from each cohabitant, and what its withdrawal means for a case. Pure."""

import re
from collections.abc import Iterable

from provisioner.case.model import Case
from provisioner.case.said import ConsentWithdrawn

SERVICE_USER = "service_user"
_COHABITANT = re.compile(r"cohabitant-[1-9]")


def is_subject(text: str) -> bool:
    """Whose consent it is, without a name: `service_user`, `cohabitant-1` to `cohabitant-9`."""
    return text == SERVICE_USER or _COHABITANT.fullmatch(text) is not None


def withdrawal(case: Case, site_ref: str, subject: str) -> ConsentWithdrawn | None:
    """What is said to an open case: that supervision is to end, where the looks, or the ones to come, stand on this consent; None where people must decide.

    The service user's own withdrawal ends it wherever it was given. A cohabitant's ends it in the home where the camera looks; in the home that the case is
    only moving to, the move may still be stopped and the old home go on, which nobody but people can weigh (U12).
    """
    home = case.home_binding
    if subject != SERVICE_USER and (home is None or home.site_ref != site_ref):
        return None
    return ConsentWithdrawn(subject)


def sites_of(case: Case) -> frozenset[str]:
    """The homes a case is about."""
    return frozenset(form.site_ref for form in (case.handing_over, case.receiving) if form is not None)


def about(cases: Iterable[Case], site_ref: str) -> list[Case]:
    """Those of a person's open cases that this home's consent matters to."""
    return [case for case in cases if site_ref in sites_of(case)]

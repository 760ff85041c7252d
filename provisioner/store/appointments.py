"""What technicians have promised to other cases, put into a booking in the transaction that takes it: two cases cannot both get the last free hour."""

from dataclasses import replace
from typing import Final

from sqlalchemy import text

from provisioner.case.appointments import engagements
from provisioner.case.identifiers import is_opaque
from provisioner.case.inputs import Booked, Input, Said
from provisioner.store import codec
from provisioner.store.tx import Tx

# A technician's reference has no sign that means something to LIKE (`is_opaque`).
_BOOKED: Final = text("SELECT body FROM cases WHERE is_open = 1 AND case_id <> :case_id"
                      " AND (body LIKE :dismantles OR body LIKE :installs) ORDER BY case_id")
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(7234001)")
"""PostgreSQL: two bookings wait for one another until the first is committed. SQLite has one writer anyhow. Nobody who waits here holds anything that
the other needs: the other's own case, and that alone."""


def with_engagements(tx: Tx, case_id: str, input: Input, *, is_postgresql: bool) -> Input:
    """`input`; a booking with what both its technicians have promised away."""
    if not isinstance(input, Said) or not isinstance(input.what, Booked):
        return input
    wanted = {who for who in (input.what.booking.dismantle_technician, input.what.booking.install_technician) if is_opaque(who)}
    if is_postgresql:
        tx.run(_ONE_AT_A_TIME)
    busy = []
    for who in sorted(wanted):
        rows = tx.all(_BOOKED, case_id=case_id, dismantles=f'%"dismantle_technician":"{who}"%', installs=f'%"install_technician":"{who}"%')
        busy += [one for (body,) in rows for one in engagements(codec.load_case(body)) if one.technician == who]
    return replace(input, what=replace(input.what, busy=tuple(busy)))

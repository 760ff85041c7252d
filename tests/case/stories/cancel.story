# Before the looks were suspended a case can be cancelled: nothing was changed.
a move
----
moved DRAFT

anna wants CANCEL
----
moved DRAFT -> CANCELLED
  because: CANCEL: DRAFT -> CANCELLED

a move
----
moved DRAFT

anna sends the handing-over form
----
moved DRAFT -> AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

anna wants CANCEL
----
moved AWAITING_COUNTERPART -> CANCELLED
  because: CANCEL: AWAITING_COUNTERPART -> CANCELLED
  sleeps

a move
----
moved DRAFT

anna sends the handing-over form but person_ref=person-0002
----
moved DRAFT -> AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

anna sends the receiving form
----
moved AWAITING_COUNTERPART -> NEEDS_INFO
  because: AWAITING_COUNTERPART -> NEEDS_INFO: questions_open
  owes find_binding within 30 s
  tells coordinator, question: The person numbers of the two forms differ. Call both units.

the centre does find_binding
----
noted NEEDS_INFO
  because: the registry knows 1 live binding(s) of this serial
  covered by CAMERA
  wakes at 2026-11-24 12:00
noted NEEDS_INFO
  because: retained state ACTIVE revision 3

anna wants CANCEL
----
moved NEEDS_INFO -> CANCELLED
  because: CANCEL: NEEDS_INFO -> CANCELLED
  sleeps

a move that stands at READY
----
READY
  covered by CAMERA

anna wants CANCEL
----
moved READY -> CANCELLED
  because: CANCEL: READY -> CANCELLED

a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna has visits acknowledged
----
noted BOOKED
  wakes at 2026-11-30 12:00

anna wants CANCEL
----
moved BOOKED -> CANCELLED
  because: CANCEL: BOOKED -> CANCELLED
  tells night_patrol, visits_end: The camera watches over the home; the visits in place of looks can end. Case 2026-0001.
  sleeps

a provider change that stands at SERIAL_CONFIRMED
----
SERIAL_CONFIRMED
  covered by CAMERA

# The change is on its way and may be accepted.
anna wants CANCEL
----
noted SERIAL_CONFIRMED

the centre rejects change_provider with PROVIDER_UNKNOWN
----
moved SERIAL_CONFIRMED -> CANCELLED
  because: rejected: PROVIDER_UNKNOWN
  because: CANCEL: SERIAL_CONFIRMED -> CANCELLED
  tells coordinator, phone_task: change_provider: The alarm centre rejected the command (PROVIDER_UNKNOWN). Compare with it, then say: try again.
  task stuck-switch_accepted
  sleeps

a provider change that stands at SERIAL_CONFIRMED
----
SERIAL_CONFIRMED
  covered by CAMERA

anna wants CANCEL
----
noted SERIAL_CONFIRMED

# Accepted: it will be made at its instant whatever the case says. So the case stays, and says so.
the centre replies to change_provider
----
moved SERIAL_CONFIRMED -> SWITCH_SCHEDULED
  because: the registry accepted it for its instant
  because: CANCEL came too late
  tells coordinator, phone_task: CANCEL could not be done any more: the alarm centre was faster. Read the case and decide anew.
  tells handing_over_unit, reminder: The provider change is scheduled with the alarm centre at 2026-11-23 16:00+01:00. Until then you are responsible. Case 2026-0001.
  tells receiving_unit, reminder: The provider change is scheduled with the alarm centre at 2026-11-23 16:00+01:00. From then on you are responsible. Case 2026-0001.
  task too-late-cancel
  wakes at 15:01

a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

# Somebody else has paused the looks. The case ends, and it does not end in silence.
a hand at the centre makes the old binding SUSPENDED
----
noted BOOKED
  because: retained state SUSPENDED revision 4, which is not our doing
  tells on_call, escalation: NOBODY watches over the home now: neither camera nor visits. Phone the responsible unit. Case 2026-0001.
  tells on_call, escalation: Somebody edited the binding by hand at the alarm centre. Phone and compare before the case goes on.
  task edited-by-hand-4
  covered by NOBODY
  wakes at 12:15

anna wants CANCEL
----
moved BOOKED -> CANCELLED
  because: CANCEL: BOOKED -> CANCELLED
  tells on_call, escalation: The case is cancelled, but the camera gives no looks: somebody else has suspended them. Phone the alarm centre. Case 2026-0001.
  sleeps

a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna has visits acknowledged
----
noted BOOKED
  wakes at 2026-11-30 12:00

tekla begins the dismantling
----
noted BOOKED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:00:30

anna wants CANCEL
----
noted BOOKED

# The suspension came through first: back to the old home is the only way that leaves nobody unwatched.
the centre does suspend_binding
----
moved BOOKED -> ROLLING_BACK
  because: the registry completed suspend_binding
  because: BOOKED -> LOOKS_SUSPENDED
  because: CANCEL: LOOKS_SUSPENDED -> ROLLING_BACK
  wakes at 19:00
noted ROLLING_BACK
  because: retained state SUSPENDED revision 4

a move and a provider change
----
moved DRAFT

anna sends the handing-over form but provider_effective_at=2026-11-23T12:30:00+00:00
----
moved DRAFT -> AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

anna sends the receiving form but provider_effective_at=2026-11-23T12:30:00+00:00
----
noted AWAITING_COUNTERPART

the centre does find_binding
----
moved AWAITING_COUNTERPART -> READY
  because: the registry knows 1 live binding(s) of this serial
  tells coordinator, reminder: Short notice: 0 working days left. Case 2026-0001.
  covered by CAMERA
  wakes at 12:32
noted READY
  because: retained state ACTIVE revision 3

anna books
----
moved READY -> BOOKED
  owes change_provider within 30 s
  wakes at 12:00:30

the centre replies to change_provider
----
noted BOOKED
  because: the registry accepted it for its instant
  wakes at 12:31

# The move is off, the provider change is not: the case ends when the alarm centre has made it.
anna wants CANCEL
----
noted BOOKED

the instant of the provider change comes
----
moved BOOKED -> CANCELLED
  because: the registry completed change_provider
  because: CANCEL: BOOKED -> CANCELLED
  sleeps
dropped: nothing follows from it

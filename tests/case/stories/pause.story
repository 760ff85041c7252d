# U17: a hospital stay before the camera is touched. No looks into an empty home, a review within a week, and nobody forgets to begin again.
a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna wants PAUSE
----
moved BOOKED -> PAUSED
  because: PAUSE: BOOKED -> PAUSED

anna has it decided that no visits are needed
----
noted PAUSED
  owes suspend_binding within 30 s
  covered by NOT_OWED
  wakes at 12:00:30

the centre does suspend_binding
----
noted PAUSED
  because: the registry completed suspend_binding
  wakes at 2026-11-30 12:00
noted PAUSED
  because: retained state SUSPENDED revision 4

7 days pass
----
at 2026-11-30 12:00
noted PAUSED
  tells on_call, escalation: The suspension in case 2026-0001 is due for review: are the visits still in force? Acknowledge anew.
  wakes at 2026-12-01 12:00

# Home again: somebody visits until the looks are on.
anna resumes
----
refused visits_first: First have visits acknowledged until the looks are on again.

anna has visits acknowledged
----
noted PAUSED
  covered by VISITS
  wakes at 2026-11-30 19:00

anna resumes
----
noted PAUSED
  owes resume_binding within 30 s
  wakes at 2026-11-30 12:00:30

the centre does resume_binding
----
noted PAUSED
  because: the registry completed resume_binding
  covered by CAMERA
  wakes at 2026-12-07 12:00
moved PAUSED -> BOOKED
  because: retained state ACTIVE revision 5
  because: PAUSED -> READY
  because: READY -> BOOKED
  tells night_patrol, visits_end: The pause is over and the camera watches over the home; the visits can end. Case 2026-0001.
  sleeps

a move that stands at READY
----
READY
  covered by CAMERA

anna wants PAUSE
----
moved READY -> PAUSED
  because: PAUSE: READY -> PAUSED

anna wants TERMINATE
----
moved PAUSED -> TERMINATING
  because: TERMINATE: PAUSED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  wakes at 2026-11-25 12:00

a provider change that stands at SERIAL_CONFIRMED
----
SERIAL_CONFIRMED
  covered by CAMERA

the centre rejects change_provider with PROVIDER_UNKNOWN
----
noted SERIAL_CONFIRMED
  because: rejected: PROVIDER_UNKNOWN
  tells coordinator, phone_task: change_provider: The alarm centre rejected the command (PROVIDER_UNKNOWN). Compare with it, then say: try again.
  task stuck-switch_accepted
  wakes at 15:02

anna wants PAUSE
----
moved SERIAL_CONFIRMED -> PAUSED
  because: PAUSE: SERIAL_CONFIRMED -> PAUSED

anna has visits acknowledged
----
noted PAUSED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:00:30

the centre does suspend_binding
----
noted PAUSED
  because: the registry completed suspend_binding
  wakes at 15:02
noted PAUSED
  because: retained state SUSPENDED revision 4

anna wants WRONG_CASE
----
moved PAUSED -> ON_HOLD
  because: WRONG_CASE: PAUSED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

# A case rests and goes on where it stood. After a day somebody is asked about it.
a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna wants HOLD
----
moved BOOKED -> ON_HOLD
  because: HOLD: BOOKED -> ON_HOLD
  wakes at 2026-11-24 12:00

1 days pass
----
at 2026-11-24 12:00
noted ON_HOLD
  tells coordinator, escalation: Case 2026-0001 has been on hold for a day. Resume it or end it.
  sleeps

anna resumes
----
moved ON_HOLD -> BOOKED

a move
----
moved DRAFT

anna wants HOLD
----
moved DRAFT -> ON_HOLD
  because: HOLD: DRAFT -> ON_HOLD
  wakes at 2026-11-24 12:00

anna resumes
----
moved ON_HOLD -> DRAFT
  sleeps

a move
----
moved DRAFT

anna sends the handing-over form
----
moved DRAFT -> AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

anna wants HOLD
----
moved AWAITING_COUNTERPART -> ON_HOLD
  because: HOLD: AWAITING_COUNTERPART -> ON_HOLD
  wakes at 2026-11-24 12:00

anna resumes
----
moved ON_HOLD -> AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

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

anna wants HOLD
----
moved NEEDS_INFO -> ON_HOLD
  because: HOLD: NEEDS_INFO -> ON_HOLD

anna resumes
----
moved ON_HOLD -> NEEDS_INFO

a move that stands at READY
----
READY
  covered by CAMERA

anna wants HOLD
----
moved READY -> ON_HOLD
  because: HOLD: READY -> ON_HOLD
  wakes at 2026-11-24 12:00

anna resumes
----
moved ON_HOLD -> READY
  sleeps

a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna wants HOLD
----
moved BOOKED -> ON_HOLD
  because: HOLD: BOOKED -> ON_HOLD
  wakes at 2026-11-24 12:00

anna resumes
----
moved ON_HOLD -> BOOKED
  sleeps

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants HOLD
----
moved LOOKS_SUSPENDED -> ON_HOLD
  because: HOLD: LOOKS_SUSPENDED -> ON_HOLD

anna resumes
----
moved ON_HOLD -> LOOKS_SUSPENDED

a move that stands at DISMANTLED
----
DISMANTLED
  covered by VISITS

anna wants HOLD
----
moved DISMANTLED -> ON_HOLD
  because: HOLD: DISMANTLED -> ON_HOLD

anna resumes
----
moved ON_HOLD -> DISMANTLED

a move that stands at INSTALLED
----
INSTALLED
  covered by VISITS

anna wants HOLD
----
moved INSTALLED -> ON_HOLD
  because: HOLD: INSTALLED -> ON_HOLD

anna resumes
----
moved ON_HOLD -> INSTALLED

a move that stands at IDENTITY_VERIFIED
----
IDENTITY_VERIFIED
  covered by VISITS

anna wants HOLD
----
noted IDENTITY_VERIFIED

the centre does prepare_binding
----
moved IDENTITY_VERIFIED -> ON_HOLD
  because: new binding in TEST
  because: HOLD: IDENTITY_VERIFIED -> ON_HOLD
  wakes at 19:00
dropped: nothing follows from it
noted ON_HOLD
  because: retained state TEST revision 1

anna resumes
----
moved ON_HOLD -> IDENTITY_VERIFIED
  owes judge_frame within 90 s
  wakes at 12:01:30

a move that stands at VIEW_CHECKED
----
VIEW_CHECKED
  covered by VISITS

anna wants HOLD
----
moved VIEW_CHECKED -> ON_HOLD
  because: HOLD: VIEW_CHECKED -> ON_HOLD

anna resumes
----
moved ON_HOLD -> VIEW_CHECKED

a move that stands at SIGN_PLACED
----
SIGN_PLACED
  covered by VISITS

anna wants HOLD
----
moved SIGN_PLACED -> ON_HOLD
  because: HOLD: SIGN_PLACED -> ON_HOLD

anna resumes
----
moved ON_HOLD -> SIGN_PLACED

a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

anna wants HOLD
----
noted TEST_LOOK_OK

the centre rejects rebind_camera with SITE_UNKNOWN
----
moved TEST_LOOK_OK -> ON_HOLD
  because: rejected: SITE_UNKNOWN
  because: HOLD: TEST_LOOK_OK -> ON_HOLD
  tells coordinator, phone_task: rebind_camera: The alarm centre rejected the command (SITE_UNKNOWN). Compare with it, then say: try again.
  task stuck-rebind_completed
  wakes at 19:00

anna resumes
----
moved ON_HOLD -> TEST_LOOK_OK
  owes rebind_camera within 30 s
  wakes at 12:00:30

a move that stands at REBOUND
----
REBOUND
  covered by CAMERA

anna wants HOLD
----
moved REBOUND -> ON_HOLD
  because: HOLD: REBOUND -> ON_HOLD

anna resumes
----
moved ON_HOLD -> REBOUND

a move that stands at RECEIVING_INFORMED
----
RECEIVING_INFORMED
  covered by CAMERA

anna wants HOLD
----
moved RECEIVING_INFORMED -> ON_HOLD
  because: HOLD: RECEIVING_INFORMED -> ON_HOLD

anna resumes
----
moved ON_HOLD -> RECEIVING_INFORMED

a move that stands at HANDING_OVER_INFORMED
----
HANDING_OVER_INFORMED
  covered by CAMERA

anna wants HOLD
----
moved HANDING_OVER_INFORMED -> ON_HOLD
  because: HOLD: HANDING_OVER_INFORMED -> ON_HOLD

anna resumes
----
moved ON_HOLD -> HANDING_OVER_INFORMED

a move that stands at DOCUMENTED
----
DOCUMENTED
  covered by CAMERA

anna wants HOLD
----
moved DOCUMENTED -> ON_HOLD
  because: HOLD: DOCUMENTED -> ON_HOLD

anna resumes
----
moved ON_HOLD -> DOCUMENTED

a provider change that stands at SERIAL_CONFIRMED
----
SERIAL_CONFIRMED
  covered by CAMERA

anna wants HOLD
----
noted SERIAL_CONFIRMED

# Accepted already: the change comes at its instant, and the case stands where that is true.
the centre replies to change_provider
----
moved SERIAL_CONFIRMED -> ON_HOLD
  because: the registry accepted it for its instant
  because: SERIAL_CONFIRMED -> SWITCH_SCHEDULED
  because: HOLD: SWITCH_SCHEDULED -> ON_HOLD
  wakes at 15:01

anna resumes
----
moved ON_HOLD -> SWITCH_SCHEDULED
  tells handing_over_unit, reminder: The provider change is scheduled with the alarm centre at 2026-11-23 16:00+01:00. Until then you are responsible. Case 2026-0001.
  tells receiving_unit, reminder: The provider change is scheduled with the alarm centre at 2026-11-23 16:00+01:00. From then on you are responsible. Case 2026-0001.

a provider change that stands at SWITCH_SCHEDULED
----
SWITCH_SCHEDULED
  covered by CAMERA

anna wants HOLD
----
moved SWITCH_SCHEDULED -> ON_HOLD
  because: HOLD: SWITCH_SCHEDULED -> ON_HOLD

anna resumes
----
moved ON_HOLD -> SWITCH_SCHEDULED

a provider change that stands at SWITCHED
----
SWITCHED
  covered by CAMERA

anna wants HOLD
----
moved SWITCHED -> ON_HOLD
  because: HOLD: SWITCHED -> ON_HOLD

anna resumes
----
moved ON_HOLD -> SWITCHED

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants SWAP to B8A44F001122
----
moved LOOKS_SUSPENDED -> SWAP
  because: SWAP: LOOKS_SUSPENDED -> SWAP
  owes swap_camera within 30 s
  wakes at 12:00:30

anna wants HOLD
----
noted SWAP

the centre rejects swap_camera with SERIAL_ALREADY_BOUND
----
moved SWAP -> ON_HOLD
  because: rejected: SERIAL_ALREADY_BOUND
  because: HOLD: SWAP -> ON_HOLD
  tells coordinator, phone_task: swap_camera: The alarm centre rejected the command (SERIAL_ALREADY_BOUND). Compare with it, then say: try again.
  task stuck-camera_swapped
  wakes at 19:00

anna resumes
----
moved ON_HOLD -> SWAP
  owes swap_camera within 30 s
  wakes at 12:00:30

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants ROLL_BACK
----
moved LOOKS_SUSPENDED -> ROLLING_BACK
  because: ROLL_BACK: LOOKS_SUSPENDED -> ROLLING_BACK

anna wants HOLD
----
moved ROLLING_BACK -> ON_HOLD
  because: HOLD: ROLLING_BACK -> ON_HOLD

anna resumes
----
moved ON_HOLD -> ROLLING_BACK

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants TERMINATE
----
moved LOOKS_SUSPENDED -> TERMINATING
  because: TERMINATE: LOOKS_SUSPENDED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

anna wants HOLD
----
moved TERMINATING -> ON_HOLD
  because: HOLD: TERMINATING -> ON_HOLD

anna resumes
----
moved ON_HOLD -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

a provider change that stands at SERIAL_CONFIRMED
----
SERIAL_CONFIRMED
  covered by CAMERA

anna wants HOLD
----
noted SERIAL_CONFIRMED

the centre rejects change_provider with PROVIDER_UNKNOWN
----
moved SERIAL_CONFIRMED -> ON_HOLD
  because: rejected: PROVIDER_UNKNOWN
  because: HOLD: SERIAL_CONFIRMED -> ON_HOLD
  tells coordinator, phone_task: change_provider: The alarm centre rejected the command (PROVIDER_UNKNOWN). Compare with it, then say: try again.
  task stuck-switch_accepted
  wakes at 15:02

anna resumes
----
moved ON_HOLD -> SERIAL_CONFIRMED
  owes change_provider within 30 s
  wakes at 12:00:30

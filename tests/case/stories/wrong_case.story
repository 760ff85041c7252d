# D27: the wrong case or the wrong person. No command goes out, nothing is RETIRED, and the case goes on only after somebody has checked.
a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna wants WRONG_CASE
----
moved BOOKED -> ON_HOLD
  because: WRONG_CASE: BOOKED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case
  wakes at 2026-11-24 12:00

anna resumes
----
refused wrong_case_open: First finish the task 'wrong case': what was checked?

anna finishes the task wrong-case
----
noted ON_HOLD
  task wrong-case is done

anna resumes
----
moved ON_HOLD -> BOOKED
  sleeps

a move
----
moved DRAFT

anna wants WRONG_CASE
----
moved DRAFT -> ON_HOLD
  because: WRONG_CASE: DRAFT -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case
  wakes at 2026-11-24 12:00

a move
----
moved DRAFT

anna sends the handing-over form
----
moved DRAFT -> AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

anna wants WRONG_CASE
----
moved AWAITING_COUNTERPART -> ON_HOLD
  because: WRONG_CASE: AWAITING_COUNTERPART -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case
  wakes at 2026-11-24 12:00

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

anna wants WRONG_CASE
----
moved NEEDS_INFO -> ON_HOLD
  because: WRONG_CASE: NEEDS_INFO -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a move that stands at READY
----
READY
  covered by CAMERA

anna wants WRONG_CASE
----
moved READY -> ON_HOLD
  because: WRONG_CASE: READY -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case
  wakes at 2026-11-24 12:00

a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna wants WRONG_CASE
----
moved BOOKED -> ON_HOLD
  because: WRONG_CASE: BOOKED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case
  wakes at 2026-11-24 12:00

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants WRONG_CASE
----
moved LOOKS_SUSPENDED -> ON_HOLD
  because: WRONG_CASE: LOOKS_SUSPENDED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a move that stands at DISMANTLED
----
DISMANTLED
  covered by VISITS

anna wants WRONG_CASE
----
moved DISMANTLED -> ON_HOLD
  because: WRONG_CASE: DISMANTLED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a move that stands at INSTALLED
----
INSTALLED
  covered by VISITS

anna wants WRONG_CASE
----
moved INSTALLED -> ON_HOLD
  because: WRONG_CASE: INSTALLED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a move that stands at IDENTITY_VERIFIED
----
IDENTITY_VERIFIED
  covered by VISITS

anna wants WRONG_CASE
----
noted IDENTITY_VERIFIED

the centre does prepare_binding
----
moved IDENTITY_VERIFIED -> ON_HOLD
  because: new binding in TEST
  because: WRONG_CASE: IDENTITY_VERIFIED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case
  wakes at 19:00
dropped: nothing follows from it
noted ON_HOLD
  because: retained state TEST revision 1

a move that stands at VIEW_CHECKED
----
VIEW_CHECKED
  covered by VISITS

anna wants WRONG_CASE
----
moved VIEW_CHECKED -> ON_HOLD
  because: WRONG_CASE: VIEW_CHECKED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a move that stands at SIGN_PLACED
----
SIGN_PLACED
  covered by VISITS

anna wants WRONG_CASE
----
moved SIGN_PLACED -> ON_HOLD
  because: WRONG_CASE: SIGN_PLACED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

anna wants WRONG_CASE
----
noted TEST_LOOK_OK

the centre rejects rebind_camera with SITE_UNKNOWN
----
moved TEST_LOOK_OK -> ON_HOLD
  because: rejected: SITE_UNKNOWN
  because: WRONG_CASE: TEST_LOOK_OK -> ON_HOLD
  tells coordinator, phone_task: rebind_camera: The alarm centre rejected the command (SITE_UNKNOWN). Compare with it, then say: try again.
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task stuck-rebind_completed
  task wrong-case
  wakes at 19:00

a move that stands at REBOUND
----
REBOUND
  covered by CAMERA

anna wants WRONG_CASE
----
moved REBOUND -> ON_HOLD
  because: WRONG_CASE: REBOUND -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a move that stands at RECEIVING_INFORMED
----
RECEIVING_INFORMED
  covered by CAMERA

anna wants WRONG_CASE
----
moved RECEIVING_INFORMED -> ON_HOLD
  because: WRONG_CASE: RECEIVING_INFORMED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a move that stands at HANDING_OVER_INFORMED
----
HANDING_OVER_INFORMED
  covered by CAMERA

anna wants WRONG_CASE
----
moved HANDING_OVER_INFORMED -> ON_HOLD
  because: WRONG_CASE: HANDING_OVER_INFORMED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a move that stands at DOCUMENTED
----
DOCUMENTED
  covered by CAMERA

anna wants WRONG_CASE
----
moved DOCUMENTED -> ON_HOLD
  because: WRONG_CASE: DOCUMENTED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a provider change that stands at SERIAL_CONFIRMED
----
SERIAL_CONFIRMED
  covered by CAMERA

anna wants WRONG_CASE
----
noted SERIAL_CONFIRMED

# Accepted already: the change comes at its instant, and the case stands where that is true.
the centre replies to change_provider
----
moved SERIAL_CONFIRMED -> ON_HOLD
  because: the registry accepted it for its instant
  because: SERIAL_CONFIRMED -> SWITCH_SCHEDULED
  because: WRONG_CASE: SWITCH_SCHEDULED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case
  wakes at 15:01

a provider change that stands at SWITCH_SCHEDULED
----
SWITCH_SCHEDULED
  covered by CAMERA

anna wants WRONG_CASE
----
moved SWITCH_SCHEDULED -> ON_HOLD
  because: WRONG_CASE: SWITCH_SCHEDULED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a provider change that stands at SWITCHED
----
SWITCHED
  covered by CAMERA

anna wants WRONG_CASE
----
moved SWITCHED -> ON_HOLD
  because: WRONG_CASE: SWITCHED -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

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

anna wants WRONG_CASE
----
noted SWAP

the centre rejects swap_camera with SERIAL_ALREADY_BOUND
----
moved SWAP -> ON_HOLD
  because: rejected: SERIAL_ALREADY_BOUND
  because: WRONG_CASE: SWAP -> ON_HOLD
  tells coordinator, phone_task: swap_camera: The alarm centre rejected the command (SERIAL_ALREADY_BOUND). Compare with it, then say: try again.
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task stuck-camera_swapped
  task wrong-case
  wakes at 19:00

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants ROLL_BACK
----
moved LOOKS_SUSPENDED -> ROLLING_BACK
  because: ROLL_BACK: LOOKS_SUSPENDED -> ROLLING_BACK

anna wants WRONG_CASE
----
moved ROLLING_BACK -> ON_HOLD
  because: WRONG_CASE: ROLLING_BACK -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants TERMINATE
----
moved LOOKS_SUSPENDED -> TERMINATING
  because: TERMINATE: LOOKS_SUSPENDED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

anna wants WRONG_CASE
----
moved TERMINATING -> ON_HOLD
  because: WRONG_CASE: TERMINATING -> ON_HOLD
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task wrong-case

a provider change that stands at SERIAL_CONFIRMED
----
SERIAL_CONFIRMED
  covered by CAMERA

anna wants WRONG_CASE
----
noted SERIAL_CONFIRMED

the centre rejects change_provider with PROVIDER_UNKNOWN
----
moved SERIAL_CONFIRMED -> ON_HOLD
  because: rejected: PROVIDER_UNKNOWN
  because: WRONG_CASE: SERIAL_CONFIRMED -> ON_HOLD
  tells coordinator, phone_task: change_provider: The alarm centre rejected the command (PROVIDER_UNKNOWN). Compare with it, then say: try again.
  tells coordinator, phone_task: Wrong case or wrong person: no command goes out. Check everything before the case is resumed.
  task stuck-switch_accepted
  task wrong-case
  wakes at 15:02

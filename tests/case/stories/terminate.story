# D28: termination enters from any state. It needs a decision on visits, and a second person.
a move that stands at REBOUND
----
REBOUND
  covered by CAMERA

anna wants TERMINATE
----
moved REBOUND -> TERMINATING
  because: TERMINATE: REBOUND -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

# Looks stop as soon as it is said who looks after the home.
anna has it decided that no visits are needed
----
noted TERMINATING
  owes suspend_binding within 30 s
  covered by NOT_OWED
  wakes at 12:00:30

anna did termination_confirmed
----
refused same_person: Another person than the one who asked for the termination must confirm it.

the centre does suspend_binding
----
noted TERMINATING
  because: the registry completed suspend_binding
  wakes at 2026-11-24 12:00
dropped: nothing follows from it
noted TERMINATING
  because: retained state SUSPENDED revision 3

bertil did termination_confirmed
----
noted TERMINATING
  owes retire_binding within 30 s
  wakes at 12:00:30

the centre does retire_binding
----
noted TERMINATING
  because: the registry completed retire_binding
  owes retire_camera within 60 s
  wakes at 12:01
dropped: nothing follows from it
noted TERMINATING
  because: retained state RETIRED revision 4

anna finishes the task dismantle-after-termination
----
refused unknown_task: No open task has that name.

a move that stands at DISMANTLED
----
DISMANTLED
  covered by VISITS

anna wants TERMINATE
----
moved DISMANTLED -> TERMINATING
  because: TERMINATE: DISMANTLED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

bertil did termination_confirmed
----
noted TERMINATING

# The visits for the move are no answer to the question asked now.
anna has it decided that no visits are needed
----
noted TERMINATING
  owes retire_binding within 30 s
  covered by NOT_OWED
  wakes at 12:00:30

the centre does retire_binding
----
noted TERMINATING
  because: the registry completed retire_binding
  owes retire_camera within 60 s
  wakes at 12:01
noted TERMINATING
  because: retained state RETIRED revision 5

# Before the camera is established nobody's binding is touched: the number may be another person's (H2).
a move
----
moved DRAFT

anna wants TERMINATE
----
moved DRAFT -> TERMINATING
  because: TERMINATE: DRAFT -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  wakes at 2026-11-25 12:00

anna has it decided that no visits are needed
----
noted TERMINATING

bertil did termination_confirmed
----
noted TERMINATING

anna did looks_ended_by_hand
----
moved TERMINATING -> TERMINATED
  tells coordinator, phone_task: Take the camera and the sign down when it suits the home.
  task dismantle-after-termination
  sleeps

a move
----
moved DRAFT

anna sends the handing-over form
----
moved DRAFT -> AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

anna wants TERMINATE
----
moved AWAITING_COUNTERPART -> TERMINATING
  because: TERMINATE: AWAITING_COUNTERPART -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  wakes at 2026-11-25 12:00

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

anna wants TERMINATE
----
moved NEEDS_INFO -> TERMINATING
  because: TERMINATE: NEEDS_INFO -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  wakes at 2026-11-25 12:00

# It was the wrong person. Nothing was done at the registry, so the case is over.
anna wants CANCEL
----
moved TERMINATING -> CANCELLED
  because: CANCEL: TERMINATING -> CANCELLED
  sleeps

a move that stands at READY
----
READY
  covered by CAMERA

anna wants TERMINATE
----
moved READY -> TERMINATING
  because: TERMINATE: READY -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  wakes at 2026-11-25 12:00

a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna wants TERMINATE
----
moved BOOKED -> TERMINATING
  because: TERMINATE: BOOKED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  wakes at 2026-11-25 12:00

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants TERMINATE
----
moved LOOKS_SUSPENDED -> TERMINATING
  because: TERMINATE: LOOKS_SUSPENDED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

a move that stands at INSTALLED
----
INSTALLED
  covered by VISITS

anna wants TERMINATE
----
moved INSTALLED -> TERMINATING
  because: TERMINATE: INSTALLED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

a move that stands at IDENTITY_VERIFIED
----
IDENTITY_VERIFIED
  covered by VISITS

anna wants TERMINATE
----
noted IDENTITY_VERIFIED

# The command on its way is answered first.
the centre does prepare_binding
----
moved IDENTITY_VERIFIED -> TERMINATING
  because: new binding in TEST
  because: TERMINATE: IDENTITY_VERIFIED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  wakes at 19:00
dropped: nothing follows from it
noted TERMINATING
  because: retained state TEST revision 1

a move that stands at VIEW_CHECKED
----
VIEW_CHECKED
  covered by VISITS

anna wants TERMINATE
----
moved VIEW_CHECKED -> TERMINATING
  because: TERMINATE: VIEW_CHECKED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

a move that stands at SIGN_PLACED
----
SIGN_PLACED
  covered by VISITS

anna wants TERMINATE
----
moved SIGN_PLACED -> TERMINATING
  because: TERMINATE: SIGN_PLACED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

anna wants TERMINATE
----
noted TEST_LOOK_OK

the centre rejects rebind_camera with SITE_UNKNOWN
----
moved TEST_LOOK_OK -> TERMINATING
  because: rejected: SITE_UNKNOWN
  because: TERMINATE: TEST_LOOK_OK -> TERMINATING
  tells coordinator, phone_task: rebind_camera: The alarm centre rejected the command (SITE_UNKNOWN). Compare with it, then say: try again.
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  task stuck-rebind_completed
  wakes at 19:00

a move that stands at RECEIVING_INFORMED
----
RECEIVING_INFORMED
  covered by CAMERA

anna wants TERMINATE
----
moved RECEIVING_INFORMED -> TERMINATING
  because: TERMINATE: RECEIVING_INFORMED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

a move that stands at HANDING_OVER_INFORMED
----
HANDING_OVER_INFORMED
  covered by CAMERA

anna wants TERMINATE
----
moved HANDING_OVER_INFORMED -> TERMINATING
  because: TERMINATE: HANDING_OVER_INFORMED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

a move that stands at DOCUMENTED
----
DOCUMENTED
  covered by CAMERA

anna wants TERMINATE
----
moved DOCUMENTED -> TERMINATING
  because: TERMINATE: DOCUMENTED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

a provider change that stands at SERIAL_CONFIRMED
----
SERIAL_CONFIRMED
  covered by CAMERA

anna wants TERMINATE
----
noted SERIAL_CONFIRMED

the centre rejects change_provider with PROVIDER_UNKNOWN
----
moved SERIAL_CONFIRMED -> TERMINATING
  because: rejected: PROVIDER_UNKNOWN
  because: TERMINATE: SERIAL_CONFIRMED -> TERMINATING
  tells coordinator, phone_task: change_provider: The alarm centre rejected the command (PROVIDER_UNKNOWN). Compare with it, then say: try again.
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  task stuck-switch_accepted
  wakes at 2026-11-25 12:00

a provider change that stands at SWITCH_SCHEDULED
----
SWITCH_SCHEDULED
  covered by CAMERA

anna wants TERMINATE
----
moved SWITCH_SCHEDULED -> TERMINATING
  because: TERMINATE: SWITCH_SCHEDULED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

a provider change that stands at SWITCHED
----
SWITCHED
  covered by CAMERA

anna wants TERMINATE
----
moved SWITCHED -> TERMINATING
  because: TERMINATE: SWITCHED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

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

anna wants TERMINATE
----
noted SWAP

the centre rejects swap_camera with SERIAL_ALREADY_BOUND
----
moved SWAP -> TERMINATING
  because: rejected: SERIAL_ALREADY_BOUND
  because: TERMINATE: SWAP -> TERMINATING
  tells coordinator, phone_task: swap_camera: The alarm centre rejected the command (SERIAL_ALREADY_BOUND). Compare with it, then say: try again.
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  task stuck-camera_swapped
  wakes at 19:00

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants ROLL_BACK
----
moved LOOKS_SUSPENDED -> ROLLING_BACK
  because: ROLL_BACK: LOOKS_SUSPENDED -> ROLLING_BACK

anna wants TERMINATE
----
moved ROLLING_BACK -> TERMINATING
  because: TERMINATE: ROLLING_BACK -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants HOLD
----
moved LOOKS_SUSPENDED -> ON_HOLD
  because: HOLD: LOOKS_SUSPENDED -> ON_HOLD

anna wants TERMINATE
----
moved ON_HOLD -> TERMINATING
  because: TERMINATE: ON_HOLD -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

# One person is not enough to end a supervision for good; called off, it goes on.
a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna wants TERMINATE
----
moved BOOKED -> TERMINATING
  because: TERMINATE: BOOKED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  wakes at 2026-11-25 12:00

anna wants HOLD
----
moved TERMINATING -> ON_HOLD
  because: HOLD: TERMINATING -> ON_HOLD
  wakes at 2026-11-24 12:00

anna wants ROLL_BACK
----
moved ON_HOLD -> ROLLED_BACK
  because: ROLL_BACK: ON_HOLD -> ROLLING_BACK
  because: ROLLING_BACK -> ROLLED_BACK
  sleeps

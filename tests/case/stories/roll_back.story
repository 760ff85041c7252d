# U33: after the suspension the only way back is to resume at the old home, with serial check and test look.
a move that stands at DISMANTLED
----
DISMANTLED
  covered by VISITS

anna wants ROLL_BACK
----
moved DISMANTLED -> ROLLING_BACK
  because: ROLL_BACK: DISMANTLED -> ROLLING_BACK

tekla scans ACCC8E004711
----
noted ROLLING_BACK

tekla did camera_back_at_old_home
----
noted ROLLING_BACK
  owes read_identity within 20 s
  wakes at 12:00:20

the camera says it is ACCC8E004711
----
noted ROLLING_BACK
  because: identity confirmed: It is the right camera. Go on.
  because: The scanned label agrees with the expected serial number. (strong)
  because: The serial number that the camera tells after login agrees with the expected serial number. (strong)
  wakes at 19:00

tekla holds up the code 1234
----
noted ROLLING_BACK
  owes hide_code within 20 s
  wakes at 12:00:20
noted ROLLING_BACK
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:00:30

the centre replies to test_look, the operator read 1234
----
noted ROLLING_BACK
  because: the operator saw the code
  owes resume_binding within 30 s
  owes hide_code within 20 s
  wakes at 12:00:20

the camera does hide_code
----
noted ROLLING_BACK
  because: no code in the picture
  wakes at 12:00:30

the centre replies to resume_binding
----
noted ROLLING_BACK
  because: the registry completed resume_binding
  owes mark_camera within 20 s
  covered by CAMERA
  wakes at 12:00:20

tekla scans ACCC8E004711
----
refused resumed_already: All is checked and the looks are being resumed. Await the alarm centre.

the centre publishes its states
----
noted ROLLING_BACK
  because: retained state ACTIVE revision 5

# Nothing was taken down yet: the camera hangs where it hung, and is checked all the same.
a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

anna wants ROLL_BACK
----
moved LOOKS_SUSPENDED -> ROLLING_BACK
  because: ROLL_BACK: LOOKS_SUSPENDED -> ROLLING_BACK

tekla scans ACCC8E004711
----
noted ROLLING_BACK
  owes read_identity within 20 s
  wakes at 12:00:20

the camera says it is ACCC8E004711
----
noted ROLLING_BACK
  because: identity confirmed: It is the right camera. Go on.
  because: The scanned label agrees with the expected serial number. (strong)
  because: The serial number that the camera tells after login agrees with the expected serial number. (strong)
  wakes at 19:00

tekla holds up the code 1234
----
noted ROLLING_BACK
  owes hide_code within 20 s
  wakes at 12:00:20
noted ROLLING_BACK
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:00:30

the centre replies to test_look, the operator read 1234
----
noted ROLLING_BACK
  because: the operator saw the code
  owes resume_binding within 30 s
  owes hide_code within 20 s
  wakes at 12:00:20

the camera does hide_code
----
noted ROLLING_BACK
  because: no code in the picture
  wakes at 12:00:30

the centre does resume_binding
----
noted ROLLING_BACK
  because: the registry completed resume_binding
  covered by CAMERA
  wakes at 12:02
moved ROLLING_BACK -> ROLLED_BACK
  because: retained state ACTIVE revision 5
  tells night_patrol, visits_end: The camera watches over the home; the visits in place of looks can end. Case 2026-0001.
  sleeps

# From each state; a binding in TEST is retired first.
a move that stands at INSTALLED
----
INSTALLED
  covered by VISITS

anna wants ROLL_BACK
----
moved INSTALLED -> ROLLING_BACK
  because: ROLL_BACK: INSTALLED -> ROLLING_BACK

a move that stands at IDENTITY_VERIFIED
----
IDENTITY_VERIFIED
  covered by VISITS

anna wants ROLL_BACK
----
noted IDENTITY_VERIFIED

the centre does prepare_binding
----
moved IDENTITY_VERIFIED -> ROLLING_BACK
  because: new binding in TEST
  because: ROLL_BACK: IDENTITY_VERIFIED -> ROLLING_BACK
  owes retire_binding within 30 s
dropped: nothing follows from it
noted ROLLING_BACK
  because: retained state TEST revision 1

the centre does retire_binding
----
noted ROLLING_BACK
  because: the registry completed retire_binding
  wakes at 19:00
dropped: nothing follows from it
noted ROLLING_BACK
  because: retained state RETIRED revision 2

a move that stands at VIEW_CHECKED
----
VIEW_CHECKED
  covered by VISITS

anna wants ROLL_BACK
----
moved VIEW_CHECKED -> ROLLING_BACK
  because: ROLL_BACK: VIEW_CHECKED -> ROLLING_BACK
  owes retire_binding within 30 s
  wakes at 12:00:30

the centre does retire_binding
----
noted ROLLING_BACK
  because: the registry completed retire_binding
  wakes at 19:00
dropped: nothing follows from it
noted ROLLING_BACK
  because: retained state RETIRED revision 2

a move that stands at SIGN_PLACED
----
SIGN_PLACED
  covered by VISITS

anna wants ROLL_BACK
----
moved SIGN_PLACED -> ROLLING_BACK
  because: ROLL_BACK: SIGN_PLACED -> ROLLING_BACK
  owes retire_binding within 30 s
  wakes at 12:00:30

a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

anna wants ROLL_BACK
----
noted TEST_LOOK_OK

# The re-bind came through first: undoing it is a new case.
the centre does rebind_camera
----
noted TEST_LOOK_OK
  because: the registry completed rebind_camera
  because: ROLL_BACK came too late
  tells coordinator, phone_task: ROLL_BACK could not be done any more: the alarm centre was faster. Read the case and decide anew.
  task too-late-roll_back
  covered by CAMERA
  wakes at 12:02
noted TEST_LOOK_OK
  because: retained state RETIRED revision 5
moved TEST_LOOK_OK -> REBOUND
  because: retained state ACTIVE revision 2
  owes hide_code within 20 s
  tells coordinator, feedback: Supervision via the alarm centre has begun. Phone the receiving unit and answer in the form. Case 2026-0001.
  tells night_patrol, visits_end: The camera watches over the home; the visits in place of looks can end. Case 2026-0001.
  wakes at 12:00:20

a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

anna wants ROLL_BACK
----
noted TEST_LOOK_OK

the centre rejects rebind_camera with SITE_UNKNOWN
----
moved TEST_LOOK_OK -> ROLLING_BACK
  because: rejected: SITE_UNKNOWN
  because: ROLL_BACK: TEST_LOOK_OK -> ROLLING_BACK
  owes retire_binding within 30 s
  tells coordinator, phone_task: rebind_camera: The alarm centre rejected the command (SITE_UNKNOWN). Compare with it, then say: try again.
  task stuck-rebind_completed

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

anna wants ROLL_BACK
----
noted SWAP

the centre rejects swap_camera with SERIAL_ALREADY_BOUND
----
moved SWAP -> ROLLING_BACK
  because: rejected: SERIAL_ALREADY_BOUND
  because: ROLL_BACK: SWAP -> ROLLING_BACK
  tells coordinator, phone_task: swap_camera: The alarm centre rejected the command (SERIAL_ALREADY_BOUND). Compare with it, then say: try again.
  task stuck-camera_swapped
  wakes at 19:00

# A termination is called off before the second person has confirmed it; the looks it had stopped are resumed.
a provider change that stands at SWITCHED
----
SWITCHED
  covered by CAMERA

anna wants TERMINATE
----
moved SWITCHED -> TERMINATING
  because: TERMINATE: SWITCHED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

anna has it decided that no visits are needed
----
noted TERMINATING
  owes suspend_binding within 30 s
  covered by NOT_OWED
  wakes at 15:00:30

the centre does suspend_binding
----
noted TERMINATING
  because: the registry completed suspend_binding
  wakes at 2026-11-24 15:00
noted TERMINATING
  because: retained state SUSPENDED revision 5

# "Not needed" was said of an ending. Now the home is owed looks again, and nobody gives them: on call is paged until somebody visits.
anna wants ROLL_BACK
----
moved TERMINATING -> ROLLING_BACK
  because: ROLL_BACK: TERMINATING -> ROLLING_BACK
  tells on_call, escalation: NOBODY watches over the home now: neither camera nor visits. Phone the responsible unit. Case 2026-0001.
  covered by NOBODY
  wakes at 15:15

anna has visits acknowledged
----
noted ROLLING_BACK
  covered by VISITS
  wakes at 2026-11-24 15:00

tekla scans ACCC8E004711
----
noted ROLLING_BACK
  owes read_identity within 20 s
  wakes at 15:00:20

the camera says it is ACCC8E004711
----
noted ROLLING_BACK
  because: identity confirmed: It is the right camera. Go on.
  because: The scanned label agrees with the expected serial number. (strong)
  because: The serial number that the camera tells after login agrees with the expected serial number. (strong)
  wakes at 2026-11-24 15:00

tekla holds up the code 1234
----
noted ROLLING_BACK
  owes hide_code within 20 s
  wakes at 15:00:20
noted ROLLING_BACK
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 15:00:30

the centre replies to test_look, the operator read 1234
----
noted ROLLING_BACK
  because: the operator saw the code
  owes resume_binding within 30 s
  owes hide_code within 20 s
  wakes at 15:00:20

the camera does hide_code
----
noted ROLLING_BACK
  because: no code in the picture
  wakes at 15:00:30

the centre does resume_binding
----
noted ROLLING_BACK
  because: the registry completed resume_binding
  covered by CAMERA
  wakes at 15:02
moved ROLLING_BACK -> ROLLED_BACK
  because: retained state ACTIVE revision 6
  tells night_patrol, visits_end: The camera watches over the home; the visits in place of looks can end. Case 2026-0001.
  sleeps

a move that stands at REBOUND
----
REBOUND
  covered by CAMERA

anna wants TERMINATE
----
moved REBOUND -> TERMINATING
  because: TERMINATE: REBOUND -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

# Nothing was stopped yet: supervision goes on at once.
anna wants ROLL_BACK
----
moved TERMINATING -> ROLLED_BACK
  because: ROLL_BACK: TERMINATING -> ROLLING_BACK
  because: ROLLING_BACK -> ROLLED_BACK
  sleeps

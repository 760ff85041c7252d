# U12: the home says no on the day. The camera is not started, the visits stay, and a person decides.
a move that stands at DISMANTLED
----
DISMANTLED
  covered by VISITS

tekla wants REFUSED
----
moved DISMANTLED -> ON_HOLD
  because: REFUSED: DISMANTLED -> ON_HOLD
  tells coordinator, phone_task: The home has said no: the camera is not started, the visits stay. Decide: roll the move back (ROLL_BACK, CANCEL) or end it (TERMINATE).
  tells handing_over_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells receiving_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells case_officer, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  task refused

tekla finds the new home fit
----
refused wrong_state: That cannot be said now. The case is in ON_HOLD: The case is on hold. It belongs in: BOOKED, DISMANTLED, IDENTITY_VERIFIED, INSTALLED, LOOKS_SUSPENDED.

anna resumes
----
refused refusal_open: The home has said no. Roll back (ROLL_BACK) or terminate (TERMINATE); where they have changed their mind, finish the task 'refused' first.

anna wants ROLL_BACK
----
moved ON_HOLD -> ROLLING_BACK
  because: ROLL_BACK: ON_HOLD -> ROLLING_BACK
  task refused is done

# A no that a re-bind overtakes ends supervision: nobody looks into a home that has said no.
a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

tekla wants REFUSED
----
noted TEST_LOOK_OK

the centre does rebind_camera
----
moved TEST_LOOK_OK -> TERMINATING
  because: the registry completed rebind_camera
  because: REFUSED: TEST_LOOK_OK -> TERMINATING
  owes suspend_binding within 30 s
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  covered by CAMERA, then VISITS
noted TERMINATING
  because: retained state RETIRED revision 5
noted TERMINATING
  because: retained state ACTIVE revision 2

# They change their mind: who said yes, and to whom, is written down.
a move that stands at SIGN_PLACED
----
SIGN_PLACED
  covered by VISITS

tekla wants REFUSED
----
moved SIGN_PLACED -> ON_HOLD
  because: REFUSED: SIGN_PLACED -> ON_HOLD
  tells coordinator, phone_task: The home has said no: the camera is not started, the visits stay. Decide: roll the move back (ROLL_BACK, CANCEL) or end it (TERMINATE).
  tells handing_over_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells receiving_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells case_officer, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  task refused

anna finishes the task refused
----
refused reason_missing: Say who has agreed after all, and to whom (at least 10 characters).

anna finishes the task refused: the user has said yes to Tekla
----
noted ON_HOLD
  task refused is done

anna resumes
----
moved ON_HOLD -> SIGN_PLACED

# Once supervision has begun a no is a consent withdrawn (U11, D28): the looks stop as at every ending.
a move that stands at RECEIVING_INFORMED
----
RECEIVING_INFORMED
  covered by CAMERA

tekla wants REFUSED
----
refused exit_not_allowed: REFUSED is not possible from RECEIVING_INFORMED. Possible here: HOLD, TERMINATE, WRONG_CASE.

anna writes down that cohabitant-1 takes the consent back
----
moved RECEIVING_INFORMED -> TERMINATING
  because: TERMINATE: RECEIVING_INFORMED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.

anna wants ROLL_BACK
----
refused exit_not_allowed: ROLL_BACK is not possible from TERMINATING. Possible here: HOLD, WRONG_CASE. A completed re-bind is undone by a new case.

anna has visits acknowledged
----
noted TERMINATING
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:00:30

the centre does suspend_binding
----
noted TERMINATING
  because: the registry completed suspend_binding
  wakes at 19:00
dropped: nothing follows from it
noted TERMINATING
  because: retained state SUSPENDED revision 3

anna did termination_confirmed
----
refused same_person: Another person than the one who asked for the termination must confirm it.

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

the camera does retire_camera
----
moved TERMINATING -> TERMINATED
  because: the camera is cleared; receipt receipt-1
  tells coordinator, phone_task: Take the camera and the sign down when it suits the home.
  task dismantle-after-termination
  sleeps

# From each of the other states in which a technician stands in a home.
a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

tekla wants REFUSED
----
moved BOOKED -> ON_HOLD
  because: REFUSED: BOOKED -> ON_HOLD
  tells coordinator, phone_task: The home has said no: the camera is not started, the visits stay. Decide: roll the move back (ROLL_BACK, CANCEL) or end it (TERMINATE).
  tells handing_over_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells receiving_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells case_officer, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  task refused
  wakes at 2026-11-24 12:00

a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

tekla wants REFUSED
----
moved LOOKS_SUSPENDED -> ON_HOLD
  because: REFUSED: LOOKS_SUSPENDED -> ON_HOLD
  tells coordinator, phone_task: The home has said no: the camera is not started, the visits stay. Decide: roll the move back (ROLL_BACK, CANCEL) or end it (TERMINATE).
  tells handing_over_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells receiving_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells case_officer, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  task refused

a move that stands at INSTALLED
----
INSTALLED
  covered by VISITS

tekla wants REFUSED
----
moved INSTALLED -> ON_HOLD
  because: REFUSED: INSTALLED -> ON_HOLD
  tells coordinator, phone_task: The home has said no: the camera is not started, the visits stay. Decide: roll the move back (ROLL_BACK, CANCEL) or end it (TERMINATE).
  tells handing_over_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells receiving_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells case_officer, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  task refused

a move that stands at IDENTITY_VERIFIED
----
IDENTITY_VERIFIED
  covered by VISITS

tekla wants REFUSED
----
noted IDENTITY_VERIFIED

# What is under way is waited for.
the centre does prepare_binding
----
moved IDENTITY_VERIFIED -> ON_HOLD
  because: new binding in TEST
  because: REFUSED: IDENTITY_VERIFIED -> ON_HOLD
  tells coordinator, phone_task: The home has said no: the camera is not started, the visits stay. Decide: roll the move back (ROLL_BACK, CANCEL) or end it (TERMINATE).
  tells handing_over_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells receiving_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells case_officer, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  task refused
  wakes at 19:00
dropped: nothing follows from it
noted ON_HOLD
  because: retained state TEST revision 1

a move that stands at VIEW_CHECKED
----
VIEW_CHECKED
  covered by VISITS

tekla wants REFUSED
----
moved VIEW_CHECKED -> ON_HOLD
  because: REFUSED: VIEW_CHECKED -> ON_HOLD
  tells coordinator, phone_task: The home has said no: the camera is not started, the visits stay. Decide: roll the move back (ROLL_BACK, CANCEL) or end it (TERMINATE).
  tells handing_over_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells receiving_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells case_officer, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  task refused

a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

the centre rejects rebind_camera with SITE_UNKNOWN
----
noted TEST_LOOK_OK
  because: rejected: SITE_UNKNOWN
  tells coordinator, phone_task: rebind_camera: The alarm centre rejected the command (SITE_UNKNOWN). Compare with it, then say: try again.
  task stuck-rebind_completed
  wakes at 19:00

tekla wants REFUSED
----
moved TEST_LOOK_OK -> ON_HOLD
  because: REFUSED: TEST_LOOK_OK -> ON_HOLD
  tells coordinator, phone_task: The home has said no: the camera is not started, the visits stay. Decide: roll the move back (ROLL_BACK, CANCEL) or end it (TERMINATE).
  tells handing_over_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells receiving_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells case_officer, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  task refused

a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna wants SWAP to B8A44F001122
----
moved BOOKED -> SWAP
  because: SWAP: BOOKED -> SWAP

tekla wants REFUSED
----
moved SWAP -> ON_HOLD
  because: REFUSED: SWAP -> ON_HOLD
  tells coordinator, phone_task: The home has said no: the camera is not started, the visits stay. Decide: roll the move back (ROLL_BACK, CANCEL) or end it (TERMINATE).
  tells handing_over_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells receiving_unit, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  tells case_officer, feedback: The home has said no to the camera. It is not started; supervision is as it is until somebody decides. Case 2026-0001.
  task refused
  wakes at 2026-11-24 12:00

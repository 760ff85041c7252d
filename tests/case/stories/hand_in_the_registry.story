# Somebody edits the registry by hand: on call is paged, and nothing is merged silently.
a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

a hand at the centre makes the old binding SUSPENDED, and says so
----
noted BOOKED
  because: the registry was edited by hand
  tells on_call, escalation: Somebody edited the binding by hand at the alarm centre. Phone and compare before the case goes on.
  task edited-by-hand-4

# Nobody watches and nobody visits, as far as the case knows: it calls again and again.
the centre publishes its states
----
noted BOOKED
  because: retained state SUSPENDED revision 4, which is not our doing
  tells on_call, escalation: NOBODY watches over the home now: neither camera nor visits. Phone the responsible unit. Case 2026-0001.
  covered by NOBODY
  wakes at 12:15

16 minutes pass
----
at 12:15
noted BOOKED
  tells on_call, escalation: NOBODY watches over the home now: neither camera nor visits. Phone the responsible unit. Case 2026-0001.
  wakes at 12:30

anna has visits acknowledged
----
noted BOOKED
  covered by VISITS
  wakes at 19:00

tekla begins the dismantling
----
noted BOOKED
  owes suspend_binding within 30 s
  wakes at 12:16:30

the centre does suspend_binding
----
noted BOOKED
  because: rejected: REVISION_CONFLICT
  tells coordinator, phone_task: suspend_binding: The alarm centre rejected the command (REVISION_CONFLICT). Compare with it, then say: try again.
  task stuck-looks_suspended
  wakes at 19:00
dropped: nothing follows from it

anna tries again
----
moved BOOKED -> LOOKS_SUSPENDED

a move that stands at INSTALLED
----
INSTALLED
  covered by VISITS

# The looks at the old home are switched on again although the camera is not there: they show nothing, and count for nothing.
a hand at the centre makes the old binding ACTIVE
----
noted INSTALLED
  because: retained state ACTIVE revision 5, which is not our doing
  tells on_call, escalation: Somebody edited the binding by hand at the alarm centre. Phone and compare before the case goes on.
  task edited-by-hand-5

tekla scans ACCC8E004711
----
noted INSTALLED
  owes read_identity within 20 s
  wakes at 12:00:20

the camera says it is ACCC8E004711
----
noted INSTALLED
  because: identity confirmed: It is the right camera. Go on.
  because: The scanned label agrees with the expected serial number. (strong)
  because: The serial number that the camera tells after login agrees with the expected serial number. (strong)
  owes rotate_credentials within 60 s
  wakes at 12:01

the camera does rotate_credentials
----
noted INSTALLED
  because: new password proved, the old one refused, nobody else has an account
  owes ensure_posture within 60 s

the camera does ensure_posture
----
moved INSTALLED -> IDENTITY_VERIFIED
  because: the camera is set as a home demands it
  owes prepare_binding within 30 s
  owes judge_frame within 90 s
  wakes at 12:00:30

the centre does prepare_binding
----
noted IDENTITY_VERIFIED
  because: rejected: SERIAL_ALREADY_BOUND
  tells coordinator, phone_task: prepare_binding: The alarm centre rejected the command (SERIAL_ALREADY_BOUND). Compare with it, then say: try again.
  task stuck-new_binding_in_test
  wakes at 12:01:30
dropped: nothing follows from it

anna tries again
----
moved IDENTITY_VERIFIED -> BOOKED
  because: IDENTITY_VERIFIED -> BOOKED: looks_on_again
  owes suspend_binding within 30 s
  wakes at 12:00:30

the centre does suspend_binding
----
moved BOOKED -> IDENTITY_VERIFIED
  because: the registry completed suspend_binding
  because: BOOKED -> LOOKS_SUSPENDED
  because: LOOKS_SUSPENDED -> DISMANTLED
  because: DISMANTLED -> INSTALLED
  because: INSTALLED -> IDENTITY_VERIFIED
  owes prepare_binding within 30 s
  owes judge_frame within 90 s
noted IDENTITY_VERIFIED
  because: retained state SUSPENDED revision 6

a move that stands at SIGN_PLACED
----
SIGN_PLACED
  covered by VISITS

a hand at the centre makes the new binding RETIRED
----
dropped: nothing follows from it
noted SIGN_PLACED
  because: retained state RETIRED revision 2, which is not our doing
  tells on_call, escalation: Somebody edited the binding by hand at the alarm centre. Phone and compare before the case goes on.
  task edited-by-hand-2

tekla holds up the code 4711
----
noted SIGN_PLACED
  owes hide_code within 20 s
  wakes at 12:00:20
noted SIGN_PLACED
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:00:30

the centre does test_look
----
noted SIGN_PLACED
  because: rejected: WRONG_STATE
  tells coordinator, phone_task: test_look: The alarm centre rejected the command (WRONG_STATE). Compare with it, then say: try again.
  task stuck-operator_saw_code
  wakes at 19:00
dropped: nothing follows from it
dropped: nothing follows from it

anna tries again
----
moved SIGN_PLACED -> IDENTITY_VERIFIED
  because: SIGN_PLACED -> IDENTITY_VERIFIED: new_binding_gone
  owes prepare_binding within 30 s
  wakes at 12:00:30

the centre does prepare_binding
----
noted IDENTITY_VERIFIED
  because: new binding in TEST
  owes mark_camera within 20 s
  wakes at 12:00:20
dropped: nothing follows from it
noted IDENTITY_VERIFIED
  because: retained state TEST revision 1

a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

a hand at the centre makes the new binding RETIRED
----
dropped: nothing follows from it
noted TEST_LOOK_OK
  because: retained state RETIRED revision 2

the centre does rebind_camera
----
noted TEST_LOOK_OK
  because: rejected: REVISION_CONFLICT
  tells coordinator, phone_task: rebind_camera: The alarm centre rejected the command (REVISION_CONFLICT). Compare with it, then say: try again.
  task stuck-rebind_completed
  wakes at 19:00
dropped: nothing follows from it
dropped: nothing follows from it

anna tries again
----
moved TEST_LOOK_OK -> IDENTITY_VERIFIED
  because: TEST_LOOK_OK -> IDENTITY_VERIFIED: new_binding_gone
  owes prepare_binding within 30 s
  wakes at 12:00:30

a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

a hand at the centre makes the new binding SUSPENDED
----
dropped: nothing follows from it
noted TEST_LOOK_OK
  because: retained state SUSPENDED revision 2

a hand at the centre makes the old binding ACTIVE
----
noted TEST_LOOK_OK
  because: retained state ACTIVE revision 5
dropped: nothing follows from it

the centre does rebind_camera
----
noted TEST_LOOK_OK
  because: rejected: REVISION_CONFLICT
  tells coordinator, phone_task: rebind_camera: The alarm centre rejected the command (REVISION_CONFLICT). Compare with it, then say: try again.
  task stuck-rebind_completed
  wakes at 19:00
dropped: nothing follows from it
dropped: nothing follows from it

anna tries again
----
moved TEST_LOOK_OK -> BOOKED
  because: TEST_LOOK_OK -> BOOKED: looks_on_again
  owes suspend_binding within 30 s
  wakes at 12:00:30

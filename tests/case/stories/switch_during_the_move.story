# U9: the instant passes while the camera is between two homes. The new binding is made under the new provider.
a move and a provider change
----
moved DRAFT

anna sends the handing-over form but provider_effective_at=2026-11-23T13:30:00+00:00
----
moved DRAFT -> AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

anna sends the receiving form but provider_effective_at=2026-11-23T13:30:00+00:00
----
noted AWAITING_COUNTERPART

the centre does find_binding
----
moved AWAITING_COUNTERPART -> READY
  because: the registry knows 1 live binding(s) of this serial
  tells coordinator, reminder: Short notice: 0 working days left. Case 2026-0001.
  covered by CAMERA
  wakes at 13:32
noted READY
  because: retained state ACTIVE revision 3

anna books
----
moved READY -> BOOKED

anna has visits acknowledged
----
noted BOOKED

tekla begins the dismantling
----
noted BOOKED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:00:30

the centre does suspend_binding
----
moved BOOKED -> LOOKS_SUSPENDED
  because: the registry completed suspend_binding
  wakes at 13:32
noted LOOKS_SUSPENDED
  because: retained state SUSPENDED revision 4

tekla dismantles ACCC8E004711
----
moved LOOKS_SUSPENDED -> DISMANTLED

it becomes 14:00
----
at 13:32
noted DISMANTLED
  tells on_call, escalation: The provider change in case 2026-0001 was due now and is not done: the alarm centre still calls the old provider. Phone both.
  wakes at 19:00

tekla finds the new home fit
----
noted DISMANTLED

tekla mounts ACCC8E004711
----
moved DISMANTLED -> INSTALLED

tekla scans ACCC8E004711
----
noted INSTALLED
  owes read_identity within 20 s
  wakes at 14:00:20

the camera says it is ACCC8E004711
----
noted INSTALLED
  because: identity confirmed: It is the right camera. Go on.
  because: The scanned label agrees with the expected serial number. (strong)
  because: The serial number that the camera tells after login agrees with the expected serial number. (strong)
  owes rotate_credentials within 60 s
  wakes at 14:01

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
  wakes at 14:00:30

the centre does prepare_binding
----
noted IDENTITY_VERIFIED
  because: new binding in TEST
  wakes at 14:01:30
dropped: nothing follows from it
noted IDENTITY_VERIFIED
  because: retained state TEST revision 1

the camera gives a good frame
----
noted IDENTITY_VERIFIED
  because: frame 1 of 6: good (snapshot)
  owes mark_camera within 20 s
  wakes at 14:00:20

the camera does mark_camera
----
noted IDENTITY_VERIFIED
  because: the camera carries the binding's mark
  wakes at 19:00

tekla accepts the view
----
moved IDENTITY_VERIFIED -> VIEW_CHECKED

tekla puts up the sign in sv
----
moved VIEW_CHECKED -> SIGN_PLACED

tekla holds up the code 4711
----
noted SIGN_PLACED
  owes hide_code within 20 s
  wakes at 14:00:20
noted SIGN_PLACED
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 14:00:30

the centre does test_look
----
moved SIGN_PLACED -> TEST_LOOK_OK
  because: the operator saw the code
  owes rebind_camera within 30 s
dropped: nothing follows from it
dropped: nothing follows from it

the centre does rebind_camera
----
noted TEST_LOOK_OK
  because: the registry completed rebind_camera
  covered by CAMERA
  wakes at 14:02
noted TEST_LOOK_OK
  because: retained state RETIRED revision 5
moved TEST_LOOK_OK -> REBOUND
  because: retained state ACTIVE revision 2
  owes hide_code within 20 s
  tells coordinator, feedback: Supervision via the alarm centre has begun. Phone the receiving unit and answer in the form. Case 2026-0001.
  tells night_patrol, visits_end: The camera watches over the home; the visits in place of looks can end. Case 2026-0001.
  wakes at 14:00:20

anna did receiving_phoned
----
noted REBOUND

anna did receiving_form_sent
----
noted REBOUND

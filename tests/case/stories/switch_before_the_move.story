# U9: the provider changes before the camera is taken down. Then it changes at the old home, and the night in between belongs to the new unit.
a move and a provider change
----
moved DRAFT

anna sends the handing-over form but provider_effective_at=2026-11-23T12:30:00+00:00
----
moved DRAFT -> AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

anna sends the receiving form but provider_effective_at=2026-11-23T12:30:00+00:00, keys_signed_out=no
----
noted AWAITING_COUNTERPART
  tells receiving_unit, reminder: The provider change in case 2026-0001 is near and the keys are not signed out.

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

anna has visits acknowledged
----
noted BOOKED

# The technician is early; the keys are not there and the change is not made. Nothing is suspended.
tekla begins the dismantling
----
noted BOOKED

anna did keys_signed_out
----
noted BOOKED
  owes change_provider within 30 s
  wakes at 12:00:30

the centre replies to change_provider
----
noted BOOKED
  because: the registry accepted it for its instant
  wakes at 12:31

30 minutes pass
----

the instant of the provider change comes
----
noted BOOKED
  because: the registry completed change_provider
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:30:30
noted BOOKED
  because: retained state ACTIVE revision 4

the centre does suspend_binding
----
moved BOOKED -> LOOKS_SUSPENDED
  because: the registry completed suspend_binding
  wakes at 19:00
noted LOOKS_SUSPENDED
  because: retained state SUSPENDED revision 5

tekla dismantles ACCC8E004711
----
moved LOOKS_SUSPENDED -> DISMANTLED

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
  wakes at 12:30:20

the camera says it is ACCC8E004711
----
noted INSTALLED
  because: identity confirmed: It is the right camera. Go on.
  because: The scanned label agrees with the expected serial number. (strong)
  because: The serial number that the camera tells after login agrees with the expected serial number. (strong)
  owes rotate_credentials within 60 s
  wakes at 12:31

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
  wakes at 12:30:30

# The new binding is made under the new provider at once.
the centre does prepare_binding
----
noted IDENTITY_VERIFIED
  because: new binding in TEST
  wakes at 12:31:30
dropped: nothing follows from it
noted IDENTITY_VERIFIED
  because: retained state TEST revision 1

the camera gives a good frame
----
noted IDENTITY_VERIFIED
  because: frame 1 of 6: good (snapshot)
  owes mark_camera within 20 s
  wakes at 12:30:20

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
  wakes at 12:30:20
noted SIGN_PLACED
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:30:30

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
  wakes at 12:32
noted TEST_LOOK_OK
  because: retained state RETIRED revision 6
moved TEST_LOOK_OK -> REBOUND
  because: retained state ACTIVE revision 2
  owes hide_code within 20 s
  tells coordinator, feedback: Supervision via the alarm centre has begun. Phone the receiving unit and answer in the form. Case 2026-0001.
  tells night_patrol, visits_end: The camera watches over the home; the visits in place of looks can end. Case 2026-0001.
  wakes at 12:30:20

anna did receiving_phoned
----
noted REBOUND

anna did receiving_form_sent
----
noted REBOUND

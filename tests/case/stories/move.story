# An ordinary move: the camera goes from Storgatan to Nygatan, the provider stays.
a move
----
moved DRAFT

anna sends the handing-over form
----
moved DRAFT -> AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

# The alarm centre is asked whose camera that is, before anybody trusts the number.
the centre does find_binding
----
noted AWAITING_COUNTERPART
  because: the registry knows 1 live binding(s) of this serial
  covered by CAMERA
  wakes at 2026-11-24 12:00
noted AWAITING_COUNTERPART
  because: retained state ACTIVE revision 3

anna sends the receiving form
----
moved AWAITING_COUNTERPART -> READY
  tells coordinator, reminder: Short notice: 1 working days left. Case 2026-0001.
  sleeps

anna books
----
moved READY -> BOOKED

anna has visits acknowledged
----
noted BOOKED
  wakes at 2026-11-30 12:00

# The technician stands at the door. Only now do the looks pause.
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
  wakes at 19:00
noted LOOKS_SUSPENDED
  because: retained state SUSPENDED revision 4

tekla dismantles ACCC8E004711
----
moved LOOKS_SUSPENDED -> DISMANTLED

tekla finds the new home fit
----
noted DISMANTLED

# The label may be read with colons and in small letters: it is the same number.
tekla mounts ac:cc:8e:00:47:11
----
moved DISMANTLED -> INSTALLED

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
  because: new binding in TEST
  wakes at 12:01:30
dropped: nothing follows from it
noted IDENTITY_VERIFIED
  because: retained state TEST revision 1

the camera gives a good frame
----
noted IDENTITY_VERIFIED
  because: frame 1 of 6: good (snapshot)
  owes mark_camera within 20 s
  wakes at 12:00:20

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
  wakes at 12:00:20
noted SIGN_PLACED
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:00:30

the centre replies to test_look, the operator read 4711
----
moved SIGN_PLACED -> TEST_LOOK_OK
  because: the operator saw the code
  owes rebind_camera within 30 s

# The reply alone does not make supervision begin ...
the centre replies to rebind_camera
----
noted TEST_LOOK_OK
  because: the registry completed rebind_camera
  covered by CAMERA
  wakes at 12:02

# ... the retained states must say it too.
the centre publishes its states
----
noted TEST_LOOK_OK
  because: retained state RETIRED revision 5
moved TEST_LOOK_OK -> REBOUND
  because: retained state ACTIVE revision 2
  owes hide_code within 20 s
  tells coordinator, feedback: Supervision via the alarm centre has begun. Phone the receiving unit and answer in the form. Case 2026-0001.
  tells night_patrol, visits_end: The camera watches over the home; the visits in place of looks can end. Case 2026-0001.
  wakes at 12:00:20

the camera does hide_code
----
noted REBOUND
  because: no code in the picture
  wakes at 2026-11-24 12:00

anna did receiving_phoned
----
noted REBOUND

anna did receiving_form_sent
----
moved REBOUND -> RECEIVING_INFORMED
  tells coordinator, feedback: The receiving unit knows. Now answer the handing-over unit in the form, without the new address and provider. Case 2026-0001.

anna did handing_over_form_sent
----
moved RECEIVING_INFORMED -> HANDING_OVER_INFORMED

anna did care_record_handing_over
----
noted HANDING_OVER_INFORMED

anna did care_record_receiving
----
noted HANDING_OVER_INFORMED

anna did serial_documented
----
noted HANDING_OVER_INFORMED

anna did keys_returned
----
noted HANDING_OVER_INFORMED

anna did it_support_updated: alarm-centre-registry
----
noted HANDING_OVER_INFORMED

anna did it_support_updated: device-inventory
----
noted HANDING_OVER_INFORMED

anna did it_support_updated: surveillance-register
----
moved HANDING_OVER_INFORMED -> DOCUMENTED

anna did surveillance_register_updated
----
noted DOCUMENTED

a look finds nobody
----
dropped: nothing follows from it

a look succeeds
----
moved DOCUMENTED -> CLOSED
  because: the first real look succeeded
  sleeps

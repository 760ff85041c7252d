# U9: the provider changes three hours from now, after the move.
a move and a provider change that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

the centre does rebind_camera
----
noted TEST_LOOK_OK
  because: the registry completed rebind_camera
  covered by CAMERA
  wakes at 12:02
noted TEST_LOOK_OK
  because: retained state RETIRED revision 5
moved TEST_LOOK_OK -> REBOUND
  because: retained state ACTIVE revision 2
  owes hide_code within 20 s
  owes change_provider within 30 s
  tells coordinator, feedback: Supervision via the alarm centre has begun. Phone the receiving unit and answer in the form. Case 2026-0001.
  tells night_patrol, visits_end: The camera watches over the home; the visits in place of looks can end. Case 2026-0001.
  wakes at 12:00:20

anna did receiving_phoned
----
noted REBOUND

# Supervision has begun; the receiving unit is informed once the alarm centre has taken the change.
anna did receiving_form_sent
----
noted REBOUND

the centre replies to change_provider
----
noted REBOUND
  because: the registry accepted it for its instant

anna did handing_over_form_sent
----
refused wrong_state: handing_over_form_sent cannot be confirmed in REBOUND; it belongs in RECEIVING_INFORMED.

anna did care_record_handing_over
----
refused wrong_state: care_record_handing_over cannot be confirmed in REBOUND; it belongs in HANDING_OVER_INFORMED.

anna did care_record_receiving
----
refused wrong_state: care_record_receiving cannot be confirmed in REBOUND; it belongs in HANDING_OVER_INFORMED, RECEIVING_INFORMED.

anna did serial_documented
----
refused wrong_state: serial_documented cannot be confirmed in REBOUND; it belongs in HANDING_OVER_INFORMED, RECEIVING_INFORMED.

anna did keys_returned
----
noted REBOUND

lena waives it_support_updated: nothing to update in this case
----
noted REBOUND

anna did surveillance_register_updated
----
noted REBOUND

a look succeeds
----
noted REBOUND
  because: the first real look succeeded

# The case waits for the instant.
the instant of the provider change comes
----
noted REBOUND
  because: the registry completed change_provider
  because: timed_out: no answer within the deadline; try 2 in 1.0 s
  wakes at 15:00:01
dropped: nothing follows from it
noted REBOUND
  because: retained state ACTIVE revision 3

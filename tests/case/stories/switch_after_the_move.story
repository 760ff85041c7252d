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
  owes change_provider within 30 s
  tells coordinator, feedback: Supervision via the alarm centre has begun. Phone the receiving unit and answer in the form. Case 2026-0001.
  tells night_patrol, visits_end: The camera watches over the home; the visits in place of looks can end. Case 2026-0001.
  wakes at 12:00:30

anna did receiving_phoned
----
noted REBOUND

# Supervision has begun; the receiving unit is informed once the alarm centre has taken the change.
anna did receiving_form_sent
----
noted REBOUND

the centre replies to change_provider
----
moved REBOUND -> RECEIVING_INFORMED
  because: the registry accepted it for its instant
  tells coordinator, feedback: The receiving unit knows. Now answer the handing-over unit in the form, without the new address and provider. Case 2026-0001.
  wakes at 15:01

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

lena waives it_support_updated: nothing to update in this case
----
moved HANDING_OVER_INFORMED -> DOCUMENTED

anna did surveillance_register_updated
----
noted DOCUMENTED

a look succeeds
----
noted DOCUMENTED
  because: the first real look succeeded

# The case waits for the instant.
the instant of the provider change comes
----
moved DOCUMENTED -> CLOSED
  because: the registry completed change_provider
  sleeps
dropped: nothing follows from it
dropped: nothing follows from it

# Only the provider changes: nobody dismantles, no picture is taken, looks never stop.
a provider change
----
moved DRAFT

anna sends the receiving form but keys_signed_out=no
----
moved DRAFT -> AWAITING_COUNTERPART
  tells receiving_unit, reminder: The provider change in case 2026-0001 is near and the keys are not signed out.
  wakes at 15:02

anna sends the handing-over form
----
noted AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

the centre does find_binding
----
moved AWAITING_COUNTERPART -> READY
  because: the registry knows 1 live binding(s) of this serial
  tells coordinator, reminder: Short notice: 0 working days left. Case 2026-0001.
  covered by CAMERA
  wakes at 15:02
noted READY
  because: retained state ACTIVE revision 3

# The camera may be asked too; the label alone is enough for the row.
anna confirms the serial ACCC8E004711, the camera is to say it too
----
noted READY
  owes read_identity within 20 s
  wakes at 12:00:20

the camera says it is ACCC8E004711
----
moved READY -> SERIAL_CONFIRMED
  because: identity confirmed: It is the right camera. Go on.
  because: The scanned label agrees with the expected serial number. (strong)
  because: The serial number that the camera tells after login agrees with the expected serial number. (strong)
  wakes at 15:02

# Nothing is scheduled before the new unit holds the keys (H13).
anna did keys_signed_out
----
noted SERIAL_CONFIRMED
  owes change_provider within 30 s
  wakes at 12:00:30

the centre replies to change_provider
----
moved SERIAL_CONFIRMED -> SWITCH_SCHEDULED
  because: the registry accepted it for its instant
  tells handing_over_unit, reminder: The provider change is scheduled with the alarm centre at 2026-11-23 16:00+01:00. Until then you are responsible. Case 2026-0001.
  tells receiving_unit, reminder: The provider change is scheduled with the alarm centre at 2026-11-23 16:00+01:00. From then on you are responsible. Case 2026-0001.
  wakes at 15:01

30 minutes pass
----

the instant of the provider change comes
----
noted SWITCH_SCHEDULED
  because: the registry completed change_provider
  wakes at 15:02
moved SWITCH_SCHEDULED -> SWITCHED
  because: retained state ACTIVE revision 4
  tells coordinator, feedback: Supervision via the alarm centre has begun. Phone the receiving unit and answer in the form. Case 2026-0001.
  wakes at 2026-11-24 15:00

anna did receiving_phoned
----
noted SWITCHED

anna did receiving_form_sent
----
moved SWITCHED -> RECEIVING_INFORMED
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

lena waives it_support_updated: nothing to update in this case
----
moved HANDING_OVER_INFORMED -> DOCUMENTED

a look succeeds
----
moved DOCUMENTED -> CLOSED
  because: the first real look succeeded
  sleeps

# Nobody has signed the keys out, and the instant of the provider change passes: the reminder of the day before was the last that anybody heard (H13).
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

the instant of the provider change comes
----
dropped: nothing follows from it

2 minutes pass
----
at 15:02
noted READY
  tells on_call, escalation: The provider change in case 2026-0001 was due now and is not done: the alarm centre still calls the old provider. Phone both.
  sleeps

anna confirms the serial ACCC8E004711
----
moved READY -> SERIAL_CONFIRMED

# Once the keys are there the change is asked for at once; the centre changes on the spot what lies in the past.
anna did keys_signed_out
----
noted SERIAL_CONFIRMED
  owes change_provider within 30 s
  wakes at 15:02:30

# The receiving unit reports first; the other is reminded after a day and phoned after two (U2).
a move
----
moved DRAFT

anna sends the receiving form
----
moved DRAFT -> AWAITING_COUNTERPART
  wakes at 2026-11-24 12:00

1 days pass
----
at 2026-11-24 12:00
noted AWAITING_COUNTERPART
  tells handing_over_unit, reminder: The form for case 2026-0001 is still missing.
  wakes at 2026-11-25 12:00

1 days pass
----
at 2026-11-25 12:00
noted AWAITING_COUNTERPART
  tells coordinator, phone_task: Phone the unit: the form for case 2026-0001 is missing after two working days.
  sleeps

# The forms disagree on the person: the case is blocked, both units are asked about (R18, R25).
anna sends the handing-over form but person_ref=person-0002
----
moved AWAITING_COUNTERPART -> NEEDS_INFO
  because: AWAITING_COUNTERPART -> NEEDS_INFO: questions_open
  owes find_binding within 30 s
  tells coordinator, reminder: An answer is awaited in case 2026-0001. The person numbers of the two forms differ. Call both units.
  tells coordinator, phone_task: Settle: unanswered after two working days in case 2026-0001. The person numbers of the two forms differ. Call both units.
  tells coordinator, question: The person numbers of the two forms differ. Call both units.
  tells coordinator, reminder: The date of the move, 2026-11-24, has passed. Is it right? Case 2026-0001.
  wakes at 2026-11-25 12:00:30

the centre does find_binding
----
noted NEEDS_INFO
  because: the registry knows 1 live binding(s) of this serial
  covered by CAMERA
  sleeps
noted NEEDS_INFO
  because: retained state ACTIVE revision 3

anna sends the handing-over form
----
moved NEEDS_INFO -> READY
  tells coordinator, reminder: Short notice: 0 working days left. Case 2026-0001.

# Ready. Now somebody corrects a date; that opens a question again.
anna sends the receiving form but move_date=2026-11-30
----
moved READY -> NEEDS_INFO
  because: READY -> NEEDS_INFO: questions_open
  tells coordinator, question: The dates of the move differ: 2026-11-24 and 2026-11-30.

anna sends the receiving form
----
moved NEEDS_INFO -> READY

# A corrected serial is looked up anew: nothing that was known of the old one is true of it (H3).
the centre has enrolled the camera B8A44F001122 at site-other-1
----

anna sends the handing-over form but serial=B8A44F001122
----
moved READY -> AWAITING_COUNTERPART
  because: READY -> AWAITING_COUNTERPART: binding_not_looked_up
  owes find_binding within 30 s
  wakes at 2026-11-25 12:00:30

# It is registered at another dwelling than the form says: somebody else's camera.
the centre does find_binding
----
moved AWAITING_COUNTERPART -> NEEDS_INFO
  because: the registry knows 1 live binding(s) of this serial
  because: AWAITING_COUNTERPART -> NEEDS_INFO: questions_open
  tells coordinator, question: The camera with this serial number is registered at another dwelling than the form says. Check the label.
  sleeps
noted NEEDS_INFO
  because: retained state ACTIVE revision 1

anna sends the handing-over form but serial=ACCC8E004711
----
noted NEEDS_INFO
  owes find_binding within 30 s
  wakes at 2026-11-25 12:00:30

the centre does find_binding
----
moved NEEDS_INFO -> READY
  because: the registry knows 1 live binding(s) of this serial
  sleeps
dropped: nothing follows from it

# A number that the alarm centre does not know.
anna sends the handing-over form but serial=ACCC8E004712
----
moved READY -> AWAITING_COUNTERPART
  because: READY -> AWAITING_COUNTERPART: binding_not_looked_up
  owes find_binding within 30 s
  wakes at 2026-11-25 12:00:30

the centre does find_binding
----
moved AWAITING_COUNTERPART -> NEEDS_INFO
  because: the registry knows 0 live binding(s) of this serial
  because: AWAITING_COUNTERPART -> NEEDS_INFO: questions_open
  tells handing_over_unit, reminder: An answer is awaited in case 2026-0001. The alarm centre knows no camera with serial number ACCC8E004712. Read the label again.
  tells coordinator, phone_task: Phone the handing-over unit: unanswered after two working days in case 2026-0001. The alarm centre knows no camera with serial number ACCC8E004712. Read the label again.
  tells handing_over_unit, question: The alarm centre knows no camera with serial number ACCC8E004712. Read the label again.
  sleeps

# The looks are paused, for a hospital stay. Nothing is suspended twice; once they are on again, the alarm centre is asked anew.
a move
----
moved DRAFT

anna sends the receiving form
----
moved DRAFT -> AWAITING_COUNTERPART
  wakes at 2026-11-24 12:00

a hand at the centre makes b-old-000001 SUSPENDED
----

anna sends the handing-over form
----
noted AWAITING_COUNTERPART
  owes find_binding within 30 s
  wakes at 12:00:30

the centre does find_binding
----
moved AWAITING_COUNTERPART -> NEEDS_INFO
  because: the registry knows 1 live binding(s) of this serial
  because: AWAITING_COUNTERPART -> NEEDS_INFO: questions_open
  tells on_call, escalation: NOBODY watches over the home now: neither camera nor visits. Phone the responsible unit. Case 2026-0001.
  tells coordinator, question: The binding is SUSPENDED, not ACTIVE: supervision is paused already. Once it has been resumed: try again.
  covered by NOBODY
  wakes at 12:15
noted NEEDS_INFO
  because: retained state SUSPENDED revision 4

anna tries again
----
moved NEEDS_INFO -> NEEDS_INFO
  owes find_binding within 30 s
  wakes at 12:00:30

a hand at the centre makes b-old-000001 ACTIVE
----

the centre does find_binding
----
moved NEEDS_INFO -> READY
  because: the registry knows 1 live binding(s) of this serial
  tells coordinator, reminder: Short notice: 1 working days left. Case 2026-0001.
  covered by CAMERA
  sleeps
noted READY
  because: retained state ACTIVE revision 5

a move
----
moved DRAFT

anna sends the handing-over form but serial=none, missing=sender_name+person_number
----
moved DRAFT -> AWAITING_COUNTERPART
  tells handing_over_unit, question: The form lacks: sender's name, person number.
  tells handing_over_unit, question: Give the safety camera's serial number (not the asset number).
  wakes at 2026-11-24 12:00

anna sends the receiving form but contacts=none, keys_signed_out=none, sign_languages=sv+so
----
moved AWAITING_COUNTERPART -> NEEDS_INFO
  because: AWAITING_COUNTERPART -> NEEDS_INFO: questions_open
  tells receiving_unit, question: Give at least one contact for the booking (service user, relative or unit).
  tells receiving_unit, question: Say whether the keys of the dwelling are signed out, and of key or tag of the street door: yes, not required or missing.

anna sends the handing-over form but serial=LK004711
----
refused asset_number: The serial field holds an asset number. Read the serial number on the camera's own label.

anna sends the receiving form but sign_languages=en
----
refused sign_languages: Sign languages: Swedish always, besides it only en, fa, ar, so.

a provider change
----
moved DRAFT

anna sends the receiving form but site_ref=site-nygatan, provider_ref=provider-old
----
moved DRAFT -> AWAITING_COUNTERPART
  wakes at 15:02

anna sends the handing-over form but housing_is_ordinary=no, decision_ref=none, provider_effective_at=none
----
moved AWAITING_COUNTERPART -> NEEDS_INFO
  because: AWAITING_COUNTERPART -> NEEDS_INFO: questions_open
  owes find_binding within 30 s
  tells handing_over_unit, question: Give the instant of the provider change.
  tells coordinator, question: Special housing is outside this routine: end the case instead.
  tells coordinator, question: The instants of the provider change differ between the forms.
  tells coordinator, question: The forms give different addresses, but the case is a provider change only.
  tells coordinator, question: Both forms give the same provider, but the case is a provider change.
  wakes at 12:00:30

the centre does find_binding
----
noted NEEDS_INFO
  because: the registry knows 1 live binding(s) of this serial
  covered by CAMERA
  wakes at 2026-11-24 12:00
noted NEEDS_INFO
  because: retained state ACTIVE revision 3

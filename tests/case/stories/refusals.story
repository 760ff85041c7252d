# What is refused at a label, and what to do instead (H3, D3).
a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

tekla dismantles LK-004711
----
refused asset_number: That is the asset number. Scan the serial number on the camera's own label.

tekla dismantles ACCC8E004712
----
refused serial_one_off: The serial differs by one character from the expected one. Scan again; do not type it.

tekla dismantles ACCC8E00471
----
refused serial_one_off: The serial differs by one character from the expected one. Scan again; do not type it.

tekla dismantles ACCC8E00471O
----
refused serial_one_off: The serial differs by one character from the expected one. Scan again; do not type it.

tekla dismantles B8A44F001122
----
refused other_camera: That is another camera than the case's. Is it the right case and the right camera?

tekla dismantles router
----
refused other_camera: That is another camera than the case's. Is it the right case and the right camera?

tekla mounts ACCC8E004711
----
refused wrong_state: That cannot be said now. The case is in LOOKS_SUSPENDED: Looks are suspended, visits are in force. Next: Take the camera down, scan its label, remove the sign. It belongs in: DISMANTLED.

tekla dismantles ACCC8E004711, the sign stays
----
moved LOOKS_SUSPENDED -> DISMANTLED
  tells coordinator, phone_task: The sign is still up in the old home: remove it.
  task old-sign

# D12, H20: nothing is mounted without consent and assessment.
tekla mounts ACCC8E004711, nobody asked the cohabitant
----
refused cohabitants_not_asked: Ask first whether anybody else lives here; each cohabitant must consent.

tekla mounts ACCC8E004711, a consent is missing
----
refused consent_missing: A consent is missing. The camera may not start: roll the move back or terminate; visits stay in force.

tekla mounts ACCC8E004711, no assessment
----
refused assessment_missing: Give the reference of the documented assessment for the new home.

tekla finds the new home fit
----
noted DISMANTLED

tekla mounts ACCC8E004711
----
moved DISMANTLED -> INSTALLED

# D11
tekla scans ACCC8E004711, scanned an hour ago
----
refused scan_too_old: The label was scanned more than 15 minutes ago. Scan it again, on site.

tekla scans ACCC8E004711, somebody in view does not agree
----
refused not_agreed: No picture before nobody is in view, or whoever is has agreed.

tekla wants a frame
----
refused wrong_state: That cannot be said now. The case is in INSTALLED: The camera is up in the new home. Next: Scan the label and start the check on site. It belongs in: IDENTITY_VERIFIED.

a move that stands at VIEW_CHECKED
----
VIEW_CHECKED
  covered by VISITS

# R33-R36
tekla puts up the sign in en
----
refused sign_languages: The Swedish sign must always be up, and the languages the unit asked for: sv.

tekla puts up the sign in sv, seen from the front door
----
refused sign_place: The sign must not be visible from the front door. Move it and answer again.

a move that stands at READY
----
READY
  covered by CAMERA

# R30, R47, 6.2 row 5
anna books with install_from=13:30
----
refused booking_order: The dismantling must end before the installation begins (R47).

anna books with dismantle_contact=related_person
----
refused contact_not_in_form: That contact is not in the form: choose one that is, or say why (at least 10 characters).

anna books with first_look_at=19:00
----
refused too_late_for_first_look: The installation ends less than 4 hours before the first look: have a fallback acknowledged first, or book earlier.

anna books with first_look_at=11:00
----
refused first_look_past: The first planned look lies in the past.

anna has it decided that no visits are needed
----
refused fallback_needed: Without the camera the home is visited. 'Not needed' exists only when supervision ends.

a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

# D6: nothing is suspended before somebody visits.
tekla begins the dismantling
----
refused no_fallback: The looks may not be suspended before the responsible unit has acknowledged physical supervision.

a move that stands at REBOUND
----
REBOUND
  covered by CAMERA

# R49, R50: the handing-over unit comes last, and the care records after the feedback.
anna did handing_over_form_sent
----
refused wrong_state: handing_over_form_sent cannot be confirmed in REBOUND; it belongs in RECEIVING_INFORMED.

anna did care_record_receiving
----
refused wrong_state: care_record_receiving cannot be confirmed in REBOUND; it belongs in HANDING_OVER_INFORMED, RECEIVING_INFORMED.

anna did receiving_phoned
----
noted REBOUND

anna waives receiving_form_sent: no time
----
refused no_waiver: Only the team lead may waive this, with a reason of at least 10 characters, and not everything may be waived.

lena waives receiving_form_sent: they were told in person
----
moved REBOUND -> RECEIVING_INFORMED
  tells coordinator, feedback: The receiving unit knows. Now answer the handing-over unit in the form, without the new address and provider. Case 2026-0001.

anna wants ROLL_BACK
----
refused exit_not_allowed: ROLL_BACK is not possible from RECEIVING_INFORMED. Possible here: HOLD, TERMINATE, WRONG_CASE. A completed re-bind is undone by a new case.

anna wants CANCEL
----
refused exit_not_allowed: CANCEL is not possible from RECEIVING_INFORMED. Possible here: HOLD, TERMINATE, WRONG_CASE. After the looks were suspended the move is rolled back (ROLL_BACK).

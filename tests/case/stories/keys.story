# R5, R14, R53: keys and tags, one by one.
a provider change that stands at SERIAL_CONFIRMED
----
SERIAL_CONFIRMED
  covered by CAMERA

bertil tells the receiving unit's street_door key is returned
----
refused key_status: That cannot become of that key: returned. Possible: lost, missing, not_required, signed_out, waived.

bertil tells the receiving unit's street_door key is missing
----
noted SERIAL_CONFIRMED
  tells receiving_unit, reminder: The provider change in case 2026-0001 is near and the keys are not signed out.
  tells coordinator, phone_task: Receiving unit: the key or tag to the street door is missing. Phone the unit, then say what became of it (key_told).
  task key-receiving-street-door

# Nobody confirms all keys over that word.
bertil did keys_signed_out
----
refused key_missing: Of the key or tag to the street door it was said that it is missing. First say what became of it: key_told side=receiving key=street_door status=...

bertil tells the receiving unit's street_door key is signed_out: the code is 1234
----
refused door_code: Write no door code here, nor anything that can be read as one: four digits in a row.

bertil tells the receiving unit's street_door key is lost
----
noted SERIAL_CONFIRMED
  tells coordinator, phone_task: Receiving unit: the key or tag to the street door is lost. Have the lock changed or the tag blocked, then say so (key_told); else the team lead waives it.

bertil tells the receiving unit's street_door key is waived: the caretaker lets them in
----
refused no_waiver: Only the team lead may waive a key, with a reason of at least 10 characters.

lena tells the receiving unit's street_door key is waived: the caretaker lets them in
----
noted SERIAL_CONFIRMED
  task key-receiving-street-door is done

bertil tells the handing_over unit's dwelling key is returned
----
noted SERIAL_CONFIRMED

bertil tells the handing_over unit's street_door key is not_required
----
noted SERIAL_CONFIRMED

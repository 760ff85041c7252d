# What the daemon itself does with the camera on site: password, settings, masks, mark, the code in the picture

a move that stands at INSTALLED
----
INSTALLED
  covered by VISITS

# Nothing is changed on a camera that is not proved to be the case's
tekla scans ACCC8E004711
----
noted INSTALLED
  owes read_identity within 20 s
  wakes at 12:00:20

anna did credentials_rotated: changed by hand in its web page
----
refused daemon_first: The daemon does that itself, once the camera's label is scanned on site.

the camera says it is ACCC8E004711
----
noted INSTALLED
  because: identity confirmed: It is the right camera. Go on.
  because: The scanned label agrees with the expected serial number. (strong)
  because: The serial number that the camera tells after login agrees with the expected serial number. (strong)
  owes rotate_credentials within 60 s
  wakes at 12:01

# D16: an account that the camera will not let go of is for a person; by name, with a reason
the camera cannot do rotate_credentials
----
noted INSTALLED
  because: the accounts are not as they must be: The camera cannot.
  tells coordinator, phone_task: The camera cannot.
  task credentials
  wakes at 19:00

anna did credentials_rotated: ok
----
refused reason_missing: Say what was done by hand and why (at least 10 characters).

tekla tries again
----
moved INSTALLED -> INSTALLED
  owes rotate_credentials within 60 s
  wakes at 12:01

the camera cannot do rotate_credentials
----
noted INSTALLED
  because: the accounts are not as they must be: The camera cannot.
  wakes at 19:00

anna did credentials_rotated: changed by hand in its web page
----
noted INSTALLED
  owes ensure_posture within 60 s
  wakes at 12:01

# H8: sound is never excused, whoever asks
the camera is found with audio_on_wire
----
noted INSTALLED
  because: not yet fit for a home: audio_on_wire
  tells coordinator, phone_task: No audio track in the stream: no (found: 1). Switch the microphone off in the camera; if that cannot be done, swap the camera. Then say: try again.
  task posture
  wakes at 19:00

lena did posture_confirmed: the microphone is said to be off
----
refused never_by_hand: Nobody can answer for that: No audio track in the stream: no (found: 1). Switch the microphone off in the camera; if that cannot be done, swap the camera.

tekla tries again
----
moved INSTALLED -> INSTALLED
  owes ensure_posture within 60 s
  wakes at 12:01

# What could not be asked the team lead may answer for, and nobody else
the camera could not be asked about https
----
noted INSTALLED
  because: not yet fit for a home: https
  tells coordinator, phone_task: HTTPS on: not asked yet. Then say: try again.
  wakes at 19:00

anna did posture_confirmed: its page shows HTTPS switched on
----
refused team_lead_only: Only the team lead can answer for the camera's settings.

lena did posture_confirmed: its page shows HTTPS switched on
----
moved INSTALLED -> IDENTITY_VERIFIED
  owes prepare_binding within 30 s
  owes judge_frame within 90 s
  wakes at 12:00:30

the camera gives a good frame
----
noted IDENTITY_VERIFIED
  because: frame 1 of 6: good (snapshot)

# Where the camera must not see: masked, and proved in a second picture
tekla draws 1 zone
----
noted IDENTITY_VERIFIED
  owes mask_zones within 60 s

the centre does prepare_binding
----
noted IDENTITY_VERIFIED
  because: new binding in TEST
  wakes at 12:01
dropped: nothing follows from it
noted IDENTITY_VERIFIED
  because: retained state TEST revision 1

tekla accepts the view
----
refused zones_not_masked: What must not be seen is not proved masked yet. Wait, or turn the camera.

the second picture shows 80% of the zone covered
----
noted IDENTITY_VERIFIED
  because: a zone that must not be seen is not proved masked
  tells coordinator, phone_task: The mask does not cover.
  task masks
  wakes at 19:00

tekla tries again
----
moved IDENTITY_VERIFIED -> IDENTITY_VERIFIED
  owes mask_zones within 60 s
  wakes at 12:01

the camera cannot do mask_zones
----
noted IDENTITY_VERIFIED
  because: a zone that must not be seen is not proved masked
  tells coordinator, phone_task: The camera cannot.
  wakes at 19:00

tekla moves the camera
----
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s
  wakes at 12:01:30

the camera gives a good frame
----
noted IDENTITY_VERIFIED
  because: frame 6 of 6: good (snapshot)
  wakes at 19:00

tekla scans ACCC8E004711
----
noted IDENTITY_VERIFIED
  owes mask_zones within 60 s
  wakes at 12:01

tekla draws 0 zones
----
noted IDENTITY_VERIFIED
  owes mask_zones within 60 s

the camera does mask_zones
----
noted IDENTITY_VERIFIED
  because: 0 zone(s) proved to show nothing
  owes mark_camera within 20 s
  task masks is done
  wakes at 12:00:20

# A camera that takes no mark keeps nobody unwatched
the camera cannot do mark_camera
----
noted IDENTITY_VERIFIED
  because: the camera cannot carry a mark
  wakes at 19:00

tekla accepts the view
----
moved IDENTITY_VERIFIED -> VIEW_CHECKED

# The masks were drawn in another picture: they go with it
tekla moves the camera
----
moved VIEW_CHECKED -> IDENTITY_VERIFIED
  because: VIEW_CHECKED -> IDENTITY_VERIFIED: camera_moved
  owes judge_frame within 90 s
  wakes at 12:01:30

the camera gives a good frame
----
noted IDENTITY_VERIFIED
  because: frame 3 of 6: good (snapshot)
  owes mask_zones within 60 s
  wakes at 12:01

tekla draws 2 zones
----
noted IDENTITY_VERIFIED
  owes mask_zones within 60 s

tekla scans ACCC8E004711
----
noted IDENTITY_VERIFIED
  owes mask_zones within 60 s

tekla draws 2 zones
----
noted IDENTITY_VERIFIED
  owes mask_zones within 60 s

the camera does mask_zones
----
noted IDENTITY_VERIFIED
  because: 2 zone(s) proved to show nothing
  wakes at 19:00

tekla accepts the view
----
moved IDENTITY_VERIFIED -> VIEW_CHECKED

tekla puts up the sign in sv
----
moved VIEW_CHECKED -> SIGN_PLACED

# D9: the code in the picture; a card where the camera cannot write
tekla starts the test look with the code 4711
----
noted SIGN_PLACED
  owes show_code within 20 s
  wakes at 12:00:20

the camera cannot do show_code
----
noted SIGN_PLACED
  because: no code in the picture: a card is needed
  tells coordinator, phone_task: The camera cannot write into its picture. Write the code 4711 on the card, hold it up and start the test look again with 'card held'.
  task test-look
  wakes at 19:00

tekla starts the test look with the code 4711
----
noted SIGN_PLACED
  owes show_code within 20 s
  wakes at 12:00:20

the camera does show_code
----
noted SIGN_PLACED
  because: the camera shows the code
  owes test_look within 30 s
  wakes at 12:00:30

the centre replies to test_look, the operator read 4711
----
moved SIGN_PLACED -> TEST_LOOK_OK
  because: the operator saw the code
  owes rebind_camera within 30 s
  task test-look is done

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
  tells coordinator, feedback: Supervision via the alarm centre has begun. Phone the receiving unit and answer in the form. Case 2026-0001.
  tells night_patrol, visits_end: The camera watches over the home; the visits in place of looks can end. Case 2026-0001.
  wakes at 12:00:20

# The code goes out of the picture; one that stays is told
the camera cannot do hide_code
----
noted REBOUND
  because: the code is still in the picture
  tells coordinator, phone_task: The one-time code is still in the picture. Remove the text (OSD) in the camera's web page.
  task code-in-picture
  wakes at 2026-11-24 12:00

# Ended: the camera is cleared; out of reach it is cleared at the depot, and nobody says that it was
a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna wants TERMINATE
----
moved BOOKED -> TERMINATING
  because: TERMINATE: BOOKED -> TERMINATING
  tells coordinator, question: Supervision is to end. Answer: is the home to be visited, or is that not needed? Another person confirms the ending. Case 2026-0001.
  wakes at 2026-11-25 12:00

anna has it decided that no visits are needed
----
noted TERMINATING
  owes suspend_binding within 30 s
  covered by NOT_OWED
  wakes at 12:00:30

the centre does suspend_binding
----
noted TERMINATING
  because: the registry completed suspend_binding
  wakes at 2026-11-25 12:00
noted TERMINATING
  because: retained state SUSPENDED revision 4

bertil did termination_confirmed
----
noted TERMINATING
  owes retire_binding within 30 s
  wakes at 12:00:30

the centre does retire_binding
----
noted TERMINATING
  because: the registry completed retire_binding
  owes retire_camera within 60 s
  wakes at 12:01
noted TERMINATING
  because: retained state RETIRED revision 5

the camera cannot do retire_camera
----
moved TERMINATING -> TERMINATED
  because: the camera is not proved clear: not_verified
  tells coordinator, phone_task: The camera whose serial ends in 4711 is not proved clear: clear it at the depot (provisioner camera retire).
  tells coordinator, phone_task: Take the camera and the sign down when it suits the home.
  task dismantle-after-termination
  task wipe-at-depot
  sleeps

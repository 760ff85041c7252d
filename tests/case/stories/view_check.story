# R37, H17: the view is looked at by day and by the night's own light before a person judges it.
a move that stands at INSTALLED
----
INSTALLED
  covered by VISITS

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

# Three pictures count as three: the room as it is, the night with the lamp, the night without.
the camera checks the view and finds mirror_present, ir_hotspot
----
noted IDENTITY_VERIFIED
  because: frame 3 of 6: good (snapshot)
  because: checked by day + night + night_off: found mirror_present, ir_hotspot
  owes mark_camera within 20 s
  wakes at 12:00:20

# A person decides: neither stops the case.
lena answers for bed_blinded: nothing else can be done
----
refused nothing_stops: That stops nothing. What does: nothing.

tekla marks finding 1: the hall shows in it
----
noted IDENTITY_VERIFIED

tekla rejects finding 2: the lamp of the router
----
noted IDENTITY_VERIFIED

tekla rejects finding 7: no such thing
----
refused which_finding: There is no finding 7. The check's findings: 1, 2.

tekla marks a reflection: the oven's door
----
noted IDENTITY_VERIFIED

# Told where the bed is, the check is made again, and knows.
tekla draws the bed
----
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s

tekla draws the bed, 190 cm between the points
----
refused mattress_size: Give the distance between the two corners in cm: 80, 90, 105, 120, 140, 160, 180, 200 (200 is the length).

the camera checks the view and finds ir_hotspot over the bed
----
noted IDENTITY_VERIFIED
  because: frame 6 of 6: good (snapshot)
  because: checked by day + night + night_off: found ir_hotspot

tekla accepts the view
----
refused view_blocked: Light, or the camera's own lamp, hides the bed. Turn the camera until the bed is clear.

tekla answers for bed_blinded: the room has no other wall
----
refused no_override: Only the team lead can answer for that, with a reason of at least 10 characters, and not for everything. Light, or the camera's own lamp, hides the bed. Turn the camera until the bed is clear.

lena answers for bed_blinded: short
----
refused no_override: Only the team lead can answer for that, with a reason of at least 10 characters, and not for everything. Light, or the camera's own lamp, hides the bed. Turn the camera until the bed is clear.

# Six frames are taken; whoever turns the camera now scans the label again first.
tekla moves the camera
----
noted IDENTITY_VERIFIED
  wakes at 19:00

tekla scans ACCC8E004711
----
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s
  wakes at 12:01:30

tekla draws the bed
----
noted IDENTITY_VERIFIED

the camera checks the view and finds bed_out
----
noted IDENTITY_VERIFIED
  because: frame 3 of 6: judged without what was drawn meanwhile; once more
  owes judge_frame within 90 s

lena answers for bed_out: she sleeps on the sofa
----
refused nothing_stops: That stops nothing. What does: nothing.

tekla accepts the view
----
refused no_frame: Wait for a whole picture first.

tekla draws the bed
----
noted IDENTITY_VERIFIED

the camera checks the view and finds ir_hotspot over the bed
----
noted IDENTITY_VERIFIED
  because: frame 6 of 6: good (snapshot)
  because: checked by day + night + night_off: found ir_hotspot
  owes mark_camera within 20 s
  wakes at 12:00:20

lena answers for bed_blinded: the room has no other wall
----
noted IDENTITY_VERIFIED

tekla accepts the view
----
noted IDENTITY_VERIFIED

the camera does mark_camera
----
moved IDENTITY_VERIFIED -> VIEW_CHECKED
  because: the camera carries the binding's mark
  wakes at 19:00

# A plan that is none, and one by who was not there, are not taken.
tekla moves the camera
----
moved VIEW_CHECKED -> IDENTITY_VERIFIED
  because: VIEW_CHECKED -> IDENTITY_VERIFIED: camera_moved

tekla gives the floor plan: {"room"
----
refused floor_plan: The floor plan is no proper JSON.

tekla gives the floor plan: {"room": [[0, 0], [4, 0], [4, 3], [0, 3]]}
----
noted IDENTITY_VERIFIED

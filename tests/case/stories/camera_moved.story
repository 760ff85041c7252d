# R38: whoever moves the camera after the view was judged, judges again: view, sign, test look.
a move that stands at VIEW_CHECKED
----
VIEW_CHECKED
  covered by VISITS

tekla moves the camera
----
moved VIEW_CHECKED -> IDENTITY_VERIFIED
  because: VIEW_CHECKED -> IDENTITY_VERIFIED: camera_moved
  owes judge_frame within 90 s
  wakes at 12:01:30

the camera gives a good frame
----
noted IDENTITY_VERIFIED
  because: frame 2 of 6: good (snapshot)
  wakes at 19:00

tekla accepts the view
----
moved IDENTITY_VERIFIED -> VIEW_CHECKED

tekla puts up the sign in sv
----
moved VIEW_CHECKED -> SIGN_PLACED

tekla moves the camera
----
moved SIGN_PLACED -> IDENTITY_VERIFIED
  because: SIGN_PLACED -> IDENTITY_VERIFIED: camera_moved
  owes judge_frame within 90 s
  wakes at 12:01:30

the camera gives a good frame
----
noted IDENTITY_VERIFIED
  because: frame 3 of 6: good (snapshot)
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

the centre does test_look
----
moved SIGN_PLACED -> TEST_LOOK_OK
  because: the operator saw the code
  owes rebind_camera within 30 s
dropped: nothing follows from it
dropped: nothing follows from it

# While the re-bind is on its way nothing is moved.
tekla moves the camera
----
refused rebind_under_way: The re-bind is under way. Wait for the alarm centre's answer.

the centre rejects rebind_camera with SITE_UNKNOWN
----
noted TEST_LOOK_OK
  because: rejected: SITE_UNKNOWN
  tells coordinator, phone_task: rebind_camera: The alarm centre rejected the command (SITE_UNKNOWN). Compare with it, then say: try again.
  task stuck-rebind_completed
  wakes at 19:00

tekla moves the camera
----
moved TEST_LOOK_OK -> IDENTITY_VERIFIED
  because: TEST_LOOK_OK -> IDENTITY_VERIFIED: camera_moved
  owes judge_frame within 90 s
  wakes at 12:01:30

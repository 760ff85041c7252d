# The camera does not answer: it is waited for as long as a camera boots, then the technician is told.
a move that stands at INSTALLED
----
INSTALLED
  covered by VISITS

tekla scans ACCC8E004711
----
noted INSTALLED
  owes read_identity within 20 s
  wakes at 12:00:20

read_identity fails, unreachable
----
noted INSTALLED
  because: unreachable: as the test says; try 2 in 2.1 s
  wakes at 12:00:02

2 seconds pass
----

3 seconds pass
----
at 12:00:02
noted INSTALLED
  owes read_identity within 20 s
  wakes at 12:00:22

read_identity fails, unreachable
----
noted INSTALLED
  because: unreachable: as the test says; try 3 in 4.2 s
  wakes at 12:00:09

5 seconds pass
----
at 12:00:09
noted INSTALLED
  owes read_identity within 20 s
  wakes at 12:00:29

read_identity fails, unreachable
----
noted INSTALLED
  because: unreachable: as the test says; try 4 in 8.8 s
  wakes at 12:00:18

9 seconds pass
----
at 12:00:18
noted INSTALLED
  owes read_identity within 20 s
  wakes at 12:00:38

read_identity fails, unreachable
----
noted INSTALLED
  because: unreachable: as the test says; try 5 in 16.2 s
  wakes at 12:00:35

20 seconds pass
----
at 12:00:35
noted INSTALLED
  owes read_identity within 20 s
  wakes at 12:00:55

read_identity fails, unreachable
----
noted INSTALLED
  because: unreachable: as the test says; try 6 in 33.4 s
  wakes at 12:01:12

36 seconds pass
----
at 12:01:12
noted INSTALLED
  owes read_identity within 20 s
  wakes at 12:01:32

read_identity fails, unreachable
----
noted INSTALLED
  because: unreachable: as the test says; try 7 in 32.3 s
  wakes at 12:01:47

36 seconds pass
----
at 12:01:47
noted INSTALLED
  owes read_identity within 20 s
  wakes at 12:02:07

read_identity fails, unreachable
----
noted INSTALLED
  because: unreachable: patience over after 7 tries
  tells coordinator, phone_task: read_identity: Do this.
  task stuck-identity_confirmed
  wakes at 19:00

# A new scan starts it all anew.
tekla scans ACCC8E004711
----
noted INSTALLED
  owes read_identity within 20 s
  wakes at 12:02:11

# A wrong password is never tried again by itself: the next try may lock the account.
read_identity fails, refused
----
noted INSTALLED
  because: refused: patience over after 1 tries
  wakes at 19:00

anna tries again
----
moved INSTALLED -> INSTALLED
  owes read_identity within 20 s
  wakes at 12:02:11

# Another camera answers at that place.
the camera says it is B8A44F001122
----
noted INSTALLED
  because: refused: identity conflicting: The camera that answers tells another number than the label. Check the address; if it is right, quarantine the camera and phone the depot.
  because: The scanned label agrees with the expected serial number. (strong)
  because: The serial number that the camera tells after login is another number than the expected one. (strong)
  tells coordinator, phone_task: The camera that answers tells another number than the label. Check the address; if it is right, quarantine the camera and phone the depot.
  task identity-differs
  task stuck-identity_confirmed is done
  wakes at 19:00

tekla scans ACCC8E004711
----
noted INSTALLED
  owes read_identity within 20 s
  wakes at 12:02:11

the camera says it is ACCC8E004711
----
noted INSTALLED
  because: identity confirmed: It is the right camera. Go on.
  because: The scanned label agrees with the expected serial number. (strong)
  because: The serial number that the camera tells after login agrees with the expected serial number. (strong)
  owes rotate_credentials within 60 s
  task identity-differs is done
  wakes at 12:02:51

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
  wakes at 12:02:21

# A broken frame is not judged; another is taken, six at most (D11).
the camera gives a broken frame
----
noted IDENTITY_VERIFIED
  because: frame 1 of 6: see findings (snapshot)

tekla accepts the view
----
refused no_frame: Wait for a whole picture first.

tekla wants a frame
----
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s

the camera gives a broken frame
----
noted IDENTITY_VERIFIED
  because: frame 2 of 6: see findings (snapshot)

tekla wants a frame
----
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s

the camera gives a broken frame
----
noted IDENTITY_VERIFIED
  because: frame 3 of 6: see findings (snapshot)

tekla wants a frame
----
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s

the camera gives a broken frame
----
noted IDENTITY_VERIFIED
  because: frame 4 of 6: see findings (snapshot)

tekla wants a frame
----
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s

the camera gives a broken frame
----
noted IDENTITY_VERIFIED
  because: frame 5 of 6: see findings (snapshot)

tekla wants a frame
----
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s

the camera gives a broken frame
----
noted IDENTITY_VERIFIED
  because: frame 6 of 6: see findings (snapshot)

tekla wants a frame
----
refused frames_used_up: At most 6 frames a visit. Scan the label again for a new visit.

tekla scans ACCC8E004711
----
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s

# The scan allows a frame for a quarter of an hour.
judge_frame fails, busy
----
noted IDENTITY_VERIFIED
  because: busy: as the test says; try 2 in 21.7 s
  wakes at 12:02:12

16 minutes pass
----
at 12:02:12
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s
  wakes at 12:02:21
at 12:02:21
noted IDENTITY_VERIFIED
  because: timed_out: no answer within the deadline; try 2 in 0.5 s
  wakes at 12:02:21
at 12:02:21
noted IDENTITY_VERIFIED
  owes prepare_binding within 30 s
  wakes at 12:02:51
at 12:02:51
noted IDENTITY_VERIFIED
  because: timed_out: no answer within the deadline; try 3 in 2.1 s
  wakes at 12:02:53
at 12:02:53
noted IDENTITY_VERIFIED
  owes prepare_binding within 30 s
  wakes at 12:03:23
at 12:03:23
noted IDENTITY_VERIFIED
  because: timed_out: no answer within the deadline; try 4 in 8.4 s
  wakes at 12:03:31
at 12:03:31
noted IDENTITY_VERIFIED
  owes prepare_binding within 30 s
  wakes at 12:03:42
at 12:03:42
noted IDENTITY_VERIFIED
  because: timed_out: no answer within the deadline; try 3 in 3.1 s
  wakes at 12:03:45
at 12:03:45
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s
  wakes at 12:04:01
at 12:04:01
noted IDENTITY_VERIFIED
  because: timed_out: no answer within the deadline; try 5 in 32.2 s
  wakes at 12:04:34
at 12:04:34
noted IDENTITY_VERIFIED
  owes prepare_binding within 30 s
  wakes at 12:05:04
at 12:05:04
noted IDENTITY_VERIFIED
  because: timed_out: no answer within the deadline; try 6 in 61.0 s
  tells coordinator, phone_task: The alarm centre does not answer (prepare_binding). Phone it. What it has done nobody knows before it answers; visits hold so long.
  task phone-alarm-centre-prepare_binding
  wakes at 12:05:15
at 12:05:15
noted IDENTITY_VERIFIED
  because: timed_out: patience over after 3 tries
  tells coordinator, phone_task: judge_frame: No answer in time. The same question is put again.
  task stuck-frame_judged
  wakes at 12:06:05
at 12:06:05
noted IDENTITY_VERIFIED
  owes prepare_binding within 30 s
  wakes at 12:06:35
at 12:06:35
noted IDENTITY_VERIFIED
  because: timed_out: no answer within the deadline; try 7 in 315.5 s
  wakes at 12:11:50
at 12:11:50
noted IDENTITY_VERIFIED
  owes prepare_binding within 30 s
  wakes at 12:12:20
at 12:12:20
noted IDENTITY_VERIFIED
  because: timed_out: no answer within the deadline; try 8 in 327.6 s
  wakes at 12:17:48
at 12:17:48
noted IDENTITY_VERIFIED
  because: the label scan is too old for a frame
  owes prepare_binding within 30 s
  wakes at 12:18:18

tekla scans ACCC8E004711
----
noted IDENTITY_VERIFIED
  owes judge_frame within 90 s

the camera gives a good frame
----
noted IDENTITY_VERIFIED
  because: frame 1 of 6: good (snapshot)
  task stuck-frame_judged is done

tekla accepts the view, but not the reflections
----
refused view_not_accepted: Turn or mask the camera and take another frame; all four questions must be answered yes.

tekla accepts the view
----
noted IDENTITY_VERIFIED

the centre does prepare_binding
----
noted IDENTITY_VERIFIED
  because: new binding in TEST
  owes mark_camera within 20 s
  task phone-alarm-centre-prepare_binding is done
  wakes at 12:18:11
dropped: nothing follows from it
noted IDENTITY_VERIFIED
  because: retained state TEST revision 1

the camera does mark_camera
----
moved IDENTITY_VERIFIED -> VIEW_CHECKED
  because: the camera carries the binding's mark
  wakes at 19:00

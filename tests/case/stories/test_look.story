# The operator reads another code than the technician holds up: this picture is not this home.
a move that stands at SIGN_PLACED
----
SIGN_PLACED
  covered by VISITS

tekla holds up the code 4711
----
noted SIGN_PLACED
  owes hide_code within 20 s
  wakes at 12:00:20
noted SIGN_PLACED
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:00:30

the centre replies to test_look, the operator read 4712
----
noted SIGN_PLACED
  because: refused: the operator saw another code, or none
  tells coordinator, phone_task: The operator did not see the code (saw: 4712). Hold the card still before the camera and do the test look again.
  task test-look
  wakes at 19:00

tekla holds up the code 4711
----
noted SIGN_PLACED
  owes hide_code within 20 s
  wakes at 12:00:20
noted SIGN_PLACED
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:00:30

the centre replies to test_look, the operator read nothing
----
noted SIGN_PLACED
  because: refused: the operator saw another code, or none
  tells coordinator, phone_task: The operator did not see the code (saw: -). Hold the card still before the camera and do the test look again.
  wakes at 19:00

tekla holds up the code 4711
----
noted SIGN_PLACED
  owes hide_code within 20 s
  wakes at 12:00:20
noted SIGN_PLACED
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:00:30

the centre rejects test_look with FAILED_NO_PICTURE
----
noted SIGN_PLACED
  because: the operator got no picture
  tells coordinator, phone_task: The operator got no picture. Check the camera's network and do the test look again.
  wakes at 19:00

# Too late: it is done again.
tekla holds up the code 4711
----
noted SIGN_PLACED
  owes hide_code within 20 s
  wakes at 12:00:20
noted SIGN_PLACED
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:00:30

20 minutes pass
----
at 12:00:30
noted SIGN_PLACED
  because: timed_out: no answer within the deadline; try 2 in 0.5 s
  wakes at 12:00:30
at 12:00:30
noted SIGN_PLACED
  owes test_look within 30 s
  wakes at 12:01:00
at 12:01:00
noted SIGN_PLACED
  because: timed_out: no answer within the deadline; try 3 in 2.0 s
  wakes at 12:01:02
at 12:01:02
noted SIGN_PLACED
  owes test_look within 30 s
  wakes at 12:01:32
at 12:01:32
noted SIGN_PLACED
  because: timed_out: no answer within the deadline; try 4 in 8.4 s
  wakes at 12:01:40
at 12:01:40
noted SIGN_PLACED
  owes test_look within 30 s
  wakes at 12:02:10
at 12:02:10
noted SIGN_PLACED
  because: timed_out: no answer within the deadline; try 5 in 31.9 s
  wakes at 12:02:42
at 12:02:42
noted SIGN_PLACED
  owes test_look within 30 s
  wakes at 12:03:12
at 12:03:12
noted SIGN_PLACED
  because: timed_out: no answer within the deadline; try 6 in 64.0 s
  tells coordinator, phone_task: The alarm centre does not answer (test_look). Phone it. What it has done nobody knows before it answers; visits hold so long.
  task phone-alarm-centre-test_look
  wakes at 12:04:16
at 12:04:16
noted SIGN_PLACED
  owes test_look within 30 s
  wakes at 12:04:46
at 12:04:46
noted SIGN_PLACED
  because: timed_out: no answer within the deadline; try 7 in 312.6 s
  wakes at 12:09:59
at 12:09:59
noted SIGN_PLACED
  owes test_look within 30 s
  wakes at 12:10:29
at 12:10:29
noted SIGN_PLACED
  because: timed_out: no answer within the deadline; try 8 in 301.8 s
  wakes at 12:15:31
at 12:15:31
noted SIGN_PLACED
  owes test_look within 30 s
  wakes at 12:16:01
at 12:16:01
noted SIGN_PLACED
  because: timed_out: no answer within the deadline; try 9 in 305.5 s
  wakes at 12:21:06

the centre replies to test_look, the operator read 4711
----
noted SIGN_PLACED
  because: refused: the test look is too old
  tells coordinator, phone_task: The test look took more than 15 minutes. Do it again.
  task phone-alarm-centre-test_look is done
  wakes at 19:00

# A new code replaces the one before; the answer to the old one is dropped.
tekla holds up the code 4711
----
noted SIGN_PLACED
  owes hide_code within 20 s
  wakes at 12:20:20
noted SIGN_PLACED
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:20:30

tekla holds up the code 0815
----
noted SIGN_PLACED
  owes hide_code within 20 s
  wakes at 12:20:20
noted SIGN_PLACED
  because: no older code in the picture
  owes test_look within 30 s
  wakes at 12:20:30

the centre replies to test_look, the operator read 0815
----
moved SIGN_PLACED -> TEST_LOOK_OK
  because: the operator saw the code
  owes rebind_camera within 30 s
  task test-look is done

the answer to test_look comes again
----
dropped: late answer to operator_saw_code (leg 9, try 27)

# A test look that has grown old while the case was on hold is done again.
the centre rejects rebind_camera with SITE_UNKNOWN
----
noted TEST_LOOK_OK
  because: rejected: SITE_UNKNOWN
  tells coordinator, phone_task: rebind_camera: The alarm centre rejected the command (SITE_UNKNOWN). Compare with it, then say: try again.
  task stuck-rebind_completed
  wakes at 19:00

anna wants HOLD
----
moved TEST_LOOK_OK -> ON_HOLD
  because: HOLD: TEST_LOOK_OK -> ON_HOLD

1 hours pass
----

anna resumes
----
moved ON_HOLD -> SIGN_PLACED
  because: the test look is too old to re-bind on
  because: TEST_LOOK_OK -> SIGN_PLACED: test_look_too_old

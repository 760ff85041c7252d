# No answer is not a no. The same command goes out again, with the same message id, and after five tries somebody phones.
a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna has visits acknowledged
----
noted BOOKED
  wakes at 2026-11-30 12:00

tekla begins the dismantling
----
noted BOOKED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:00:30

the centre does suspend_binding, its reply is lost
----
(nothing arrives)

10 minutes pass
----
at 12:00:30
noted BOOKED
  because: timed_out: no answer within the deadline; try 2 in 0.5 s
  wakes at 12:00:30
at 12:00:30
noted BOOKED
  owes suspend_binding within 30 s
  wakes at 12:01:00
at 12:01:00
noted BOOKED
  because: timed_out: no answer within the deadline; try 3 in 2.1 s
  wakes at 12:01:02
at 12:01:02
noted BOOKED
  owes suspend_binding within 30 s
  wakes at 12:01:32
at 12:01:32
noted BOOKED
  because: timed_out: no answer within the deadline; try 4 in 8.6 s
  wakes at 12:01:41
at 12:01:41
noted BOOKED
  owes suspend_binding within 30 s
  wakes at 12:02:11
at 12:02:11
noted BOOKED
  because: timed_out: no answer within the deadline; try 5 in 31.1 s
  wakes at 12:02:42
at 12:02:42
noted BOOKED
  owes suspend_binding within 30 s
  wakes at 12:03:12
at 12:03:12
noted BOOKED
  because: timed_out: no answer within the deadline; try 6 in 62.0 s
  tells coordinator, phone_task: The alarm centre does not answer (suspend_binding). Phone it. What it has done nobody knows before it answers; visits hold so long.
  task phone-alarm-centre-suspend_binding
  wakes at 12:04:14
at 12:04:14
noted BOOKED
  owes suspend_binding within 30 s
  wakes at 12:04:44
at 12:04:44
noted BOOKED
  because: timed_out: no answer within the deadline; try 7 in 304.6 s
  wakes at 12:09:48
at 12:09:48
noted BOOKED
  owes suspend_binding within 30 s
  wakes at 12:10:18

# Whoever wants to leave now must wait: the registry may stand on either side.
anna wants CANCEL
----
noted BOOKED

# The reply comes, to the newest try. What was wished has been overtaken: the looks are suspended, so the move is rolled back.
the centre does suspend_binding
----
moved BOOKED -> ROLLING_BACK
  because: the registry completed suspend_binding
  because: BOOKED -> LOOKS_SUSPENDED
  because: CANCEL: LOOKS_SUSPENDED -> ROLLING_BACK
  task phone-alarm-centre-suspend_binding is done
  wakes at 19:00
noted ROLLING_BACK
  because: retained state SUSPENDED revision 4

the answer to suspend_binding comes again
----
dropped: late answer to looks_suspended (leg 3, try 8)

a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

anna has visits acknowledged
----
noted BOOKED
  wakes at 2026-11-30 12:00

tekla begins the dismantling
----
noted BOOKED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:00:30

# A look is running: not now (H16). A new message id, for the old one has its answer.
the centre rejects suspend_binding with LOOK_IN_PROGRESS
----
noted BOOKED
  because: rejected for now: LOOK_IN_PROGRESS; again in 5 s
  covered by CAMERA
  wakes at 12:00:05

6 seconds pass
----
at 12:00:05
noted BOOKED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:00:35

the centre rejects suspend_binding with LOOK_IN_PROGRESS
----
noted BOOKED
  because: rejected for now: LOOK_IN_PROGRESS; again in 11 s
  covered by CAMERA
  wakes at 12:00:16

11 seconds pass
----
at 12:00:16
noted BOOKED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:00:46

the centre rejects suspend_binding with LOOK_IN_PROGRESS
----
noted BOOKED
  because: rejected for now: LOOK_IN_PROGRESS; again in 16 s
  covered by CAMERA
  wakes at 12:00:33

17 seconds pass
----
at 12:00:33
noted BOOKED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:01:03

the centre rejects suspend_binding with LOOK_IN_PROGRESS
----
noted BOOKED
  because: rejected for now: LOOK_IN_PROGRESS; again in 16 s
  covered by CAMERA
  wakes at 12:00:49

17 seconds pass
----
at 12:00:49
noted BOOKED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:01:19

the centre rejects suspend_binding with LOOK_IN_PROGRESS
----
noted BOOKED
  because: rejected for now: LOOK_IN_PROGRESS; again in 16 s
  covered by CAMERA
  wakes at 12:01:07

17 seconds pass
----
at 12:01:07
noted BOOKED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:01:37

the centre rejects suspend_binding with LOOK_IN_PROGRESS
----
noted BOOKED
  because: rejected: LOOK_IN_PROGRESS
  tells coordinator, phone_task: suspend_binding: The alarm centre rejected the command (LOOK_IN_PROGRESS). Compare with it, then say: try again.
  task stuck-looks_suspended
  covered by CAMERA
  wakes at 2026-11-30 12:00

anna tries again
----
moved BOOKED -> BOOKED
  owes suspend_binding within 30 s
  covered by VISITS
  wakes at 12:01:38

# A reply that says completed and shows nothing is not believed (H22); trying again puts the same command under the same message id.
somebody replies to suspend_binding: completed, showing nothing
----
noted BOOKED
  because: refused: a completed reply that does not show it
  tells coordinator, phone_task: suspend_binding: The alarm centre replied completed, but shows something else. Phone it and compare.
  wakes at 19:00

anna tries again
----
moved BOOKED -> BOOKED
  owes suspend_binding within 30 s
  wakes at 12:01:38

the centre does suspend_binding
----
moved BOOKED -> LOOKS_SUSPENDED
  because: the registry completed suspend_binding
  task stuck-looks_suspended is done
  wakes at 19:00
noted LOOKS_SUSPENDED
  because: retained state SUSPENDED revision 4

a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

# The reply is there, the retained state is not: after two minutes somebody is asked to phone. Nothing is told to the units.
the centre replies to rebind_camera
----
noted TEST_LOOK_OK
  because: the registry completed rebind_camera
  covered by CAMERA
  wakes at 12:02

anna wants ROLL_BACK
----
refused exit_not_allowed: ROLL_BACK is not possible from TEST_LOOK_OK. Possible here: HOLD, TERMINATE, WRONG_CASE. A completed re-bind is undone by a new case.

3 minutes pass
----
at 12:02
noted TEST_LOOK_OK
  tells coordinator, phone_task: The alarm centre has replied, but its retained state does not show it. Phone it. Case 2026-0001 waits until both agree.
  wakes at 2026-11-30 12:00

the centre publishes its states
----
noted TEST_LOOK_OK
  because: retained state RETIRED revision 5
moved TEST_LOOK_OK -> REBOUND
  because: retained state ACTIVE revision 2
  owes hide_code within 20 s
  tells coordinator, feedback: Supervision via the alarm centre has begun. Phone the receiving unit and answer in the form. Case 2026-0001.
  tells night_patrol, visits_end: The camera watches over the home; the visits in place of looks can end. Case 2026-0001.
  wakes at 12:03:20

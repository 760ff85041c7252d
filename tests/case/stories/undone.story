# A re-bind is undone by a new case, from right after it until long after the close.
a move that stands at TEST_LOOK_OK
----
TEST_LOOK_OK
  covered by VISITS

anna has the move undone in 2026-0002
----
refused wrong_state: That cannot be said now. The case is in TEST_LOOK_OK: The operator saw the code. Next: The alarm centre re-binds in one step. It belongs in: CLOSED, DOCUMENTED, HANDING_OVER_INFORMED, REBOUND, RECEIVING_INFORMED.

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

anna wants ROLL_BACK
----
refused exit_not_allowed: ROLL_BACK is not possible from REBOUND. Possible here: HOLD, TERMINATE, WRONG_CASE. A completed re-bind is undone by a new case.

anna has the move undone in 2026-0001
----
refused undone_by_whom: Say the number of the new case.

anna has the move undone in 2026-0002
----
moved REBOUND -> UNDONE
  because: REBOUND -> UNDONE: move_undone
  sleeps

a move that stands at CLOSED
----
CLOSED
  covered by CAMERA

anna has the move undone in 2026-0002
----
noted CLOSED

anna has the move undone in 2026-0003
----
refused undone_already: It is being undone in case 2026-0002 already.

# A provider change that the alarm centre has accepted comes first: a case over before would not see it.
a move and a provider change that stands at RECEIVING_INFORMED
----
RECEIVING_INFORMED
  covered by CAMERA

anna has the move undone in 2026-0002
----
noted RECEIVING_INFORMED

the instant of the provider change comes
----
moved RECEIVING_INFORMED -> UNDONE
  because: the registry completed change_provider
  because: RECEIVING_INFORMED -> UNDONE: move_undone
  sleeps
dropped: nothing follows from it
dropped: nothing follows from it

# From each of the states after the re-bind.
a move that stands at HANDING_OVER_INFORMED
----
HANDING_OVER_INFORMED
  covered by CAMERA

anna has the move undone in 2026-0002
----
moved HANDING_OVER_INFORMED -> UNDONE
  because: HANDING_OVER_INFORMED -> UNDONE: move_undone
  sleeps

a move that stands at DOCUMENTED
----
DOCUMENTED
  covered by CAMERA

anna has the move undone in 2026-0002
----
moved DOCUMENTED -> UNDONE
  because: DOCUMENTED -> UNDONE: move_undone
  sleeps

a move that stands at RECEIVING_INFORMED
----
RECEIVING_INFORMED
  covered by CAMERA

anna has the move undone in 2026-0002
----
moved RECEIVING_INFORMED -> UNDONE
  because: RECEIVING_INFORMED -> UNDONE: move_undone
  sleeps

a move and a provider change that stands at REBOUND
----
REBOUND
  covered by CAMERA

anna has the move undone in 2026-0002
----
noted REBOUND

a move and a provider change that stands at HANDING_OVER_INFORMED
----
HANDING_OVER_INFORMED
  covered by CAMERA

anna has the move undone in 2026-0002
----
noted HANDING_OVER_INFORMED

the instant of the provider change comes
----
moved HANDING_OVER_INFORMED -> UNDONE
  because: the registry completed change_provider
  because: HANDING_OVER_INFORMED -> UNDONE: move_undone
  sleeps
dropped: nothing follows from it
dropped: nothing follows from it

a move and a provider change that stands at DOCUMENTED
----
DOCUMENTED
  covered by CAMERA

anna has the move undone in 2026-0002
----
noted DOCUMENTED

the instant of the provider change comes
----
moved DOCUMENTED -> UNDONE
  because: the registry completed change_provider
  because: DOCUMENTED -> UNDONE: move_undone
  sleeps
dropped: nothing follows from it
dropped: nothing follows from it

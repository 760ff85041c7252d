# H4: the camera is down and the night comes. T-4 h, T-2 h, T-1 h; at T-1 h the visit is ordered, not asked about.
a move that stands at LOOKS_SUSPENDED
----
LOOKS_SUSPENDED
  covered by VISITS

it becomes 19:00
----
at 19:00
noted LOOKS_SUSPENDED
  tells on_call, escalation: The home has no camera supervision and the next planned look is in 4 h. Case 2026-0001.
  wakes at 21:00

it becomes 21:00
----
at 21:00
noted LOOKS_SUSPENDED
  tells on_call, escalation: The home has no camera supervision and the next planned look is in 2 h. Case 2026-0001.
  wakes at 22:00

it becomes 22:00
----
at 22:00
noted LOOKS_SUSPENDED
  tells on_call, escalation: The home has no camera supervision and the next planned look is in 1 h. Case 2026-0001.
  tells night_patrol, visit_ordered: A physical visit is ordered for tonight. Case 2026-0001.
  wakes at 23:00

# The look passes without a camera: the next night counts again.
it becomes 23:30
----
at 23:00
noted LOOKS_SUSPENDED
  wakes at 2026-11-24 19:00

# The alarm centre plans the look earlier; only the most urgent call is made.
the first look is planned for 2026-11-24 03:00
----
noted LOOKS_SUSPENDED
  because: first planned look at 2026-11-24T03:00:00+00:00
  tells on_call, escalation: The home has no camera supervision and the next planned look is in 3 h 30 min. Case 2026-0001.
  wakes at 2026-11-24 01:00

it becomes 2026-11-24 01:30
----
at 2026-11-24 01:00
noted LOOKS_SUSPENDED
  tells on_call, escalation: The home has no camera supervision and the next planned look is in 2 h. Case 2026-0001.
  wakes at 2026-11-24 02:00

it becomes 2026-11-24 02:10
----
at 2026-11-24 02:00
noted LOOKS_SUSPENDED
  tells on_call, escalation: The home has no camera supervision and the next planned look is in 1 h. Case 2026-0001.
  tells night_patrol, visit_ordered: A physical visit is ordered for tonight. Case 2026-0001.
  wakes at 2026-11-24 03:00

# The review of the suspension comes, and repeats until somebody acknowledges anew.
the first look is planned for 2026-12-20 23:00
----
noted LOOKS_SUSPENDED
  because: first planned look at 2026-12-20T23:00:00+00:00
  wakes at 2026-11-30 12:00

it becomes 2026-11-30 12:00
----
at 2026-11-30 12:00
noted LOOKS_SUSPENDED
  tells on_call, escalation: The suspension in case 2026-0001 is due for review: are the visits still in force? Acknowledge anew.
  wakes at 2026-12-01 12:00

it becomes 2026-12-01 12:00
----
at 2026-12-01 12:00
noted LOOKS_SUSPENDED
  tells on_call, escalation: The suspension in case 2026-0001 is due for review: are the visits still in force? Acknowledge anew.
  wakes at 2026-12-02 12:00

anna has visits acknowledged
----
noted LOOKS_SUSPENDED
  wakes at 2026-12-08 12:00

a move that stands at REBOUND
----
REBOUND
  covered by CAMERA

# D24: a day without a look that succeeded.
1 days pass
----
at 2026-11-24 12:00
noted REBOUND
  tells on_call, escalation: No successful look was reported since supervision began. Phone the alarm centre. Case 2026-0001.
  wakes at 2026-11-25 12:00

a look succeeds
----
noted REBOUND
  because: the first real look succeeded

a move that stands at BOOKED
----
BOOKED
  covered by CAMERA

# A fallback that was agreed beforehand and not needed lapses at its review; the camera watches.
anna has visits acknowledged
----
noted BOOKED
  wakes at 2026-11-30 12:00

7 days pass
----
at 2026-11-30 12:00
noted BOOKED
  because: the fallback was agreed, not needed, and not renewed: it has lapsed
  tells night_patrol, visits_end: The visits that were agreed are not needed now: the camera watches over the home. Case 2026-0001.
  sleeps

tekla begins the dismantling
----
refused no_fallback: The looks may not be suspended before the responsible unit has acknowledged physical supervision.

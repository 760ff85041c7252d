"""The people of one case over weeks: they follow what the case shows next, in office hours, on the day itself in minutes; they forget, put off, die."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from provisioner.case import inputs as i
from provisioner.case.model import Booking, Case, ContactKind, Duty, Exit, FallbackMode
from provisioner.case.outcome import Verdict
from provisioner.ports import Taken
from tests.whole.simulation.crashes import MortalStore
from tests.whole.simulation.homes import Story
from tests.whole.simulation.people import ON_SITE, People, Words
from tests.whole.simulation.process import Process
from tests.whole.simulation.sayings import right_words
from tests.whole.year.calendar import at_work, instant, local, working_day
from tests.whole.year.centre import YearCentre
from tests.whole.year.judge import Judge
from tests.whole.year.town import Errand
from tests.whole.year.world import YearWorld

FORGETS = 0.02
"""Of the turns in an office: nobody thinks of the case again until a call comes, or somebody goes through the list at the month's end."""
LIST_GONE_THROUGH = timedelta(days=20)
HANDS_ON = ON_SITE | {"LOOKS_SUSPENDED", "SWAP"}


class Folk(People):
    """See the module."""

    world: YearWorld

    def __init__(self, world: YearWorld, process: Process, desk: MortalStore, story: Story, errand: Errand, centre: YearCentre, judge: Judge,
                 over: Callable[["Folk", Case], None]) -> None:
        super().__init__(world, process, process.cameras, desk, story, centre, judge.violated)
        self.errand, self.judge, self.one = errand, judge, errand.resident
        self._over = over
        self._waits_for = 0
        self._held_until: datetime | None = None
        self.last_case: Case | None = None

    # ---- when they look at it

    def _later(self, state: str) -> None:
        now, rng = self.world.now, self.rng
        if state in HANDS_ON and self._silent_turns < 12 and self._held_until is None:
            self._plan(now + timedelta(minutes=rng.uniform(2, 12)))
            return
        if rng.random() < FORGETS and state not in HANDS_ON:
            self.world.counts["forgotten"] += 1
            self._plan(now + LIST_GONE_THROUGH)
            return
        wait = timedelta(minutes=rng.uniform(5, 150)) if self._silent_turns == 0 else timedelta(hours=rng.uniform(3, 20))
        at = now + wait
        case = self.last_case
        if case is not None and state == "BOOKED" and case.booking is not None and case.booking.dismantle_from > now:
            self._plan(case.booking.dismantle_from - timedelta(minutes=rng.randrange(50)))
            return
        switch = self.errand.switch_at
        if state == "SWITCH_SCHEDULED" and switch is not None and switch > now:
            at = switch + timedelta(hours=1)
        if self._held_until is not None:
            at = max(at, self._held_until)
        self._plan(at_work(at, rng))

    def _plan(self, at: datetime) -> None:
        """The one next turn; an earlier plan is void."""
        self._waits_for += 1
        mine = self._waits_for
        self.world.at(at, lambda: self._turn() if mine == self._waits_for and not self.is_over else None)

    def reminded(self) -> None:
        """A call about the case was taken: somebody looks at it, on the day's business at once."""
        if not self.is_over and self.last_case is not None:
            self.world.counts["reminded"] += 1
            self._silent_turns = 0
            soon = self.world.now + timedelta(minutes=self.rng.uniform(2, 20))
            self._plan(soon if self.last_case.state in HANDS_ON else at_work(soon, self.rng))

    def _turn(self) -> None:
        self.last_case = self.desk.load(self.story.case_id)
        super()._turn()
        if self.is_over:
            self._over(self, self.last_case)

    # ---- what they say

    def _choose(self, case: Case, view: dict[str, Any]) -> Words | None:
        fate = self.errand.fate
        if fate is not None and fate.struck_at is None and view["state"] in fate.states and fate.what in view["exits"]:
            fate.struck_at = self.world.now
            self.world.counts[f"fate {fate.what}"] += 1
            if fate.what == "HOLD":
                self._held_until = self.world.now + fate.rest
            if fate.what in ("ROLL_BACK", "CANCEL"):
                self.one.site = self.story.old_site
            if fate.death:
                self.one.lives = False
            return self._words(i.ExitWanted(Exit(fate.what), "it is put off, or over", self.story.spare if fate.what == "SWAP" else ""), "anna")
        return super()._choose(case, view)

    def _on_hold(self, view: dict[str, Any]) -> i.Statement | None:
        if self._held_until is not None and self.world.now < self._held_until:
            return None
        self._held_until = None
        return super()._on_hold(view)

    def _give_up(self, view: dict[str, Any], same_for: timedelta) -> i.Statement | None:
        """Weeks until a day in the calendar are no reason to give up."""
        return super()._give_up(view, same_for) if same_for > timedelta(days=30) else None

    def _need(self, case: Case, view: dict[str, Any]) -> i.Statement | None:
        if view["state"] == "BOOKED" and case.booking is not None:
            if case.booking.dismantle_to < self.world.now - timedelta(hours=3):
                return self._booking(case)
            if self.world.now < case.booking.dismantle_from - timedelta(hours=1):
                return None
        return super()._need(case, view)

    def words(self, case: Case, need: str) -> i.Statement | None:
        """As `right_words`, on the days and at the hours of this town."""
        if need in ("booked", "booking_stands"):
            return self._booking(case)
        if need == "fallback_acknowledged":
            return self._fallback(case)
        if need == "code_shown":
            self.story.challenges += 1
            return i.TestLookStarted(f"challenge-{self.story.case_id}-{self.story.challenges}", "".join(self.rng.choice("23456789") for _ in range(4)))
        if need in ("keys_known", "keys_known_before_switch"):
            return i.DutyDone(Duty.KEYS_SIGNED_OUT)
        if need == "mounted":
            self.one.site = self.story.new_site
        if need == "camera_back_at_old_home" and not case.rebind_completed:
            self.one.site = self.story.old_site   # whoever asked for it: they live where they lived
        if case.expected_serial is not None and case.expected_serial not in self.one.serials:
            self.one.serials.append(case.expected_serial)
        return right_words(self.who, case, need)

    def _booking(self, case: Case) -> i.Statement:
        wanted = self.errand.day or local(self.world.now).date()
        today = local(self.world.now).date()
        day = working_day(wanted if wanted > today else today + timedelta(days=1))
        begin, ready = instant(day, time(9)), instant(day, time(15))
        look = self.judge.timetable.after(self.one.schedule, ready)
        technician = f"technician-{self.story.case_id}"   # there are enough of them
        return i.Booked(Booking(begin, begin + timedelta(hours=1), begin + timedelta(hours=3), ready, look, ContactKind.UNIT, ContactKind.UNIT, "",
                                technician, technician))

    def _fallback(self, case: Case) -> i.Statement:
        self.story.fallbacks += 1
        ends = case.state == "TERMINATING"
        mode = FallbackMode.NOT_NEEDED if ends and not self.one.lives else FallbackMode.VISITS
        return i.FallbackAcknowledged(f"fallback-{self.story.case_id}-{self.story.fallbacks}", self.one.unit, f"person-night-{self.one.number % 9}", mode, None)

    def _judge(self, words: Words, taken: Taken) -> None:
        super()._judge(words, taken)
        what = words.what
        if taken.outcome.verdict is not Verdict.REFUSED and isinstance(what, i.FallbackAcknowledged):
            self.one.visited = what.mode is FallbackMode.VISITS
            self.one.not_needed = not self.one.visited

    def _tidy(self, case: Case) -> None:
        super()._tidy(case)
        if case.state == "CLOSED":
            self.one.unit, self.one.provider = self.story.receiving.unit_ref, self.story.receiving.provider_ref



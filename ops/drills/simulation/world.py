"""One schedule: the processes, stores and providers of a plan, from the first step to rest.

Everything that happens by chance is drawn from one generator that the seed alone sets, so that a seed is a schedule.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Final

from ops.drills.simulation import asking, ending, leasing, transactions, upkeep
from ops.drills.simulation.clock import Clock, Home, Steps, Task
from ops.drills.simulation.counters import Counters
from ops.drills.simulation.laws import Broken, Laws
from ops.drills.simulation.mechanisms import AS_BUILT, Mechanisms
from ops.drills.simulation.plan import OUT_OF_HAND_S, SILENT_S, Away, JobPlan, plan_of
from ops.drills.simulation.post import MESSAGE, Post
from ops.drills.simulation.provider import Provider
from ops.drills.simulation.rows import Job, Rows, Seat
from ops.drills.simulation.stores import Kept, Message, Store, StoreAway
from ops.drills.simulation.targets import bounds_of
from orchestrator.work.jobs import TERMINAL

REST_S: Final = 240.0  # after all has healed: leases, rounds and sweeps come round within that
MOST_STEPS: Final = 3_000  # a schedule takes a hundred or two: one that takes thousands runs in a circle
LOSE_CALLS: Final = ("PostgreSQL away", "freeze", "kill", "late seats", "poison", "stop")
LONGEST_FREEZE_S: Final = 80.0  # most are shorter than a lease: who wakes in time has lost nothing
LONGEST_RESTART_S: Final = 5.0  # of PostgreSQL after a crash


class World(Clock):
    """Args:
    traced: keep a line of everything that happens, in `trace`.
    """

    def __init__(self, seed: int, on: Mechanisms = AS_BUILT, *, traced: bool = False) -> None:
        super().__init__()
        self.on = on
        self.plan = plan_of(seed)
        self.chance = Random(~seed & 0xFFFFFFFF)  # noqa: S311 - a schedule must be the same again
        self.draw = self.chance.random
        self.faults: Counter[str] = Counter()
        self.trace: list[str] | None = [] if traced else None
        self.store = Store(
            Rows([_job(number, one) for number, one in enumerate(self.plan.jobs)]), self.plan, self.chance
        )
        self.counters = Counters(self.store.rows.generation)
        self.provider = Provider(self.plan, self.chance)
        self.spool: list[Kept] = []
        self.owed: dict[
            int, Task | None
        ] = {}  # answers that arrived, by call: whose memory they are in; None: they are safe
        self.round: Task | None = None
        self.round_began = 0.0
        self.post = Post(self)
        self.laws = Laws(self)
        self._calls = 0
        self.asking = [Home("ask-0", 4), Home("ask-1", 3)]
        self.ending = [Home("synthesis", 2)]
        self._maintenance = Home("maintenance", 9)
        self._schedule()

    @property
    def rows(self) -> Rows:
        return self.store.rows

    def run(self) -> None:
        """To rest. Raises Broken: a law was."""
        until = max(self.plan.healed_at, *(job.deadline_s for job in self.plan.jobs)) + REST_S
        commits, mortal_until = 0, self.plan.calm_at
        plan = self.plan
        harm = plan.kill + plan.freeze + plan.wipe + plan.crash + (plan.stop if self.on.releases else 0.0)
        while (event := self.next(until)) is not None:
            self.store.now = self.now
            self.steps += 1
            if isinstance(event, Task):
                if not (harm and self.now < mortal_until and self._strikes(event.home, harm)):
                    self._step(event)
            else:
                event()
            if self.store.commits != commits:
                commits = self.store.commits
                self.laws.look()
            if self.steps > MOST_STEPS:
                raise Broken("comes to rest", f"{self.steps} steps and no end")
            if self.at_rest:
                break
        self.laws.judge()

    # What processes do to the world

    def tell(self, who: str, what: str) -> None:
        if self.trace is not None:
            self.trace.append(f"{self.now:9.3f}  {who:12}  {what}")

    def moment(self) -> float:
        """How long a process takes from one step to the next, in seconds."""
        return 0.02 + (self.draw() * self.plan.drag_s if self.plan.drag_s else 0.0)

    def new_call(self) -> int:
        self._calls += 1
        return self._calls

    def hear(self, task: Task, message: Message) -> Steps:
        """What a process does about a message."""
        yield 0.0
        if message.seat is None:
            yield from ending.synthesize(self, message.job)
        else:
            yield from asking.ask(self, task, message.job, message.seat, message.epoch)
        if task.alive:
            self.post.in_flight -= 1

    def spawn(self, name: str, home: Home, delay_s: float, make: Callable[[Task], Steps]) -> Task:
        task = Task(name, home)
        self.start(task, make(task), delay_s)
        return task

    def die(self, home: Home, why: str) -> None:
        """Kill a process; its supervisor starts it again."""
        self.faults[why] += 1
        self.tell(home.name, f"dies: {why}")
        for call, holder in list(self.owed.items()):
            if holder is not None and holder.home is home:
                del self.owed[call]  # it was in its memory alone
        self.post.in_flight -= sum(task.name == MESSAGE for task in home.tasks)
        self.kill(home)
        self.after(0.5 + self.draw() * self.plan.restart_s, partial(self._rise, home))

    # The course of things

    def _step(self, task: Task) -> None:
        steps = task.steps
        if steps is None:
            return
        try:
            delay_s = next(steps)
        except StopIteration:
            if task.alive:
                task.alive = False
                task.home.tasks.remove(task)
        else:
            if task.alive:
                self.resume(task, delay_s)

    def _strikes(self, home: Home, harm: float) -> bool:
        """What goes wrong before this step of a process. True: it does not live to take it."""
        lot = self.draw() - self.plan.kill
        if lot < 0:
            self.die(home, "kill")
            return True
        if lot < self.plan.freeze:
            self._freeze(home)
        elif lot < self.plan.freeze + self.plan.wipe:
            self._wipe()
        elif lot < self.plan.freeze + self.plan.wipe + self.plan.crash:
            self._lose_store(Away(self.now, self.now + self.draw() * LONGEST_RESTART_S), crashed=True)
        elif lot < harm - self.plan.kill and home in self.asking and not home.stopping:
            self.spawn("stop", home, 0.0, lambda _: leasing.stop(self, home))
        return False

    def _freeze(self, home: Home) -> None:
        """From its next step on."""
        longest = self.plan.calm_at + (0.0 if home is self._maintenance else OUT_OF_HAND_S)
        home.frozen_until = min(longest, self.now + self.draw() ** 2 * LONGEST_FREEZE_S)
        self.faults["freeze"] += 1
        self.tell(home.name, f"freezes until {home.frozen_until:.3f}")

    def _rise(self, home: Home) -> None:
        home.alive = True
        self.tell(home.name, "is started again")
        if self.spool and home in self.asking:
            self.replay_from(home)

    def replay_from(self, home: Home) -> None:
        self.spawn("replay", home, 1.0, lambda task: asking.replay(self, task))

    def _schedule(self) -> None:
        for number, job in enumerate(self.plan.jobs):
            self.after(0.0, partial(self._submit, number, job))
            if job.cancel_at is not None:
                self.after(job.cancel_at, partial(self._cancel, number))
        for one in self.plan.away:
            self.after(one.at, partial(self._lose_store, one))
        for one in self.plan.broker_away:
            self.after(one.at, partial(self._lose_broker, one))
        self.after(self.draw() * self.plan.round_s, self._beat)

    def _submit(self, number: int, plan: JobPlan) -> None:
        if plan.late_s is None:
            upkeep.mark_dispatched(self.rows.jobs[number], self.now)
            self._hand_over(number)
        else:
            self.after(plan.late_s, partial(self._dispatch, number))

    def _dispatch(self, number: int) -> None:
        try:
            going = self.store.do(upkeep.mark_dispatched, self.rows.jobs[number], self.now)
        except StoreAway:
            self.after(1.0, partial(self._dispatch, number))
            return
        if going:
            self._hand_over(number)

    def _hand_over(self, number: int) -> None:
        """Publish a job's asks after the commit, unless the process dies in between."""
        if self.now < self.plan.calm_at and self.draw() < self.plan.kill * 3:
            self.faults["death before publishing"] += 1
            return
        for seat in self.rows.jobs[number].seats:
            self.post.ask(number, seat)

    def _cancel(self, number: int) -> None:
        """The caller repeats it until it is acknowledged."""
        try:
            done = self.store.do(transactions.cancel, self.rows.jobs[number], self.now, self.on)
        except StoreAway:
            self.after(2.0, partial(self._cancel, number))
            return
        self.faults["cancel"] += done
        self.tell("caller", f"cancel of job {number}: {'done' if done else 'too late'}")

    def _lose_store(self, away: Away, *, crashed: bool = False) -> None:
        self.store.away_until = max(self.store.away_until, away.until)
        forgot = crashed and self.store.crash()
        self.faults["PostgreSQL away"] += 1
        self.faults["commits forgotten"] += forgot
        self.tell(
            "PostgreSQL", f"is away until {away.until:.3f}{', and has forgotten its last commits' if forgot else ''}"
        )
        if forgot:
            self.laws.forget()

    def _lose_broker(self, away: Away) -> None:
        self.post.broker.away_until = max(self.post.broker.away_until, away.until)
        self.faults["broker away"] += 1
        self.tell("broker", f"is away until {away.until:.3f}")

    def _wipe(self) -> None:
        self.post.broker.wipe()
        self.counters.wipe()
        self.faults["Redis wiped"] += 1
        self.tell("Redis", "is empty")

    def _beat(self) -> None:
        """A round every few seconds, unless one is under way; PostgreSQL takes the part from one that stands still."""
        held = self.round is not None and self.round.alive and self.now - self.round_began < SILENT_S
        if self._maintenance.alive and not held:
            self.round_began = self.now
            self.round = self.spawn("round", self._maintenance, 0.0, lambda _: upkeep.reconcile(self))
        self.after(self.plan.round_s, self._beat)

    @property
    def has_lost_calls(self) -> bool:
        """Whether anything happened that can leave a call's fate unknown."""
        return self.provider.broken_off + self.store.doubts > 0 or any(self.faults[fault] for fault in LOSE_CALLS)

    @property
    def at_rest(self) -> bool:
        """Whether nothing will happen any more that is not a round with nothing to do."""
        if self.post.in_flight or self.spool:
            return False
        if any(job.status not in TERMINAL for job in self.rows.jobs):
            return False
        return not self.laws.unended_calls and not self.counters.standing(self.now)


def _job(number: int, plan: JobPlan) -> Job:
    seats = [Seat(place, ladder, bounds_of(ladder)) for place, ladder in enumerate(plan.ladders)]
    return Job(number, plan.bound_micro_usd, plan.quorum, plan.deadline_s, seats, len(seats))

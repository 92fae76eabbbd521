"""Virtual time: what happens next, in which process, and whether that process lives to see it.

A process's work is a generator that yields how long its next step takes. Between two steps it may be killed, which
drops the generator where it stands, or frozen, which lets all others go on meanwhile.
"""

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from typing import TypeAlias, TypeVar

from ops.drills.simulation.rows import Claim

Found = TypeVar("Found")
Steps: TypeAlias = Generator[float, None, None]
Taking: TypeAlias = Generator[float, None, Found]


class Task:
    """Something that a process is at. `turn` tells its next step from one that was called off."""

    __slots__ = ("alive", "canceled", "home", "name", "steps", "turn")

    def __init__(self, name: str, home: "Home") -> None:
        self.name = name
        self.home = home
        self.steps: Steps | None = None
        self.turn = 0
        self.alive = True
        self.canceled = False


class Home:
    """A process. `held` are the claims that its lease keeper prolongs; `stopping`: it has been told to end."""

    __slots__ = ("alive", "frozen_until", "held", "keeps", "name", "renewed_at", "slots", "stopping", "tasks")

    def __init__(self, name: str, slots: int) -> None:
        self.name = name
        self.slots = slots
        self.alive = True
        self.frozen_until = 0.0
        self.tasks: list[Task] = []
        self.held: dict[Claim, Task] = {}
        self.keeps = False
        self.stopping = False
        self.renewed_at = 0.0

    @property
    def has_room(self) -> bool:
        return self.alive and not self.stopping and len(self.tasks) < self.slots


class Clock:
    """The order of events. Those of the same moment come in the order in which they were asked for."""

    def __init__(self) -> None:
        self.now = 0.0
        self.steps = 0
        self._number = 0
        self._events: list[tuple[float, int, Task | Callable[[], None], int]] = []

    def after(self, delay_s: float, act: Callable[[], None]) -> None:
        """Something that happens to the world, whoever lives or dies."""
        self._number += 1
        heappush(self._events, (self.now + delay_s, self._number, act, -1))

    def start(self, task: Task, steps: Steps, delay_s: float = 0.0) -> None:
        task.steps = steps
        task.home.tasks.append(task)
        self.resume(task, delay_s)

    def resume(self, task: Task, delay_s: float = 0.0) -> None:
        """Let the task take its next step after this delay; what was agreed before is called off."""
        task.turn += 1
        self._number += 1
        heappush(self._events, (self.now + delay_s, self._number, task, task.turn))

    def kill(self, home: Home) -> None:
        """End the process with all that it is at. Nothing of it runs any more, not even its last words."""
        home.alive = False
        for task in home.tasks:
            task.alive = False
        home.tasks, home.held, home.frozen_until = [], {}, 0.0
        home.keeps = home.stopping = False

    def next(self, until: float) -> Task | Callable[[], None] | None:
        """The next thing that happens; the time is set to it. None: nothing does before `until`."""
        events = self._events
        while events and events[0][0] <= until:
            when, number, event, turn = heappop(events)
            if isinstance(event, Task):
                if event.turn != turn or not event.alive:
                    continue
                if event.home.frozen_until > when:
                    heappush(events, (event.home.frozen_until, number, event, turn))
                    continue
            self.now = when
            return event
        return None

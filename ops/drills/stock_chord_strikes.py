"""Carries out the plan of faults on the stock application, and keeps record of what struck when."""

import time
from collections.abc import Callable, Mapping, Sequence

from ops.bench import money_rig
from ops.drills.stock_chord_faults import Kind, Planned
from ops.drills.stock_chord_town import Town, Worker
from ops.drills.stock_chord_verdict import Strike


class Strikes:
    """A plan under way. A fault whose worker is not there yet waits for it, so that each one hits something."""

    def __init__(self, town: Town, planned: Sequence[Planned]) -> None:
        self._town = town
        self._planned = list(planned)
        self._began = time.monotonic()
        self._how: Mapping[Kind, Callable[[Planned], bool]] = {
            Kind.KILL: self._kill,
            Kind.FREEZE: self._freeze,
            Kind.FLUSHALL: self._flushall,
            Kind.RESTART: self._restart,
            Kind.EMPTY: self._empty,
        }
        self.struck: list[Strike] = []

    @property
    def left(self) -> int:
        return len(self._planned)

    def maybe(self) -> None:
        """Strike if it is time and there is something to hit."""
        if not self._planned or time.monotonic() < self._began + self._planned[0].at_s:
            return
        due, at = self._planned[0], time.time()
        if self._how[due.kind](due):
            until = at + due.freeze_s if due.kind is Kind.FREEZE else time.time()
            self.struck.append(Strike(due.kind, at, until))
            self._planned.pop(0)

    def _kill(self, due: Planned) -> bool:
        worker = _picked(self._town.targets(frozen_too=True), due)
        if worker is not None:
            self._town.kill(worker)
        return worker is not None

    def _freeze(self, due: Planned) -> bool:
        worker = _picked(self._town.targets(frozen_too=False), due)
        if worker is not None:
            self._town.freeze(worker, due.freeze_s)
        return worker is not None

    def _flushall(self, _due: Planned) -> bool:
        with money_rig.client(self._town.store.url) as redis:
            redis.flushall()
        return True

    def _restart(self, _due: Planned) -> bool:
        self._town.store.kill()
        self._town.store.start()
        return True

    def _empty(self, _due: Planned) -> bool:
        self._town.store.begin_with(None)
        return True


def _picked(workers: list[Worker], due: Planned) -> Worker | None:
    return workers[int(due.pick * len(workers))] if workers else None

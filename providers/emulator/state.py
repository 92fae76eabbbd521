"""Everything the emulator remembers, in one place, so that a reset is a new value."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from providers.emulator.bank import Bank
from providers.emulator.batch_engine import BatchStore
from providers.emulator.clock import Clock
from providers.emulator.files import FileStore
from providers.emulator.gemini_store import GoogleStore
from providers.emulator.limits import Limits
from providers.emulator.log import RequestLog
from providers.emulator.prompt_cache import PromptCache
from providers.emulator.script import Latency, Script


@dataclass(frozen=True)
class Opening:
    """How the emulator was started."""

    seed: int
    latency: Latency
    now: Callable[[], datetime]


class State:
    """What the running emulator knows: script, clock, log, bank, batches, and the prompts that it remembers."""

    def __init__(self, opening: Opening) -> None:
        self.clock = Clock(opening.now)
        self.opening = replace(opening, now=self.clock.now)
        self.numbers = count(1)
        self.reset()

    def reset(self) -> None:
        """Forget rules, latencies, modes, log, bank, batches and prompts, and set the clock right.

        Requests on their way still end, in the old log.
        """
        self.clock.reset()
        self.script = Script(self.opening.seed, self.opening.latency)
        self.log = RequestLog()
        self.bank = Bank()
        self.batches = BatchStore()
        self.cache = PromptCache()
        self.limits = Limits()
        self.files = FileStore()
        self.google = GoogleStore()

    def settle(self) -> None:
        """Do all work, and book all storage, whose time has come, so that log and bank tell the truth."""
        now = self.clock.now()
        self.batches.settle(now)
        for kept in self.google.caches.take_expired(now):
            if cost := kept.storage_micro_usd(now):
                self.bank.charge(f"storage of {kept.prompt.name}", kept.call_id, cost)

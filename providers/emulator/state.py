"""Everything the emulator remembers, in one place, so that a reset is a new value."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from providers.emulator.bank import Bank
from providers.emulator.batch_engine import BatchStore
from providers.emulator.clock import Clock
from providers.emulator.files import FileStore
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

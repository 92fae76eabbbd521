"""Everything the emulator remembers, in one place, so that a reset is a new value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from providers.emulator.bank import Bank
from providers.emulator.log import RequestLog
from providers.emulator.script import Latency, Script


@dataclass(frozen=True)
class Opening:
    """How the emulator was started."""

    seed: int
    latency: Latency
    now: Callable[[], datetime]


class State:
    """The script, the log and the bank of the running emulator."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self.numbers = count(1)
        self.reset()

    def reset(self) -> None:
        """Forget rules, latencies, modes, log and bank. Requests on their way still end, in the old log."""
        self.script = Script(self.opening.seed, self.opening.latency)
        self.log = RequestLog()
        self.bank = Bank()

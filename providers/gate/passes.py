"""What the gate says: passes, transitions, and the figures it keeps. Frozen values, and one refusal. Pure."""

from enum import StrEnum
from typing import Literal, NamedTuple, TypeAlias

from pydantic import Field

from providers.calls import JsonObject, Target, Value


class CircuitState(StrEnum):
    """`RAMP` is the last part of being half-open: the probe came home, and traffic returns in steps."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    RAMP = "ramp"


Shortage: TypeAlias = Literal["permits", "paused", "requests", "tokens", "parked"]


class Transition(Value):
    """A circuit changed its state, and why, in words for an operator."""

    target: Target
    before: CircuitState
    after: CircuitState
    why: str


class Admission(Value):
    """A circuit's answer to a call. Refused: come back after `wait_s`."""

    admitted: bool
    state: CircuitState
    era: int = 0
    probe: bool = False
    wait_s: float = 0.0
    transition: Transition | None = None


class Take(Value):
    """A key, by its place among those that were offered; `again`: the call held it already."""

    key: int
    again: bool


class Shortfall(Value):
    """No key now: the soonest comes free after `wait_s`. `parked_why` is set where all of them are parked."""

    why: Shortage
    wait_s: float
    parked_why: str = ""


class Companion(NamedTuple):
    """A question that the caller wants asked in the same breath: the KEYS of its script, and its one argument."""

    keys: tuple[str, ...]
    text: bytes


class NotAgreed(Exception):
    """The caller's companion did not agree; nothing was taken. `told` is its answer; None: Redis is away."""

    def __init__(self, told: JsonObject | None) -> None:
        super().__init__("the caller's own condition was not met")
        self.told = told


class Pass(Value):
    """Leave to send one call. Hand it back with `Gate.leave`, whatever happened; keep it alive with `Gate.renew`.

    `key` is the place of the chosen key among those that were offered, `probe` says that the circuit's return hangs on
    this call. `entered_at_ms` is Redis' clock. `alone`: given by this process while Redis was away.
    `transitions` are those that entering brought about, `told` is what the companion answered.
    """

    target: Target
    key: int
    key_name: str
    call_id: str
    probe: bool = False
    era: int = 0
    tokens: int = Field(default=0, ge=0)
    entered_at_ms: int = 0
    alone: bool = False
    transitions: tuple[Transition, ...] = ()
    told: JsonObject | None = None


class CircuitReading(Value):
    """A circuit as it stands, with what its calls came to.

    `calls` and `faults` are of the rolling window, `successes` and `failures` of all since it was first used, or idle
    for long. `latency_s` is a moving average of answered calls, entering to leaving. None: there was none.
    """

    target: Target
    state: CircuitState
    openings: int
    wait_s: float
    probing: bool
    calls: int
    faults: int
    successes: int
    failures: int
    latency_s: float | None
    success_ago_s: float | None
    fault_ago_s: float | None
    last_fault: str


class LimitState(Value):
    """A key's limits as they stand. `requests` and `tokens` are what its buckets hold; None: it has no such bucket."""

    provider: str
    key_name: str
    permits: float
    in_flight: int
    paused_s: float
    parked_s: float
    parked_why: str
    requests: float | None
    tokens: float | None


class GateStates(Value):
    """Everything the gate knows. `alone`: Redis is away, and this is what this process alone has learnt."""

    circuits: tuple[CircuitReading, ...] = ()
    limits: tuple[LimitState, ...] = ()
    alone: bool = False

"""The scripted part of the play: which request meets which fault, how fast and how truthful each model is."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from providers.emulator import (
    anthropic_faults,
    anthropic_refusals,
    batch_engine,
    distortions,
    gemini_faults,
    gemini_refusals,
    mishaps,
    parcels,
    refusals,
)
from providers.emulator.draws import bell, fraction
from providers.emulator.modes import HONEST, Mode
from providers.emulator.parcels import FaultArgs

FAULTS: Final = frozenset(
    name
    for table in (
        refusals.SCRIPTED,
        anthropic_refusals.SCRIPTED,
        gemini_refusals.SCRIPTED,
        distortions.OUTCOMES,
        anthropic_faults.OUTCOMES,
        gemini_faults.OUTCOMES,
        distortions.BODIES,
        parcels.FAULTS,
        mishaps.FAULTS,
        batch_engine.COURSES,
    )
    for name in table
)
UNBILLED: Final = frozenset({"close", "error_in_200"})  # no work was done; refusals are unbilled anyway
ANY_MODEL: Final = "*"


class _Control(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(_Control):
    """Which requests a rule concerns; what is left out matches anything."""

    key: str | None = None
    model: str | None = None
    call_id: str | None = None
    persona: str | None = None
    endpoint: Literal["chat", "models", "count", "batches", "batch_item", "embeddings", "files", "caches"] = "chat"


class Rule(_Control):
    """A fault. `count`: how often it strikes, None without end. `probability`: the chance that it does, each time."""

    match: Match = Match()
    fault: str
    count: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    args: FaultArgs = FaultArgs()

    @field_validator("fault")
    @classmethod
    def _known(cls, fault: str) -> str:
        if fault not in FAULTS:
            raise ValueError(f"unknown fault; known are {', '.join(sorted(FAULTS))}")
        return fault


class Latency(_Control):
    """Time to the first byte: lognormal around a median, exactly the median without `sigma`.

    `chunk_ms` passes between the chunks of a stream.
    """

    median_ms: Annotated[float, Field(ge=0)] = 0.0
    sigma: Annotated[float, Field(ge=0, le=4)] = 0.0
    chunk_ms: Annotated[float, Field(ge=0)] = 0.0


@dataclass(frozen=True)
class Caller:
    """What a rule can look at."""

    key: str
    model: str
    call_id: str
    persona: str
    endpoint: str


@dataclass
class _Running:
    rule: Rule
    drawn: int = 0
    struck: int = 0

    def strikes(self, seed: int, number: int) -> bool:
        if self.rule.count is not None and self.struck >= self.rule.count:
            return False
        self.drawn += 1
        hit = fraction(seed, "rule", number, self.drawn) < self.rule.probability
        self.struck += hit
        return hit


class Script:
    """Rules in the order in which they were given; the first that strikes decides."""

    def __init__(self, seed: int, latency: Latency) -> None:
        self._seed = seed
        self._rules: list[_Running] = []
        self._latencies = {ANY_MODEL: latency}
        self._modes = {ANY_MODEL: HONEST}

    def add(self, rule: Rule) -> int:
        """Take a rule up; returns its number, from 1."""
        self._rules.append(_Running(rule))
        return len(self._rules)

    def take(self, caller: Caller) -> Rule | None:
        """The rule that strikes this request, counted as used, or None."""
        for number, running in enumerate(self._rules, start=1):
            if _matches(running.rule.match, caller) and running.strikes(self._seed, number):
                return running.rule
        return None

    def rules(self) -> list[JsonValue]:
        """All rules with how often they were drawn and struck."""
        return [
            running.rule.model_dump(mode="json", exclude_none=True) | {"drawn": running.drawn, "struck": running.struck}
            for running in self._rules
        ]

    def set_latency(self, model: str, latency: Latency) -> None:
        """Slow a model down, or all that have no latency of their own."""
        self._latencies[model] = latency

    def latency(self, model: str) -> Latency:
        return self._latencies.get(model, self._latencies[ANY_MODEL])

    def wait_s(self, model: str, request_number: int) -> float:
        """How long this request waits for its first byte."""
        profile = self.latency(model)
        return profile.median_ms / 1000 * _stretch(profile.sigma, self._seed, model, request_number)

    def set_mode(self, model: str, mode: Mode) -> None:
        """Change the character of a model, or of all that have none of their own."""
        self._modes[model] = mode

    def mode(self, model: str) -> Mode:
        return self._modes.get(model, self._modes[ANY_MODEL])


def _matches(match: Match, caller: Caller) -> bool:
    pairs: Iterable[tuple[str | None, str]] = (
        (match.key, caller.key),
        (match.model, caller.model),
        (match.call_id, caller.call_id),
        (match.persona, caller.persona),
    )
    return match.endpoint == caller.endpoint and all(wanted in (None, seen) for wanted, seen in pairs)


def _stretch(sigma: float, *parts: object) -> float:
    return math.exp(sigma * bell(*parts))

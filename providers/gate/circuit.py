"""The circuit of a target, shared by all workers: asks `circuit.lua` and reads its answers."""

from collections.abc import Sequence
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue
from redis import Redis

from providers.calls import JsonObject, Target, Value
from providers.gate.passes import Admission, CircuitReading, CircuitState, Transition
from providers.gate.rules import CircuitRules, Evidence
from providers.scripts import NowMs, Question, Script, source


class Answer(Value):
    """What `circuit.lua` returns; fields of other ops than the one asked keep their defaults."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: CircuitState
    era: int
    openings: int
    step: int
    wait_ms: float
    now_ms: int
    admitted: bool = False
    probe: bool = False
    renewed: bool = False
    before: CircuitState | None = Field(default=None, alias="from")
    after: CircuitState | None = Field(default=None, alias="to")
    why: str = ""

    def transition(self, target: Target) -> Transition | None:
        if self.before is None or self.after is None:
            return None
        return Transition(target=target, before=self.before, after=self.after, why=self.why)

    def admission(self, target: Target) -> Admission:
        return Admission(
            admitted=self.admitted,
            state=self.state,
            era=self.era,
            probe=self.probe,
            wait_s=self.wait_ms / 1000,
            transition=self.transition(target),
        )


class _Window(Value):
    calls: int
    faults: int
    weight: int


class _Look(Answer):
    window: _Window
    oks: int
    faults: int
    latency_ms: float
    ok_ago_ms: int
    fault_ago_ms: int
    fault: str
    probing: bool


class CircuitQuestions:
    """Words the questions to `circuit.lua`; the gate asks them together with others.

    `now_ms` is for tests alone; without it Redis' own clock counts, so that those of workers do not matter.
    """

    def __init__(self, prefix: str, rules: CircuitRules, now_ms: NowMs | None = None) -> None:
        self._prefix = prefix
        self._rules: JsonObject = {
            "window_ms": _ms(rules.window_s),
            "min_faults": rules.min_faults,
            "fault_percent": rules.fault_percent,
            "open_ms": _ms(rules.open_s),
            "open_cap_ms": _ms(rules.open_cap_s),
            "jitter_percent": rules.jitter_percent,
            "ramp": list(rules.ramp),
            "ramp_successes": rules.ramp_successes,
            "recheck_ms": _ms(rules.recheck_s),
            "forget_ms": _ms(rules.forget_s),
        }
        self._now_ms = now_ms

    @property
    def index(self) -> str:
        """The key of the sorted set of targets that are known."""
        return f"{self._prefix}circuits"

    def admit(self, target: Target, call_id: str, ttl_s: float) -> Question:
        return self._question("admit", target, call_id=call_id, ttl_ms=_ms(ttl_s))

    def undo(self, target: Target, call_id: str) -> Question:
        return self._question("undo", target, call_id=call_id)

    def renew(self, target: Target, call_id: str, ttl_s: float) -> Question:
        return self._question("renew", target, call_id=call_id, ttl_ms=_ms(ttl_s))

    def report(
        self, target: Target, call_id: str, seen: Evidence, *, era: int, entered_at_ms: int | None = None
    ) -> Question:
        asked: JsonObject = {
            "call_id": call_id,
            "era": era,
            "weight": seen.weight,
            "alive": seen.alive,
            "code": seen.code,
        }
        if entered_at_ms is not None:
            asked["at_ms"] = entered_at_ms
        return self._question("report", target, **asked)

    def operate(self, op: Literal["ajar", "reset"], target: Target, why: str) -> Question:
        return self._question(op, target, why=why)

    def look(self, target: Target) -> Question:
        return self._question("look", target)

    def _question(self, op: str, target: Target, **asked: JsonValue) -> Question:
        ask: JsonObject = {"op": op, "target": str(target), "rules": self._rules, **asked}
        if self._now_ms is not None:
            ask["now_ms"] = self._now_ms()
        return Question((f"{self._prefix}circuit:{target}", self.index), ask)


class Circuits:
    """All circuits of a house, by themselves: without permits and limits. Each method is one trip and atomic."""

    def __init__(self, redis: Redis, questions: CircuitQuestions) -> None:
        self._questions = questions
        self._script = Script(redis, source("providers.gate", "circuit.lua"))

    def admit(self, target: Target, call_id: str, *, ttl_s: float) -> Admission:
        """Let a call through, or not; a probe that says nothing for `ttl_s` loses its place."""
        return self._ask(self._questions.admit(target, call_id, ttl_s)).admission(target)

    def undo(self, target: Target, call_id: str) -> None:
        """Take an admission back, since the call does not go out after all."""
        self._ask(self._questions.undo(target, call_id))

    def renew(self, target: Target, call_id: str, *, ttl_s: float) -> bool:
        """Keep a probe's place; False: it has none."""
        return self._ask(self._questions.renew(target, call_id, ttl_s)).renewed

    def report(self, target: Target, call_id: str, seen: Evidence, *, era: int) -> Transition | None:
        """Learn from a call admitted in `era`. Not to be repeated: that counts twice."""
        return self._ask(self._questions.report(target, call_id, seen, era=era)).transition(target)

    def half_open(self, target: Target, why: str) -> Transition | None:
        """End an open circuit's time: whoever asks next is the probe."""
        return self._ask(self._questions.operate("ajar", target, why)).transition(target)

    def reset(self, target: Target, why: str) -> Transition | None:
        """Close a circuit and forget why it was not closed."""
        return self._ask(self._questions.operate("reset", target, why)).transition(target)

    def look(self, targets: Sequence[Target]) -> tuple[CircuitReading, ...]:
        """How they stand; one trip for all."""
        answers = self._script.ask_all([self._questions.look(target) for target in targets])
        return tuple(_reading(target, answer) for target, answer in zip(targets, answers, strict=True))

    def _ask(self, question: Question) -> Answer:
        return Answer.model_validate(self._script.ask(question.keys, question.text))


def _reading(target: Target, answer: JsonObject) -> CircuitReading:
    look = _Look.model_validate(answer)
    return CircuitReading(
        target=target,
        state=look.state,
        openings=look.openings,
        wait_s=look.wait_ms / 1000,
        probing=look.probing,
        calls=look.window.calls,
        faults=look.window.faults,
        successes=look.oks,
        failures=look.faults,
        latency_s=_seconds(look.latency_ms),
        success_ago_s=_seconds(look.ok_ago_ms),
        fault_ago_s=_seconds(look.fault_ago_ms),
        last_fault=look.fault,
    )


def _seconds(milliseconds: float) -> float | None:
    """-1 says that there is nothing to say."""
    return None if milliseconds < 0 else milliseconds / 1000


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

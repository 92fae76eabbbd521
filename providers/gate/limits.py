"""The limits of a provider's keys, shared by all workers: asks `limits.lua` and reads its answers."""

from collections.abc import Sequence
from typing import Literal

from pydantic import ConfigDict, JsonValue
from redis import Redis

from providers.calls import JsonObject, Value
from providers.catalog import ProviderCard
from providers.gate.passes import LimitState, Shortage, Shortfall, Take
from providers.gate.rules import Bucket, LimitRules, Settlement
from providers.scripts import NowMs, Question, Script, source


class Answer(Value):
    """What `limits.lua` returns to take, give_back, renew and settle; unasked fields keep their defaults."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    taken: bool = False
    key: int = 0
    again: bool = False
    now_ms: int = 0
    wait_ms: float = 0.0
    why: Shortage | Literal[""] = ""
    parked_why: str = ""
    held: bool = False
    parked: bool = False

    def take(self) -> Take | Shortfall:
        if self.taken:
            return Take(key=self.key - 1, again=self.again)  # Lua counts from one
        return Shortfall(why=self.why or "permits", wait_s=self.wait_ms / 1000, parked_why=self.parked_why)


class _Look(Value):
    limit: float
    in_flight: int
    paused_ms: float
    parked_ms: float
    parked_why: str
    requests: float
    tokens: float


class LimitQuestions:
    """Words the questions to `limits.lua`; the gate asks them together with others.

    `now_ms` is for tests alone; without it Redis' own clock counts, so that those of workers do not matter.
    """

    def __init__(self, prefix: str, rules: LimitRules, now_ms: NowMs | None = None) -> None:
        self._prefix = prefix
        self._rules = rules
        self._now_ms = now_ms

    @property
    def index(self) -> str:
        """The key of the sorted set of "provider/key" that are known."""
        return f"{self._prefix}limits"

    def take(self, card: ProviderCard, key_names: Sequence[str], call_id: str, tokens: int, ttl_s: float) -> Question:
        return self._question("take", card, key_names, call_id=call_id, tokens=tokens, ttl_ms=_ms(ttl_s))

    def give_back(self, card: ProviderCard, key_name: str, call_id: str, tokens: int) -> Question:
        return self._question("give_back", card, [key_name], call_id=call_id, tokens=tokens)

    def renew(self, card: ProviderCard, key_name: str, call_id: str, ttl_s: float) -> Question:
        return self._question("renew", card, [key_name], call_id=call_id, ttl_ms=_ms(ttl_s))

    def settle(self, card: ProviderCard, key_name: str, call_id: str, settled: Settlement) -> Question:
        asked: JsonObject = {
            "call_id": call_id,
            "kind": settled.kind,
            "told_ms": -1 if settled.told_s is None else _ms(settled.told_s),
            "park_ms": _ms(settled.park_s),
            "why": settled.why,
            "tokens_back": settled.tokens_back,
            "rest_ms": _ms(settled.rest_s),
        }
        for kind, bucket in (("req", settled.requests), ("tok", settled.tokens)):
            if bucket is not None:
                asked[kind] = _heard(bucket)
        return self._question("settle", card, [key_name], **asked)

    def reset(self, card: ProviderCard, key_name: str) -> Question:
        return self._question("reset", card, [key_name])

    def look(self, card: ProviderCard, key_name: str) -> Question:
        return self._question("look", card, [key_name])

    def _question(self, op: str, card: ProviderCard, key_names: Sequence[str], **asked: JsonValue) -> Question:
        names: list[JsonValue] = [f"{card.id}/{key_name}" for key_name in key_names]
        keys = [self.index]
        for name in names:
            keys += [f"{self._prefix}limit:{name}", f"{self._prefix}permits:{name}"]
        ask: JsonObject = {"op": op, "names": names, "rules": _ruled(self._rules, card), **asked}
        if self._now_ms is not None:
            ask["now_ms"] = self._now_ms()
        return Question(tuple(keys), ask)


class Limits:
    """The limits of all keys of a house, by themselves: without circuits. Each method is one trip and atomic."""

    def __init__(self, redis: Redis, questions: LimitQuestions) -> None:
        self._questions = questions
        self._script = Script(redis, source("providers.gate", "limits.lua"))

    def take(
        self, card: ProviderCard, key_names: Sequence[str], call_id: str, *, tokens: int, ttl_s: float
    ) -> Take | Shortfall:
        """Take a permit, a request and tokens of the key with most room. A call that holds a permit takes no second."""
        return self._ask(self._questions.take(card, key_names, call_id, tokens, ttl_s)).take()

    def give_back(self, card: ProviderCard, key_name: str, call_id: str, *, tokens: int) -> bool:
        """Undo a take, as the call does not go out; False: nothing was held."""
        return self._ask(self._questions.give_back(card, key_name, call_id, tokens)).held

    def renew(self, card: ProviderCard, key_name: str, call_id: str, *, ttl_s: float) -> bool:
        """Keep a permit; False: it is gone and forgotten."""
        return self._ask(self._questions.renew(card, key_name, call_id, ttl_s)).held

    def settle(self, card: ProviderCard, key_name: str, call_id: str, settled: Settlement) -> bool:
        """Free the permit and learn from the outcome; False: that was done before, and nothing is learnt twice."""
        return self._ask(self._questions.settle(card, key_name, call_id, settled)).held

    def renew_all(self, permits: Sequence[tuple[ProviderCard, str, str]], *, ttl_s: float) -> tuple[bool, ...]:
        """Keep the permits of (provider, key name, call id); one trip for all."""
        answers = self._script.ask_all([self._questions.renew(*permit, ttl_s) for permit in permits])
        return tuple(Answer.model_validate(answer).held for answer in answers)

    def reset(self, card: ProviderCard, key_name: str) -> None:
        """Forget pause, park, buckets and the number of permits. What is under way keeps its permits."""
        self._ask(self._questions.reset(card, key_name))

    def look(self, keys: Sequence[tuple[ProviderCard, str]]) -> tuple[LimitState, ...]:
        """How the limits of (provider, key name) stand; one trip for all."""
        answers = self._script.ask_all([self._questions.look(card, key_name) for card, key_name in keys])
        return tuple(_state(card, key_name, answer) for (card, key_name), answer in zip(keys, answers, strict=True))

    def _ask(self, question: Question) -> Answer:
        return Answer.model_validate(self._script.ask(question.keys, question.text))


def _ruled(rules: LimitRules, card: ProviderCard) -> JsonObject:
    """The rules as `limits.lua` reads them, with what the card says of the provider."""
    most = card.concurrency or rules.most_permits
    ruled: JsonObject = {
        "start_permits": min(rules.start_permits, most),
        "most_permits": most,
        "step_up": rules.step_up,
        "cut_every_ms": _ms(rules.cut_every_s),
        "pause_ms": _ms(rules.pause_s),
        "pause_cap_ms": _ms(rules.pause_cap_s),
        "permit_wait_ms": _ms(rules.permit_wait_s),
        "memory_ms": _ms(rules.memory_s),
        "forget_ms": _ms(rules.forget_s),
    }
    if card.requests_per_minute is not None:
        ruled["req_a_minute"] = card.requests_per_minute
    if card.tokens_per_minute is not None:
        ruled["tok_a_minute"] = card.tokens_per_minute
    return ruled


def _heard(bucket: Bucket) -> JsonObject:
    """-1 says that there is nothing to say."""
    return {
        "limit": -1 if bucket.limit is None else bucket.limit,
        "remaining": -1 if bucket.remaining is None else bucket.remaining,
        "reset_ms": -1 if bucket.reset_s is None else _ms(bucket.reset_s),
    }


def _state(card: ProviderCard, key_name: str, answer: JsonObject) -> LimitState:
    look = _Look.model_validate(answer)
    return LimitState(
        provider=card.id,
        key_name=key_name,
        permits=look.limit,
        in_flight=look.in_flight,
        paused_s=look.paused_ms / 1000,
        parked_s=look.parked_ms / 1000,
        parked_why=look.parked_why,
        requests=None if look.requests < 0 else look.requests,
        tokens=None if look.tokens < 0 else look.tokens,
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

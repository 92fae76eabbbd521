"""Holds on budgets, in Redis: words the questions to `holds.lua` and reads its answers.

A call is held at its worst case in every budget that it counts in, all at once or not at all, before it leaves; when it
is over the hold becomes what the call really cost. Rows decide what that was: these counters can be lost at any moment
and are then set anew from the ledger (`counters.py`).
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final, Literal, NamedTuple, TypeAlias

from pydantic import ConfigDict, JsonValue
from pydantic_core import to_json
from redis import Redis

from orchestrator.work.scopes import Claimed, Scope
from providers.calls import JsonObject, Value
from providers.scripts import Script, source

SOURCE: Final = source("orchestrator.money", "holds.lua")

# A repetition comes within the socket's timeouts; a load of a scope from PostgreSQL within a statement's.
DONE_KEPT_MS: Final = 600_000
_SCAN: Final = 500

State: TypeAlias = Literal["void", "done", "missing", "refused", "held", "settled", "again", "unheld"]


class Question(NamedTuple):
    """What `holds.lua` is asked: its KEYS, and its one argument."""

    keys: tuple[str, ...]
    text: bytes


class HoldAnswer(Value):
    """What became of a hold. `places` are those of the scopes that are missing, `place` that of the one that refused.

    `final`: what has been spent is in the way; else only what other calls hold at this moment.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: State
    agreed: bool = False
    generation: str = ""
    again: bool = False
    scopes: tuple[int, ...] = ()
    place: int = 0
    final: bool = False
    spent: int = 0
    held: int = 0


class Standing(Value):
    """A scope's counters in micro-dollars; `high` is the most that spent and held ever came to together."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    spent: int | None = None
    held: int | None = None
    high: int = 0


class Look(Value):
    """`generation` is "" where the counters are void."""

    generation: str
    scopes: tuple[Standing, ...]


class Holds:
    """Any number of threads may share one. Every method is one trip and may be repeated.

    Raises (each method): redis.exceptions.RedisError, Redis is away.
    """

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._script = Script(redis, SOURCE)

    def hold_question(
        self, call_id: str, amount_micro_usd: int, claimed: Sequence[Claimed], seen_generation: str
    ) -> Question:
        """Hold the call's worst case in all of these scopes. The answer is a `HoldAnswer`."""
        keys = list(self._heads(call_id))
        books: list[JsonValue] = []
        for book, of_book in groupby(claimed, _book):
            keys.append(self._key(book))
            books.append(_asked(list(of_book)))
        ask: JsonObject = {
            "op": "hold",
            "call_id": call_id,
            "amount": amount_micro_usd,
            "seen": seen_generation,
            "books": books,
        }
        return Question(tuple(keys), to_json(ask))

    def settle_question(self, call_id: str, cost_micro_usd: int) -> Question:
        """End the call's hold: it came to this much, 0 releases it."""
        ask: JsonObject = {"op": "settle", "call_id": call_id, "cost": cost_micro_usd, "done_ms": DONE_KEPT_MS}
        return Question(self._heads(call_id), to_json(ask))

    def hold(
        self, call_id: str, amount_micro_usd: int, claimed: Sequence[Claimed], seen_generation: str = ""
    ) -> HoldAnswer:
        """`hold_question`, asked by itself."""
        told = self._ask(self.hold_question(call_id, amount_micro_usd, claimed, seen_generation))
        return HoldAnswer.model_validate(told)

    def settle(self, call_id: str, cost_micro_usd: int) -> HoldAnswer:
        """`settle_question`, asked by itself."""
        return HoldAnswer.model_validate(self._ask(self.settle_question(call_id, cost_micro_usd)))

    def found(self, generation: int) -> bool:
        """Begin a generation, with no counters at all; False: one that is as new or newer stands."""
        told = self._ask(Question(self._heads(""), to_json({"op": "found", "generation": str(generation)})))
        return told["state"] == "found"

    def open(self, scope: Scope, generation: str, spent_micro_usd: int, calls: Iterable[tuple[str, int]]) -> bool:
        """Set a scope's counters to what PostgreSQL said under that generation. False: the generation has passed.

        `calls` are those under way, with their bounds. A scope that somebody has opened already is left as it is.
        """
        under_way: JsonObject = {
            "op": "open",
            "generation": generation,
            "field": scope.name,
            "spent": spent_micro_usd,
            "ttl_ms": scope.kept_s * 1000,
            "calls": [[call_id, amount] for call_id, amount in calls],
        }
        told = self._ask(Question((*self._heads(""), self._key(scope.book)), to_json(under_way)))
        return told["state"] != "void"

    def generation(self) -> str:
        """The generation of the counters; "" where they are void."""
        return str(self._look(())["generation"])

    def look(self, scopes: Sequence[Scope]) -> Look:
        """The counters as they stand."""
        return Look.model_validate(self._look(scopes), strict=False)

    def standing_holds(self, older_than_s: float) -> list[str]:
        """The ids of calls that have been held for longer than that. Several trips; a hold may end in between."""
        seconds, micro = self._redis.time()
        before_ms = (seconds * 1_000_000 + micro) / 1000 - older_than_s * 1000
        found = self._redis.hscan_iter(f"{self._prefix}money:holds", count=_SCAN)
        return [_text(call_id) for call_id, kept in found if _since_ms(_text(kept)) < before_ms]

    def _look(self, scopes: Sequence[Scope]) -> JsonObject:
        books = [(book, [scope.name for scope in found]) for book, found in groupby(scopes, lambda scope: scope.book)]
        keys = (*self._heads(""), *(self._key(book) for book, _ in books))
        return self._ask(Question(keys, to_json({"op": "look", "books": [names for _, names in books]})))

    def _ask(self, question: Question) -> JsonObject:
        return self._script.ask(question.keys, question.text)

    def _heads(self, call_id: str) -> tuple[str, str, str]:
        return f"{self._prefix}money", f"{self._prefix}money:holds", f"{self._prefix}money:done:{call_id}"

    def _key(self, book: str) -> str:
        return f"{self._prefix}money:of:{book}"


def _book(claimed: Claimed) -> str:
    return claimed.scope.book


def _asked(claimed: Sequence[Claimed]) -> JsonObject:
    """What is asked of one book."""
    asked: JsonObject = {
        "fields": [one.scope.name for one in claimed],
        "limits": [-1 if one.limit_micro_usd is None else one.limit_micro_usd for one in claimed],
    }
    known = [-1 if one.known_micro_usd is None else one.known_micro_usd for one in claimed]
    if max(known) >= 0:
        asked |= {"known": list(known), "ttl_ms": max(one.scope.kept_s for one in claimed) * 1000}
    return asked


def _since_ms(kept: str) -> int:
    """Since when a call has been held: the second word of its record (see the head of `holds.lua`)."""
    return int(kept.split("\n", 1)[0].split(" ")[1])


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value

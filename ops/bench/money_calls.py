"""A process that makes paid calls as a worker does, without a provider: rows, hold, departure, answer, ledger,
settlement.

Run by `ops/bench/money.py`, which kills it at random: `python -m ops.bench.money_calls ORDER`, ORDER being JSON.
"""

import json
import random
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Final

from redis.exceptions import RedisError
from sqlalchemy import Connection, text

from ops.bench import money_rig
from orchestrator.errors import Unavailable
from orchestrator.ids import new_id
from orchestrator.money.counters import Counters
from orchestrator.money.holds import HoldAnswer, Holds, Question
from orchestrator.storage import ledger
from orchestrator.storage.engine import Database, connect
from orchestrator.storage.ledger import Entry
from orchestrator.work import scopes
from orchestrator.work.scopes import Claimed
from providers.calls import JsonObject, Target, Value

TARGET: Final = Target(provider="openai", model="gpt-6-luna")
MOST_TRIES: Final = 400  # of one question: with a fifth of the replies lost, forty in a row are beyond belief
PREFIX: Final = "bench:"

_INTEND: Final = text(
    "INSERT INTO attempts (id, job_id, seat, epoch, rung, target, state, bound_micro_usd)"
    " VALUES (:id, :job, 0, :epoch, 0, 'openai/gpt-6-luna', 'intended', :bound)"
    " RETURNING (SELECT generation FROM money_state)"
)
_SEND: Final = text(
    "UPDATE attempts SET state = 'sent', sent_at = clock_timestamp() WHERE id = :id AND state = 'intended'"
    " AND (SELECT generation FROM money_state) = :generation"
)
_END: Final = text(
    "UPDATE attempts SET state = :state, cost_micro_usd = :cost, ended_at = clock_timestamp()"
    " WHERE id = :id AND state IN ('intended', 'sent')"
)


class Order(Value):
    """What the process shall do. `limit` is the tenant's and the project's, for day and month; `platform` the month's.

    `epoch` names the process in its rows.
    """

    database_url: str
    redis_url: str
    tenant: str
    jobs: tuple[str, ...]
    limit: int
    platform: int
    calls: int
    most_per_call: int
    epoch: int
    seed: int
    twice: bool
    day: date


class StubbornHolds(Holds):
    """Asks until it is answered, always the same question; and where it is told to, everything twice."""

    twice: bool = False

    def _ask(self, question: Question) -> JsonObject:
        for _ in range(MOST_TRIES):
            with suppress(RedisError):
                told = super()._ask(question)
                break
            time.sleep(0.005)  # a store that is down comes back
        else:
            raise RedisError("no answer, however often it was asked")
        if self.twice:
            with suppress(RedisError):
                super()._ask(question)
        return told


@dataclass
class Caller:
    """Makes calls one after the other."""

    order: Order
    database: Database
    counters: Counters
    chance: random.Random

    def call(self, bound: int, cost: int) -> bool:
        """One call through all its steps. False: a budget had no room."""
        call_id, job = new_id("atm"), self.chance.choice(self.order.jobs)
        named = {"id": call_id, "job": job, "epoch": self.order.epoch, "bound": bound}
        with self.database.tenant(self.order.tenant) as connection:
            seen = str(connection.execute(_INTEND, named).scalar_one())
        while True:
            answer = self._held(call_id, bound, job, seen)
            if not answer.agreed:
                self._end(call_id, "refused", 0)
                return False
            if self._sent(call_id, answer.generation):
                break
        with self.database.tenant(self.order.tenant) as connection:
            connection.execute(_END, {"id": call_id, "state": "answered", "cost": cost})
            book(connection, call_id, job, "answer", cost, self.order.day)
        self.counters.holds.settle(call_id, cost)
        return True

    def _held(self, call_id: str, bound: int, job: str, seen: str) -> HoldAnswer:
        claimed = claims(self.order.tenant, job, self.order.day, self.order.limit, self.order.platform)
        while True:
            answer = self.counters.holds.hold(call_id, bound, claimed, seen)
            if answer.state == "void":
                self.counters.rebuild()
            elif answer.state == "missing":
                self.counters.open([claimed[place].scope for place in answer.scopes], answer.generation)
            else:
                return answer

    def _sent(self, call_id: str, generation: str) -> bool:
        with self.database.sending(self.order.tenant) as connection:
            told = connection.execute(_SEND, {"id": call_id, "generation": int(generation)})
            return told.rowcount == 1

    def _end(self, call_id: str, state: str, cost: int) -> None:
        with self.database.tenant(self.order.tenant) as connection:
            connection.execute(_END, {"id": call_id, "state": state, "cost": cost})
        self.counters.holds.settle(call_id, cost)


def claims(tenant: str, job: str, day: date, limit: int, platform: int) -> list[Claimed]:
    """All scopes of a call: tenant and project with one limit, the platform with its own; the job's only counts."""
    limits = {(name, period): limit for name in ("tenant", "project:Apollo") for period in ("day", "month")}
    own = Claimed(scope=scopes.of_job(tenant, job), limit_micro_usd=None)
    return [own, *scopes.of_periods(tenant, "Apollo", day, limits, platform)]  # type: ignore[arg-type]  # literal keys


def book(connection: Connection, call_id: str, job: str, kind: ledger.Kind, cost: int, day: date) -> None:
    """Write the ledger's row of a call."""
    entry = Entry(
        attempt_id=call_id,
        kind=kind,
        job_id=job,
        seat=0,
        project="Apollo",
        day=day,
        policy="balanced",
        served=TARGET,
        used=kind == "answer",
        cost_micro_usd=cost,
        price_version="bench",
    )
    ledger.book(connection, entry)


def caller(order: Order) -> Caller:
    database = connect(order.database_url, pool_size=1, name="bench", patience_s=60.0)
    holds = StubbornHolds(money_rig.client(order.redis_url), PREFIX)
    holds.twice = order.twice
    return Caller(order, database, Counters(holds, database), random.Random(order.seed))  # noqa: S311 - a die


def main(order: Order) -> int:
    """Make the calls; a store that is away for long ends the process, and another takes its place."""
    one = caller(order)
    for number in range(order.calls):
        bound = one.chance.randint(1, order.most_per_call)
        try:
            one.call(bound, one.chance.randint(0, bound))
        except (Unavailable, RedisError) as error:
            sys.stderr.write(f"call {number} of process {order.epoch} was given up: {type(error).__name__}\n")
        sys.stdout.write(".")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(Order.model_validate_json(json.dumps(json.loads(sys.argv[1])), strict=False)))

"""The hold of one call: words it for the gate, mends the counters where they are missing, says how it is settled."""

from collections.abc import Iterable
from typing import Final

import structlog
from redis.exceptions import RedisError

from orchestrator.errors import Unavailable
from orchestrator.money.holds import HoldAnswer, Question
from orchestrator.work import scopes
from orchestrator.work.scopes import Claimed, Scope
from providers.calls import JsonObject
from providers.errors import Canceled, Withheld
from providers.gate.passes import Companion
from tasks import resources
from tasks.work import Work

log = structlog.get_logger()

# Other calls' holds are in the way: they end within the time of a call.
HELD_UP_S: Final = 2.0
AWAY_S: Final = 3.0  # Redis or PostgreSQL: the counters cannot be read, and a call without a hold does not leave
MOST_MENDS: Final = 8  # each is one thing that was missing; a budget that cannot be read after that is not to be read


class Purse:
    """One call's money, from its hold to its settlement. Used by one thread."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._claimed = _claimed(work)
        self._mends = 0

    def wish(self) -> Companion | None:
        """What the gate shall ask in the same breath: None for a call that costs nothing."""
        if self._work.bound_micro_usd == 0:
            return None
        holds = resources.current().counters.holds
        work = self._work
        question = holds.hold_question(work.call.call_id, work.bound_micro_usd, self._claimed, work.intended.generation)
        return _companion(question)

    def held(self, told: JsonObject | None) -> None:
        """The gate has let the call in: note under which generation it is held."""
        if told is not None:
            self._work.account.generation = HoldAnswer.model_validate(told, strict=False).generation

    def mend(self, told: JsonObject | None) -> None:
        """Set right what kept the call from being held; then it may be asked again.

        Raises:
            Withheld: a budget has no room, or the counters cannot be read.
            Canceled: the call has been settled already; whoever did that has taken it over.
        """
        self._mends += 1
        if told is None or self._mends > MOST_MENDS:
            raise self._withheld("the counters of budgets cannot be read", AWAY_S, final=False)
        answer = HoldAnswer.model_validate(told, strict=False)
        if answer.state == "done":
            raise Canceled("the call was settled before it left", provider=self._work.seat.target.provider)
        if answer.state == "refused":
            raise self._refused(answer)
        try:
            self._set(answer)
        except (RedisError, Unavailable) as error:
            raise self._withheld("the counters of budgets cannot be read", AWAY_S, final=False) from error

    def settlement(self) -> Companion | None:
        """What ends the hold, once the rows say what the call came to; None while they do not."""
        cost_micro_usd = self._work.account.cost_micro_usd
        if self._work.bound_micro_usd == 0 or cost_micro_usd is None:
            return None
        holds = resources.current().counters.holds
        return _companion(holds.settle_question(self._work.call.call_id, cost_micro_usd))

    def _set(self, answer: HoldAnswer) -> None:
        counters = resources.current().counters
        if answer.state == "void":
            counters.rebuild()
        else:
            counters.open(_at(answer.scopes, self._claimed), answer.generation)

    def _refused(self, answer: HoldAnswer) -> Withheld:
        claimed = self._claimed[answer.place]
        why = f"{claimed.scope.words} has no room for it"
        log.info(
            "money.refused",
            scope=claimed.scope.owner,
            period=claimed.scope.period,
            final=answer.final,
            bound=self._work.bound_micro_usd,
            limit=claimed.limit_micro_usd,
            spent=answer.spent,
            held=answer.held,
        )
        if claimed.limit_micro_usd is not None:
            self._work.account.room_micro_usd = claimed.limit_micro_usd - answer.spent
        return self._withheld(why, HELD_UP_S, final=answer.final)

    def _withheld(self, why: str, wait_s: float, *, final: bool) -> Withheld:
        return Withheld(why, reason=why, retry_after_s=wait_s, final=final, provider=self._work.seat.target.provider)


def _claimed(work: Work) -> tuple[Claimed, ...]:
    """The job's own first: it is the narrowest, and the one that refuses most often."""
    intended, job = work.intended, work.job
    own = Claimed(
        scope=scopes.of_job(job.tenant_id, job.id),
        limit_micro_usd=job.bound_micro_usd,
        known_micro_usd=None if intended.under_way else intended.booked_micro_usd,
    )
    platform = resources.current().settings.monthly_budget_micro_usd
    return (own, *scopes.of_periods(job.tenant_id, job.project, intended.day, intended.limits, platform))


def _at(places: Iterable[int], claimed: tuple[Claimed, ...]) -> list[Scope]:
    return [claimed[place].scope for place in places]


def _companion(question: Question) -> Companion:
    return Companion(question.keys, question.text)

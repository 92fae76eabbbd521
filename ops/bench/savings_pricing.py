"""Prices the plans of the savings bench, seat by seat: nothing is sent, and the same input gives the same sums."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from ops.bench.savings_corpus import Meeting
from orchestrator.money.savings import JobSums
from orchestrator.routing.market import PERCENT, Market
from orchestrator.routing.planning import plan
from orchestrator.routing.request import AnalysisRequest, PanelWish, Policy, PostedTranscript, Priority
from orchestrator.work.seats import SeatPlan
from providers.calls import Target, Usage
from providers.catalog import Catalog, ModelCard
from providers.comparison import Comparison, compare, direct_card
from providers.pricing import cost

DIRECT: Final = ("openai", "google", "anthropic")
AIMLAPI_FIRST: Final = ("aimlapi", *DIRECT)
_DAY_S: Final = 86_400.0  # the longest patience that a job may have

_POLICIES: Final[tuple[Policy, ...]] = ("aggressive", "balanced", "quality")


class Scenario(NamedTuple):
    """Who asks, and who can be reached. `models` names the panel, each of its seats; empty: the policy chooses it."""

    title: str
    policy: Policy
    reachable: tuple[str, ...]
    priority: Priority = "standard"
    models: tuple[str, ...] = ()

    @property
    def request(self) -> AnalysisRequest:
        return AnalysisRequest(
            transcript=PostedTranscript(content="planned by its prompt alone"),
            policy=self.policy,
            priority=self.priority,
            deadline_s=_DAY_S if self.priority == "bulk" else 300.0,
            panel=PanelWish(models=self.models),
        )


SCENARIOS: Final = (
    *(Scenario(f"{policy}, AIMLAPI first", policy, AIMLAPI_FIRST) for policy in _POLICIES),
    *(Scenario(f"{policy}, direct only", policy, DIRECT) for policy in _POLICIES),
    *(Scenario(f"{policy}, direct, bulk", policy, DIRECT, "bulk") for policy in _POLICIES),
    # One lever at a time: the reference's own panel, bought elsewhere, or sharing its prompt.
    Scenario("the reference by AIMLAPI", "quality", AIMLAPI_FIRST, models=("aimlapi/anthropic/claude-opus-5-5",) * 3),
    Scenario("the reference, shared", "aggressive", DIRECT, models=("anthropic/claude-opus-5-5",) * 3),
)


class Priced(NamedTuple):
    """`seats`: how many seats each target got; `jobs`: one a meeting."""

    scenario: Scenario
    seats: Counter[str]
    jobs: tuple[JobSums, ...]


def price(scenario: Scenario, meetings: Sequence[Meeting], catalog: Catalog, at: datetime) -> Priced:
    """Plan and price every meeting, as if each first rung had answered at once."""
    seats: Counter[str] = Counter()
    jobs = []
    for meeting in meetings:
        market = Market(catalog, frozenset(scenario.reachable), at, meeting.messages)
        planned = plan(scenario.request, market).seats
        seats.update(str(seat.ladder[0]) for seat in planned)
        jobs.append(_job([_seat(seat, meeting, catalog, at) for seat in planned]))
    return Priced(scenario=scenario, seats=seats, jobs=tuple(jobs))


def in_one_vocabulary(catalog: Catalog) -> Catalog:
    """The catalog as if every model made as many tokens of a text as every other.

    Made anew: a copy would keep the cards that the original has looked up before.
    """
    models = tuple(card.model_copy(update={"tokens_percent": PERCENT}) for card in catalog.models)
    return Catalog(version=catalog.version, reference=catalog.reference, providers=catalog.providers, models=models)


def _job(answers: Sequence[tuple[Comparison, int]]) -> JobSums:
    compared = [comparison for comparison, _ in answers]
    return JobSums(
        used=len(answers),
        reference_micro_usd=sum(one.reference_micro_usd for one in compared),
        direct_micro_usd=sum(one.direct_micro_usd for one in compared),
        cached_micro_usd=sum(one.cached_micro_usd for one in compared),
        tier_micro_usd=sum(one.tier_micro_usd for one in compared),
        cost_micro_usd=sum(paid for _, paid in answers),
    )


def _seat(seat: SeatPlan, meeting: Meeting, catalog: Catalog, at: datetime) -> tuple[Comparison, int]:
    card = catalog.model(seat.ladder[0])
    usage = _usage(seat, card, meeting, keeps_prefix=catalog.provider(card.provider).cache_key)
    comparison = compare(
        usage,
        served=card,
        direct=direct_card(catalog, card),
        reference=catalog.model(Target.parse(catalog.reference)),
        at=at,
        service_tier=seat.service_tier,
    )
    return comparison, cost(usage, card, at, service_tier=seat.service_tier)


def _usage(seat: SeatPlan, card: ModelCard, meeting: Meeting, *, keeps_prefix: bool) -> Usage:
    """What the call would use. A provider keeps a prefix that the plan marks, if its wire takes a key or a marker."""
    text, schema, output = (
        -(-tokens * card.tokens_percent // PERCENT)
        for tokens in (meeting.text_tokens, meeting.schema_tokens, meeting.answer_tokens)
    )
    is_kept = keeps_prefix or 0 < card.cache_min_tokens <= text
    if not (seat.cached and is_kept):
        return Usage(input_tokens=text + schema, output_tokens=output)
    if seat.follows is None:
        return Usage(input_tokens=schema, cache_write_tokens=text, output_tokens=output)
    return Usage(input_tokens=schema, cached_input_tokens=text, output_tokens=output)

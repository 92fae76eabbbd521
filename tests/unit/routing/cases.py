"""What the tests of routing plan: a catalog at a fixed time, requests, meetings, and houses that promise things."""

from dataclasses import replace
from datetime import UTC, datetime

from orchestrator.meeting.context import Context, Finding
from orchestrator.routing.case import Case
from orchestrator.routing.constraints import UNCONSTRAINED, Constraints
from orchestrator.routing.market import Market
from orchestrator.routing.planning import Plan
from orchestrator.routing.request import AnalysisRequest
from providers.calls import Message, Target
from providers.catalog import Catalog, load

CATALOG = load()
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FOUR = ("aimlapi", "openai", "google", "anthropic")
EVERYONE = tuple(card.id for card in CATALOG.providers)


def target(name: str) -> Target:
    return Target.parse(name)


def market(
    *reachable: str, words: int = 200, catalog: Catalog = CATALOG, constraints: Constraints = UNCONSTRAINED
) -> Market:
    return Market(catalog, frozenset(reachable), NOW, (Message(role="user", text="word " * words),), constraints)


def request(**fields: object) -> AnalysisRequest:
    return AnalysisRequest.model_validate({"transcript": {"content": "Ann: hello"}, **fields}, strict=False)


def case(*reachable: str, words: int = 200, **fields: object) -> Case:
    """A request with these fields where these providers have a key."""
    return Case(request(**fields), market(*reachable, words=words))


def meeting(kind: str = "general", *, language: str = "en", speakers: int = 4, confidence: float = 0.9) -> Context:
    return Context(
        type=Finding(value=kind, confidence=confidence),
        language=Finding(value=language, confidence=confidence),
        speakers=speakers,
        words=200,
    )


def promising(**promises: dict[str, object]) -> Catalog:
    """The catalog with what these providers promise: `openai={"regions": ("eu",), "retains": False}`."""
    cards = tuple(card.model_copy(update=promises.get(card.id, {})) for card in CATALOG.providers)
    return Catalog(version="test", providers=cards, models=CATALOG.models, aliases=CATALOG.aliases)


def in_the_order(made: Case, *providers: str) -> Case:
    """The same where the house has set the order of its providers."""
    return replace(made, market=replace(made.market, catalog=load(None, providers)))


def asked(made: Plan) -> list[str]:
    return [str(seat.asked) for seat in made.seats]


def rungs(made: Plan) -> set[Target]:
    """All targets that any seat of the plan could come to ask."""
    return {rung for seat in (*made.seats, *made.callers) for rung in seat.ladder}

"""What a model is worth for a meeting: less in a foreign language, less for a prompt it is not meant for."""

import pytest

from orchestrator.meeting.context import MEETING_TYPES
from orchestrator.routing.planning import plan
from orchestrator.routing.profiles import FOREIGN, LONG_FROM_TOKENS, NOT_FOR_LONG, TYPES, language_of, worth
from tests.unit.routing.cases import CATALOG, asked, market, meeting, request, target

RULES = CATALOG.model(target("extractive/cue-rules"))
TERRA = CATALOG.model(target("openai/gpt-6.1-terra"))
V4 = CATALOG.model(target("deepseek/deepseek-v4-pro"))


def test_every_row_is_of_a_meeting_type_that_there_is() -> None:
    assert set(TYPES) <= set(MEETING_TYPES)


@pytest.mark.parametrize(
    ("card", "language", "tokens", "found"),
    [
        (TERRA, None, 20_000, (1, ())),
        (TERRA, "ja", 20_000, (1, ())),
        (RULES, "de", 20_000, (1, ())),
        (RULES, None, 20_000, (1, ())),
        (RULES, "ja", 20_000, (FOREIGN, ("it is weak in ja",))),
        (TERRA, "en", LONG_FROM_TOKENS, (1, ())),
        (TERRA, "en", 100_001, (NOT_FOR_LONG, ("it is not meant for 100001 tokens",))),
        (V4, "en", 100_001, (1, ())),
        (
            RULES,
            "ja",
            200_000,
            (FOREIGN * NOT_FOR_LONG, ("it is weak in ja", "it is not meant for 200000 tokens")),
        ),
    ],
)
def test_what_is_known_against_a_model_lowers_its_worth(
    card: object, language: str | None, tokens: int, found: tuple[float, tuple[str, ...]]
) -> None:
    assert worth(card, language, tokens) == found  # type: ignore[arg-type]  # the parameters are cards


def test_a_language_is_known_by_its_primary_subtag_and_when_it_is_sure() -> None:
    assert language_of(None) is None
    assert language_of(meeting(language="pt-BR")) == "pt"
    assert language_of(meeting(language="und")) is None
    assert language_of(meeting(language="pt", confidence=0.2)) is None


@pytest.mark.parametrize(("words", "first"), [(30_000, "openai/gpt-6.1-terra"), (110_000, "deepseek/deepseek-v4-pro")])
def test_a_very_long_meeting_is_read_first_by_a_model_of_its_tier_that_is_meant_for_it(words: int, first: str) -> None:
    made = plan(request(), market("openai", "google", "deepseek", words=words))

    assert asked(made)[0] == first
    assert [CATALOG.model(seat.asked).tier for seat in made.seats] == ["balanced"] * 3

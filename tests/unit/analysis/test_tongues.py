"""The language of an answer is that of its own words."""

import pytest

from orchestrator.analysis.items import Candidate, Summary
from orchestrator.analysis.tongues import (
    MAX_SAMPLE_CHARACTERS,
    NAMES,
    as_written,
    complaint,
    is_known,
    named,
    own_words,
)
from tests.unit.analysis.samples import candidate, item


def speaking(language: str) -> Candidate:
    return candidate(item("Ship it", "s1", quote="nous partons"), language=language, summary="They met.")


@pytest.mark.parametrize(
    ("claimed", "found", "kept"),
    [
        ("en", "fr", "fr"),
        ("en-GB", "en", "en-GB"),
        ("en", "und", "en"),
        ("en", "", "en"),
        ("und", "fr", "fr"),
        ("xx", "pt-BR", "pt-BR"),
    ],
)
def test_a_claim_gives_way_to_what_is_found_and_stays_where_nothing_is(claimed: str, found: str, kept: str) -> None:
    assert as_written(speaking(claimed), lambda _: found) == speaking(kept)


def test_only_its_own_words_are_looked_at_and_not_too_many() -> None:
    seen: list[str] = []
    whole = speaking("en").model_copy(update={"summary": Summary(text="They met.", bullets=("One", "Two"))})
    long = candidate(item("x" * MAX_SAMPLE_CHARACTERS, "s1"))

    as_written(whole, lambda text: seen.append(text) or "en")  # type: ignore[func-returns-value]

    assert seen == ["They met.\nOne\nTwo\nShip it"]
    assert len(own_words(long)) == MAX_SAMPLE_CHARACTERS


@pytest.mark.parametrize(
    ("written", "wanted", "wrong"),
    [
        ("fr", "en", True),
        ("en-GB", "en-US", False),
        ("EN", "en", False),
        ("und", "en", False),
        ("fr", "und", False),
        ("fr", None, False),
    ],
)
def test_another_language_than_the_one_asked_for_is_complained_about(
    written: str, wanted: str | None, *, wrong: bool
) -> None:
    assert (complaint(speaking(written), wanted) is not None) is wrong


def test_a_complaint_says_which_it_is_and_which_it_should_be() -> None:
    assert complaint(speaking("fr"), "de-AT") == ("its texts are written in French (fr); German (de-AT) was asked for")


def test_names_are_those_of_primary_codes() -> None:
    assert all(code == code.lower() and len(code) == 2 for code in NAMES)
    assert (named("zh-Hant"), named("gsw")) == ("Chinese (zh-Hant)", "the language with the BCP 47 code gsw")
    assert [is_known(code) for code in ("en", "und", "und-Latn", "", None)] == [True, False, False, False, False]

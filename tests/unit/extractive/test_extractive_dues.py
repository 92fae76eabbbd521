"""When something is due: words copied from what was said, and a day only where one was named in full."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.extractive import dues
from providers.extractive.cues import TABLES


@pytest.mark.parametrize(
    ("said", "language", "text", "day"),
    [
        ("I'll send it by Friday, promise", "en", "by Friday", ""),
        ("we do it before the next meeting", "en", "before the next meeting", ""),
        ("let us do that next week then", "en", "next week", ""),
        ("maybe in two weeks", "en", "in two weeks", ""),
        ("done by the end of the month", "en", "by the end of the month", ""),
        ("I’ll share it later today", "en", "later today", ""),
        ("by March 3rd it is", "en", "by March 3rd", ""),
        ("due 2026-03-05 at noon", "en", "2026-03-05", "2026-03-05"),
        ("by 5 March 2026", "en", "5 March 2026", "2026-03-05"),
        ("on March 5th, 2026", "en", "March 5th, 2026", "2026-03-05"),
        ("el 15 de marzo de 2024", "es", "15 de marzo de 2024", "2024-03-15"),
        ("le 1er août 2024", "fr", "1er août 2024", "2024-08-01"),
        ("am 15. März 2024", "de", "15. März 2024", "2024-03-15"),
        ("bis 15.03.2024", "de", "15.03.2024", "2024-03-15"),
        ("2024年3月15日提交", "zh", "2024年3月15日", "2024-03-15"),
        ("antes del viernes", "es", "antes del viernes", ""),
        ("je le fais d'ici vendredi", "fr", "d'ici vendredi", ""),
        ("ich mache es bis nächste Woche", "de", "bis nächste Woche", ""),
        ("下周三之前提交", "zh", "下周三之前", ""),
        ("last week it broke", "en", "", ""),
        ("every Friday we meet", "en", "", ""),
        ("03/04/2024", "en", "", ""),
        ("2024-13-45 by Monday", "en", "by Monday", ""),
        ("31 June 2024", "en", "", ""),
    ],
)
def test_dues(said: str, language: str, text: str, day: str) -> None:
    assert dues.find(said, [language]) == dues.Due(text, day)


def test_a_letter_that_merely_looks_like_one_of_a_month_names_no_day() -> None:
    assert dues.find("5 \u017fept 2026", ["en"]).day in ("", "2026-09-05")
    assert dues.find("5 apr\u0130l 2026", ["en"]).day == ""


def test_without_a_known_language_the_first_expression_of_any_counts() -> None:
    assert dues.find("hasta el lunes, next week", list(TABLES)).text == "hasta el lunes"


@given(st.text(max_size=200))
def test_the_words_are_always_copied(said: str) -> None:
    assert dues.find(said, list(TABLES)).text in said

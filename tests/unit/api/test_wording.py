"""How numbers and times read."""

import pytest

from api import wording
from orchestrator.analysis.items import Due


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0:00"), (61.9, "1:01"), (3599.9, "59:59"), (3600, "1:00:00"), (7325, "2:02:05")]
)
def test_a_place_in_the_recording_reads_as_on_a_player(seconds: float, words: str) -> None:
    assert wording.clock(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 ms"), (0.08, "80 ms"), (0.9996, "1.0 s"), (2.94, "2.9 s"), (99.96, "1 min 40 s"), (120, "2 min")],
)
def test_a_duration_is_as_exact_as_a_reader_cares(seconds: float, words: str) -> None:
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.000000", "$0.00"),
        ("0.012630", "$0.01263"),
        ("1.500000", "$1.50"),
        ("12", "$12.00"),
        ("0.000001", "$0.000001"),
    ],
)
def test_money_keeps_every_digit_that_says_something(amount: str, words: str) -> None:
    assert wording.dollars(amount) == words


@pytest.mark.parametrize(("number", "words"), [(0, "0 seats"), (1, "1 seat"), (1200, "1,200 seats")])
def test_counts_agree_with_their_noun(number: int, words: str) -> None:
    assert wording.count(number, "seat") == words


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (Due(text="by Friday", date="2026-11-27"), "by Friday (2026-11-27)"),
        (Due(text="by Friday"), "by Friday"),
        (Due(text="2026-11-27", date="2026-11-27"), "2026-11-27"),
    ],
)
def test_a_due_day_is_the_words_said_and_the_day_they_mean(due: Due, words: str) -> None:
    assert wording.due(due) == words


@pytest.mark.parametrize(("code", "name"), [("de", "German"), ("de-AT", "German"), ("EN", "English"), ("tr", "tr")])
def test_a_language_is_called_by_its_name_where_it_has_one_here(code: str, name: str) -> None:
    assert wording.language(code) == name

"""The day that is meant by the words that were said."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.dues import FARTHEST_DAYS, consistent, day

TUESDAY = date(2026, 11, 24)
SATURDAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("today", "2026-11-24"),
        ("by end of day", "2026-11-24"),
        ("EOD", "2026-11-24"),
        ("this afternoon", "2026-11-24"),
        ("tomorrow morning", "2026-11-25"),
        ("the day after tomorrow", "2026-11-26"),
        ("Friday", "2026-11-27"),
        ("by this Friday", "2026-11-27"),
        ("end of day Friday", "2026-11-27"),
        ("Tuesday", "2026-12-01"),
        ("Monday", "2026-11-30"),
        ("next Monday", "2026-11-30"),
        ("next Friday", "2026-12-04"),
        ("Friday of next week", "2026-12-04"),
        ("next week, on Friday", "2026-12-04"),
        ("Friday week", "2026-12-04"),
        ("a week from Friday", "2026-12-04"),
        ("two weeks from this Friday", "2026-12-11"),
        ("by the end of the week", "2026-11-27"),
        ("before the end of the week", "2026-11-27"),
        ("EOW", "2026-11-27"),
        ("end of next week", "2026-12-04"),
        ("the end of the month", "2026-11-30"),
        ("month end", "2026-11-30"),
        ("end of next month", "2026-12-31"),
        ("end of this quarter", "2026-12-31"),
        ("end of next quarter", "2027-03-31"),
        ("end of the year", "2026-12-31"),
        ("end of next year", "2027-12-31"),
        ("in a day", "2026-11-25"),
        ("in two weeks", "2026-12-08"),
        ("within the next 10 days", "2026-12-04"),
        ("in a fortnight", "2026-12-08"),
        ("in three months", "2027-02-24"),
        ("two weeks from today", "2026-12-08"),
        ("the 27th", "2026-11-27"),
        ("on the 24th", "2026-11-24"),
        ("the 2nd", "2026-12-02"),
        ("the 31st", "2026-12-31"),
        ("Friday the 27th", "2026-11-27"),
        ("November 27th", "2026-11-27"),
        ("Nov. 27", "2026-11-27"),
        ("the 27th of November", "2026-11-27"),
        ("sept 5", "2027-09-05"),
        ("4 March 2028", "2028-03-04"),
        ("March the 4th, 2028", "2028-03-04"),
        ("2026-12-01", "2026-12-01"),
    ],
)
def test_words_mean_a_day(words: str, expected: str) -> None:
    assert day(words, TUESDAY) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    "words",
    [
        "soon",
        "next week",
        "Monday or Tuesday",
        "Monday and Tuesday",
        "every Friday",
        "last Friday",
        "two days ago",
        "after Friday",
        "before Friday",
        "not tomorrow",
        "a week from next Friday",
        "Friday the 28th",
        "in two weeks on Friday",
        "30 February",
        "the 32nd",
        "2026-02-30",
        "nächsten Freitag",
        "",
    ],
)
def test_words_without_one_day_mean_none(words: str) -> None:
    assert day(words, TUESDAY) is None


@pytest.mark.parametrize(
    ("words", "start", "expected"),
    [
        ("end of the week", SATURDAY, date(2026, 12, 4)),
        ("next Monday", date(2026, 11, 29), date(2026, 11, 30)),
        ("in one month", date(2027, 1, 31), date(2027, 2, 28)),
        ("29 February", date(2027, 1, 1), None),
        ("29 February", date(2028, 2, 29), date(2028, 2, 29)),
        ("29 February", date(2028, 3, 1), None),
        ("the 30th", date(2027, 1, 31), date(2027, 3, 30)),
        ("in 3 days", date.max, None),
        ("end of next year", date.max, None),
    ],
)
def test_the_calendar_has_corners(words: str, start: date, expected: date | None) -> None:
    assert day(words, start) == expected


def test_without_the_meetings_day_only_a_full_date_means_one() -> None:
    assert day("Friday", None) is None
    assert day("27 November", None) is None
    assert day("27 November 2026", None) == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("iso", "words", "start", "accepted"),
    [
        ("2026-11-27", "bis 27.11.2026", None, True),
        ("2026-11-27", "bis 27.11.", TUESDAY, True),
        ("2026-11-27", "11/27", TUESDAY, True),
        ("2026-11-27", "bis 27.11.", None, False),
        ("2026-11-27", "bis zum 27.", TUESDAY, False),
        ("2026-11-20", "bis 20.11.", TUESDAY, False),
        ("2028-11-27", "bis 27.11.", TUESDAY, False),
        ("2026-13-27", "27.13.", TUESDAY, False),
        ("20261127", "27.11.2026", TUESDAY, False),
        ("Friday", "Friday", TUESDAY, False),
        ("", "", TUESDAY, False),
    ],
)
def test_a_models_date_counts_when_the_words_bear_it_out(
    iso: str, words: str, start: date | None, accepted: bool
) -> None:
    assert consistent(iso, words, start) == (date.fromisoformat(iso) if accepted else None)


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.sampled_from("Monday Wednesday Friday Sunday".split()))
def test_a_weekday_is_the_next_one_of_its_name(start: date, name: str) -> None:
    found = day(f"by {name}", start)

    assert found is not None
    assert found.strftime("%A") == name
    assert timedelta(0) < found - start <= timedelta(days=7)


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.dates(date(1900, 1, 1), date(2900, 1, 1)))
def test_a_day_and_month_lie_within_a_year_of_the_meeting(start: date, wanted: date) -> None:
    found = day(f"{wanted:%B} {wanted.day}", start)

    assert found is None or 0 <= (found - start).days <= FARTHEST_DAYS


@given(st.text("0123456789 in weeksdaysmonthfridayendofthe.-"), st.dates())
def test_any_words_on_any_day_mean_a_day_or_none(words: str, start: date) -> None:
    found = day(words, start)

    assert found is None or isinstance(found, date)

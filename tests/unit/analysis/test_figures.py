"""Figures are the same whether written or spoken."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.figures import claimed, said


def values(*numbers: str) -> frozenset[Decimal]:
    return frozenset(Decimal(number).normalize() for number in numbers)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("one of us, the first draft", []),
        ("3 people", [values("3")]),
        ("two, three", [values("2"), values("3")]),
        ("two three", [values("2"), values("3")]),
        ("twenty-five", [values("25")]),
        ("twenty twenty five", [values("20"), values("25")]),
        ("twenty ten", [values("20"), values("10")]),
        ("two hundred and fifty", [values("250")]),
        ("two hundred and then three", [values("200"), values("3")]),
        ("five thousand two hundred and seventeen", [values("5217")]),
        ("one million", [values("1000000")]),
        ("twelve point five", [values("12.5")]),
        ("twelve and a half euros", [values("12.5")]),
        ("three point one four of them", [values("3.14")]),
        ("two point", [values("2")]),
        ("five and point", [values("5")]),
        ("six hundred and point five", [values("600"), values("5")]),
        ("1,000.50", [values("1000.5", "100050")]),
        ("1.000", [values("1", "1000")]),
        ("12.5%.", [values("12.5", "125")]),
        ("5k or 5 k", [values("5000"), values("5")]),
        ("3 million and 2bn", [values("3000000"), values("2000000000")]),
        ("10:30 on 2026-11-27", [values("10"), values("30"), values("2026"), values("11"), values("27")]),
        ("the 27th", [values("27")]),
    ],
)
def test_a_text_claims_its_figures(text: str, expected: list[frozenset[Decimal]]) -> None:
    assert sorted(claimed(text), key=str) == sorted(expected, key=str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the first one", values("1")),
        ("both of us, twice", values("2")),
        ("twenty five", values("5", "20", "25")),
        ("12.50 euros", values("12.5", "1250")),
        ("nothing", values()),
    ],
)
def test_a_text_is_taken_to_say_every_value_it_may_mean(text: str, expected: frozenset[Decimal]) -> None:
    assert said(text) == expected


def test_a_string_of_thousands_of_digits_is_read_in_part() -> None:
    assert len(claimed("9" * 10_000)) == 1


@given(st.text())
def test_whatever_a_text_claims_it_says(text: str) -> None:
    assert all(readings & said(text) for readings in claimed(text))


@given(st.integers(2, 10**9))
def test_grouping_does_not_change_a_figure(number: int) -> None:
    assert all(Decimal(number).normalize() in claimed(text)[0] for text in (str(number), f"{number:,}"))

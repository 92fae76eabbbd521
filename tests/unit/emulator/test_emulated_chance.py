from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from providers.emulator.draws import bell, digest, fraction, pick


@given(st.lists(st.text() | st.integers()))
def test_a_draw_lies_in_the_unit_interval_and_repeats(parts: list[str | int]) -> None:
    drawn = fraction(*parts)

    assert 0 <= drawn < 1
    assert fraction(*parts) == drawn


def test_parts_are_kept_apart() -> None:
    assert digest("ab", "c") != digest("a", "bc")


def test_draws_are_spread_evenly() -> None:
    counts = Counter(pick("abcd", n) for n in range(4_000))

    assert all(900 < counts[letter] < 1_100 for letter in "abcd")


def test_the_bell_has_its_middle_at_zero_and_a_spread_of_one() -> None:
    drawn = [bell(n) for n in range(4_000)]

    mean = sum(drawn) / len(drawn)
    variance = sum((value - mean) ** 2 for value in drawn) / len(drawn)
    assert abs(mean) < 0.05
    assert 0.9 < variance < 1.1

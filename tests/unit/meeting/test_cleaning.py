"""Cleaning: what goes, what stays, and that a second time changes nothing."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.cleaning import clean


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  two \t words\r\n", "two words"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("a\u202eb", "ab"),
        ("tag\U000e0041s", "tags"),
        ("nul\x00", "nul"),
        ("\ud800", "?"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_hidden_characters_go_and_needed_ones_stay(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text())
def test_what_is_clean_can_be_stored_and_is_normal(text: str) -> None:
    cleaned = clean(text)

    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert "\x00" not in cleaned


def test_a_hundred_thousand_marks_on_one_letter_are_thinned_in_no_time() -> None:
    started = time.process_time()

    cleaned = clean("a" + "\u0301\u0316" * 100_000)

    assert len(cleaned) < 40
    assert time.process_time() - started < 5  # unthinned it takes minutes

"""No key in anything that an operator reads."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from providers.masking import MAX_MESSAGE_CHARACTERS, mask, trimmed

KEY = "a-key-of-no-known-shape-0123456789"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"bad key {KEY}.", "bad key ***."),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("basic dXNlcjpwYXNz, please", "basic ***, please"),
        ("got sk-proj-abcdefgh12345678", "got ***"),
        ("AIza" + "x" * 35, "***"),
        ("nothing here to hide: sk-short, a task-force", "nothing here to hide: sk-short, a task-force"),
    ],
)
def test_the_key_and_what_looks_like_one_are_masked(text: str, masked: str) -> None:
    assert mask(text, [KEY, ""]) == masked


def test_a_key_that_holds_another_is_masked_whole() -> None:
    assert mask("x-long-secret-x", ["secret", "long-secret-x"]) == "x-***"


def test_a_key_on_the_edge_of_the_cut_leaves_no_half_behind() -> None:
    text = "x" * (MAX_MESSAGE_CHARACTERS - 5) + KEY

    assert KEY[:4] not in trimmed(text, [KEY])


@given(st.text(max_size=600), st.text("abcdef0123456789-", min_size=6, max_size=40), st.text(max_size=600))
def test_no_key_comes_through_and_no_message_is_long(before: str, key: str, after: str) -> None:
    assume("*" not in key)

    line = trimmed(f"{before}{key}{after}", [key])

    assert key not in line
    assert len(line) <= MAX_MESSAGE_CHARACTERS
    assert "\n" not in line

"""Keys are read from one variable, named without being shown, and recognised however they are written."""

import re
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from providers.keyring import key_name, spellings, split_keys
from providers.masking import mask

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
KEYS = st.text(VISIBLE, min_size=12, max_size=80)
WORDS = st.text(VISIBLE.filter(lambda sign: sign != ","), min_size=1)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ()),
        (" , \n", ()),
        ("one", ("one",)),
        ("two,one", ("two", "one")),
        ("  a , b\tc\nd  ", ("a", "b", "c", "d")),
        ("a,b,a,,b c", ("a", "b", "c")),
    ],
)
def test_several_keys_stand_in_one_variable(text: str, keys: tuple[str, ...]) -> None:
    assert split_keys(text) == keys


@given(st.lists(WORDS, unique=True), st.sampled_from([",", " ", ", ", "\n", ",\t,"]))
def test_what_was_joined_is_split_again(keys: list[str], between: str) -> None:
    assert split_keys(between.join(keys)) == tuple(keys)


def test_a_name_is_the_same_in_every_process_and_release() -> None:
    # Names stand in Redis: another scheme would forget which keys are parked.
    assert key_name("openai", SecretStr("a-key")) == "2e3c529f"


@given(KEYS, KEYS)
def test_names_are_short_and_differ_by_key_and_by_provider(one: str, other: str) -> None:
    name = key_name("openai", SecretStr(one))

    assert re.fullmatch("[0-9a-f]{8}", name)
    assert name != key_name("aimlapi", SecretStr(one))
    assert (name == key_name("openai", SecretStr(other))) == (one == other)


def test_an_empty_key_has_no_spelling() -> None:
    assert spellings("") == ()


def test_a_key_of_a_few_letters_is_not_looked_for_in_pieces_of_base64() -> None:
    assert set(spellings("abc")) == {"abc", "YWJj"}


@given(KEYS)
def test_the_spellings_are_of_different_text_and_the_longest_comes_first(key: str) -> None:
    found = spellings(key)

    assert key in found
    assert len(set(found)) == len(found)
    assert [len(one) for one in found] == sorted((len(one) for one in found), reverse=True)


@given(KEYS, st.booleans())
def test_a_quoted_key_is_masked(key: str, doubled: bool) -> None:
    echo = quote(key, safe="")

    assert mask(f"[{quote(echo) if doubled else echo}]", spellings(key)) == "[***]"


@given(KEYS, st.text(VISIBLE, max_size=9), st.text(VISIBLE, max_size=9), st.booleans())
def test_a_key_within_a_text_in_base64_is_masked_but_for_the_bits_on_its_edges(
    key: str, before: str, behind: str, for_urls: bool
) -> None:
    encode = urlsafe_b64encode if for_urls else b64encode
    echo = encode(f"{before}{key}{behind}".encode()).decode()

    left = mask(echo, spellings(key))

    # What is left are the neighbours, up to four signs for each three of their letters, and the padding.
    assert "***" in left
    assert len(left) <= 3 + (len(before) // 3 + 1) * 4 + (len(behind) // 3 + 1) * 4 + 2


@given(KEYS)
def test_a_key_in_base64_is_masked_whole(key: str) -> None:
    assert mask(b64encode(key.encode()).decode(), spellings(key)) == "***"

"""UTF-8 read as windows-1252 is mended; text that is right stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.mojibake import mend


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("text", ["señor", "Zoë – 50 €", "山田 太郎", "“yes”", "naïve café", "👩"])
def test_what_was_read_in_the_wrong_encoding_is_mended(text: str, encoding: str) -> None:
    wrong = text.encode()
    broken = wrong.decode("latin-1") if encoding == "latin-1" else "".join(shown(byte) for byte in wrong)

    assert mend(broken) == text


def shown(byte: int) -> str:
    """As browsers read windows-1252: the five bytes that it leaves open are controls."""
    return bytes([byte]).decode("cp1252", "ignore") or chr(byte)


@pytest.mark.parametrize(
    "text", ["", "plain", "señor", "Zoë – 50 €", "“yes”", "SeÃ±or ñ", "SeÃ±or 山田", "Ã", "über Größe"]
)
def test_text_that_is_right_in_any_letter_stays(text: str) -> None:
    assert mend(text) == text


@given(st.text())
def test_mending_never_fails_and_keeps_ascii(text: str) -> None:
    assert [char for char in mend(text) if char.isascii()] == [char for char in text if char.isascii()]

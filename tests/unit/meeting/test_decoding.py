"""Bytes to text: the encodings that exports really come in, and the refusal of what is no text."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.decoding import decode

TEXT = "WEBVTT\n\n00:01.000 --> 00:02.000\nZoë: naïve café – 50 €\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_text_reads_the_same_in_every_encoding_that_exports_use(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT


def test_a_zero_byte_by_chance_makes_no_utf16_of_other_bytes() -> None:
    assert decode(b"\x00\x01\xff\xfe draft!") == "\x01\xff\xfe draft!"


def test_big_endian_utf16_is_read_by_its_mark() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT


def test_captions_in_chinese_are_recognised_as_utf16_by_their_time_lines() -> None:
    text = "1\n00:00:01,000 --> 00:00:04,000\n我们现在开始开会，请大家把麦克风关掉。\n\n" * 20

    assert decode(text.encode("utf-16-le")) == text


@pytest.mark.parametrize("cut", [1, 2])
def test_a_file_that_ends_inside_a_character_loses_only_that_character(cut: int) -> None:
    data = "señora, se cortó aquí: €".encode()

    assert decode(data[:-cut]) == "señora, se cortó aquí: "


def test_utf16_that_ends_inside_a_character_loses_only_that_character() -> None:
    assert decode("\ufeffAnn: yes".encode("utf-16-le")[:-1]) == "Ann: ye"


def test_stray_windows_bytes_inside_utf8_do_not_spoil_the_rest() -> None:
    data = "Zoë: ".encode() + "café".encode("cp1252") + " – oui".encode()

    assert decode(data) == "Zoë: café – oui"


def test_a_few_nul_characters_are_dropped() -> None:
    assert decode(b"Ann: we sh\0ip on friday, all of it\n") == "Ann: we ship on friday, all of it\n"


def test_an_empty_file_is_an_empty_text() -> None:
    assert decode(b"") == ""


@pytest.mark.parametrize(
    ("magic", "what"), [(b"PK\x03\x04", "ZIP"), (b"%PDF-1.7", "PDF"), (b"ID3\x04", "MP3"), (b"RIFF....WAVE", "WAV")]
)
def test_what_people_send_by_mistake_is_named(magic: bytes, what: str) -> None:
    with pytest.raises(UnparseableTranscript, match=what) as refusal:
        decode(magic + b" and so on")

    assert refusal.value.offset == 0


def test_binary_is_refused_at_the_first_character_that_text_does_not_have() -> None:
    data = b"plain words" + random.Random(1).randbytes(4096)

    with pytest.raises(UnparseableTranscript, match=r"character \d+ is U\+00") as refusal:
        decode(data)

    assert refusal.value.offset is not None
    assert refusal.value.offset >= len("plain words")


def test_a_block_of_zeros_is_refused_at_the_first_zero() -> None:
    with pytest.raises(UnparseableTranscript, match=r"U\+0000") as refusal:
        decode(b"words" + bytes(500))

    assert refusal.value.offset == len("words")


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_the_refusal(data: bytes) -> None:
    try:
        text = decode(data)
    except UnparseableTranscript:
        return

    assert "\0" not in text


@given(st.text(st.characters(min_codepoint=0x20, exclude_categories=("Cs", "Cc", "Co", "Cn")), min_size=1))
def test_any_utf8_text_comes_back_as_it_was(text: str) -> None:
    assert decode(b"Ann: " + text.encode()) == "Ann: " + text

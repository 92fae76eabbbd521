"""Server-sent events: what is an event, and that no way of cutting the bytes changes it."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.sse import Event, Parser, events

# Pieces that a stream is made of, the awkward ones among them.
PARTS = (
    b"data: one\n",
    b"data:two\r\n",
    b"data: \r",
    b"data\n",
    b"data:  two blanks\n",
    "data: a\u2028b\u0085c é 😀\n".encode(),
    b"event: error\n",
    b"event: ping\r\n",
    b"id: 7\n",
    b"retry: 3000\n",
    b": keep-alive\n",
    b"\n",
    b"\r\n",
    b"\r",
    b'{"error": {"message": "bare"}}\n',
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"data: the last, without an end",
)
streams = st.lists(st.sampled_from(PARTS) | st.binary(max_size=6), max_size=12).map(b"".join)


def fed(chunks: list[bytes]) -> tuple[tuple[Event, ...], bytes]:
    parser = Parser()
    found = [event for chunk in chunks for event in parser.feed(chunk)]
    return (*found, *parser.close()), parser.stray


def cut(body: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", ()),
        (b"data: a\n\n", (Event("", "a"),)),
        (b"data:a\n\n", (Event("", "a"),)),
        (b"data:  a\n\n", (Event("", " a"),)),  # one blank belongs to the format, the second to the data
        (b"data: a\ndata: b\n\n", (Event("", "a\nb"),)),
        (b"data\n\n", (Event("", ""),)),
        (b"event: error\ndata: {}\n\n", (Event("error", "{}"),)),
        (b"event: ping\n\ndata: a\n\n", (Event("", "a"),)),  # a name without data is no event, and names no other
        (b": OPENROUTER PROCESSING\n\n: again\n\ndata: a\n\n", (Event("", "a"),)),
        (b"id: 1\nretry: 5\ndata: a\n\n", (Event("", "a"),)),
        (b"\xef\xbb\xbfdata: a\n\n", (Event("", "a"),)),
        ("data: a\u2028b\u2029c\u0085d\n\n".encode(), (Event("", "a\u2028b\u2029c\u0085d"),)),
        (b"data: a\n\ndata: b", (Event("", "a"), Event("", "b"))),
        (b"data: a\r\rdata: b\r\r", (Event("", "a"), Event("", "b"))),
        (b"data: \xff\n\n", (Event("", "\ufffd"),)),
    ],
)
def test_the_events_of_a_stream_are_found(body: bytes, expected: tuple[Event, ...]) -> None:
    assert events(body) == (expected, b"")


def test_lines_that_are_no_field_are_kept_for_who_can_read_them() -> None:
    found, stray = events(b'data: a\n\n{\n  "error": {"code": 503}\n}')

    assert found == (Event("", "a"),)
    assert stray == b'{\n  "error": {"code": 503}\n}\n'


def test_an_event_is_given_as_soon_as_its_last_byte_is_there() -> None:
    parser = Parser()

    assert parser.feed(b"data: a\n") == []
    assert parser.feed(b"\n") == [Event("", "a")]


def test_a_return_at_the_end_of_a_piece_waits_for_its_line_feed() -> None:
    parser = Parser()

    assert parser.feed(b"data: a\r\n\r") == []
    assert parser.feed(b"") == []
    assert parser.feed(b"\ndata: b") == [Event("", "a")]
    assert parser.close() == [Event("", "b")]


def test_a_byte_order_mark_may_come_in_pieces() -> None:
    assert fed([b"\xef", b"\xbb", b"\xbfdata: a\n\n"])[0] == (Event("", "a"),)


def test_half_a_byte_order_mark_is_no_mark() -> None:
    assert fed([b"\xef\xbb"]) == ((), b"\xef\xbb\n")


@given(streams, st.lists(st.integers(0, 400), max_size=12))
def test_pieces_of_any_size_give_the_events_of_the_whole(body: bytes, places: list[int]) -> None:
    assert fed(cut(body, places)) == events(body)


@given(streams)
def test_single_bytes_give_the_events_of_the_whole(body: bytes) -> None:
    assert fed([body[place : place + 1] for place in range(len(body))]) == events(body)


@given(st.lists(st.sampled_from([part for part in PARTS if b"\r" not in part]), max_size=12).map(b"".join))
def test_all_three_ends_of_a_line_say_the_same(body: bytes) -> None:
    expected = events(body)

    assert events(body.replace(b"\n", b"\r\n")) == expected
    assert events(body.replace(b"\n", b"\r")) == expected


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20), min_size=1))
def test_what_is_written_as_lines_of_data_is_read_back(lines: list[str]) -> None:
    body = "".join(f"data: {line}\n" for line in lines).encode() + b"\n"

    assert events(body) == ((Event("", "\n".join(lines)),), b"")


@pytest.mark.parametrize("piece", [b"x" * 16, b"x\n" * 8], ids=["one long line", "many stray lines"])
def test_a_long_answer_in_small_pieces_takes_time_in_proportion(piece: bytes) -> None:
    pieces = 100_000
    parser = Parser()
    started = time.process_time()

    for _ in range(pieces):
        parser.feed(piece)
    parser.close()

    # A parser that copies what it has with every piece would move tens of gigabytes here.
    assert time.process_time() - started < 15
    assert len(parser.stray) >= pieces * len(piece)

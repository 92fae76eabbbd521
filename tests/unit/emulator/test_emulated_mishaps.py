import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.emulator.mishaps import FAULTS, MOST_BYTES
from providers.emulator.parcels import FaultArgs, Parcel, parcel

TEXT = "Grüße, 世界 \U0001f600"
BODY = json.dumps({"text": TEXT * 5}, ensure_ascii=False).encode()
EVENT = f"data: {TEXT}\n\n".encode()
STREAM = Parcel(200, {"content-type": "text/event-stream"}, (EVENT,) * 6)


def sent(name: str, original: Parcel | None = None, **args: object) -> Parcel:
    return FAULTS[name](original or parcel(200, {}, BODY), FaultArgs.model_validate(args))


def joined(made: Parcel) -> bytes:
    return b"".join(made.pieces)


def test_a_cut_stream_keeps_whole_events_and_a_whole_answer_cannot_be_cut_so() -> None:
    assert tuple(sent("cut", STREAM).pieces) == (EVENT,) * 4
    assert joined(sent("cut")) == BODY


@settings(deadline=None)  # timed by nobody: the machine may be busy
@given(st.text(max_size=300))
def test_splitting_changes_no_byte(text: str) -> None:
    original = parcel(200, {}, text.encode())

    made = sent("split", original)

    pieces = tuple(made.pieces)
    assert b"".join(pieces) == text.encode()
    assert made.length == len(text.encode())
    assert all(0 < len(piece) <= MOST_BYTES + 1 for piece in pieces)


def test_splitting_cuts_every_long_character_and_every_line_end() -> None:
    pieces = tuple(sent("split", STREAM, crlf=True).pieces)

    assert b"".join(pieces) == joined(STREAM).replace(b"\n", b"\r\n")
    assert not any(b"\r\n" in piece for piece in pieces)
    assert not any("世".encode() in piece or "ü".encode() in piece for piece in pieces)


@pytest.mark.parametrize(("comments", "noise"), [(True, b": keep-alive\n\n"), (False, b"")])
def test_a_stalled_stream_stops_between_two_events(comments: bool, noise: bytes) -> None:
    made = sent("stall_mid", STREAM, delay_ms=1_000, interval_ms=100, comments=comments)

    first, *between, last = made.pieces
    assert first + last == joined(STREAM)
    assert first == EVENT * 3
    assert between == [noise] * 10
    assert made.pause_s == 0.1


def test_a_stall_can_come_right_behind_the_headers() -> None:
    first, *_ = sent("stall_mid", STREAM, delay_ms=100, interval_ms=50, after=0).pieces

    assert first == b""


def test_a_stalled_answer_keeps_its_length_and_takes_no_comments() -> None:
    made = sent("stall_mid", comments=True, delay_ms=100, interval_ms=50)

    assert joined(made) == BODY
    assert made.length == len(BODY)


def test_a_stall_without_an_end_lasts_an_hour() -> None:
    made = sent("stall_mid", STREAM)

    assert sum(1 for _ in made.pieces) * made.pause_s >= 3_600


def test_blank_lines_are_part_of_the_length() -> None:
    made = sent("blank_lines")

    assert made.length == len(joined(made)) > len(BODY)
    assert json.loads(joined(made)) == json.loads(BODY)
    assert next(iter(sent("blank_lines", STREAM).pieces)).isspace()


@pytest.mark.parametrize("name", ["wrong_json", "html_in_200"])
def test_what_should_be_json_is_none_and_its_length_is_true(name: str) -> None:
    made = sent(name)

    assert made.length == len(joined(made))
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(joined(made))


@pytest.mark.parametrize(
    ("name", "status", "pieces", "ending"),
    [
        ("reset_before", None, b"", "reset"),
        ("reset_after_headers", 200, b"", "reset"),
        ("close_after_response", 200, BODY, "hang_up"),
        ("idle_close", 200, BODY, "idle"),
    ],
)
def test_a_connection_breaks_at_its_moment(name: str, status: int | None, pieces: bytes, ending: str) -> None:
    made = sent(name)

    assert (made.status, joined(made), made.ending) == (status, pieces, ending)


def test_an_idle_connection_lives_a_second_or_as_long_as_told() -> None:
    assert sent("idle_close").idle_s == 1.0
    assert sent("idle_close", delay_ms=250).idle_s == 0.25

"""Events as a stream's bytes, read back by a reader that knows only the format."""

import json

import pytest

from api.event_frames import GREETING, HEARTBEAT, frame, seen
from api.event_schemas import EventView
from api.problems import BadQuery
from providers import sse


def event(version: int, kind: str = "seat.answered", **data: str) -> EventView:
    return EventView(
        id=f"evt_{version}", type=kind, job_id="job_1", version=version, at="2026-11-28T10:00:00.000Z", data={**data}
    )


def test_a_frame_has_id_type_and_the_event_on_one_line() -> None:
    lines = frame(event(7)).decode().split("\n")

    assert lines[:2] == ["id: 7", "event: seat.answered"]
    assert lines[2].startswith("data: {")
    assert lines[3:] == ["", ""]


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "\u2028", "id: 9", ":", "é"])
def test_no_text_tears_a_frame_apart(text: str) -> None:
    told = [event(1, reason=text), event(2)]

    parsed, stray = sse.events(b"".join(map(frame, told)))

    assert [json.loads(one.data) for one in parsed] == [one.model_dump() for one in told]
    assert stray == b""


def test_greeting_and_heartbeat_are_no_events() -> None:
    parsed, stray = sse.events(GREETING + HEARTBEAT + frame(event(1)) + HEARTBEAT)

    assert [one.name for one in parsed] == ["seat.answered"]
    assert stray == b""


def test_a_reader_says_what_it_saw_last() -> None:
    assert [seen(None), seen(""), seen("0"), seen("17"), seen(str(2**31 - 1))] == [0, 0, 0, 17, 2**31 - 1]


@pytest.mark.parametrize("wrong", ["-1", "+1", "1.0", "1e3", " 1", "01", "one", str(2**31), "9" * 400, "١"])
def test_what_no_stream_ever_gave_is_refused(wrong: str) -> None:
    with pytest.raises(BadQuery, match="Last-Event-ID"):
        seen(wrong)

"""A watch sees what gets on and what ends, whatever the pieces; it follows streams and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.dialects.openai_chat import OpenAIChat
from providers.streams import StreamWatch
from providers.wire import Pace, WireReply

WORD = f"data: {json.dumps({'choices': [{'delta': {'content': 'Zürich'}}]})}\n\n".encode()
PING = b": ping\n\n"
DONE = b"data: [DONE]\r\n\r\n"


def head(status: int = 200, kind: str = "text/event-stream") -> WireReply:
    return WireReply(status=status, headers={"content-type": kind} if kind else {}, body=b"")


def following() -> StreamWatch:
    watch = StreamWatch(OpenAIChat(), 1.0)
    watch.follows(head())
    return watch


@pytest.mark.parametrize(
    ("status", "kind", "follows"),
    [
        (200, "text/event-stream", True),
        (201, "text/event-stream; charset=utf-8", True),
        (200, "text/plain", True),
        (200, "", True),
        (200, "application/json", False),
        (200, "Application/JSON; charset=utf-8", False),
        (200, "application/problem+json", False),
        (302, "text/event-stream", False),
        (429, "text/event-stream", False),
        (500, "", False),
    ],
)
def test_a_success_that_is_no_json_is_followed(status: int, kind: str, follows: bool) -> None:
    watch = StreamWatch(OpenAIChat(), 1.0)

    assert watch.follows(head(status, kind)) is follows
    assert (watch.so_far() is not None) is follows


@pytest.mark.parametrize(
    ("chunk", "pace"),
    [
        (b"", Pace.NOISE),
        (b"   ", Pace.NOISE),
        (PING, Pace.NOISE),
        (PING * 3 + WORD + PING, Pace.PROGRESS),
        (WORD[:-1], Pace.NOISE),
        (WORD + DONE, Pace.END),
        (DONE + WORD, Pace.END),
    ],
)
def test_a_piece_means_the_most_that_one_of_its_events_does(chunk: bytes, pace: Pace) -> None:
    assert following().take(chunk) is pace


def test_what_has_come_is_kept_as_it_came() -> None:
    watch = following()

    for chunk in (WORD[:9], WORD[9:], PING):
        watch.take(chunk)

    assert watch.so_far() == head().model_copy(update={"body": WORD + PING})


@given(st.lists(st.sampled_from([WORD, PING, DONE]), max_size=12), st.integers(1, 40))
def test_no_word_and_no_end_is_missed_however_the_stream_is_cut(events: list[bytes], size: int) -> None:
    body = b"".join(events)
    watch = following()

    paces = [watch.take(body[at : at + size]) for at in range(0, len(body), size)]

    seen = {pace for pace in paces if pace is not Pace.NOISE}
    assert (Pace.END in seen) == (DONE in events)
    assert Pace.END in seen or (Pace.PROGRESS in seen) == (WORD in events)
    assert paces.count(Pace.PROGRESS) <= events.count(WORD)

"""The body of a batch as it arrives, under its cap."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from starlette.requests import Request
from starlette.types import Message

from api.batch_intake import pieces
from api.batch_lines import MAX_BATCH_BYTES
from api.problems import TooLarge

Receive = Callable[[], Awaitable[Message]]


def upload(receive: Receive, **headers: str) -> Request:
    named = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": named}, receive)


def bringing(*found: bytes) -> Receive:
    """A sender of these pieces."""
    left = list(found)

    async def receive() -> Message:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    return receive


async def read(body: AsyncIterator[bytes]) -> list[bytes]:
    return [piece async for piece in body]


def test_pieces_come_as_they_are() -> None:
    body = pieces(upload(bringing(b"one", b"two")))

    assert b"".join(asyncio.run(read(body))) == b"onetwo"


def test_a_body_that_says_it_is_too_large_is_refused_before_its_first_piece() -> None:
    with pytest.raises(TooLarge):
        asyncio.run(read(pieces(upload(bringing(b"one"), **{"content-length": str(MAX_BATCH_BYTES + 1)}))))


def test_a_body_that_turns_out_too_large_is_refused_as_it_passes_the_cap() -> None:
    half = b"x" * (MAX_BATCH_BYTES // 2)

    with pytest.raises(TooLarge):
        asyncio.run(read(pieces(upload(bringing(half, half, b"x")))))

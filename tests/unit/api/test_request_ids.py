"""Which request a log line belongs to, and which job."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio.to_thread
import structlog
from starlette.types import Message, Receive, Scope, Send
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from api.request_ids import RequestIds

JOB: Final = "job_06a9zk3w8mxq4v1nd7b2c5hfgj"
BATCH: Final = "bat_06a9zk3w8mxq4v1nd7b2c5hfgb"

log = structlog.get_logger()


def logged(*paths: str, location: str = "", kind: str = "http") -> list[dict[str, Any]]:
    """What requests to these paths write, one after the other in one context, as pipelined ones are."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        log.info("in the loop")
        await anyio.to_thread.run_sync(lambda: log.info("in a thread"))
        headers = [(b"location", location.encode())] if location else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def scene() -> None:
        for path in paths:
            await RequestIds(app)({"type": kind, "path": path, "method": "GET"}, _receive, _send)

    with capture_logs(processors=[merge_contextvars]) as found:
        _run(scene)
    return [dict(one) for one in found]


def _run(scene: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scene())  # type: ignore[arg-type]  # a coroutine function of a test


async def _receive() -> Message:
    return {"type": "http.disconnect"}


async def _send(_message: Message) -> None: ...


def test_every_line_of_a_request_has_its_id_in_threads_too() -> None:
    lines = logged("/v1/jobs", "/v1/jobs")

    assert [line["event"] for line in lines] == ["in the loop", "in a thread", "api.request"] * 2
    ids = [line["request_id"] for line in lines]
    assert len(set(ids[:3])) == len(set(ids[3:])) == 1
    assert ids[0] != ids[3]


def test_a_line_has_what_the_path_names_and_the_next_request_has_not() -> None:
    lines = logged(f"/v1/jobs/{JOB}/events", f"/v1/batches/{BATCH}", "/v1/jobs/job_None")

    assert [line.get("job_id") for line in lines] == [JOB] * 3 + [None] * 6
    assert [line.get("batch_id") for line in lines] == [None] * 3 + [BATCH] * 3 + [None] * 3


def test_a_request_that_makes_a_job_has_it_in_its_own_line() -> None:
    lines = logged("/v1/jobs", location=f"/v1/jobs/{JOB}")

    assert [line.get("job_id") for line in lines] == [None, None, JOB]


def test_what_is_no_request_has_no_line() -> None:
    assert [line["event"] for line in logged("", kind="lifespan")] == ["in the loop", "in a thread"]

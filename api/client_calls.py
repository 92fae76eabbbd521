"""What every part of the client does with the service: ask, tell, hand in, follow; and what it makes of the answers.

Written once, for callers with and without an event loop: see `client_verbs`.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

from api import client_answers, client_tries
from api.client_errors import Problem, Silent, Unreachable
from providers.calls import JsonObject
from providers.http import Answer, Opened

TIMEOUT_S: Final = 30.0  # for an answer that the service does not hold back on purpose
UPLOAD_S: Final = 600.0  # for the next piece of a batch to be taken, and for the answer after the last
MOST_BUSY_S: Final = 30.0  # however long a Retry-After would have a stream wait

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Shape = TypeVar("Shape", bound=BaseModel)
Body: TypeAlias = bytes | Callable[[], Iterable[bytes]]  # or what makes its pieces, anew for each try


class Busy(ConnectionError):
    """The service cannot serve this stream now. `after_s`: when it may, so far as we wait for that."""

    def __init__(self, asked_s: float) -> None:
        super().__init__("the service is busy")
        self.after_s = min(asked_s, MOST_BUSY_S)


class Wire(Protocol):
    """The way to one service. Raises ConnectionError and TimeoutError."""

    async def send(
        self, method: str, path: str, body: bytes | Iterable[bytes], headers: Mapping[str, str], timeout_s: float
    ) -> Answer:
        """Send one request; the whole answer, of whatever status."""
        ...

    def open(
        self, path: str, headers: Mapping[str, str], silent_s: float
    ) -> AbstractAsyncContextManager[Opened[AsyncIterator[bytes]]]:
        """Read an answer as it comes."""
        ...


class Request(NamedTuple):
    """What is sent. `again`: sending it twice is the same as once."""

    method: Method
    path: str
    body: Body
    headers: Mapping[str, str]
    timeout_s: float
    again: bool


class Calls:
    """One service, one key, by one wire."""

    def __init__(
        self, url: str, wire: Wire, *, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self.url = url
        self._wire = wire
        self._clock = clock
        self._sleep = sleep

    async def _get(self, path: str, timeout_s: float = TIMEOUT_S) -> Answer:
        """Read, again for a moment if the service is away."""
        return await self._done(Request("GET", path, b"", {}, timeout_s, again=True))

    async def _ask(self, shape: type[Shape], path: str, timeout_s: float = TIMEOUT_S) -> Shape:
        """The same, into a shape."""
        return self._read(shape, (await self._get(path, timeout_s)).body)

    async def _pages(
        self, shape: type[Shape], next_cursor: Callable[[Shape], str | None], path: str, **asked: client_answers.Asked
    ) -> AsyncGenerator[Shape, None]:
        """The page that is asked for, and all behind it."""
        while True:
            page = await self._ask(shape, path + client_answers.query(**asked))
            yield page
            asked["cursor"] = next_cursor(page)
            if asked["cursor"] is None:
                return

    async def _write(self, method: Method, path: str, body: JsonObject, idempotency_key: str | None = None) -> Answer:
        """Write: once, or under a key as a read is read."""
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"content-type": "application/json", **client_answers.key_header(idempotency_key)}
        return await self._done(Request(method, path, content, headers, TIMEOUT_S, again=idempotency_key is not None))

    async def _tell(
        self,
        shape: type[Shape],
        method: Method,
        path: str,
        body: JsonObject,
        idempotency_key: str | None = None,
    ) -> Shape:
        """The same, into a shape."""
        return self._read(shape, (await self._write(method, path, body, idempotency_key)).body)

    async def _upload(
        self, shape: type[Shape], path: str, media_type: str, body: Body, idempotency_key: str | None, *, again: bool
    ) -> Shape:
        """Write what may be long. `again`: the body can be made again, too."""
        headers = {"content-type": media_type, **client_answers.key_header(idempotency_key)}
        keyed = idempotency_key is not None
        answer = await self._done(Request("POST", path, body, headers, UPLOAD_S, again=again and keyed))
        return self._read(shape, answer.body)

    @asynccontextmanager
    async def _follow(
        self, path: str, headers: Mapping[str, str], silent_s: float
    ) -> AsyncGenerator[Opened[AsyncIterator[bytes]], None]:
        """Open a stream, once. Raises Problem for a refusal, ConnectionError or TimeoutError for what may pass."""
        async with self._wire.open(path, headers, silent_s) as opened:
            if opened.status in client_tries.PASSING:
                raise Busy(client_answers.seconds(opened.headers.get("retry-after")))
            if opened.status >= HTTPStatus.MULTIPLE_CHOICES:
                body = b"".join([piece async for piece in opened.pieces])
                raise self._problem(Answer(opened.status, opened.headers, body))
            yield opened

    async def _lines(self, path: str) -> AsyncGenerator[bytes, None]:
        """Whole lines while they arrive; what follows the last end of a line is none. Raises as `_follow` does."""
        async with self._follow(path, {}, TIMEOUT_S) as opened:
            kept = b""
            async for piece in opened.pieces:
                *whole, kept = (kept + piece).split(b"\n")
                for line in whole:
                    yield line

    async def _done(self, request: Request) -> Answer:
        tries = AsyncRetrying(
            stop=stop_after_attempt(client_tries.TRIES if request.again else 1),
            wait=client_tries.pause,
            retry=retry_if_exception(client_tries.may_pass),
            sleep=self._sleep,
            reraise=True,
        )
        return await tries(self._sent, request)

    async def _sent(self, request: Request) -> Answer:
        """Send once; an answer that is no success becomes the error that it stands for."""
        body = request.body if isinstance(request.body, bytes) else request.body()
        try:
            answer = await self._wire.send(request.method, request.path, body, request.headers, request.timeout_s)
        except TimeoutError:
            raise Silent(f"{self.url} accepted the request but did not answer in time.") from None
        except ConnectionError as error:
            raise Unreachable(f"No answer from {self.url} ({error}). Is the service running there?") from None
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise self._problem(answer)
        return answer

    def _problem(self, answer: Answer) -> Problem:
        document = client_answers.problem(answer, self.url)
        after_s = client_answers.seconds(answer.headers.get("retry-after"))
        return Problem(document, status=answer.status, retry_after_s=after_s)

    def _read(self, shape: type[Shape], body: bytes) -> Shape:
        try:
            return shape.model_validate_json(body)
        except ValidationError:
            raise Silent(
                f"{self.url} answered something that is not in the contract. Is it MeetingMind, of this version?"
            ) from None

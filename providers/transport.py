"""HTTP/1.1 exchanges with providers, over connections that we can cut.

A line belongs to one thread: a pool shared by a hundred threads walks all its connections at every request and costs
more than the request (shared design page celery.md, fact 6). Redirects are not followed (a key must not travel),
proxies and certificates named in the environment are ignored, cookies are not kept.
"""

import math
import ssl
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpcore
import httpx

from providers.bodies import ACCEPTED_ENCODING, collect, decoded
from providers.errors import BadReply, Canceled, DeadlineExceeded, Interrupted, ProviderError, Stalled, Unreachable
from providers.sockets import Cancel, Exchange, Wire, connect
from providers.streams import StreamWatch
from providers.wire import Pace, WireReply

KEEPALIVE_EXPIRY_S: Final = 4.0  # under the shortest idle time that servers grant (uvicorn: 5 s)
_IDLE_CONNECTIONS: Final = 8  # one for each provider that a thread may talk to in turn
# After the last event the end of the body is all that is missing, and mostly there; without it the connection is lost.
_BODY_END_S: Final = 0.05  # a new connection takes about as long

# What an exchange can fail with. Anything else (an error of `on_sent`, say) is not the wire's and goes up as it is.
_WIRE_FAILURES: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


class Line:
    """One thread's way to the providers; keeps a connection to each host for the next call."""

    def __init__(
        self,
        tls: ssl.SSLContext,
        *,
        clock: Callable[[], float] = time.monotonic,
        keepalive_s: float = KEEPALIVE_EXPIRY_S,
    ) -> None:
        self._clock = clock
        self._backend = _Backend()
        pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=_IDLE_CONNECTIONS + 1,
            max_keepalive_connections=_IDLE_CONNECTIONS,
            keepalive_expiry=keepalive_s,
            network_backend=self._backend,
        )
        self._client = httpx.Client(
            transport=_PoolTransport(pool),
            headers={"accept": "application/json", "accept-encoding": ACCEPTED_ENCODING, "user-agent": "meetingmind"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=None,  # noqa: S113  every wait below asks the exchange's own total deadline
            follow_redirects=False,
            trust_env=False,
        )
        # A thread that ends without closing its line must not leave sockets open.
        self._closing = weakref.finalize(self, self._client.close)

    def post(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        timeout_s: float,
        cancel: Cancel,
        on_sent: Callable[[], None] | None = None,
        watch: StreamWatch | None = None,
    ) -> WireReply:
        """Send one request and read the answer, of whatever status: whole, or as far as `watch` wants it.

        Raises:
            Unreachable: no connection came about; nothing was sent.
            Interrupted: the connection broke after the first byte had left.
            DeadlineExceeded: `timeout_s` passed after the first byte had left.
            Stalled: the watch saw no progress for too long.
            Canceled: `cancel` came; `may_be_billed` says whether a byte had left.
            BadReply: the body is over the cap or not in the encoding that it claims.
        """
        exchange = Exchange(
            timeout_s=timeout_s,
            cancel=cancel,
            on_sent=on_sent,
            clock=self._clock,
            progress_timeout_s=math.inf if watch is None else watch.timeout_s,
        )
        return self._under(exchange, lambda: self._send("POST", url, headers, body, exchange, watch))

    def get(self, url: str, headers: Mapping[str, str], *, timeout_s: float, cancel: Cancel) -> WireReply:
        """Fetch what is there, whole. Raises as `post` does."""
        exchange = Exchange(timeout_s=timeout_s, cancel=cancel, clock=self._clock)
        return self._under(exchange, lambda: self._send("GET", url, headers, None, exchange, None))

    def close(self) -> None:
        self._closing()

    def _under(self, exchange: Exchange, send: Callable[[], WireReply]) -> WireReply:
        self._backend.exchange = exchange
        try:
            return send()
        except _WIRE_FAILURES as error:
            failure = _failure(error, exchange)
        finally:
            exchange.finish()
            self._backend.exchange = None
        # Raised outside the handler, so that no library exception hangs on it: theirs can quote a header, key and all.
        raise failure

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        exchange: Exchange,
        watch: StreamWatch | None,
    ) -> WireReply:
        with self._client.stream(method, url, headers=headers, content=body) as response:
            received = {name.lower(): value for name, value in response.headers.items()}
            head = WireReply(status=response.status_code, headers=received, body=b"")
            encoding = received.get("content-encoding", "")
            if watch is not None and watch.follows(head):
                _follow(decoded(response.iter_raw(), encoding=encoding), exchange, watch)
                return watch.so_far() or head
            exchange.unwatch()
            return head.model_copy(update={"body": collect(response.iter_raw(), encoding=encoding)})


def trusted() -> ssl.SSLContext:
    """The authorities that may vouch for a provider: the library's list, whatever the environment says."""
    return httpx.create_ssl_context(verify=True, trust_env=False)


def _follow(chunks: Iterator[bytes], exchange: Exchange, watch: StreamWatch) -> None:
    """Give the watch what comes until the stream is at its end."""
    for chunk in chunks:
        # Between two reads there may be thousands of tiny chunks: a deadline or a cancel does not wait for the next.
        with _told_as(httpcore.ReadTimeout, httpcore.ReadError):
            exchange.left_s()
        match watch.take(chunk):
            case Pace.PROGRESS:
                exchange.progressed()
            case Pace.END:
                _wind_up(chunks, exchange)
                return
            case Pace.NOISE:
                pass


def _wind_up(chunks: Iterator[bytes], exchange: Exchange) -> None:
    """Read on to the end of the body, if it comes at once, so that the connection can serve the next call."""
    exchange.unwatch()
    exchange.wind_up(_BODY_END_S)
    # The answer is there. Whatever goes wrong now, a cancel included, costs the connection and nothing else.
    with suppress(*_WIRE_FAILURES, BadReply):
        for _ in chunks:
            pass


def _failure(error: Exception, exchange: Exchange) -> ProviderError:
    """Say what a broken exchange means for the caller and for the bill."""
    if exchange.cancel.canceled:
        canceled = Canceled("canceled")
        canceled.may_be_billed = exchange.sent
        return canceled
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if not exchange.sent:
        unreachable = Unreachable(f"no connection: {said}")
        unreachable.retryable = not (isinstance(error, httpx.InvalidURL) or "CERTIFICATE_VERIFY_FAILED" in said)
        return unreachable
    if exchange.overdue:
        return DeadlineExceeded(f"no complete answer within the deadline ({said})")
    if exchange.stalled:
        return Stalled(f"the stream made no progress for too long ({said})")
    return Interrupted(f"the exchange broke: {said}")


class _PoolTransport(httpx.BaseTransport):
    """Hands a request of the client to the pool; the pool's errors pass through."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.read(),
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Chunks(answer))

    def close(self) -> None:
        self._pool.close()


class _Chunks(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    """Makes the pool's connections out of wires, each under the exchange of the moment."""

    exchange: Exchange | None = None

    def current(self) -> Exchange:
        if self.exchange is None:
            raise RuntimeError("a connection was used outside an exchange")
        return self.exchange

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  the exchange's deadline rules
        local_address: str | None = None,  # noqa: ARG002  never set: we do not choose a source address
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002  never set
    ) -> httpcore.NetworkStream:
        with _told_as(httpcore.ConnectTimeout, httpcore.ConnectError):
            return _Stream(connect(host, port, self.current()), self)


@contextmanager
def _told_as(timeout: type[Exception], failure: type[Exception]) -> Iterator[None]:
    """Raise what a wire raises in the words that the pool understands."""
    try:
        yield
    except TimeoutError as error:
        raise timeout(str(error)) from error
    except OSError as error:
        raise failure(str(error)) from error


class _Stream(httpcore.NetworkStream):
    """A wire in the shape that the pool knows. The timeouts that it is handed give way to the exchange's deadline."""

    def __init__(self, wire: Wire, backend: _Backend) -> None:
        self._wire = wire
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        with _told_as(httpcore.ReadTimeout, httpcore.ReadError):
            return self._wire.read(max_bytes, self._backend.current())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        exchange = self._backend.current()
        with _told_as(httpcore.WriteTimeout, httpcore.ReadError):  # after a WriteError the pool would go on to read
            exchange.left_s()
        exchange.leaving()  # under no handler: its errors are the caller's, not the wire's
        with _told_as(httpcore.WriteTimeout, httpcore.WriteError):
            self._wire.write(buffer, exchange)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        try:
            with _told_as(httpcore.ConnectTimeout, httpcore.ConnectError):
                self._wire.secure(ssl_context, server_hostname, self._backend.current())
        except BaseException:
            self._wire.close()
            raise
        return self

    def get_extra_info(self, info: str) -> bool | None:
        return self._wire.is_readable() if info == "is_readable" else None

    def close(self) -> None:
        self._wire.close()

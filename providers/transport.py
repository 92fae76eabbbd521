"""HTTP/1.1 exchanges with providers, over connections that we can cut.

A line belongs to one thread: a pool shared by a hundred threads walks all its connections at every request and costs
more than the request (shared design page celery.md, fact 6). It works below httpx's client, with httpcore's connections
(ADR 0022): no redirects (a key must not travel), no cookies, no proxies or certificates named in the environment.
"""

import math
import ssl
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from typing import Final, NamedTuple

import httpcore
import httpx

from providers.bodies import collect, decoded
from providers.errors import BadReply, Canceled, DeadlineExceeded, Interrupted, ProviderError, Stalled, Unreachable
from providers.headers import headers_in, headers_out
from providers.sockets import Cancel, Exchange, Wire, connect
from providers.streams import StreamWatch
from providers.wire import Pace, WireReply

KEEPALIVE_EXPIRY_S: Final = 4.0  # under the shortest idle time that servers grant (uvicorn: 5 s)
_CONNECTIONS: Final = 8  # one for each provider that a thread may talk to in turn
# After the last event the end of the body is all that is missing, and mostly there; without it the connection is lost.
_BODY_END_S: Final = 0.05  # a new connection takes about as long

# What an exchange can fail with. Anything else (an error of `on_sent`, say) is not the wire's and goes up as it is.
_WIRE_FAILURES: Final = (
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
        self._tls = tls
        self._clock = clock
        self._keepalive_s = keepalive_s
        self._backend = _Backend()
        self._open: dict[str, httpcore.HTTPConnection] = {}
        # A thread that ends without closing its line must not leave sockets open.
        self._closing = weakref.finalize(self, _close, self._open)

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
        address = _address(url)
        request = httpcore.Request(method, address.url, headers=headers_out(address.host, headers, body), content=body)
        with closing(self._to(address).handle_request(request)) as response:
            received = headers_in(response.headers)
            head = WireReply(status=response.status, headers=received, body=b"")
            encoding = received.get("content-encoding", "")
            if watch is not None and watch.follows(head):
                _follow(decoded(response.iter_stream(), encoding=encoding), exchange, watch)
                return watch.so_far() or head
            exchange.unwatch()
            return head.model_copy(update={"body": collect(response.iter_stream(), encoding=encoding)})

    def _to(self, address: "_Address") -> httpcore.HTTPConnection:
        """The connection to there: the one of the last call, if it is still good. Closes those that are not."""
        if not self._closing.alive:
            raise RuntimeError("the line is closed")
        for place in [place for place, one in self._open.items() if one.has_expired() or not one.is_idle()]:
            self._open.pop(place).close()
        kept = self._open.pop(address.place, None) or httpcore.HTTPConnection(
            address.url.origin,
            ssl_context=self._tls,
            keepalive_expiry=self._keepalive_s,
            network_backend=self._backend,
        )
        if len(self._open) == _CONNECTIONS:
            self._open.pop(next(iter(self._open))).close()
        self._open[address.place] = kept  # behind all others: the first is the one that was not used for longest
        return kept


def trusted() -> ssl.SSLContext:
    """The authorities that may vouch for a provider: the library's list, whatever the environment says."""
    return httpx.create_ssl_context(verify=True, trust_env=False)


class _Address(NamedTuple):
    url: httpcore.URL
    host: bytes  # as the server is told that it was asked for
    place: str  # what a connection is kept under


@lru_cache(maxsize=256)  # a few for each provider; where the model is part of it, one for each
def _address(text: str) -> _Address:
    url = httpx.URL(text)
    if url.scheme not in ("http", "https") or not url.host:
        raise httpcore.UnsupportedProtocol("the address does not begin with http:// or https:// and a host")
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    return _Address(target, url.netloc, f"{url.scheme}://{url.netloc.decode()}")


def _close(connections: dict[str, httpcore.HTTPConnection]) -> None:
    while connections:
        connections.popitem()[1].close()


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
    """A wire in the shape that httpcore knows. The timeouts that it is handed give way to the exchange's deadline.

    What is written leaves at the first read after it: head and body of a request as one piece, by one system call.
    """

    def __init__(self, wire: Wire, backend: _Backend) -> None:
        self._wire = wire
        self._backend = backend
        self._written: list[bytes] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        exchange = self._backend.current()
        if self._written:
            self._send(exchange)
        with _told_as(httpcore.ReadTimeout, httpcore.ReadError):
            return self._wire.read(max_bytes, exchange)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._written.append(buffer)

    def _send(self, exchange: Exchange) -> None:
        with _told_as(httpcore.WriteTimeout, httpcore.WriteError):
            exchange.left_s()
        exchange.leaving()  # under no handler: its errors are the caller's, not the wire's
        request = b"".join(self._written)
        self._written.clear()
        # A server may refuse a request before it has read it all, and close: its answer is there to be read.
        with suppress(OSError):
            self._wire.write(request, exchange)

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

"""A socket that any thread can cut, under one total deadline. Knows nothing of HTTP.

A library's read timeout starts anew with every byte, so a provider that drips holds a call for ever. Here every wait
asks its `Exchange` how much of the whole is left, and how long it may still go without progress. A cancel from another
thread shuts the socket down, which ends a blocked connect, handshake, read or write at once.
"""

import math
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias

Address: TypeAlias = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]

CONNECT_TIMEOUT_S: Final = 5.0  # a provider that takes longer to accept is as good as down; the next one is nearer
_DNS_GLANCE_S: Final = 0.05  # how often a wait for the resolver, which nothing can cut, looks for a cancel
_MOMENT_S: Final = 0.000_001  # a timeout of zero would mean: do not block


class Cut(OSError):
    """The exchange was canceled by another thread."""


class Cancel:
    """Stops calls from any thread, once and for good: within a quarter of a second they raise `Canceled`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._wires: set[Wire] = set()

    @property
    def canceled(self) -> bool:
        return self._stopped.is_set()

    def cancel(self) -> None:
        """Cut every socket that works under this cancel, and each that comes later. Safe to repeat."""
        with self._lock:
            self._stopped.set()
            for wire in self._wires:
                wire.shut()

    def wait(self, seconds: float) -> bool:
        """Sleep, but no longer than until the cancel; true if it came."""
        return self._stopped.wait(seconds)

    def hold(self, wire: "Wire") -> None:
        with self._lock:
            self._wires.add(wire)
            if self.canceled:
                wire.shut()

    def release(self, wire: "Wire") -> None:
        with self._lock:
            self._wires.discard(wire)


class Exchange:
    """One question and its answer: the deadline of the whole, the cancel, and whether a byte of it has left.

    `on_sent` is called once, just before the first byte leaves; what it raises ends the exchange with nothing sent.
    From that byte on, no more than `progress_timeout_s` may pass without a word of `progressed`.
    """

    def __init__(
        self,
        *,
        timeout_s: float,
        cancel: Cancel,
        on_sent: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        progress_timeout_s: float = math.inf,
    ) -> None:
        self.cancel = cancel
        self.sent = False
        self._clock = clock
        self._ends_at = clock() + timeout_s
        self._progress_timeout_s = progress_timeout_s
        self._stalls_at = math.inf
        self._on_sent = on_sent
        self._wire: Wire | None = None

    @property
    def overdue(self) -> bool:
        return self._clock() >= self._ends_at

    @property
    def stalled(self) -> bool:
        return self._clock() >= self._stalls_at

    def left_s(self) -> float:
        """Seconds until the deadline, or until the exchange counts as stalled.

        Raises:
            Cut: the call is canceled.
            TimeoutError: one of the two has come.
        """
        if self.cancel.canceled:
            raise Cut("canceled")
        left = min(self._ends_at, self._stalls_at) - self._clock()
        if left <= 0:
            raise TimeoutError("the total deadline has passed" if self.overdue else "no progress for too long")
        return max(left, _MOMENT_S)

    def progressed(self) -> None:
        """Note that the answer got on: the time without progress starts anew."""
        self._stalls_at = self._clock() + self._progress_timeout_s

    def unwatch(self) -> None:
        """Ask for no more progress: the answer comes whole, not as a stream."""
        self._stalls_at = math.inf

    def wind_up(self, within_s: float) -> None:
        """All that matters has come: the rest may take this long, and no longer."""
        self._ends_at = min(self._ends_at, self._clock() + within_s)

    def use(self, wire: "Wire") -> None:
        """Put the wire under the cancel for the rest of this exchange; it uses one at a time."""
        if self._wire is not wire:
            self.finish()
            self._wire = wire
            self.cancel.hold(wire)

    def finish(self) -> None:
        """Let go of the wire: from here on it may serve another exchange, which this cancel must not cut."""
        if self._wire is not None:
            self.cancel.release(self._wire)
            self._wire = None

    def leaving(self) -> None:
        """Note that the first byte is about to leave."""
        if not self.sent:
            if self._on_sent is not None:
                self._on_sent()
            self.sent = True
            self.progressed()


class Wire:
    """A TCP socket, plain or under TLS. One thread at a time works on it; any thread may shut it."""

    def __init__(self, raw: socket.socket) -> None:
        self._lock = threading.Lock()  # keeps `shut` off a descriptor that is being closed or wrapped
        self._socket = raw

    def shut(self) -> None:
        """End all work on the socket, now. The owner still has to close it."""
        with self._lock, suppress(OSError):
            # Not SSLSocket's own shutdown: that one strips the TLS layer under the thread that is reading.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        with self._lock:
            self._socket.close()

    def connect(self, address: Address, exchange: Exchange, timeout_s: float) -> None:
        exchange.use(self)
        self._socket.settimeout(min(timeout_s, exchange.left_s()))
        self._socket.connect(address[1])
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def secure(self, context: ssl.SSLContext, hostname: str | None, exchange: Exchange) -> None:
        """Put TLS over the socket."""
        exchange.use(self)
        with self._lock:
            tls = context.wrap_socket(self._socket, server_hostname=hostname, do_handshake_on_connect=False)
            self._socket = tls
        tls.settimeout(min(CONNECT_TIMEOUT_S, exchange.left_s()))
        tls.do_handshake()

    def write(self, data: bytes, exchange: Exchange) -> None:
        exchange.use(self)
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(exchange.left_s())
            rest = rest[self._socket.send(rest) :]

    def read(self, max_bytes: int, exchange: Exchange) -> bytes:
        """Wait for bytes; b"" is the peer's own end of the stream, never ours."""
        exchange.use(self)
        self._socket.settimeout(exchange.left_s())
        data = self._socket.recv(max_bytes)
        if not data and exchange.cancel.canceled:
            raise Cut("canceled")
        return data

    def is_readable(self) -> bool:
        """Whether a read would return at once; on an idle connection that means the peer has closed it."""
        descriptor = self._socket.fileno()
        if descriptor < 0:
            return True
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(0))


def connect(host: str, port: int, exchange: Exchange) -> Wire:
    """Open a connection to the first address of the host that takes it.

    Raises:
        OSError: no address took it, or none was found; `TimeoutError` and `Cut` are among these.
    """
    failure: OSError | None = None
    ends_at = time.monotonic() + CONNECT_TIMEOUT_S
    for address in resolve(host, port, exchange):
        wire = Wire(socket.socket(address[0], socket.SOCK_STREAM))
        try:
            wire.connect(address, exchange, max(ends_at - time.monotonic(), _MOMENT_S))
        except OSError as error:
            wire.close()
            failure = error
            exchange.left_s()
        else:
            return wire
    raise failure or OSError(f"no address for {host}")


def resolve(host: str, port: int, exchange: Exchange) -> list[Address]:
    """Look the host up in a thread of its own: the resolver can neither be cut nor be given a deadline.

    Raises:
        OSError: there is no such name, or nobody said in time; `TimeoutError` and `Cut` are among these.
    """
    answers: SimpleQueue[list[Address] | OSError] = SimpleQueue()
    threading.Thread(target=_look_up, args=(host, port, answers), name="resolve", daemon=True).start()
    ends_at = time.monotonic() + CONNECT_TIMEOUT_S
    while time.monotonic() < ends_at:
        with suppress(Empty):
            answer = answers.get(timeout=min(_DNS_GLANCE_S, exchange.left_s()))
            if isinstance(answer, OSError):
                raise answer
            return answer
    raise TimeoutError(f"the name {host} was not resolved within {CONNECT_TIMEOUT_S} s")


def _look_up(host: str, port: int, answers: "SimpleQueue[list[Address] | OSError]") -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        answers.put(error if isinstance(error, OSError) else OSError(f"{host!r} is no host name"))
    else:
        answers.put([(family, place) for family, _, _, _, place in found])

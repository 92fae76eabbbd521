"""Posts bytes to an endpoint of a stranger, and takes from it a status and nothing else.

The name is resolved once, every address that it has is judged, and the connection is made to one that was judged: a
name that answers otherwise a moment later changes nothing. No redirect is followed and no proxy is asked, since nothing
here knows of either. All of an exchange has one deadline, however slowly its bytes come.
"""

import socket
import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeAlias

import h11

from orchestrator.delivery.addresses import InsideAddress, Network, chosen
from orchestrator.delivery.endpoints import Endpoint, require_reach
from orchestrator.errors import InvalidRequest
from providers import sockets
from providers.calls import Value
from providers.sockets import CONNECT_TIMEOUT_S, Address, Cancel, Exchange, Wire

MOST_BYTES: Final = 4_096  # of an answer's body, which nobody reads: a receiver may say its few words in peace
READ_BYTES: Final = 4_096
AGENT: Final = "MeetingMind-Webhooks/1"

Resolve: TypeAlias = Callable[[str, int, Exchange], Sequence[Address]]


class Answer(Value):
    """What came of it. `status` None: no answer; `error` says why, in words that hold nothing of the receiver's.

    `retry_after`: the header as it came, a hundred characters of it.
    """

    status: int | None = None
    retry_after: str | None = None
    error: str | None = None


class Poster:
    """Safe to use from many threads.

    Args:
        allowed: networks that an operator has named.
        timeout_s: for all of an exchange, from the question for the name to the answer's last byte.
        cancel: cuts whatever is under way, when the process must end.
        resolver: who is asked for a name's addresses.
        tls: whom to trust; None: the system's authorities.
    """

    def __init__(
        self,
        allowed: Collection[Network],
        timeout_s: float,
        cancel: Cancel,
        *,
        resolver: Resolve = sockets.resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed = tuple(allowed)
        self._timeout_s = timeout_s
        self._cancel = cancel
        self._resolve = resolver
        self._tls = tls or ssl.create_default_context()

    def post(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send it once. Never raises for what the receiver or its network do."""
        exchange = Exchange(timeout_s=self._timeout_s, cancel=self._cancel)
        try:
            wire = self._connected(endpoint, exchange)
            with closing(wire):
                if not endpoint.bare:
                    wire.secure(self._tls, endpoint.host, exchange)
                return _exchanged(wire, exchange, endpoint, body, headers)
        except Exception as error:
            if (told := _told(error)) is None:
                raise
            return Answer(error=told)
        finally:
            exchange.finish()

    def _connected(self, endpoint: Endpoint, exchange: Exchange) -> Wire:
        """A connection to the first address that takes it, of those that were judged together."""
        failure: OSError | None = None
        for address in self._judged(endpoint, exchange):
            wire = Wire(socket.socket(address[0], socket.SOCK_STREAM))
            try:
                wire.connect(address, exchange, CONNECT_TIMEOUT_S)
            except OSError as error:
                wire.close()
                failure = error
                exchange.left_s()
            else:
                return wire
        raise failure or OSError("no address took it")

    def _judged(self, endpoint: Endpoint, exchange: Exchange) -> Sequence[Address]:
        found = self._resolve(endpoint.host, endpoint.port, exchange)
        for address in chosen([str(place[0]) for _, place in found], self._allowed):
            require_reach(endpoint, address, self._allowed)
        return found


def _exchanged(wire: Wire, exchange: Exchange, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
    http = h11.Connection(h11.CLIENT)
    own = {
        "Host": endpoint.authority,
        "User-Agent": AGENT,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    request = h11.Request(method="POST", target=endpoint.target, headers=list({**own, **headers}.items()))
    parts = (http.send(request), http.send(h11.Data(data=body)), http.send(h11.EndOfMessage()))
    wire.write(b"".join(part or b"" for part in parts), exchange)
    response = _response(http, wire, exchange)
    retry_after = next((value for name, value in response.headers if name == b"retry-after"), None)
    _drain(http, wire, exchange)
    return Answer(
        status=response.status_code,
        retry_after=None if retry_after is None else retry_after[:100].decode("ascii", "replace"),
    )


def _response(http: h11.Connection, wire: Wire, exchange: Exchange) -> h11.Response:
    """The answer's head; what is only on the way to it (1xx) is passed over, as long as the time goes."""
    while not isinstance(event := http.next_event(), h11.Response):
        if event is h11.NEED_DATA:
            http.receive_data(wire.read(READ_BYTES, exchange))
        elif isinstance(event, h11.ConnectionClosed):
            raise h11.RemoteProtocolError("no answer")
    return event


def _drain(http: h11.Connection, wire: Wire, exchange: Exchange) -> None:
    """Take a little of what the receiver says, so that it sees its answer read. What it does then is its own affair."""
    left = MOST_BYTES
    while left > 0:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(wire.read(READ_BYTES, exchange))
        elif isinstance(event, h11.Data):
            left -= len(event.data)
        else:
            return


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds from now, of a number or a date (RFC 9110, section 10.2.3); None: it says neither."""
    if value is None:
        return None
    words = value.strip()
    if words.isascii() and words.isdigit():
        return float(words)
    try:
        return max(0.0, (parsedate_to_datetime(words) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):  # no date; one without a zone; one of another age
        return None


# In words for the delivery log, which hold nothing of the receiver's; the first that fits. An error of none of these
# kinds is a mistake of ours.
_WORDS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (sockets.Cut, "the sender had to end"),
    (TimeoutError, "no answer in time"),
    (ssl.SSLCertVerificationError, "the certificate is not valid for the host"),
    (ssl.SSLError, "no TLS connection could be made"),
    (socket.gaierror, "the host is not known"),
    (ConnectionRefusedError, "the connection was refused"),
    (OSError, "the connection failed"),
    (h11.RemoteProtocolError, "the answer is not HTTP"),
)


def _told(error: Exception) -> str | None:
    if isinstance(error, InsideAddress | InvalidRequest):
        return str(error)
    return next((words for kind, words in _WORDS if isinstance(error, kind)), None)

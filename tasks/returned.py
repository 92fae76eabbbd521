"""Messages that this release does not understand: they wait in PostgreSQL and are sent again, until a process that
knows them has them. While a new release is rolled out, old workers meet what new ones send; none of it may be lost.
"""

from contextlib import suppress
from typing import Any, Final

import structlog
from redis.exceptions import RedisError

from orchestrator import broker
from orchestrator.storage import returned
from orchestrator.storage.returned import Parcel
from providers.calls import JsonObject
from tasks import resources

log = structlog.get_logger()

FIRST_WAIT_S: Final = 5.0
LONGEST_WAIT_S: Final = 300.0
TIMES: Final = "returned"  # the header that counts how often a message has been here

_KEPT: Final = ("correlation_id", "reply_to", "priority", "delivery_mode")  # of a message's properties


def lay_down(message: Any) -> None:
    """Keep a message of the broker; it may be acknowledged once this has returned.

    Raises:
        Unavailable: PostgreSQL is away, and nothing is kept.
    """
    parcel = _parcel(message)
    with resources.current().database.system() as connection:
        returned.keep(connection, parcel, wait_s(parcel.times))
    count("returned")


def send_on(parcel: Parcel) -> None:
    """Hand it to its queue again, then forget it: a crash in between sends it twice, which every task bears."""
    here = resources.current()
    broker.publish_again(here.dispatch.canvas.celery, parcel)
    with here.database.system() as connection:
        returned.forget(connection, parcel.id)
    log.info("message.sent_on", queue=parcel.queue, times=parcel.times)


def count(what: str) -> None:
    """Add one to what `/metrics` shows; not while Redis is away."""
    here = resources.current()
    with suppress(RedisError):
        broker.count_message(here.redis, here.settings.redis_prefix, what)


def wait_s(times: int) -> float:
    """Twice as long each time, so that an old fleet does not spend its day on them."""
    return float(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(times, 10)))


def _parcel(message: Any) -> Parcel:
    headers: JsonObject = dict(message.headers)
    times = headers.get(TIMES)
    before = times if isinstance(times, int) and times > 0 else 0
    properties = message.properties or {}
    body = message.body
    return Parcel(
        queue=str(message.delivery_info["routing_key"]),
        body=body if isinstance(body, str) else bytes(body).decode("utf-8"),
        content_type=message.content_type,
        headers={**headers, TIMES: before + 1},
        properties={name: properties[name] for name in _KEPT if properties.get(name) is not None},
        times=before,
    )

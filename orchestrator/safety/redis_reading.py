"""Asks a Redis for its settings, within a few seconds."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from orchestrator import queues
from orchestrator.broker import redis_py_url
from orchestrator.errors import Unavailable
from orchestrator.safety.redis_rules import RedisFacts

PATIENCE_S: Final = 2.0  # for the connection, and for each of a handful of answers

# kombu keeps messages of a higher priority beside the queue: its steps, and what parts them from the name.
# Source: kombu 5.7, kombu/transport/redis.py, PRIORITY_STEPS and Channel.sep.
_PRIORITIES: Final = ("", "\x06\x163", "\x06\x166", "\x06\x169")

_Told = TypeVar("_Told")


def read(redis_url: str, prefix: str) -> RedisFacts:
    """What it says of itself. A command that is forbidden to our login, or unknown to a managed Redis, tells nothing.

    Raises:
        Unavailable: it does not answer, does not let us in, or the address is none.
    """
    try:
        with Redis.from_url(
            redis_py_url(redis_url),
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            retry=Retry(NoBackoff(), 0),  # who does not answer at once is away
            decode_responses=True,
        ) as redis:
            return _facts(redis, prefix)
    except RedisError as error:
        raise Unavailable(_reason(error, redis_url)) from error
    except ValueError as error:
        raise Unavailable("the address is not one of Redis") from error


def _facts(redis: Redis, prefix: str) -> RedisFacts:
    server, memory, persistence = (_info(redis, section) for section in ("server", "memory", "persistence"))
    settings = _told(lambda: redis.config_get("maxmemory-policy", "maxmemory", "appendonly", "timeout")) or {}
    return RedisFacts(
        version=_text(server.get("redis_version")),
        eviction=_text(memory.get("maxmemory_policy", settings.get("maxmemory-policy"))),
        most_bytes=_number(memory.get("maxmemory", settings.get("maxmemory"))),
        is_appended=_is_appended(persistence.get("aof_enabled"), settings.get("appendonly")),
        idle_timeout_s=_number(settings.get("timeout")),
        unrouted=_told(lambda: sum(int(redis.llen(f"{prefix}{queues.UNROUTED}{one}")) for one in _PRIORITIES)),
    )


def _info(redis: Redis, section: str) -> Mapping[str, object]:
    return _told(lambda: redis.info(section)) or {}


def _told(ask: Callable[[], _Told]) -> _Told | None:
    """None: it would not say."""
    try:
        return ask()
    except ResponseError:
        return None


def _reason(error: RedisError, redis_url: str) -> str:
    """Its first line, without the password, whatever the client repeats of the address."""
    said = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
    password = urlsplit(redis_url).password
    return said.replace(password, "***") if password else said


def _text(told: object) -> str | None:
    return None if told is None else str(told)


def _number(told: object) -> int | None:
    text = str(told)
    return int(text) if text.isascii() and text.isdigit() else None


def _is_appended(told: object, setting: object) -> bool | None:
    if told is None and setting is None:
        return None
    return str(told) == "1" or setting == "yes"

"""Which asks stand in a queue, told by the messages themselves, none of which is taken.

A message that kombu has popped is gone from its queue at once, whatever then becomes of the worker. So an ask that
stands here was not lost, however long it waits, and one that was published, is claimed by nobody and does not stand
here needs another message.

Source: kombu 5.7.0, transport/redis.py: one list a queue, the next message last; a message is a JSON object whose body
is Base64 of `[args, kwargs, embed]`.
"""

import base64
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError
from redis import Redis

from orchestrator.work.seats import Ask

# The window of some three thousand slots. Of a longer queue those are read that have waited longest.
MOST_READ: Final = 10_000


class _Arguments(BaseModel):
    job: str
    seat: int
    epoch: int


class _Message(BaseModel):
    body: str


_BODY: Final = TypeAdapter(tuple[Any, _Arguments, Any])


def asks_in(redis: Redis, key: str) -> set[Ask]:
    """What stands in the list of a queue, with the prefix. What is no ask is passed over. Raises RedisError."""
    found: Any = redis.lrange(key, -MOST_READ, -1)
    return {ask for raw in found if (ask := _read(raw)) is not None}


def _read(raw: bytes) -> Ask | None:
    try:
        body = base64.b64decode(_Message.model_validate_json(raw).body, validate=True)
        arguments = _BODY.validate_json(body)[1]
    except (ValidationError, ValueError):
        return None
    return Ask(arguments.job, arguments.seat, arguments.epoch)

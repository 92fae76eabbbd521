"""Opaque ids: a prefix that says what it names, and a UUIDv7 in 26 letters and digits, so that ids sort by time."""

from datetime import datetime
from typing import Final, Literal, TypeAlias

import uuid_utils

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: nothing that reads like something else
_LENGTH: Final = 26  # 128 bits at five bits a letter
_BITS_BELOW_TIME: Final = 80  # a UUIDv7 begins with 48 bits of milliseconds

Prefix: TypeAlias = Literal[
    "ten", "key", "trn", "job", "atm", "led", "evt", "req", "ret", "tpl", "bat", "whk", "dlv", "fbk", "prc"
]


def new_id(prefix: Prefix) -> str:
    """A new id such as `job_06a9…`. Later ids sort after earlier ones, to the millisecond."""
    return f"{prefix}_{_spell(uuid_utils.uuid7().int)}"


def earliest_id(prefix: Prefix, at: datetime) -> str:
    """Sorts before every id that is made from then on: the begin of a range of ids."""
    return f"{prefix}_{_spell(int(at.timestamp() * 1000) << _BITS_BELOW_TIME)}"


def _spell(number: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))

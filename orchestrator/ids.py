"""Opaque ids: a prefix that says what it names, and a UUIDv7 in 26 letters and digits, so that ids sort by time."""

from typing import Final, Literal, TypeAlias

import uuid_utils

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: nothing that reads like something else
_LENGTH: Final = 26  # 128 bits at five bits a letter

Prefix: TypeAlias = Literal["ten", "key", "trn", "job", "atm", "evt", "req"]


def new_id(prefix: Prefix) -> str:
    """A new id such as `job_06a9…`. Later ids sort after earlier ones, to the millisecond."""
    return f"{prefix}_{_spell(uuid_utils.uuid7().int)}"


def _spell(number: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))

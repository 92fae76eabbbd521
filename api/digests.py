"""What a body means, in 32 bytes: two calls under one Idempotency-Key must mean the same. Pure."""

import hashlib
import json
from typing import Final

_APART: Final = "\n"  # stands in no compact JSON


def digest(what: str, document: bytes | str) -> bytes:
    """Of a JSON document's meaning, not of its spelling: blanks, the order of keys and `300.0` for `300` do not matter.

    Args:
        what: the request it is the body of; the same body asks for something else elsewhere.
        document: JSON that was found to be valid.
    """
    meaning = json.dumps(json.loads(document, parse_float=_number), sort_keys=True)
    return hashlib.sha256(f"{what}{_APART}{meaning}".encode()).digest()


def _number(spelled: str) -> int | float:
    number = float(spelled)
    return int(number) if number.is_integer() else number

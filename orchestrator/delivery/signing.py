"""Signatures of Standard Webhooks 1.0, symmetric: HMAC-SHA256 over `id.timestamp.body`. Pure.

A secret is written `whsec_` and base64 of 24 to 64 bytes. While one is being exchanged a message carries a signature by
each, separated by a space, and a receiver that knows either is content.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

SECRET_BYTES: Final = 32
FEWEST_BYTES: Final = 24
MOST_BYTES: Final = 64
PREFIX: Final = "whsec_"
VERSION: Final = "v1"


class BadSecret(ValueError):
    """It is not written as a secret is."""


def shown(secret: bytes) -> str:
    """As its owner is shown it."""
    return PREFIX + base64.b64encode(secret).decode()


def read(text: str) -> bytes:
    """The bytes of a secret that is shown so. Raises BadSecret."""
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise BadSecret(f"a secret is {PREFIX} and base64") from error
    if not FEWEST_BYTES <= len(secret) <= MOST_BYTES:
        raise BadSecret(f"a secret has {FEWEST_BYTES} to {MOST_BYTES} bytes")
    return secret


def headers(event_id: str, at: datetime, body: bytes, secrets: Iterable[bytes]) -> Mapping[str, str]:
    """The three headers of a message that is sent at that time, signed by each of the secrets."""
    timestamp = int(at.timestamp())
    signatures = (f"{VERSION},{signature(secret, event_id, timestamp, body)}" for secret in secrets)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def signature(secret: bytes, event_id: str, timestamp: int, body: bytes) -> str:
    """In base64, without the version before it."""
    signed = b".".join((event_id.encode(), str(timestamp).encode(), body))
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()

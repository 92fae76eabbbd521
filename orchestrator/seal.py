"""Seals on messages: who can write to the broker can still not make a worker do anything.

A seal is an HMAC of a task's name and its keyword arguments, under a key derived from the house's pepper. It covers all
arguments there are, so a newer release's message, with arguments that this one does not know, can be told from a forged
one. What a sealed message of old may still do when it is sent again, rows decide: it is a bell, no order.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Final

from providers.calls import JsonObject

SEAL: Final = "seal"  # the keyword argument that carries it; itself not covered

_PURPOSE: Final = b"meetingmind messages"  # other uses of the pepper have other keys


class Seal:
    """One house's seal. Safe for any number of threads; shows nothing of its key."""

    def __init__(self, pepper: str) -> None:
        self._key = hmac.digest(pepper.encode(), _PURPOSE, hashlib.sha256)

    def on(self, name: str, arguments: Mapping[str, str | int]) -> dict[str, str | int]:
        """The arguments of a message for the task `name`, with their seal."""
        return {**arguments, SEAL: self._of(name, arguments)}

    def fits(self, name: str, arguments: JsonObject) -> bool:
        """Whether somebody of this house sealed these arguments for this task."""
        given = arguments.get(SEAL)
        covered = {key: value for key, value in arguments.items() if key != SEAL}
        return isinstance(given, str) and hmac.compare_digest(given.encode(), self._of(name, covered).encode())

    def _of(self, name: str, arguments: Mapping[str, object]) -> str:
        covered = json.dumps([name, arguments], sort_keys=True, separators=(",", ":"))
        return hmac.new(self._key, covered.encode(), hashlib.sha256).hexdigest()

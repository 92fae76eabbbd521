"""What a vendor remembers of prompts: prefixes by key and model, each until its time is over.

A prefix is named by the hash of everything before and in it, so that one changed byte misses. Source: shared design
page providers.md, section 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LOOK_BACK: Final = 20  # blocks before a marker in which an older prefix is still looked for


@dataclass(frozen=True)
class Prefix:
    """The beginning of a prompt: its name, its tokens, and how long it is kept."""

    name: str
    tokens: int
    ttl_s: float = 300.0


class PromptCache:
    """Entries of all keys and models; nobody sees those of another."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str, str], tuple[datetime, float]] = {}

    def longest(self, owner: tuple[str, str], prefixes: Sequence[Prefix], at: datetime) -> int:
        """Tokens of the longest of these prefixes that is remembered, 0 if none is. Use keeps an entry alive."""
        for prefix in sorted(prefixes, key=lambda prefix: -prefix.tokens):
            until, ttl_s = self._until.get((*owner, prefix.name), (at, 0.0))
            if until > at:
                self._until[*owner, prefix.name] = (at + timedelta(seconds=ttl_s), ttl_s)
                return prefix.tokens
        return 0

    def write(self, owner: tuple[str, str], prefixes: Sequence[Prefix], at: datetime) -> None:
        """Remember these prefixes from now on."""
        for prefix in prefixes:
            self._until[*owner, prefix.name] = (at + timedelta(seconds=prefix.ttl_s), prefix.ttl_s)

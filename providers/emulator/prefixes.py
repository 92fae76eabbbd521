"""Automatic caching of the OpenAI family: which beginnings of a prompt are remembered, and what a repeat reads. Pure.

A caller opts in by naming a cache key, a cache option, a marker, or (DeepSeek) an end user; so the bill of a caller
who has never heard of caches stays the plain one. Source: shared design page providers.md, sections 1.1 and 4.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from providers.emulator.bank import Tokens
from providers.emulator.draws import digest
from providers.emulator.prompt_cache import Prefix, PromptCache
from providers.emulator.tokens import MESSAGE_TOKENS, count

BLOCK_CHARACTERS: Final = 512  # the grain in which two prompts are compared; about one unit of a vendor's cache

_WISHES: Final = ("prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "user_id")
_MARKERS: Final = ("prompt_cache_breakpoint", "cache_control")


@dataclass(frozen=True)
class CacheRules:
    """A vendor's: nothing below `least_tokens`, then in steps of `unit_tokens`, forgotten after `ttl_s`."""

    least_tokens: int = 1_024
    unit_tokens: int = 128
    ttl_s: float = 1_800.0


STANDARD: Final = CacheRules()  # OpenAI's


def is_wished(body: dict[str, JsonValue]) -> bool:
    """Whether the caller has the cache in mind."""
    if any(body.get(name) for name in _WISHES):
        return True
    return any(marker in part for part in _parts(body.get("messages")) for marker in _MARKERS)


def prefixes(texts: tuple[str, ...], rules: CacheRules) -> list[Prefix]:
    """Every beginning of the prompt that can be remembered, the shortest first."""
    found: list[Prefix] = []
    name, tokens = "", 0
    for text in texts:
        tokens += MESSAGE_TOKENS
        for start in range(0, max(len(text), 1), BLOCK_CHARACTERS):
            block = text[start : start + BLOCK_CHARACTERS]
            name, tokens = digest(name, start, block), tokens + count(block)
            found.append(Prefix(name, tokens, rules.ttl_s))
    return [prefix for prefix in found if prefix.tokens >= rules.least_tokens]


def counted(
    tokens: Tokens, known: list[Prefix], cache: PromptCache, owner: tuple[str, str], rules: CacheRules, at: datetime
) -> Tokens:
    """The usage with what was read from the cache; what was not there is remembered, and counted as written."""
    read = _whole_units(min(cache.longest(owner, known, at), tokens.prompt), rules)
    cache.write(owner, known, at)
    most = _whole_units(min(max((prefix.tokens for prefix in known), default=0), tokens.prompt), rules)
    return replace(tokens, cached=read, cache_written=max(0, most - read))


def _parts(messages: JsonValue) -> Iterator[dict[str, JsonValue]]:
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        yield from (part for part in (content if isinstance(content, list) else ()) if isinstance(part, dict))


def _whole_units(tokens: int, rules: CacheRules) -> int:
    return tokens // rules.unit_tokens * rules.unit_tokens

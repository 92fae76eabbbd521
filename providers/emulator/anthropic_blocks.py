"""Reads the prompt of a Messages request piece by piece, in the order in which prefixes are cached. Pure.

The order is tools, system, messages. Source: shared design page providers.md, sections 1.2 and 4.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator.anthropic_refusals import invalid
from providers.emulator.claude_models import Claude
from providers.emulator.tokens import MESSAGE_TOKENS

IMAGE_TOKENS: Final = 1_600
MAX_MARKERS: Final = 4
NEW_VERSION: Final = "2026-10-21"

_TTLS_S: Final[dict[str, float]] = {"5m": 300.0, "1h": 3600.0}
_PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_SOURCES: Final[dict[str, str]] = {"base64": "data", "url": "url", "file": "file_id"}
_THOUGHTS: Final = frozenset({"thinking", "redacted_thinking"})


@dataclass(frozen=True)
class Block:
    """A piece as it counts for the cache. `text` is what the model reads; `keep_s` is set by a cache marker."""

    canon: str
    text: str
    tokens: int
    keep_s: float | None = None


@dataclass(frozen=True)
class Turn:
    """One message."""

    role: str
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        """All that can be read in it."""
        return "\n".join(block.text for block in self.blocks if block.text)


def dump(value: JsonValue) -> str:
    """JSON that is the same for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def keep_s(value: JsonValue, where: str) -> float | None:
    """How long a marker keeps the prefix that ends with it; None without a marker.

    Raises:
        Refusal: 400, no such marker.
    """
    if value is None:
        return None
    ttl = value.get("ttl", "5m") if isinstance(value, dict) and value.get("type") == "ephemeral" else None
    if not isinstance(ttl, str) or ttl not in _TTLS_S:
        raise invalid(f"{where}.cache_control: Input should be type 'ephemeral' with ttl '5m' or '1h'")
    return _TTLS_S[ttl]


def system(value: JsonValue, model: Claude) -> tuple[Block, ...]:
    """The blocks of the system prompt.

    Raises:
        Refusal: 400, neither a string nor a list of text blocks.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        return (_written({"type": "text", "text": value}, value, model),)
    if not isinstance(value, list):
        raise invalid("system: Input should be a string or a list of text blocks")
    return tuple(_text(block, f"system.{place}", model) for place, block in enumerate(value))


def turns(value: JsonValue, model: Claude, version: str) -> tuple[Turn, ...]:
    """The messages.

    Raises:
        Refusal: 400, the first thing that is wrong.
    """
    if not isinstance(value, list):
        raise invalid("messages: Field required" if value is None else "messages: Input should be a valid list")
    if not value:
        raise invalid("messages: at least one message is required")
    calls: set[str] = set()
    read = tuple(_turn(message, f"messages.{place}", model, version, calls) for place, message in enumerate(value))
    if read[0].role != "user":
        raise invalid('messages: first message must use the "user" role')
    return read


def _turn(message: JsonValue, where: str, model: Claude, version: str, calls: set[str]) -> Turn:
    role = message.get("role") if isinstance(message, dict) else None
    if not isinstance(message, dict) or role not in ("user", "assistant"):
        raise invalid(f"{where}.role: Input should be 'user' or 'assistant'")
    content = message.get("content")
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    if not isinstance(content, list) or not content:
        raise invalid(f"{where}.content: Input should be a valid string or a list of blocks")
    read = _content(content, f"{where}.content", str(role), model, version, calls)
    return Turn(str(role), tuple(read))


def _content(
    content: list[JsonValue], where: str, role: str, model: Claude, version: str, calls: set[str]
) -> Iterator[Block]:
    overhead = MESSAGE_TOKENS
    for place, block in enumerate(content):
        spot = f"{where}.{place}"
        kind = block.get("type") if isinstance(block, dict) else None
        if not isinstance(block, dict) or not isinstance(kind, str):
            raise invalid(f"{spot}: Input should be an object with a type")
        _version_rules(block, kind, spot, role, version)
        read = _read(block, kind, spot, model, calls)
        yield Block(f"{role}{read.canon}", read.text, read.tokens + overhead, read.keep_s)
        overhead = 0


def _version_rules(block: dict[str, JsonValue], kind: str, where: str, role: str, version: str) -> None:
    """What 2026-10-21 took away."""
    if version != NEW_VERSION:
        return
    if kind == "document" and role == "assistant":
        raise invalid(f"{where}: document blocks are not allowed in assistant messages")
    if kind == "text" and role == "user" and block.get("citations"):
        raise invalid(f"{where}.citations: citations are not allowed on user text blocks")


def _read(block: dict[str, JsonValue], kind: str, where: str, model: Claude, calls: set[str]) -> Block:
    if kind == "text":
        return _text(block, where, model)
    if kind in ("image", "document"):
        return _picture(block, kind, where)
    if kind in _THOUGHTS:
        return Block(dump(block), "", 0)  # earlier thoughts are dropped before the model reads
    if kind == "tool_use":
        calls.add(str(block.get("id")))
        return _written(block, "", model)
    if kind == "tool_result":
        return _result(block, where, model, calls)
    raise invalid(f"{where}: Input tag '{kind}' found using 'type' does not match any of the expected tags")


def _text(block: JsonValue, where: str, model: Claude) -> Block:
    text = block.get("text") if isinstance(block, dict) and block.get("type") == "text" else None
    if not isinstance(block, dict) or not isinstance(text, str):
        raise invalid(f"{where}.text: Field required")
    if not text:
        raise invalid(f"{where}: text content blocks must be non-empty")
    return _written(block, text, model, keep_s(block.get("cache_control"), where))


def _picture(block: dict[str, JsonValue], kind: str, where: str) -> Block:
    source = block.get("source")
    form = source.get("type") if isinstance(source, dict) else None
    if not isinstance(source, dict) or not isinstance(form, str) or form not in _SOURCES:
        raise invalid(f"{where}.source: Input should be of type 'base64', 'url' or 'file'")
    if not isinstance(source.get(_SOURCES[form]), str):
        raise invalid(f"{where}.source.{form}.{_SOURCES[form]}: Field required")
    if kind == "image" and form == "base64" and source.get("media_type") not in _PICTURES:
        allowed = ", ".join(f"'{name}'" for name in sorted(_PICTURES))
        raise invalid(f"{where}.source.base64.media_type: Input should be {allowed}")
    return Block(_canon(block), "", IMAGE_TOKENS, keep_s(block.get("cache_control"), where))


def _result(block: dict[str, JsonValue], where: str, model: Claude, calls: set[str]) -> Block:
    if block.get("tool_use_id") not in calls:
        raise invalid(f"{where}: unexpected `tool_use_id` found in `tool_result` blocks: {block.get('tool_use_id')}")
    content = block.get("content")
    text = content if isinstance(content, str) else "" if content is None else dump(content)
    return _written(block, text, model, keep_s(block.get("cache_control"), where))


def tool(definition: dict[str, JsonValue], where: str, model: Claude) -> Block:
    """A tool's definition, which the model reads as well."""
    return _written(definition, "", model, keep_s(definition.get("cache_control"), where))


def _written(block: dict[str, JsonValue], text: str, model: Claude, keep: float | None = None) -> Block:
    canon = _canon(block)
    return Block(canon, text, model.count(text or canon), keep)


def _canon(block: dict[str, JsonValue]) -> str:
    """The block without its marker: moving a marker does not change a prefix."""
    return dump({name: value for name, value in block.items() if name != "cache_control"})

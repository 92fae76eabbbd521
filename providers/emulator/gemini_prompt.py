"""Reads the prompt of Google's requests: tools, system instruction and turns, down to texts and counted pieces. Pure.

Source: shared design page providers.md, sections 1.3 (parts) and 4 (what a cache holds).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator.gemini_refusals import invalid
from providers.emulator.gemini_shapes import JsonObject, shape, shapes
from providers.emulator.tokens import MESSAGE_TOKENS, count

IMAGE_TOKENS: Final = 1_120

_DATA: Final = ("inlineData", "fileData")


@dataclass(frozen=True)
class Piece:
    """One part of the prompt: what the model reads of it, and its tokens."""

    canon: str
    text: str
    tokens: int


@dataclass(frozen=True)
class CachedPrompt:
    """The beginning of a prompt that a caller has paid to keep. `asked` holds its tools, for who calls them later."""

    name: str
    model_id: str
    texts: tuple[str, ...]
    pieces: tuple[Piece, ...]
    asked: JsonObject

    @property
    def tokens(self) -> int:
        """What is kept, and billed as cached whenever it is used."""
        return sum(piece.tokens for piece in self.pieces)


def read(asked: JsonObject) -> tuple[tuple[str, ...], tuple[Piece, ...]]:
    """The texts that the model reads, one a turn, and the pieces of the prompt in the order of its beginning.

    Raises:
        Refusal: 400, a turn or a part is not as it should be.
    """
    pieces = [Piece(canon := _dump(tool), "", count(canon)) for tool in _list(asked.get("tools"))]
    texts: list[str] = []
    for where, content in (*_system(asked), *_turns(asked)):
        found = tuple(_parts(content, where))
        if not found:
            raise invalid(f"* GenerateContentRequest.{where}.parts: contents.parts must not be empty.")
        texts.append("\n".join(piece.text for piece in found if piece.text))
        pieces.extend(found)
    return tuple(texts), tuple(pieces)


def _system(asked: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    head = asked.get("systemInstruction")
    if isinstance(head, str):
        head = {"parts": [{"text": head}]}
    if head is not None:
        yield "system", shape(head, "content", "system_instruction")


def _turns(asked: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for place, content in enumerate(shapes(asked.get("contents"), "content", "contents")):
        if content.get("role", "user") not in ("user", "model", "function"):
            raise invalid(f"* GenerateContentRequest.contents[{place}].role: Please use a valid role: user, model.")
        yield f"contents[{place}]", content


def _parts(content: JsonObject, where: str) -> Iterator[Piece]:
    overhead = MESSAGE_TOKENS
    for place, part in enumerate(shapes(content.get("parts"), "part", f"{where}.parts")):
        canon, text = f"{content.get('role')}{_dump(part)}", part.get("text")
        if isinstance(text, str):
            thought = part.get("thought") is True  # earlier thoughts are dropped before the model reads
            yield Piece(canon, "" if thought else text, overhead + (0 if thought else count(text)))
        elif any(name in part for name in _DATA):
            yield Piece(canon, "", overhead + _data(part, f"{where}.parts[{place}]"))
        elif "functionCall" in part or "functionResponse" in part:
            yield Piece(canon, "", overhead + count(canon))
        else:
            raise invalid(
                f"* GenerateContentRequest.{where}.parts[{place}].data: required oneof field 'data' must have one "
                "initialized field"
            )
        overhead = 0


def _data(part: JsonObject, where: str) -> int:
    for name, needed in zip(_DATA, ("data", "fileUri"), strict=True):
        if name in part:
            data = shape(part[name], name, f"{where}.{name}")
            if not isinstance(data.get(needed), str) or (name == "inlineData" and not data.get("mimeType")):
                raise invalid(f"Unable to process input image. Missing '{needed}' or mime type at {where}.")
    return IMAGE_TOKENS


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _dump(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

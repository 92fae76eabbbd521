"""JSON from strangers, without surprises: one error class comes out, with the place. Pure."""

import json
import math
import re
from typing import Final

from pydantic import JsonValue

from orchestrator.errors import UnparseableTranscript

_SECOND_OBJECT: Final = re.compile(r"\}[ \t]*\r?\n\s*\{")
_MAX_INTEGER_DIGITS: Final = 18  # what fits into 64 bits; Python refuses to read more than 4,300 at all


def document(content: str) -> JsonValue:
    """Read a file's JSON; of JSON Lines, all lines as one array. Raises as `parse` does."""
    try:
        return parse(content)
    except UnparseableTranscript:
        # Several objects one below the other are JSON Lines; a broken document keeps its own error.
        if content.lstrip()[:1] == "{" and (second := _SECOND_OBJECT.search(content)) and _is_one(content, second):
            return parse_lines(content)
        raise


def parse(content: str) -> JsonValue:
    """Read one JSON document. NaN and infinities, which Python writes although JSON has none, become null.

    Raises:
        UnparseableTranscript: with line and offset; without them when the nesting is too deep.
    """
    try:
        value: JsonValue = _DECODER.decode(content)
    except json.JSONDecodeError as error:
        raise UnparseableTranscript(
            f"the JSON is broken in line {error.lineno}, column {error.colno}: {error.msg}",
            line=error.lineno,
            offset=error.pos,
        ) from None
    except RecursionError:
        raise UnparseableTranscript("the JSON is nested too deep to be a transcript") from None
    return value


def parse_lines(content: str) -> list[JsonValue]:
    """Read one JSON document per line (JSON Lines); empty lines are skipped. Raises as `parse` does."""
    values: list[JsonValue] = []
    offset = 0
    for number, line in enumerate(content.split("\n"), start=1):
        if line.strip():
            values.append(_parse_line(line, number, offset))
        offset += len(line) + 1
    return values


def _is_one(content: str, second: re.Match[str]) -> bool:
    try:
        return isinstance(parse(content[: second.start() + 1]), dict)
    except UnparseableTranscript:
        return False


def _parse_line(line: str, number: int, offset: int) -> JsonValue:
    try:
        return parse(line)
    except UnparseableTranscript as error:
        message = error.message.replace("in line 1,", f"in line {number},")
        raise UnparseableTranscript(message, line=number, offset=offset + (error.offset or 0)) from None


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_INTEGER_DIGITS else float(digits)


def _real(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


_DECODER: Final = json.JSONDecoder(parse_constant=lambda _: None, parse_int=_integer, parse_float=_real)

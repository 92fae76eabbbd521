"""What the caller knows of names and words, as a seat is shown it: data, in JSON, cut to a bearable length. Pure.

JSON keeps each hint in its own string, so that a name which reads like an order is still seen to be a name.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import JsonValue

from orchestrator.analysis.prompt_texts import HINTS
from orchestrator.meeting.cleaning import clean
from providers.calls import JsonObject, Value

# Two hundred names of a usual length. Beyond that a list helps no spelling, and each seat pays for it.
MAX_CHARACTERS: Final = 3_000
MAX_NAME_CHARACTERS: Final = 80


class Called(Value):
    """Somebody who may be spoken of, and how else they are called."""

    name: str
    aliases: tuple[str, ...] = ()


class Hints(Value):
    """`words` are those that a transcript may have misspelled; `industry` is None where nothing points to one."""

    people: tuple[Called, ...] = ()
    words: tuple[str, ...] = ()
    industry: str | None = None


NOTHING: Final = Hints()


def written(hints: Hints) -> str:
    """The lines that stand between transcript and instruction; "" where nothing is known."""
    known: JsonObject = {
        "people": _fitting(_person(one) for one in hints.people),
        "words": _fitting(_name(word) for word in hints.words),
        "industry": _name(hints.industry or ""),
    }
    lines = [f"{name}: {_json(value)}" for name, value in known.items() if value]
    return "\n".join((HINTS, *lines)) if lines else ""


def _person(one: Called) -> JsonValue:
    also: list[JsonValue] = [alias for alias in map(_name, one.aliases) if alias]
    name = _name(one.name)
    return {"name": name, "also": also} if also else name


def _fitting(values: Iterable[JsonValue]) -> list[JsonValue]:
    """The first of them, as many as there is room for; blank ones are none."""
    kept: list[JsonValue] = []
    room = MAX_CHARACTERS
    for value in values:
        room -= len(_json(value)) + 2
        if room < 0:
            break
        if value:
            kept.append(value)
    return kept


def _name(text: str) -> str:
    return clean(clean(text)[:MAX_NAME_CHARACTERS])


def _json(value: JsonValue | Sequence[JsonValue]) -> str:
    return json.dumps(value, ensure_ascii=False)

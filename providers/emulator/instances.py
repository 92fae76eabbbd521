"""Fills a JSON schema: with known facts where their names and types fit, with plain inventions elsewhere. Pure."""

from collections.abc import Callable, Mapping
from typing import Final

from pydantic import JsonValue

from providers.emulator.draws import pick
from providers.emulator.strictness import resolve

Schema = Mapping[str, JsonValue]

_DEEP: Final = 12  # below this a schema that contains itself is closed off with nulls and empty lists
_BOTTOM: Final = 60  # no honest schema is so deep; one that must contain itself has no instance at all
_FORMATS: Final[dict[str, str]] = {
    "date": "2026-11-20",
    "date-time": "2026-11-20T12:00:00Z",
    "time": "12:00:00Z",
    "email": "somebody@example.org",
    "uri": "https://example.org/",
    "uuid": "0198a1b2-0000-7000-8000-000000000000",
}


def fill(schema: JsonValue, facts: JsonValue, salt: str) -> JsonValue:
    """An instance of the schema. `salt` decides among equals: the same salt gives the same instance."""
    return _Filler(schema if isinstance(schema, dict) else {}, salt).fill(schema, facts, (), 0)


class _Filler:
    def __init__(self, root: dict[str, JsonValue], salt: str) -> None:
        self._root = root
        self._salt = salt
        self._by_type: dict[str, Callable[[Schema, JsonValue, tuple[str, ...], int], JsonValue]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": self._number,
            "number": self._number,
            "boolean": self._boolean,
            "null": lambda *_: None,
        }

    def fill(self, schema: JsonValue, facts: JsonValue, path: tuple[str, ...], depth: int) -> JsonValue:
        if not isinstance(schema, dict) or depth > _BOTTOM:
            return facts
        if "$ref" in schema:
            return self.fill(resolve(schema["$ref"], self._root), facts, path, depth + 1)
        if "const" in schema:
            return schema["const"]
        if isinstance(values := schema.get("enum"), list) and values:
            return facts if facts in values else pick(values, self._salt, *path)
        if isinstance(options := schema.get("anyOf", schema.get("oneOf")), list) and options:
            return self.fill(_option(options, depth), facts, path, depth + 1)
        return self._by_type[_type(schema)](schema, facts, path, depth)

    def _object(self, schema: Schema, facts: JsonValue, path: tuple[str, ...], depth: int) -> JsonValue:
        known = facts if isinstance(facts, dict) else {}
        properties = schema.get("properties")
        parts = properties if isinstance(properties, dict) else {}
        return {name: self.fill(part, known.get(name), (*path, name), depth + 1) for name, part in parts.items()}

    def _array(self, schema: Schema, facts: JsonValue, path: tuple[str, ...], depth: int) -> JsonValue:
        least = _whole(schema.get("minItems"), 0)
        if depth > _DEEP and not least:
            return []
        known = facts if isinstance(facts, list) else [None]
        known = known + [None] * (least - len(known))
        items = schema.get("items", {"type": "string"})
        return [self.fill(items, fact, (*path, str(place)), depth + 1) for place, fact in enumerate(known)]

    def _string(self, schema: Schema, facts: JsonValue, path: tuple[str, ...], _depth: int) -> JsonValue:
        if isinstance(facts, str):
            return facts
        form = schema.get("format")
        if isinstance(form, str) and form in _FORMATS:
            return _FORMATS[form]
        text = f"emulated {path[-1] if path else 'text'}".ljust(_whole(schema.get("minLength"), 0), ".")
        return text[: _whole(schema.get("maxLength"), len(text))]

    def _number(self, schema: Schema, facts: JsonValue, _path: tuple[str, ...], _depth: int) -> JsonValue:
        wanted = facts if isinstance(facts, int) and not isinstance(facts, bool) else 1
        low = _whole(schema.get("minimum"), wanted)
        return min(max(wanted, low), _whole(schema.get("maximum"), max(wanted, low)))

    def _boolean(self, _schema: Schema, facts: JsonValue, path: tuple[str, ...], _depth: int) -> JsonValue:
        return facts if isinstance(facts, bool) else pick((True, False), self._salt, *path)


def _type(schema: Schema) -> str:
    named = schema.get("type", "object" if "properties" in schema else "string")
    names = [name for name in (named if isinstance(named, list) else [named]) if isinstance(name, str)]
    return next((name for name in names if name != "null"), "null")


def _option(options: list[JsonValue], depth: int) -> JsonValue:
    if depth > _DEEP:
        return next((o for o in options if isinstance(o, dict) and o.get("type") == "null"), options[0])
    return options[0]


def _whole(value: JsonValue, otherwise: int) -> int:
    return int(value) if isinstance(value, int | float) else otherwise

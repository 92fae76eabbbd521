import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from orchestrator.analysis.prompts import SCHEMA, SCHEMA_WITH_TYPE
from providers.emulator.instances import fill
from providers.emulator.strictness import complaint, is_name, resolve


def closed(**properties: JsonValue) -> dict[str, JsonValue]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


TEXT: JsonValue = {"type": "string"}
DATE: JsonValue = {"type": "string", "format": "date"}
LEAVES = st.sampled_from(
    [
        TEXT,
        DATE,
        {"type": "integer", "minimum": 3, "maximum": 9},
        {"type": "number", "maximum": -2},
        {"type": "boolean"},
        {"type": "null"},
        {"type": ["null", "string"]},
        {"type": "string", "enum": ["high", "low"]},
        {"const": 7},
        {"$ref": "#/$defs/leaf"},
        {"anyOf": [{"type": "null"}, {"type": "string"}]},
        {"type": "string", "minLength": 30, "maxLength": 40},
    ]
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: (
        st.dictionaries(st.sampled_from("abcdefg"), inner, max_size=4).map(lambda parts: closed(**parts))
        | st.fixed_dictionaries({"type": st.just("array"), "items": inner, "minItems": st.integers(0, 3)})
    ),
    max_leaves=12,
)


@settings(deadline=None)  # timed by nobody: the machine may be busy
@given(st.dictionaries(st.sampled_from("uvw"), SCHEMAS, max_size=3), st.text(max_size=3))
def test_an_instance_satisfies_its_schema(parts: dict[str, JsonValue], salt: str) -> None:
    schema = closed(**parts) | {"$defs": {"leaf": {"type": "array", "items": {"type": "boolean"}}}}

    instance = fill(schema, None, salt)

    jsonschema.validate(instance, schema)
    assert fill(schema, None, salt) == instance


@settings(deadline=None)  # timed by nobody: the machine may be busy
@given(st.recursive(st.none() | st.integers() | st.text(), lambda t: st.lists(t) | st.dictionaries(st.text(), t)))
def test_facts_of_the_wrong_type_do_not_get_in(facts: JsonValue) -> None:
    jsonschema.validate(fill(SCHEMA, {"summary": facts, "topics": facts, "language": facts}, "s"), SCHEMA)


def test_facts_fill_what_bears_their_name() -> None:
    schema = closed(
        owner=TEXT, tags={"type": "array", "items": TEXT}, open={"type": "boolean"}, size={"type": "integer"}
    )
    facts: JsonValue = {"owner": "Ann", "tags": ["a", "b"], "open": True, "size": 4, "unasked": 1}

    assert fill(schema, facts, "s") == {"owner": "Ann", "tags": ["a", "b"], "open": True, "size": 4}


def test_an_enum_takes_a_fact_that_it_lists_and_draws_otherwise() -> None:
    schema: JsonValue = {"enum": ["x", "y"]}

    assert fill(schema, "y", "s") == "y"
    assert fill(schema, "z", "s") in ("x", "y")


def test_a_schema_that_contains_itself_is_closed_off() -> None:
    node = closed(children={"type": "array", "items": {"$ref": "#"}}, next={"anyOf": [{"$ref": "#"}, {"type": "null"}]})

    instance = fill(node, None, "s")

    jsonschema.validate(instance, node)


def test_a_schema_without_any_instance_ends_all_the_same() -> None:
    endless = closed(again={"$ref": "#"})
    choice = closed(again={"anyOf": [{"$ref": "#"}]})

    assert json.dumps(fill(endless, None, "s")).count("again") < 100
    assert json.dumps(fill(choice, None, "s")).count("again") < 100


def test_anything_goes_where_nothing_is_said() -> None:
    assert fill({}, "fact", "s") == "fact"
    assert fill(True, "fact", "s") == "fact"
    assert fill({"properties": {"a": True}}, {"a": 1}, "s") == {"a": 1}
    assert fill({"type": "string"}, None, "s") == "emulated text"


def test_the_product_s_own_schema_is_strict() -> None:
    assert complaint(SCHEMA) is None
    assert complaint(SCHEMA_WITH_TYPE) is None


DEEP: JsonValue = TEXT
for _ in range(11):
    DEEP = closed(a=DEEP)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (None, "must be a JSON Schema"),
        ({"type": "array", "items": TEXT}, "must be a JSON Schema"),
        ({"type": "object", "properties": {}, "required": []}, "'additionalProperties' is required"),
        (closed(a=TEXT) | {"required": []}, "Missing 'a'"),
        (closed(a=TEXT) | {"required": None}, "Missing 'a'"),
        (closed(a=TEXT) | {"required": ["a", "b"]}, "Extra required key 'b'"),
        (closed(a=TEXT) | {"properties": None}, "Extra required key 'a'"),
        (closed(a={}), "must have a 'type'"),
        (closed(a="string"), "a schema must be an object"),
        (closed(a={"type": "array"}), "missing items"),
        (closed(a={"type": "array", "items": {"type": "object"}}), "'additionalProperties'"),
        (closed(a={"$ref": "#/$defs/gone"}), "not found"),
        (closed(a={"$ref": 7}), "not found"),
        (closed(a={"$ref": "other.json"}), "not found"),
        (closed(a={"allOf": [TEXT]}), "'allOf' is not permitted"),
        (closed(a={"anyOf": [TEXT, {"type": "object"}]}), "'additionalProperties'"),
        (closed(a={"type": "string", "enum": [str(n) for n in range(1_001)]}), "more than 1000"),
        (closed(**{f"p{n}": TEXT for n in range(5_001)}), "at most 5000"),
        (DEEP, "levels of nesting"),
        (closed() | {"$defs": {"x": {"type": "object"}}}, "'additionalProperties'"),
    ],
)
def test_a_schema_is_refused_for(schema: JsonValue, words: str) -> None:
    assert words in (complaint(schema) or "")


def test_references_are_followed_from_the_root() -> None:
    root: dict[str, JsonValue] = {"$defs": {"a": TEXT}, "list": []}

    assert resolve("#", root) == root
    assert resolve("#/$defs/a", root) == TEXT
    assert resolve("#/list/a", root) is None


@pytest.mark.parametrize(("name", "fine"), [("meeting_v1", True), ("a" * 65, False), ("", False), ("a b", False)])
def test_a_schema_s_name(name: str, fine: bool) -> None:
    assert is_name(name) is fine

"""What is written to a server of the OpenAI family, for a call and the cards of its target."""

import json
from datetime import date
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from providers.calls import Call, Image, JsonObject, Message, Tool, ToolCall
from providers.catalog import ModelCard, Price, ProviderCard, load
from providers.dialects.openai_chat import OpenAIChat
from providers.dialects.openai_requests import merged
from providers.errors import Refused
from providers.wire import Dialect

Fields: TypeAlias = dict[str, object]

DIALECT: Dialect = OpenAIChat()

SCHEMA: JsonObject = {"type": "object", "properties": {"naïve": {"type": "string"}}}
TURNS = (Message(role="system", text="Be brief."), Message(role="user", text="Hello there"))
TOOL = Tool(name="look_up", description="Looks a word up", parameters={"type": "object"})
TOOL_TURNS = (
    *TURNS,
    Message(role="assistant", text="", tool_calls=(ToolCall(id="t-1", name="look_up", arguments='{"word": '),)),
    Message(role="tool", text="nothing found", tool_call_id="t-1"),
)
PRICE = Price(
    since=date(2026, 1, 1), input_micro_usd=1, cached_input_micro_usd=1, cache_write_micro_usd=1, output_micro_usd=1
)


def provider(**fields: object) -> ProviderCard:
    return ProviderCard.model_validate({"id": "p", "name": "P", "dialect": "openai_chat", **fields})


def model(**fields: object) -> ModelCard:
    card: Fields = {
        "provider": "p",
        "id": "m-1",
        "tier": "economy",
        "window_tokens": 1_000,
        "max_output_tokens": 500,
        "equivalent": "economy",
        "prices": (PRICE,),
    }
    return ModelCard.model_validate(card | fields)


def call(**fields: object) -> Call:
    asked: Fields = {
        "call_id": "job-1.seat-0",
        "messages": TURNS,
        "max_output_tokens": 500,
        "timeout_s": 5,
        "schema_name": "meeting analysis/v1",
    }
    return Call.model_validate(asked | fields)


def body(
    asked: Call | None = None, at: ProviderCard | None = None, card: ModelCard | None = None
) -> dict[str, JsonValue]:
    return DIALECT.encode(asked or call(), at or provider(), card or model()).body


def turns(written: JsonObject) -> list[JsonObject]:
    found = written["messages"]
    assert isinstance(found, list)
    return [turn for turn in found if isinstance(turn, dict)]


def test_a_plain_call_is_written_with_nothing_that_nobody_wished_for() -> None:
    request = DIALECT.encode(call(), provider(), model())

    assert request.path == "/chat/completions"
    assert request.headers == {"x-client-request-id": "job-1.seat-0"}
    assert request.body == {
        "model": "m-1",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello there"}],
        "max_tokens": 500,
    }


def test_the_cards_name_the_field_of_the_limit_and_the_role_of_the_system() -> None:
    written = body(at=provider(max_tokens_field="max_completion_tokens", system_role="developer"))

    assert written["max_completion_tokens"] == 500
    assert "max_tokens" not in written
    assert turns(written)[0]["role"] == "developer"


@pytest.mark.parametrize(
    ("model_id", "path"),
    [
        ("gpt-6", "/openai/deployments/gpt-6/chat/completions"),
        ("a b/../é", "/openai/deployments/a%20b%2F..%2F%C3%A9/chat/completions"),
    ],
)
def test_a_path_of_the_providers_own_holds_the_model(model_id: str, path: str) -> None:
    card = provider(path="/openai/deployments/{model}/chat/completions")

    assert DIALECT.encode(call(), card, model(id=model_id)).path == path


def test_a_client_request_id_keeps_to_the_signs_that_every_provider_takes() -> None:
    request = DIALECT.encode(call(call_id="job é/1\n" + "x" * 200), provider(), model())

    assert request.headers["x-client-request-id"] == "job---1-" + "x" * 120


# --- JSON


def test_a_schema_travels_as_a_strict_response_format_under_a_lawful_name() -> None:
    written = body(call(json_schema=SCHEMA))

    assert written["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "meeting_analysis_v1", "strict": True, "schema": SCHEMA},
    }
    assert turns(written)[0]["content"] == "Be brief."


@pytest.mark.parametrize(("kind", "response_format"), [("object", {"type": "json_object"}), ("none", None)])
def test_a_server_without_schemas_gets_it_as_text_with_the_word_json(
    kind: str, response_format: JsonObject | None
) -> None:
    written = body(call(json_schema=SCHEMA), provider(json_output=kind))

    system = turns(written)[0]["content"]
    assert isinstance(system, str)
    assert system.startswith("Be brief.\n\n")
    assert "JSON" in system
    assert json.dumps(SCHEMA, ensure_ascii=False, separators=(",", ":")) in system
    assert written.get("response_format") == response_format


def test_a_call_without_system_text_gets_one_for_the_schema() -> None:
    written = body(call(json_schema=SCHEMA, messages=TURNS[1:]), provider(json_output="object"))

    assert [turn["role"] for turn in turns(written)] == ["system", "user"]


# --- The system's text where a model knows no such role


def test_a_model_without_a_system_role_reads_it_at_the_head_of_the_first_user_turn() -> None:
    messages = (
        Message(role="assistant", text="Welcome"),
        TURNS[0],
        TURNS[1],
        Message(role="system", text="Be kind."),
        Message(role="user", text="Bye"),
    )

    written = body(call(messages=messages), card=model(takes=[]))

    assert turns(written) == [
        {"role": "assistant", "content": "Welcome"},
        {"role": "user", "content": "Be brief.\n\nBe kind.\n\nHello there"},
        {"role": "user", "content": "Bye"},
    ]


def test_system_text_without_a_user_becomes_a_turn_of_its_own() -> None:
    assert turns(body(call(messages=TURNS[:1]), card=model(takes=[]))) == [{"role": "user", "content": "Be brief."}]


def test_without_system_text_nothing_is_folded() -> None:
    assert turns(body(call(messages=TURNS[1:]), card=model(takes=[]))) == [{"role": "user", "content": "Hello there"}]


def test_a_schema_as_text_is_folded_too() -> None:
    asked = call(json_schema=SCHEMA, messages=TURNS[1:])

    (turn,) = turns(body(asked, provider(json_output="object"), model(takes=[])))

    assert turn["role"] == "user"
    assert str(turn["content"]).startswith("Answer with one JSON object")
    assert str(turn["content"]).endswith("\n\nHello there")


# --- Images


def test_images_are_shown_after_the_text_as_data_or_by_address() -> None:
    seen = Message(
        role="user",
        text="What is this?",
        images=(Image(media_type="image/jpeg", base64="QUJD"), Image(url="https://pictures.example/1.png")),
    )

    (turn,) = turns(body(call(messages=(seen,)), card=model(takes=["system", "images"])))

    assert turn["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,QUJD"}},
        {"type": "image_url", "image_url": {"url": "https://pictures.example/1.png"}},
    ]


def test_an_image_without_a_word_is_shown_alone() -> None:
    seen = Message(role="user", text="", images=(Image(base64="QUJD"),))

    (turn,) = turns(body(call(messages=(seen,)), card=model(takes=["images"])))

    assert turn["content"] == [{"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}]


# --- Tools


def test_tools_and_the_turns_about_them_are_written() -> None:
    written = body(call(tools=(TOOL,), messages=TOOL_TURNS), card=model(takes=["system", "tools"]))

    assert written["tools"] == [
        {
            "type": "function",
            "function": {"name": "look_up", "description": "Looks a word up", "parameters": {"type": "object"}},
        }
    ]
    assert written["tool_choice"] == "auto"
    assert turns(written)[2:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "t-1", "type": "function", "function": {"name": "look_up", "arguments": '{"word": '}}
            ],
        },
        {"role": "tool", "content": "nothing found", "tool_call_id": "t-1"},
    ]


@pytest.mark.parametrize(
    ("wish", "takes", "sent"),
    [
        ("auto", ["tools"], "auto"),
        ("none", ["tools"], "none"),
        ("required", ["tools"], "auto"),
        ("required", ["tools", "forced_tools"], "required"),
    ],
)
def test_a_tool_is_forced_only_on_a_model_that_lets_it(wish: str, takes: list[str], sent: str) -> None:
    assert body(call(tools=(TOOL,), tool_choice=wish), card=model(takes=takes))["tool_choice"] == sent


@pytest.mark.parametrize(
    ("fields", "takes", "reason"),
    [
        ({"messages": (Message(role="user", text="", images=(Image(base64="QQ"),)),)}, ["tools"], "takes no images"),
        (
            {"messages": (Message(role="system", text="", images=(Image(base64="QQ"),)),)},
            ["images", "system"],
            "only a user's turn",
        ),
        ({"tools": (TOOL,)}, ["images"], "takes no tools"),
        ({"messages": TOOL_TURNS}, ["images"], "takes no tools"),
        ({"messages": TOOL_TURNS}, ["tools"], "offers none"),
        ({"messages": TOOL_TURNS[3:]}, ["tools"], "offers none"),
    ],
)
def test_what_a_model_cannot_take_is_refused_before_a_byte_is_sent(
    fields: Fields, takes: list[str], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        DIALECT.encode(call(**fields), provider(), model(takes=takes))


# --- Wishes


@pytest.mark.parametrize(
    ("fields", "card", "sent"),
    [
        ({}, {"reasoning_effort": "low"}, {"reasoning_effort": "low"}),
        ({"effort": "max"}, {"efforts": ["low", "high"]}, {"reasoning_effort": "high"}),
        ({"effort": "max"}, {}, {}),
        ({"temperature": 0.0}, {"takes": ["sampling", "system"]}, {"temperature": 0.0}),
        ({"temperature": 0.5}, {}, {}),
        ({}, {"takes": ["sampling", "system"]}, {}),
        ({"service_tier": "flex"}, {"flex_percent": 50}, {"service_tier": "flex"}),
        ({"service_tier": "flex"}, {}, {}),
        ({}, {"flex_percent": 50}, {}),
        ({"stream": True}, {}, {"stream": True, "stream_options": {"include_usage": True}}),
    ],
)
def test_a_wish_is_sent_where_the_model_takes_it(fields: Fields, card: Fields, sent: JsonObject) -> None:
    written, plain = body(call(**fields), card=model(**card)), body()

    assert {name: value for name, value in written.items() if name not in plain} == sent


# --- What keeps calls together


@pytest.mark.parametrize("field", ["user", "user_id", "safety_identifier"])
def test_the_tenants_hash_travels_in_the_field_of_the_provider(field: str) -> None:
    assert body(call(user="t-1"), provider(user_field=field))[field] == "t-1"
    assert field not in body(call(), provider(user_field=field))


@pytest.mark.parametrize("field", ["", "metadata.user_id"])
def test_the_tenants_hash_stays_here_where_there_is_no_field_for_it(field: str) -> None:
    assert body(call(user="t-1"), provider(user_field=field)) == body()


def cached(*texts: str, user: str = "t-1") -> Call:
    """A call that ends its cached prefix with the last text but one."""
    messages = tuple(
        Message(role="user", text=text, cached=place == len(texts) - 2) for place, text in enumerate(texts)
    )
    return call(messages=messages, user=user)


def key(asked: Call) -> str:
    return str(body(asked, provider(cache_key=True))["prompt_cache_key"])


def test_calls_that_begin_alike_have_one_cache_key() -> None:
    assert key(cached("transcript", "one task")) == key(cached("transcript", "another task"))
    assert key(cached("transcript", "one task")).startswith("t-1-")


@pytest.mark.parametrize(
    "other",
    [
        cached("another transcript", "one task"),
        cached("trans", "cript", "one task"),
        cached("transcript", "one task", user="t-2"),
    ],
)
def test_calls_that_begin_otherwise_or_of_another_tenant_have_another_cache_key(other: Call) -> None:
    assert key(cached("transcript", "one task")) != key(other)


def test_a_cache_key_fits_its_field_and_tells_long_tenants_apart() -> None:
    first, second = key(cached("a", "b", user="u" * 64)), key(cached("a", "b", user="u" * 63 + "v"))

    assert len(first) == len(second) == 64
    assert first != second


@pytest.mark.parametrize(
    ("asked", "takes_key"), [(cached("a", "b"), False), (cached("a", "b", user=""), True), (call(user="t-1"), True)]
)
def test_no_cache_key_is_sent_without_a_prefix_a_tenant_or_a_field(asked: Call, takes_key: bool) -> None:
    assert "prompt_cache_key" not in body(asked, provider(cache_key=takes_key))


def test_an_upstream_that_wants_markers_gets_them_at_the_ends_of_the_last_four_prefixes() -> None:
    messages = tuple(Message(role="user", text=f"part {place}", cached=place < 5) for place in range(6))

    written = turns(body(call(messages=messages), card=model(cache_min_tokens=512)))

    marked = [turn["content"] for turn in written]
    assert marked[0] == "part 0"
    assert marked[1:5] == [
        [{"type": "text", "text": f"part {place}", "cache_control": {"type": "ephemeral"}}] for place in range(1, 5)
    ]
    assert marked[5] == "part 5"


def test_no_marker_is_sent_where_the_cache_wants_none_or_there_is_nothing_to_mark() -> None:
    empty = call(messages=(Message(role="user", text="", cached=True), Message(role="user", text="b")))

    assert turns(body(cached("a", "b"))) == turns(
        body(cached("a", "b"), provider(cache_key=True), model(cache_min_tokens=1))
    )
    assert turns(body(cached("a", "b")))[0]["content"] == "a"
    assert turns(body(empty, card=model(cache_min_tokens=1)))[0]["content"] == ""


# --- Extra fields


def test_the_extra_fields_of_both_cards_grow_into_one_body_and_the_models_wins() -> None:
    at = provider(
        extra_body={
            "provider": {"require_parameters": True, "sort": "price"},
            "store": False,
            "usage": {"include": True},
        }
    )
    card = model(extra_body={"provider": {"sort": "latency", "zdr": True}, "usage": 1, "max_tokens": 7})

    written = body(at=at, card=card)

    assert written["provider"] == {"require_parameters": True, "sort": "latency", "zdr": True}
    assert written["store"] is False
    assert written["usage"] == 1
    assert written["max_tokens"] == 7


json_objects = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(), max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner | st.integers(), max_size=3),
    max_leaves=6,
)


@given(json_objects, json_objects)
def test_merging_keeps_what_is_not_replaced_and_is_done_after_once(one: JsonObject, other: JsonObject) -> None:
    result = merged(one, other)

    assert result.keys() == one.keys() | other.keys()
    assert merged(result, other) == result
    assert merged(one, {}) == one
    assert merged({}, other) == other


# --- The cards that ship

CATALOG = load()
TARGETS = [card for card in CATALOG.models if CATALOG.provider(card.provider).dialect == "openai_chat"]


@pytest.mark.parametrize("card", TARGETS, ids=[str(card.target) for card in TARGETS])
def test_no_shipped_model_is_sent_sampling_parameters_or_an_unbounded_output(card: ModelCard) -> None:
    at = CATALOG.provider(card.provider)

    written = DIALECT.encode(call(json_schema=SCHEMA), at, card).body

    assert not {"temperature", "top_p", "top_k"} & written.keys()
    assert written[at.max_tokens_field] == 500
    assert json.loads(json.dumps(written)) == written


def test_a_model_without_schemas_is_asked_for_an_object_at_a_provider_that_has_them() -> None:
    written = body(call(json_schema=SCHEMA), provider(json_output="schema"), model(json_output="object"))

    system = turns(written)[0]["content"]
    assert written["response_format"] == {"type": "json_object"}
    assert isinstance(system, str)
    assert json.dumps(SCHEMA, ensure_ascii=False, separators=(",", ":")) in system

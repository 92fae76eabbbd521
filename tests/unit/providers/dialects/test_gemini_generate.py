"""The dialect of Gemini: what is written, and what is made of whatever comes back, whole or in pieces."""

import json
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from providers.calls import Call, Effort, Finish, Image, JsonObject, Message, Reply, Tool, ToolCall, Usage
from providers.catalog import Ability, ModelCard, Price, ProviderCard
from providers.dialects.gemini_generate import GeminiGenerate
from providers.dialects.gemini_stream import arguments
from providers.errors import (
    BadReply,
    ContentFiltered,
    CutOff,
    EmptyReply,
    Interrupted,
    Overloaded,
    ProviderError,
    RateLimited,
    Refused,
    ServerFault,
)
from providers.sse import Event
from providers.wire import Dialect, Pace, WireReply, WireRequest

DIALECT: Dialect = GeminiGenerate()
SCHEMA: JsonObject = {"type": "object", "properties": {"naïve": {"type": "string"}}}
PARAMETERS: JsonObject = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = Tool(name="weather", description="Tells the weather.", parameters=PARAMETERS)
PRICE = Price(
    since=date(2026, 1, 1),
    input_micro_usd=1,
    cached_input_micro_usd=1,
    cache_write_micro_usd=0,
    output_micro_usd=1,
)
GOOGLE = ProviderCard(
    id="google",
    name="Google",
    dialect="gemini_generate",
    base_url="https://generativelanguage.googleapis.com",
    key_header="x-goog-api-key",
)
HELLO = (Message(role="system", text="Be brief."), Message(role="user", text="Hello there"))


def model(
    *,
    takes: tuple[Ability, ...] = ("system",),
    efforts: tuple[Effort, ...] = (),
    extra_body: JsonObject | None = None,
    flex_percent: int = 100,
) -> ModelCard:
    return ModelCard(
        provider="google",
        id="gemini-3.8-flash",
        tier="economy",
        window_tokens=1_000_000,
        max_output_tokens=65_536,
        equivalent="flash",
        takes=frozenset(takes),
        efforts=efforts,
        extra_body=extra_body or {},
        flex_percent=flex_percent,
        prices=(PRICE,),
    )


def call(*turns: Message, **more: object) -> Call:
    return Call.model_validate(
        {"call_id": "job-1", "messages": turns or HELLO, "max_output_tokens": 500, "timeout_s": 5, **more}
    )


def encoded(asked: Call, card: ModelCard | None = None, provider: ProviderCard = GOOGLE) -> WireRequest:
    return DIALECT.encode(asked, provider, card or model())


def config(asked: Call, card: ModelCard | None = None, provider: ProviderCard = GOOGLE) -> JsonObject:
    found = encoded(asked, card, provider).body["generationConfig"]
    assert isinstance(found, dict)
    return found


def user(text: str) -> Message:
    return Message(role="user", text=text)


# What is written.


def test_a_plain_call_is_written_in_the_vendors_words() -> None:
    request = encoded(call(user="tenant-hash"))

    assert request.path == "/v1/models/gemini-3.8-flash:generateContent"
    assert request.headers == {}
    assert request.body == {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": [{"text": "Hello there"}]}],
        "generationConfig": {"maxOutputTokens": 500},
    }


@pytest.mark.parametrize(
    ("path", "stream", "expected"),
    [
        ("", True, "/v1/models/gemini-3.8-flash:streamGenerateContent?alt=sse"),
        ("/v1beta/models/{model}:generateContent", False, "/v1beta/models/gemini-3.8-flash:generateContent"),
        ("/p/x/{model}:generateContent", True, "/p/x/gemini-3.8-flash:streamGenerateContent?alt=sse"),
    ],
)
def test_the_address_names_the_model_and_whether_it_streams(path: str, stream: bool, expected: str) -> None:
    provider = GOOGLE.model_copy(update={"path": path})

    assert encoded(call(stream=stream), provider=provider).path == expected


def test_neighbours_with_one_role_become_one_turn() -> None:
    asked = call(user("a"), user("b"), Message(role="assistant", text="c"), user("d"))

    assert encoded(asked).body["contents"] == [
        {"role": "user", "parts": [{"text": "a"}, {"text": "b"}]},
        {"role": "model", "parts": [{"text": "c"}]},
        {"role": "user", "parts": [{"text": "d"}]},
    ]


def test_system_texts_go_in_front_of_the_conversation_where_a_model_takes_none() -> None:
    body = encoded(call(), model(takes=())).body

    assert "systemInstruction" not in body
    assert body["contents"] == [{"role": "user", "parts": [{"text": "Be brief."}, {"text": "Hello there"}]}]


def test_a_system_text_alone_is_asked_as_a_question_since_a_call_needs_one() -> None:
    body = encoded(call(Message(role="system", text="Say hello."))).body

    assert body["contents"] == [{"role": "user", "parts": [{"text": "Say hello."}]}]
    assert "systemInstruction" not in body


def test_pictures_travel_as_bytes_or_as_an_address() -> None:
    shown = Message(
        role="user",
        text="What is this?",
        images=(Image(media_type="image/jpeg", base64="QUJD"), Image(url="https://example.org/a.png")),
    )

    assert encoded(call(shown)).body["contents"] == [
        {
            "role": "user",
            "parts": [
                {"text": "What is this?"},
                {"inlineData": {"mimeType": "image/jpeg", "data": "QUJD"}},
                {"fileData": {"fileUri": "https://example.org/a.png", "mimeType": "image/png"}},
            ],
        }
    ]


def test_an_empty_text_stands_only_where_a_turn_would_be_empty_without_it() -> None:
    asked = call(user(""), Message(role="assistant", text="", tool_calls=(ToolCall(id="1", name="f", arguments=""),)))

    assert encoded(asked).body["contents"] == [
        {"role": "user", "parts": [{"text": ""}]},
        {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]},
    ]


def test_tool_calls_and_their_answers_travel_as_objects_under_the_functions_name() -> None:
    asked = (
        ToolCall(id="call_0", name="weather", arguments='{"city": "Bern"}'),
        ToolCall(id="call_1", name="clock", arguments="broken {"),
    )
    turns = (
        user("Weather and time?"),
        Message(role="assistant", text="Let me see.", tool_calls=asked),
        Message(role="tool", text='{"sky": "blue"}', tool_call_id="call_0"),
        Message(role="tool", text="noon", tool_call_id="call_1"),
    )

    assert encoded(call(*turns)).body["contents"] == [
        {"role": "user", "parts": [{"text": "Weather and time?"}]},
        {
            "role": "model",
            "parts": [
                {"text": "Let me see."},
                {"functionCall": {"name": "weather", "args": {"city": "Bern"}}},
                {"functionCall": {"name": "clock", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "weather", "response": {"sky": "blue"}}},
                {"functionResponse": {"name": "clock", "response": {"output": "noon"}}},
            ],
        },
    ]


def test_an_id_that_two_turns_used_means_the_call_that_came_last() -> None:
    def asking(name: str) -> Message:
        return Message(role="assistant", text="", tool_calls=(ToolCall(id="call_0", name=name, arguments="{}"),))

    answer = Message(role="tool", text="{}", tool_call_id="call_0")
    stranger = Message(role="tool", text="{}", tool_call_id="lookup")

    contents = encoded(call(stranger, asking("first"), answer, asking("second"), answer)).body["contents"]

    assert isinstance(contents, list)
    assert [turn["parts"][0]["functionResponse"]["name"] for turn in contents[::2]] == ["lookup", "first", "second"]  # type: ignore[index, call-overload]


def test_a_schema_travels_as_one() -> None:
    assert config(call(json_schema=SCHEMA)) == {
        "maxOutputTokens": 500,
        "responseMimeType": "application/json",
        "responseJsonSchema": SCHEMA,
    }


@pytest.mark.parametrize(
    ("kind", "mime_type"), [("object", {"responseMimeType": "application/json"}), ("none", {})], ids=["object", "none"]
)
def test_a_schema_is_told_in_words_where_a_provider_takes_none(kind: str, mime_type: JsonObject) -> None:
    provider = GOOGLE.model_copy(update={"json_output": kind})

    body = encoded(call(json_schema=SCHEMA), provider=provider).body

    assert body["generationConfig"] == {"maxOutputTokens": 500, **mime_type}
    system = body["systemInstruction"]["parts"]  # type: ignore[index, call-overload]
    assert isinstance(system, list)
    assert system[0] == {"text": "Be brief."}
    assert str(system[1]["text"]).endswith(json.dumps(SCHEMA, ensure_ascii=False, separators=(",", ":")))  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    ("effort", "level"),
    [
        ("none", None),
        ("minimal", "MINIMAL"),
        ("low", "LOW"),
        ("medium", "MEDIUM"),
        ("high", "HIGH"),
        ("xhigh", "HIGH"),
        ("max", "HIGH"),
    ],
)
def test_effort_is_a_level_of_thinking_and_none_is_no_level(effort: Effort, level: str | None) -> None:
    thinking = config(call(effort=effort), model(efforts=(effort,))).get("thinkingConfig")

    assert thinking == (None if level is None else {"thinkingLevel": level})


def test_no_effort_is_sent_to_a_model_without_any() -> None:
    assert config(call(effort="high"), model()) == {"maxOutputTokens": 500}


def test_sampling_is_sent_to_a_model_that_takes_it_alone() -> None:
    assert config(call(temperature=0.0), model(takes=("sampling",)))["temperature"] == 0.0
    assert "temperature" not in config(call(temperature=0.0), model())
    assert "temperature" not in config(call(), model(takes=("sampling",)))


def test_the_flex_tier_is_asked_for_where_it_is_cheaper() -> None:
    assert encoded(call(service_tier="flex"), model(flex_percent=50)).body["serviceTier"] == "flex"
    assert "serviceTier" not in encoded(call(service_tier="flex"), model()).body
    assert "serviceTier" not in encoded(call(), model(flex_percent=50)).body


@pytest.mark.parametrize(
    ("choice", "takes", "mode"),
    [
        ("auto", ("tools", "forced_tools"), "AUTO"),
        ("none", ("tools",), "NONE"),
        ("required", ("tools", "forced_tools"), "ANY"),
        ("required", ("tools",), "AUTO"),
    ],
)
def test_tools_are_declared_with_how_far_the_model_may_choose(
    choice: str, takes: tuple[Ability, ...], mode: str
) -> None:
    body = encoded(call(tools=(WEATHER,), tool_choice=choice), model(takes=takes)).body

    assert body["tools"] == [
        {
            "functionDeclarations": [
                {"name": "weather", "description": "Tells the weather.", "parametersJsonSchema": PARAMETERS}
            ]
        }
    ]
    assert body["toolConfig"] == {"functionCallingConfig": {"mode": mode}}


def test_the_cards_fields_come_on_top_and_those_of_the_configuration_join_ours() -> None:
    provider = GOOGLE.model_copy(
        update={
            "extra_body": {
                "safetySettings": [{"category": "A", "threshold": "OFF"}],
                "generationConfig": {"seed": 1, "thinkingConfig": {"includeThoughts": False}},
            }
        }
    )
    card = model(
        efforts=("low",),
        extra_body={"safetySettings": [], "generationConfig": {"seed": 2, "maxOutputTokens": 9}},
    )

    body = encoded(call(effort="low"), card, provider).body

    assert body["safetySettings"] == []
    assert body["generationConfig"] == {
        "maxOutputTokens": 9,
        "seed": 2,
        "thinkingConfig": {"thinkingLevel": "LOW", "includeThoughts": False},
    }


def test_a_card_may_switch_thoughts_off_in_its_own_words() -> None:
    card = model(efforts=("none",), extra_body={"generationConfig": {"thinkingConfig": {"thinkingBudget": 0}}})

    assert config(call(effort="none"), card)["thinkingConfig"] == {"thinkingBudget": 0}


# What comes back whole.

COUNTS: JsonObject = {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10}


def piece(*parts: JsonValue, finish: str | None = "STOP", counts: JsonValue = None, **more: JsonValue) -> JsonObject:
    """A response object with one candidate; no counts for None."""
    candidate: JsonObject = {"index": 0, "content": {"role": "model", "parts": list(parts)}}
    if finish is not None:
        candidate["finishReason"] = finish
    document: JsonObject = {"candidates": [candidate], "modelVersion": "models/m-1", "responseId": "r-1", **more}
    return document if counts is None else {**document, "usageMetadata": counts}


def text(words: str) -> JsonObject:
    return {"text": words}


def asks(name: str = "weather", **more: JsonValue) -> JsonObject:
    return {"functionCall": {"name": name, "args": {"city": "Zürich"}, **more}}


def answered(document: JsonValue, **headers: str) -> WireReply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WireReply(status=200, headers=named, body=json.dumps(document).encode())


def decoded(document: JsonValue, asked: Call | None = None) -> Reply:
    return DIALECT.decode(answered(document), asked or call())


def test_a_plain_answer_is_read_with_its_model_request_and_tier() -> None:
    reply = DIALECT.decode(answered(piece(text("fine"), counts=COUNTS), x_gemini_service_tier="flex"), call())

    assert reply == Reply(
        text="fine",
        finish=Finish.STOP,
        model_served="m-1",
        usage=Usage(input_tokens=7, output_tokens=3),
        request_id="r-1",
        tier_served="flex",
    )


def test_the_tier_is_read_from_the_counts_where_no_header_names_it() -> None:
    assert decoded(piece(text("fine"), counts={**COUNTS, "serviceTier": "standard"})).tier_served == "standard"
    assert decoded(piece(text("fine"), counts=COUNTS)).tier_served == ""


def test_what_an_answer_leaves_out_is_left_out() -> None:
    reply = decoded({"candidates": [{"content": {"parts": [text("fine")]}, "finishReason": "STOP"}]})

    assert (reply.model_served, reply.request_id) == ("", None)


def test_parts_are_joined_and_thoughts_left_out() -> None:
    thought: JsonObject = {"text": "hm", "thought": True}

    reply = decoded(piece(thought, text("the "), {"thoughtSignature": "x"}, {"text": 5}, "odd", text("end\x00")))

    assert reply.text == "the end"


def shown(text_tokens: int, image_tokens: int) -> list[JsonValue]:
    counts = {"TEXT": text_tokens, "IMAGE": image_tokens}
    return [{"modality": modality, "tokenCount": count} for modality, count in counts.items()]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (
            {
                "promptTokenCount": 100,
                "toolUsePromptTokenCount": 5,
                "cachedContentTokenCount": 60,
                "candidatesTokenCount": 30,
                "thoughtsTokenCount": 20,
                "totalTokenCount": 155,
            },
            Usage(input_tokens=45, cached_input_tokens=60, output_tokens=30, reasoning_tokens=20),
        ),
        (  # more cached than read is a lie
            {"promptTokenCount": 10, "cachedContentTokenCount": 99, "candidatesTokenCount": 3},
            Usage(cached_input_tokens=10, output_tokens=3),
        ),
        (
            {
                "promptTokenCount": 100,
                "candidatesTokenCount": 3,
                "promptTokensDetails": [*shown(30, 40), *shown(0, 30)],
            },
            Usage(input_tokens=30, image_tokens=70, output_tokens=3),
        ),
        (  # of 70 tokens of images 30 come from the cache
            {
                "promptTokenCount": 100,
                "cachedContentTokenCount": 40,
                "candidatesTokenCount": 3,
                "promptTokensDetails": shown(30, 70),
                "cacheTokensDetails": shown(10, 30),
            },
            Usage(input_tokens=20, cached_input_tokens=40, image_tokens=40, output_tokens=3),
        ),
        (  # what stood in the cache is not told, so that as many as can be were read afresh
            {
                "promptTokenCount": 100,
                "cachedContentTokenCount": 40,
                "candidatesTokenCount": 3,
                "promptTokensDetails": shown(30, 70),
            },
            Usage(cached_input_tokens=40, image_tokens=60, output_tokens=3),
        ),
        (  # more of them in the cache than were read is a lie
            {"promptTokenCount": 10, "candidatesTokenCount": 3, "cacheTokensDetails": shown(0, 30)},
            Usage(input_tokens=10, output_tokens=3),
        ),
        (
            {"promptTokenCount": 10, "candidatesTokenCount": 3, "promptTokensDetails": ["odd", {"modality": "IMAGE"}]},
            Usage(input_tokens=10, output_tokens=3),
        ),
        ({"promptTokenCount": 8, "totalTokenCount": 8}, Usage(input_tokens=8)),
        ({"promptTokenCount": 8, "candidatesTokenCount": True, "thoughtsTokenCount": None}, Usage(input_tokens=8)),
    ],
)
def test_usage_falls_into_classes_that_add_up(counts: JsonObject, expected: Usage) -> None:
    assert decoded(piece(text("fine"), counts=counts)).usage == expected


@given(st.integers(1, 1_000), st.integers(0, 100), *(st.integers(0, 2_000) for _ in range(3)))
def test_the_classes_of_the_prompt_add_up_to_it_whatever_its_details_claim(
    prompt: int, used: int, cached: int, images: int, cached_images: int
) -> None:
    counts: JsonObject = {
        "promptTokenCount": prompt,
        "toolUsePromptTokenCount": used,
        "cachedContentTokenCount": cached,
        "promptTokensDetails": shown(0, images),
        "cacheTokensDetails": shown(0, cached_images),
    }

    usage = decoded(piece(text("fine"), counts=counts)).usage

    assert sum(usage.model_dump(exclude={"estimated"}).values()) == prompt + used


@pytest.mark.parametrize("counts", [None, {}, "none", {"promptTokenCount": -5, "candidatesTokenCount": 1.5}])
def test_usage_that_is_not_told_is_estimated_and_says_so(counts: JsonValue) -> None:
    told = decoded(piece(text("fine"), counts=counts)).usage

    assert told.estimated
    assert told.input_tokens > 0
    assert told.output_tokens > 0


def test_calls_to_tools_are_read_with_an_id_of_their_own_or_their_place() -> None:
    reply = decoded(
        piece(asks(), asks("clock", id="abc"), asks(""), {"functionCall": {"name": "now"}}), call(tools=(WEATHER,))
    )

    assert reply.finish is Finish.TOOL_CALLS
    assert reply.text == ""
    assert reply.tool_calls == (
        ToolCall(id="call_0", name="weather", arguments='{"city":"Zürich"}'),
        ToolCall(id="abc", name="clock", arguments='{"city":"Zürich"}'),
        ToolCall(id="call_2", name="now", arguments="{}"),
    )


def test_a_call_to_a_tool_that_was_not_offered_is_no_answer() -> None:
    with pytest.raises(EmptyReply):
        decoded(piece(asks()))

    beside_a_text = decoded(piece(text("fine"), asks()))
    assert (beside_a_text.text, beside_a_text.finish, beside_a_text.tool_calls) == ("fine", Finish.STOP, ())


def test_arguments_nested_deeper_than_can_be_written_become_broken_json() -> None:
    deep: JsonValue = {}
    for _ in range(100_000):
        deep = {"a": deep}

    assert arguments(deep) == ""


FILTERED = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "IMAGE_SAFETY")
UNUSABLE = (
    "LANGUAGE",
    "OTHER",
    "MALFORMED_FUNCTION_CALL",
    "MALFORMED_RESPONSE",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "NO_IMAGE",
    "IMAGE_OTHER",
    "ESCALATION",
    "PUP_LIMITED_DISABLED",
    "A_REASON_TO_COME",
)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        *((piece(text("partly"), finish=reason), ContentFiltered) for reason in FILTERED),
        *((piece(text("partly"), finish=reason), BadReply) for reason in UNUSABLE),
        (piece(text("half a wo"), finish="MAX_TOKENS"), CutOff),
        (piece(asks(), finish="MAX_TOKENS"), CutOff),
        (piece(text(" \n"), finish="MAX_TOKENS"), EmptyReply),
        (piece({"text": "and think", "thought": True}, finish="MAX_TOKENS"), EmptyReply),
        (piece(text("very long"), finish="CONTINUATION"), CutOff),
        (piece(text(" \n")), EmptyReply),
        (piece(), EmptyReply),
        (piece(text("fine"), finish=None), BadReply),
        (piece(text("fine"), finish=""), BadReply),
        ({"candidates": [{"finishReason": "SAFETY"}], "modelVersion": "m-1", "responseId": "r-1"}, ContentFiltered),
        ({"candidates": [{"finishReason": "MAX_TOKENS"}], "modelVersion": "m-1", "responseId": "r-1"}, EmptyReply),
        ({"promptFeedback": {"blockReason": "JAILBREAK"}, "modelVersion": "m-1", "responseId": "r-1"}, ContentFiltered),
        ({"candidates": [], "modelVersion": "m-1", "responseId": "r-1"}, BadReply),
    ],
)
def test_an_unusable_success_is_named_and_keeps_its_bill(document: JsonObject, kind: type[ProviderError]) -> None:
    with pytest.raises(ProviderError) as failed:
        decoded({**document, "usageMetadata": COUNTS})

    assert type(failed.value) is kind
    assert failed.value.usage == Usage(input_tokens=7, output_tokens=3)
    assert failed.value.may_be_billed
    assert failed.value.model_served == "m-1"
    assert failed.value.request_id == "r-1"
    assert failed.value.status == 200


def test_a_failure_names_what_the_model_said_of_it() -> None:
    odd = piece(finish="MALFORMED_FUNCTION_CALL")
    odd["candidates"][0]["finishMessage"] = "print(x"  # type: ignore[index, call-overload]

    with pytest.raises(BadReply, match=r"MALFORMED_FUNCTION_CALL: print\(x"):
        decoded(odd)
    with pytest.raises(CutOff, match="CONTINUATION"):
        decoded(piece(text("long"), finish="CONTINUATION"))


def test_safety_ratings_of_a_prompt_are_no_block() -> None:
    assert decoded(piece(text("fine"), promptFeedback={"safetyRatings": []})).text == "fine"


@pytest.mark.parametrize(
    "document",
    [
        {"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}},
        [{"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}}],
    ],
)
def test_an_error_in_a_successs_clothes_is_classified_and_bills_nothing(document: JsonValue) -> None:
    with pytest.raises(Overloaded) as failed:
        decoded(document)

    assert failed.value.usage is None
    assert not failed.value.may_be_billed


def test_an_error_beside_an_answer_keeps_what_was_counted() -> None:
    with pytest.raises(ServerFault) as failed:
        decoded(piece(text("half"), counts=COUNTS, error={"status": "INTERNAL"}))

    assert failed.value.usage == Usage(input_tokens=7, output_tokens=3)
    assert failed.value.may_be_billed
    assert failed.value.model_served == "m-1"


def test_pieces_in_an_array_make_one_answer() -> None:
    reply = decoded([piece(text("one "), finish=None), piece(text("two"), counts=COUNTS)])

    assert reply.text == "one two"
    assert reply.usage == Usage(input_tokens=7, output_tokens=3)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Sorry</body></html>",
        b"{",
        b"[]",
        b"[[]]",
        b"null",
        b"{}",
        b'{"candidates": null}',
        b'{"candidates": ["text"]}',
        b'{"candidates": {"0": {}}}',
        b'{"candidates": [{"content": "text", "finishReason": 7}]}',
        b'{"error": {}}',
        b"[" * 100_000,
        b'{"candidates": [{"index": 1' + b"0" * 5_000 + b"}]}",
        b"\xff\xfe",
    ],
)
def test_a_success_around_nothing_is_a_bad_reply(body: bytes) -> None:
    with pytest.raises(BadReply):
        DIALECT.decode(WireReply(status=200, headers={}, body=body), call())


def test_white_space_and_a_byte_order_mark_may_stand_before_the_json() -> None:
    body = answered(piece(text("fine"))).body

    assert DIALECT.decode(WireReply(status=200, headers={}, body=b"\n\n  " + body), call()).text == "fine"
    assert DIALECT.decode(WireReply(status=200, headers={}, body=b"\xef\xbb\xbf" + body), call()).text == "fine"


# What comes back as a stream.

BARE_ERROR = b"""{
  "error": {
    "code": 429,
    "message": "Slow down.",
    "status": "RESOURCE_EXHAUSTED",
    "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "14s"}]
  }
}
"""


def sent(*documents: JsonValue) -> bytes:
    return b"".join(b"data: " + json.dumps(document).encode() + b"\r\n\r\n" for document in documents)


def streamed(body: bytes, asked: Call | None = None) -> Reply:
    return DIALECT.decode_stream(
        WireReply(status=200, headers={"x-gemini-service-tier": "flex"}, body=body), asked or call()
    )


def read(body: bytes, asked: Call) -> Reply | ProviderError:
    try:
        return streamed(body, asked)
    except ProviderError as error:
        return error


def broken_off(body: bytes) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        streamed(body)
    return failed.value


def test_a_stream_is_joined_and_its_last_counts_stand() -> None:
    running: JsonObject = {"promptTokenCount": 7, "candidatesTokenCount": 1}
    body = sent(
        piece({"text": "hm", "thought": True}, finish=None, counts={"promptTokenCount": 7}),
        piece(text("on\ud83d"), finish=None, counts=running),
        piece(text("\ude00e"), counts={**COUNTS, "thoughtsTokenCount": 4}),
    )

    assert streamed(body) == Reply(
        text="on\N{GRINNING FACE}e",
        finish=Finish.STOP,
        model_served="m-1",
        usage=Usage(input_tokens=7, output_tokens=3, reasoning_tokens=4),
        request_id="r-1",
        tier_served="flex",
    )


def test_counts_may_follow_the_last_word_and_blank_events_mean_nothing() -> None:
    body = b"data: \r\n\r\n" + sent(piece(text("one"))) + b": ping\r\n\r\n" + sent({"usageMetadata": COUNTS})

    assert streamed(body).usage == Usage(input_tokens=7, output_tokens=3)


def test_calls_to_tools_are_counted_over_the_whole_stream() -> None:
    body = sent(piece(asks(), finish=None), piece(asks("clock")))

    reply = streamed(body, call(tools=(WEATHER,)))

    assert [(asked.id, asked.name) for asked in reply.tool_calls] == [("call_0", "weather"), ("call_1", "clock")]
    assert reply.finish is Finish.TOOL_CALLS


@pytest.mark.parametrize(
    ("finish", "kind"),
    [("SAFETY", ContentFiltered), ("MAX_TOKENS", CutOff), ("MALFORMED_RESPONSE", BadReply)],
)
def test_a_streams_last_word_decides_as_that_of_a_whole_answer(finish: str, kind: type[ProviderError]) -> None:
    failed = broken_off(sent(piece(text("half"), finish=None), piece(finish=finish, counts=COUNTS)))

    assert type(failed) is kind
    assert failed.usage == Usage(input_tokens=7, output_tokens=3)


def test_a_block_within_a_stream_is_one() -> None:
    body = sent({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 7}})

    failed = broken_off(body)

    assert type(failed) is ContentFiltered
    assert failed.usage is not None
    assert failed.usage.input_tokens == 7


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"promptTokenCount": 7, "candidatesTokenCount": 2}, Usage(input_tokens=7, output_tokens=2)),
        ({"promptTokenCount": 7}, Usage(input_tokens=7, output_tokens=1, estimated=True)),
        (None, Usage(input_tokens=5, output_tokens=1, estimated=True)),
    ],
    ids=["counted", "counted in part", "not counted"],
)
def test_a_stream_without_its_end_is_interrupted_and_bills_what_is_known(counts: JsonValue, expected: Usage) -> None:
    failed = broken_off(sent(piece(text("half"), finish=None, counts=counts)))

    assert type(failed) is Interrupted
    assert failed.usage == expected
    assert failed.model_served == "m-1"
    assert failed.request_id == "r-1"


def test_a_stream_of_nothing_is_interrupted() -> None:
    failed = broken_off(b"")

    assert type(failed) is Interrupted
    assert failed.usage is not None
    assert failed.usage.estimated


def test_an_event_that_is_cut_in_two_is_an_interruption_even_after_the_last_word() -> None:
    assert type(broken_off(sent(piece(text("whole"))) + b'data: {"usageMetadata"')) is Interrupted


def test_an_unreadable_event_in_the_middle_is_a_bad_reply() -> None:
    assert type(broken_off(b"data: {nonsense\r\n\r\n" + sent(piece(text("fine"))))) is BadReply


def test_a_stream_of_something_else_is_a_bad_reply() -> None:
    assert type(broken_off(sent({"this": "is not an answer"}))) is BadReply


@pytest.mark.parametrize("as_event", [True, False], ids=["an event", "bare JSON"])
def test_an_error_in_mid_stream_is_classified_and_keeps_what_was_counted(as_event: bool) -> None:
    error = sent([json.loads(BARE_ERROR)]) if as_event else BARE_ERROR

    failed = broken_off(sent(piece(text("half"), finish=None, counts=COUNTS)) + error)

    assert type(failed) is RateLimited
    assert failed.retry_after_s == 14.0
    assert failed.usage == Usage(input_tokens=7, output_tokens=3)
    assert failed.may_be_billed
    assert failed.model_served == "m-1"


def test_an_error_instead_of_a_stream_bills_nothing() -> None:
    failed = broken_off(b"[" + BARE_ERROR + b"]")

    assert type(failed) is RateLimited
    assert failed.usage is None
    assert not failed.may_be_billed


def test_a_bare_error_that_is_cut_itself_is_an_interruption() -> None:
    assert type(broken_off(sent(piece(text("whole"))) + BARE_ERROR[:30])) is Interrupted


def test_a_field_that_events_do_not_have_is_passed_over() -> None:
    assert streamed(b"retry-in: 5\r\n" + sent(piece(text("fine")))).text == "fine"


def test_a_whole_answer_to_a_call_for_a_stream_is_read_as_well() -> None:
    assert streamed(json.dumps([piece(text("fine"))], indent=1).encode()).text == "fine"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (piece(text("word"), finish=None), Pace.PROGRESS),
        (piece({"text": "hm", "thought": True}, finish=None), Pace.PROGRESS),
        (piece(asks(), finish=None), Pace.PROGRESS),
        (piece(), Pace.PROGRESS),
        ({"promptFeedback": {"blockReason": "OTHER"}}, Pace.PROGRESS),
        (piece(finish=None, counts=COUNTS), Pace.NOISE),
        (piece(text(""), finish=None), Pace.NOISE),
        ({}, Pace.NOISE),
        ("ping", Pace.NOISE),
        ({"error": {"code": 500}}, Pace.END),
        ([{"error": {"code": 500}}], Pace.END),
    ],
)
def test_only_an_error_ends_a_stream_for_the_watchdog(document: JsonValue, expected: Pace) -> None:
    assert DIALECT.pace(Event("", json.dumps(document))) is expected


def test_an_unreadable_event_is_noise_to_the_watchdog() -> None:
    assert DIALECT.pace(Event("", "{")) is Pace.NOISE


# Laws.

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "candidates content parts text thought functionCall name args id finishReason finishMessage promptFeedback "
    "blockReason usageMetadata promptTokenCount candidatesTokenCount thoughtsTokenCount modelVersion responseId error "
    "status code"
).split()
hostile = st.recursive(
    json_values | st.sampled_from(("STOP", "MAX_TOKENS", "SAFETY")),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)
candidates = st.builds(
    lambda parts, finish: {"content": {"parts": parts}, "finishReason": finish},
    st.lists(st.dictionaries(st.sampled_from(("text", "thought", "functionCall")), hostile, max_size=2), max_size=3),
    hostile,
)
bodies = (
    st.binary(max_size=200)
    | hostile.map(lambda value: json.dumps(value).encode())
    | candidates.map(lambda value: json.dumps({"candidates": [value]}).encode())
    | st.lists(hostile, max_size=4).map(lambda values: sent(*values))
    | st.lists(
        st.sampled_from((sent(piece(text("a"))), b"data: ", b"{", BARE_ERROR, b"\n\n", b"\xf0\x9f", b"[")), max_size=8
    ).map(b"".join)
)


@given(bodies, st.integers(200, 299), st.booleans())
def test_no_body_breaks_the_decoder(body: bytes, status: int, tools: bool) -> None:
    reply = WireReply(status=status, headers={}, body=body)
    asked = call(tools=(WEATHER,) if tools else ())

    for decode in (DIALECT.decode, DIALECT.decode_stream):
        with suppress(ProviderError):
            assert decode(reply, asked).finish in (Finish.STOP, Finish.TOOL_CALLS)


@given(st.text(max_size=100) | hostile.map(json.dumps))
def test_no_event_breaks_the_watchdog(data: str) -> None:
    assert DIALECT.pace(Event("", data)) in Pace


@pytest.mark.parametrize("depth", [10, 200, 950, 985, 990, 995, 1_000, 50_000])
def test_no_depth_breaks_the_decoder(depth: int) -> None:
    nested = b'{"a":' * depth + b"1" + b"}" * depth
    body = b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":%s}}]},"finishReason":"STOP"}]}'
    reply = WireReply(status=200, headers={}, body=body % nested)

    with suppress(BadReply):
        assert DIALECT.decode(reply, call(tools=(WEATHER,))).tool_calls[0].name == "f"


PIECES = (
    piece({"text": "hm", "thought": True}, finish=None, counts={"promptTokenCount": 7}),
    piece(text("naïve 😀\u2028 and"), asks(), finish=None, counts={"promptTokenCount": 7, "candidatesTokenCount": 1}),
    piece(text(" more"), counts=COUNTS),
)
STREAM = b"".join(b"data: " + json.dumps(one, ensure_ascii=False).encode() + b"\r\n\r\n" for one in PIECES)


def test_a_stream_cut_at_any_byte_gives_the_same_reply_or_an_interruption_with_its_bill() -> None:
    asked = call(tools=(WEATHER,))
    whole = streamed(STREAM, asked)

    outcomes = [read(STREAM[:end], asked) for end in range(len(STREAM))]

    # Behind the last brace stand CR LF CR LF; the answer is whole with none to three of them.
    assert outcomes[-4:] == [whole] * 4
    assert all(isinstance(one, Interrupted) and one.usage is not None for one in outcomes[:-4])


def test_a_broken_off_stream_cut_at_any_byte_never_becomes_a_reply() -> None:
    body = sent(piece(text("half"), finish=None)) + BARE_ERROR

    for end in range(len(body)):
        failed = broken_off(body[:end])
        assert isinstance(failed, Interrupted | RateLimited), end


def test_a_body_that_is_no_success_is_named_by_the_same_dialect() -> None:
    assert type(DIALECT.classify(WireReply(status=400, headers={}, body=b""))) is Refused


@pytest.mark.parametrize(
    "counts",
    [
        {"promptTokenCount": -1, "candidatesTokenCount": -7, "thoughtsTokenCount": 3},
        {"promptTokenCount": 0, "candidatesTokenCount": -7, "cachedContentTokenCount": 9, "thoughtsTokenCount": 3},
    ],
)
def test_counts_below_nought_are_estimated_beside_those_that_make_sense(counts: JsonObject) -> None:
    told = decoded(piece(text("fine"), counts=counts)).usage

    assert told.estimated
    assert told.input_tokens > 0
    assert told.output_tokens > 0
    assert (told.cached_input_tokens, told.reasoning_tokens) == (0, 3)


def test_a_gateway_s_page_in_place_of_a_stream_is_no_break_of_it() -> None:
    with pytest.raises(BadReply, match="It works!"):
        streamed(b"<html><body>It works!</body></html>\n")

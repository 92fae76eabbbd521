"""Anthropic's own client against the emulator: what it accepts is what the vendor would have sent."""

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx
import jsonschema
import pytest
from anthropic import Anthropic

from orchestrator.analysis.prompts import SCHEMA, messages
from orchestrator.meeting.transcript import Transcript, Utterance
from tests.acceptance.processes import Emulator, closing, until

KEY = "sk-ant-acceptance-0123456789"
MODEL = "claude-sonnet-5-5"
SPOKEN = Transcript(
    utterances=tuple(
        Utterance(id=str(n), speaker=("Ann", "Boris")[n % 2], start_s=n * 5.0, text=text.format(n=n))
        for n in range(40)
        for text in [("I'll send budget {n} to everybody by Friday.", "We agreed to move hall {n} north.")[n % 2]]
    )
)
RULES, MEETING = (message.text for message in messages(SPOKEN, "b0rder"))
HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
TOOL: Any = {
    "name": "weather",
    "description": "Tells the weather.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}

Json = dict[str, Any]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with closing(Emulator(tmp_path_factory.mktemp("anthropic"))) as running:
        yield running


@pytest.fixture
def stage(house: Emulator) -> Emulator:
    house.order("reset")
    house.order("clock", at="2026-11-20T12:00:00Z")  # the models and prices of that day, in any year
    return house


@pytest.fixture
def client(stage: Emulator) -> Iterator[Anthropic]:
    with Anthropic(api_key=KEY, base_url=f"{stage.url}/anthropic", max_retries=0, timeout=10) as made:
        yield made


@pytest.fixture
def wire(stage: Emulator) -> Iterator[httpx.Client]:
    """A client that knows nothing, for what the SDK does not show."""
    headers = {"x-api-key": KEY, "anthropic-version": "2026-10-21"}
    with httpx.Client(base_url=stage.url, headers=headers, timeout=10, trust_env=False) as made:
        yield made


def ask(client: Anthropic, **changes: Any) -> Any:
    fields: Json = {"model": MODEL, "max_tokens": 2_000, "messages": HELLO}
    return client.messages.create(**(fields | changes))


def texts(message: Any) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def only_charge(stage: Emulator) -> int:
    assert len(stage.requests()) == 1
    return stage.billed_micro_usd()


def test_a_chat_is_answered_and_billed_by_its_usage(client: Anthropic, stage: Emulator) -> None:
    message = ask(client, system="Be brief.")

    usage = message.usage
    assert (message.model, message.role, message.stop_reason) == (MODEL, "assistant", "end_turn")
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert usage.output_tokens > usage.output_tokens_details.thinking_tokens > 0
    assert only_charge(stage) == 2 * usage.input_tokens + 10 * usage.output_tokens
    assert message._request_id == stage.requests()[0]["request_id"]


def test_a_meeting_is_analysed_in_the_asked_schema(client: Anthropic) -> None:
    message = ask(
        client,
        max_tokens=20_000,
        system=RULES,
        messages=[{"role": "user", "content": MEETING}],
        output_config={"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
    )

    analysis = json.loads(texts(message))
    jsonschema.validate(analysis, SCHEMA)
    quotes = [proof["quote"] for item in analysis["action_items"] for proof in item["evidence"]]
    assert quotes
    assert all(any(quote in said.text for said in SPOKEN.utterances) for quote in quotes)


def test_a_model_can_be_made_to_lie_and_the_log_knows_where(client: Anthropic, stage: Emulator) -> None:
    stage.order("mode", model=MODEL, mode="hallucinating", rate=0.5)

    message = ask(
        client,
        max_tokens=20_000,
        messages=[{"role": "user", "content": MEETING}],
        output_config={"format": {"type": "json_schema", "schema": SCHEMA}},
    )

    planted = stage.requests()[0]["planted"]
    assert planted
    assert all(text in texts(message) for text in planted)


def test_a_stream_accumulates_to_the_whole_answer(client: Anthropic) -> None:
    whole = ask(client)

    with client.messages.stream(model=MODEL, max_tokens=2_000, messages=HELLO) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()

    assert text == texts(whole) == texts(final)
    assert (final.stop_reason, final.usage.output_tokens) == (whole.stop_reason, whole.usage.output_tokens)


def test_a_forced_tool_is_called_and_its_result_is_read(client: Anthropic) -> None:
    asked = ask(client, model="claude-haiku-5-5", tools=[TOOL], tool_choice={"type": "tool", "name": "weather"})

    (call,) = asked.content
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "Rain."}
    turns = [*HELLO, {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    after = ask(client, model="claude-haiku-5-5", tools=[TOOL], messages=turns)

    assert (asked.stop_reason, call.name, call.input) == ("tool_use", "weather", {"city": "emulated city"})
    assert after.stop_reason == "end_turn"


def test_a_tool_may_be_chosen_by_a_model_that_cannot_be_forced(client: Anthropic, stage: Emulator) -> None:
    stage.order("faults", fault="tool_call", count=1)

    with client.messages.stream(model=MODEL, max_tokens=2_000, messages=HELLO, tools=[TOOL]) as stream:
        final = stream.get_final_message()

    assert final.stop_reason == "tool_use"
    assert [block.input for block in final.content if block.type == "tool_use"] == [{"city": "emulated city"}]
    with pytest.raises(anthropic.BadRequestError, match="forced tool use"):
        ask(client, tools=[TOOL], tool_choice={"type": "any"})


def test_a_prefix_is_written_once_and_read_at_a_twentieth(client: Anthropic, stage: Emulator) -> None:
    block = {"type": "text", "text": MEETING, "cache_control": {"type": "ephemeral"}}

    first, second = (
        ask(client, messages=[{"role": "user", "content": [block, {"type": "text", "text": task}]}]).usage
        for task in ("Summarise.", "List risks.")
    )

    assert first.cache_creation.ephemeral_5m_input_tokens == first.cache_creation_input_tokens > 512
    assert (second.cache_creation_input_tokens, second.cache_read_input_tokens) == (
        0,
        first.cache_creation_input_tokens,
    )
    tenths = first.cache_creation_input_tokens * 25 + second.cache_read_input_tokens
    tenths += sum(20 * usage.input_tokens + 100 * usage.output_tokens for usage in (first, second))
    assert stage.billed_micro_usd() in range(tenths // 10, tenths // 10 + 3)  # each of the two is rounded up


def test_tokens_are_counted_as_they_are_billed(client: Anthropic, stage: Emulator) -> None:
    counted = client.messages.count_tokens(model=MODEL, messages=HELLO, system="Be brief.", tools=[TOOL])

    assert stage.billed_micro_usd() == 0
    assert counted.input_tokens == ask(client, system="Be brief.", tools=[TOOL]).usage.input_tokens


@pytest.mark.filterwarnings("ignore:The model .* is deprecated:DeprecationWarning")
def test_models_are_listed_with_their_lives(client: Anthropic, stage: Emulator) -> None:
    before = client.models.retrieve("claude-sonnet-4-5")
    stage.order("clock", advance_s=60 * 86_400)
    after = client.models.retrieve("claude-sonnet-4-5")

    listed = {model.id: model for model in client.models.list()}
    assert (before.lifecycle, after.lifecycle) == ("deprecated", "retired")
    assert listed[MODEL].max_tokens == 128_000
    with pytest.raises(anthropic.NotFoundError):
        ask(client, model="claude-sonnet-4-5")
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("claude-3-opus")


@pytest.mark.parametrize(
    ("fault", "raised", "kind"),
    [
        ("400", anthropic.BadRequestError, "invalid_request_error"),
        ("400_context", anthropic.BadRequestError, "invalid_request_error"),
        ("400_credit", anthropic.BadRequestError, "invalid_request_error"),
        ("401", anthropic.AuthenticationError, "authentication_error"),
        ("402", anthropic.APIStatusError, "billing_error"),
        ("403", anthropic.PermissionDeniedError, "permission_error"),
        ("404", anthropic.NotFoundError, "not_found_error"),
        ("409", anthropic.ConflictError, "conflict_error"),
        ("413", anthropic.APIStatusError, "request_too_large"),
        ("422", anthropic.UnprocessableEntityError, "invalid_request_error"),
        ("429", anthropic.RateLimitError, "rate_limit_error"),
        ("429_quota", anthropic.RateLimitError, "rate_limit_error"),
        ("500", anthropic.InternalServerError, "api_error"),
        ("504", anthropic.APIStatusError, "timeout_error"),
        ("529", anthropic.APIStatusError, "overloaded_error"),
    ],
)
def test_each_error_is_raised_as_itself_and_costs_nothing(
    client: Anthropic, stage: Emulator, fault: str, raised: type[anthropic.APIStatusError], kind: str
) -> None:
    stage.order("faults", fault=fault, count=1)

    with pytest.raises(raised) as caught:
        ask(client)

    body = caught.value.body
    assert isinstance(body, dict)
    assert (caught.value.status_code, body["error"]["type"]) == (int(fault[:3]), kind)
    assert caught.value.request_id == body["request_id"] == stage.requests()[0]["request_id"]
    assert only_charge(stage) == 0


def test_a_stream_that_fails_in_the_middle_is_an_error_with_status_200(client: Anthropic, stage: Emulator) -> None:
    stage.order("faults", fault="stream_error", count=1)

    with (
        pytest.raises(anthropic.APIStatusError) as caught,
        client.messages.stream(model=MODEL, max_tokens=2_000, messages=HELLO) as stream,
    ):
        stream.until_done()

    assert caught.value.status_code == 200
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["error"]["type"] == "overloaded_error"
    assert stage.billed_micro_usd() > 0


@pytest.mark.parametrize(
    ("fault", "stop_reason"),
    [
        ("refusal", "refusal"),
        ("pause_turn", "pause_turn"),
        ("window_exceeded", "model_context_window_exceeded"),
        ("length", "max_tokens"),
    ],
)
def test_an_answer_can_end_otherwise_and_is_billed_by_its_usage(
    client: Anthropic, stage: Emulator, fault: str, stop_reason: str
) -> None:
    stage.order("faults", fault=fault, count=1)

    message = ask(client)

    assert message.stop_reason == stop_reason
    assert only_charge(stage) == 2 * message.usage.input_tokens + 10 * message.usage.output_tokens


def test_a_connection_that_breaks_is_a_connection_error(client: Anthropic, stage: Emulator) -> None:
    stage.order("faults", fault="close", count=1)

    with pytest.raises(anthropic.APIConnectionError):
        ask(client)


# --- Batches


def params(**changes: Any) -> Any:
    return {"model": "claude-haiku-5-5", "max_tokens": 500, "messages": HELLO} | changes


def test_a_batch_ends_with_a_result_for_each_request_at_half_the_price(client: Anthropic, stage: Emulator) -> None:
    created = client.messages.batches.create(
        requests=[
            {"custom_id": "good", "params": params()},
            {"custom_id": "sampling", "params": params(temperature=0.3)},
            {"custom_id": "unknown", "params": params(model="claude-3-opus")},
            {"custom_id": "stream", "params": params(stream=True)},
            {"custom_id": "fault", "params": params()},
        ]
    )
    stage.order("faults", fault="500", match={"endpoint": "batch_item", "call_id": "fault"})
    early = client.messages.batches.retrieve(created.id)
    stage.order("clock", advance_s=60)
    ended = client.messages.batches.retrieve(created.id)
    results = {line.custom_id: line.result for line in client.messages.batches.results(created.id)}

    assert (early.processing_status, early.request_counts.processing, early.results_url) == ("in_progress", 5, None)
    assert (ended.processing_status, ended.request_counts.succeeded, ended.request_counts.errored) == ("ended", 1, 4)
    good = results["good"]
    assert good.type == "succeeded"
    assert good.message.usage.service_tier == "batch"
    assert {name: line.error.error.type for name, line in results.items() if line.type == "errored"} == {
        "sampling": "invalid_request_error",
        "unknown": "not_found_error",
        "stream": "invalid_request_error",
        "fault": "api_error",
    }
    usage = good.message.usage
    assert stage.billed_micro_usd() == -(-(usage.input_tokens + 5 * usage.output_tokens) // 20)


def test_what_a_batch_has_done_is_billed_though_nobody_asks_for_it(client: Anthropic, stage: Emulator) -> None:
    client.messages.batches.create(requests=[{"custom_id": "one", "params": params()}])
    before = stage.billed_micro_usd()
    stage.order("clock", advance_s=60)

    assert (before, stage.billed_micro_usd() > 0) == (0, True)
    assert [line["endpoint"] for line in stage.requests()] == ["batches", "batch_item"]
    assert stage.requests()[1]["call_id"] == "one"


def test_a_canceled_batch_keeps_what_was_done(client: Anthropic, stage: Emulator) -> None:
    created = client.messages.batches.create(
        requests=[{"custom_id": f"r{n}", "params": params()} for n in range(2_000)]
    )
    stage.order("clock", advance_s=20)

    canceling = client.messages.batches.cancel(created.id)
    stage.order("clock", advance_s=60)
    counts = client.messages.batches.retrieve(created.id).request_counts
    kinds = [line.result.type for line in client.messages.batches.results(created.id)]

    assert canceling.processing_status == "canceling"
    assert canceling.cancel_initiated_at is not None
    assert counts.succeeded >= 30
    assert (counts.succeeded + counts.canceled, counts.processing) == (2_000, 0)
    assert kinds.count("canceled") == counts.canceled
    with pytest.raises(anthropic.BadRequestError):
        client.messages.batches.cancel(created.id)


def test_a_batch_can_expire_half_done(client: Anthropic, stage: Emulator) -> None:
    stage.order("faults", fault="batch_expired", match={"endpoint": "batches"}, count=1)
    created = client.messages.batches.create(requests=[{"custom_id": f"r{n}", "params": params()} for n in range(4)])
    stage.order("clock", advance_s=86_401)

    kinds = sorted(line.result.type for line in client.messages.batches.results(created.id))

    assert kinds == ["expired", "expired", "succeeded", "succeeded"]


def test_batches_are_listed_in_pages_and_deleted_when_they_have_ended(client: Anthropic, stage: Emulator) -> None:
    made = [client.messages.batches.create(requests=[{"custom_id": "one", "params": params()}]).id for _ in range(5)]

    listed = [batch.id for batch in client.messages.batches.list(limit=2)]
    with pytest.raises(anthropic.BadRequestError):
        client.messages.batches.delete(made[0])
    stage.order("clock", advance_s=60)
    deleted = client.messages.batches.delete(made[0])

    assert listed == made[::-1]
    assert deleted.id == made[0]
    with pytest.raises(anthropic.NotFoundError):
        client.messages.batches.retrieve(made[0])


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [{"custom_id": "a b", "params": params()}],
        [{"custom_id": "a", "params": params()}, {"custom_id": "a", "params": params()}],
    ],
)
def test_a_batch_that_cannot_be_read_is_refused_at_once(client: Anthropic, requests: Any) -> None:
    with pytest.raises(anthropic.BadRequestError):
        client.messages.batches.create(requests=requests)


# --- What the SDK does not show


def post(wire: httpx.Client, path: str = "/anthropic/v1/messages", **headers: str) -> httpx.Response:
    return wire.post(path, json={"model": MODEL, "max_tokens": 100, "messages": HELLO}, headers=headers)


@pytest.mark.parametrize("path", ["/anthropic/v1/messages", "/v1/messages"])
@pytest.mark.parametrize("version", ["2026-10-21", "2023-06-01"])
@pytest.mark.parametrize("auth", [{"x-api-key": KEY}, {"x-api-key": "", "authorization": f"Bearer {KEY}"}])
def test_both_keys_and_both_versions_are_taken_everywhere(
    wire: httpx.Client, path: str, version: str, auth: dict[str, str]
) -> None:
    assert post(wire, path, **auth, **{"anthropic-version": version}).status_code == 200


def test_without_key_or_version_nobody_is_served(wire: httpx.Client) -> None:
    keyless, timeless = post(wire, **{"x-api-key": ""}), post(wire, **{"anthropic-version": ""})

    assert (keyless.status_code, keyless.json()["error"]["type"]) == (401, "authentication_error")
    assert (timeless.status_code, "anthropic-version" in timeless.json()["error"]["message"]) == (400, True)


@pytest.mark.parametrize("path", ["/anthropic/v1/nothing", "/v1/messages/nothing"])
def test_a_wrong_address_is_answered_in_the_dialect(wire: httpx.Client, path: str) -> None:
    lost = wire.get(path)

    assert (lost.status_code, lost.json()["error"]["type"]) == (404, "not_found_error")


def test_a_body_that_is_no_object_or_too_large_is_refused(wire: httpx.Client) -> None:
    broken = wire.post("/anthropic/v1/messages", content=b"[")
    huge = wire.post("/anthropic/v1/messages", content=b" " * ((32 << 20) + 1))

    assert (broken.status_code, huge.status_code) == (400, 413)
    assert huge.json()["error"]["type"] == "request_too_large"


def test_tokens_in_and_out_are_limited_apart_and_told_together(wire: httpx.Client, stage: Emulator) -> None:
    stage.order("limits", persona="anthropic", tokens_per_minute=1_000, output_tokens_per_minute=10)
    body = {"model": MODEL, "max_tokens": 64, "messages": HELLO}

    first, second = (wire.post("/anthropic/v1/messages", json=body) for _ in range(2))

    usage, told = first.json()["usage"], first.headers
    assert told["anthropic-ratelimit-input-tokens-remaining"] == str(1_000 - usage["input_tokens"])
    assert told["anthropic-ratelimit-output-tokens-limit"] == "10"
    assert told["anthropic-ratelimit-output-tokens-remaining"] == "0"
    assert told["anthropic-ratelimit-tokens-limit"] == "1010"
    assert told["anthropic-ratelimit-tokens-remaining"] == str(1_000 - usage["input_tokens"])
    assert (usage["output_tokens"] > 10, second.status_code) == (True, 429)
    assert "output tokens" in second.json()["error"]["message"]
    assert int(second.headers["retry-after"]) > 0


def test_a_stream_holds_its_place_until_its_last_byte(wire: httpx.Client, stage: Emulator) -> None:
    stage.order("limits", persona="anthropic", concurrency=1)
    stage.order("latency", median_ms=0, chunk_ms=50)
    body = {"model": MODEL, "max_tokens": 64, "messages": HELLO}

    with wire.stream("POST", "/anthropic/v1/messages", json=body | {"stream": True}) as slow:
        pieces = slow.iter_raw()
        next(pieces)
        meanwhile = wire.post("/anthropic/v1/messages", json=body).status_code
        assert list(pieces)

    assert meanwhile == 429
    until(lambda: wire.post("/anthropic/v1/messages", json=body).status_code == 200, "the place is free")


def test_limits_are_told_in_the_vendor_s_headers_and_kept(wire: httpx.Client, stage: Emulator) -> None:
    stage.order("limits", persona="anthropic", requests_per_minute=2)

    first, _, third = post(wire), post(wire), post(wire)

    assert first.headers["anthropic-ratelimit-requests-limit"] == "2"
    assert first.headers["anthropic-ratelimit-requests-remaining"] == "1"
    assert first.headers["anthropic-ratelimit-requests-reset"].endswith("Z")
    assert (third.status_code, third.json()["error"]["type"]) == (429, "rate_limit_error")
    assert 1 <= int(third.headers["retry-after"]) <= 31


def test_the_key_can_be_echoed_but_is_never_logged(wire: httpx.Client, stage: Emulator) -> None:
    stage.order("faults", fault="echo_authorization", count=1)

    echoed = post(wire)

    assert KEY in echoed.text
    assert KEY not in wire.get("/_control/log").text


def test_a_stream_is_framed_as_the_vendor_frames_it(wire: httpx.Client) -> None:
    streamed = wire.post("/v1/messages", json={"model": MODEL, "max_tokens": 100, "messages": HELLO, "stream": True})

    blocks = streamed.text.split("\n\n")
    names = [block.split("\n")[0] for block in blocks[:-1]]
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert streamed.headers["request-id"]
    assert all(block.split("\n")[1].startswith('data: {"type":') for block in blocks[:-1])
    assert (names[0], names[-2:], blocks[-1]) == (
        "event: message_start",
        ["event: message_delta", "event: message_stop"],
        "",
    )


def test_the_clock_is_set_and_moved_ahead_but_never_by_a_vague_order(wire: httpx.Client) -> None:
    moved = wire.post("/_control/clock", json={"at": "2027-03-01T00:00:00Z", "advance_s": 60}).json()["now"]

    assert moved.startswith("2027-03-01T00:01:00")
    assert wire.get("/_control/clock").json()["now"] > moved
    assert wire.post("/_control/clock", json={"advance_s": -1}).status_code == 422
    assert wire.post("/_control/clock", json={"at": "2027-03-01T00:00:00"}).status_code == 422

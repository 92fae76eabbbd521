"""Google's own client against the emulator: what it accepts is what the vendor would have sent."""

import base64
import hashlib
import io
import json
import math
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from google import genai
from google.genai import errors, types

from orchestrator.analysis.prompts import SCHEMA, messages
from orchestrator.meeting.transcript import Transcript, Utterance
from tests.acceptance.processes import Emulator, closing, until

KEY = "AIza-acceptance-0123456789"
MODEL = "gemini-3.8-flash"
SPOKEN = Transcript(
    utterances=tuple(
        Utterance(id=str(n), speaker=("Ann", "Boris")[n % 2], start_s=n * 5.0, text=text.format(n=n))
        for n in range(40)
        for text in [("I'll send budget {n} to everybody by Friday.", "We agreed to move hall {n} north.")[n % 2]]
    )
)
RULES, MEETING = (message.text for message in messages(SPOKEN, "b0rder"))
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS: list[Any] = [{"function_declarations": [{"name": "weather", "parameters_json_schema": WEATHER}]}]
HELLO = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}

Json = dict[str, Any]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with closing(Emulator(tmp_path_factory.mktemp("google"))) as running:
        yield running


@pytest.fixture
def stage(house: Emulator) -> Emulator:
    house.order("reset")
    house.order("clock", at="2026-11-20T12:00:00Z")  # the models and prices of that day, in any year
    return house


def connect(stage: Emulator, prefix: str = "/gemini", version: str | None = None) -> genai.Client:
    options = types.HttpOptions(base_url=f"{stage.url}{prefix}", api_version=version, timeout=10_000)
    return genai.Client(api_key=KEY, http_options=options)


@pytest.fixture
def client(stage: Emulator) -> Iterator[genai.Client]:
    with closing(connect(stage)) as made:
        yield made


@pytest.fixture
def wire(stage: Emulator) -> Iterator[httpx.Client]:
    """A client that knows nothing, for what the SDK does not show."""
    with httpx.Client(base_url=stage.url, headers={"x-goog-api-key": KEY}, timeout=10, trust_env=False) as made:
        yield made


def ask(client: genai.Client, contents: Any = "Hello", model: str = MODEL, **config: Any) -> Any:
    return client.models.generate_content(model=model, contents=contents, config=types.GenerateContentConfig(**config))


def price(usage: Any, divisor: int = 2) -> int:
    """Micro-dollars at the prices that gemini-3.8-flash has from 2027 on, by a divisor that is 2 before."""
    known: int = usage.cached_content_token_count or 0
    said: int = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
    fresh: int = usage.prompt_token_count - known
    return -(-(fresh * 1_500_000 + known * 150_000 + said * 7_500_000) // (divisor * 1_000_000))


def test_a_chat_is_answered_and_billed_by_its_usage(client: genai.Client, stage: Emulator) -> None:
    answer = ask(client, system_instruction="Be brief.")

    usage = answer.usage_metadata
    assert (answer.model_version, answer.candidates[0].finish_reason) == (MODEL, types.FinishReason.STOP)
    assert "emulated answer" in answer.text
    assert usage.total_token_count == (
        usage.prompt_token_count + usage.candidates_token_count + usage.thoughts_token_count
    )
    assert stage.billed_micro_usd() == price(usage)
    assert answer.response_id in stage.requests()[0]["request_id"]


def test_a_meeting_is_analysed_in_the_asked_schema(client: genai.Client) -> None:
    answer = ask(
        client,
        MEETING,
        system_instruction=RULES,
        response_mime_type="application/json",
        response_json_schema=SCHEMA,
        thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW),
    )

    analysis = json.loads(answer.text)
    jsonschema.validate(analysis, SCHEMA)
    quotes = [proof["quote"] for item in analysis["action_items"] for proof in item["evidence"]]
    assert quotes
    assert all(any(quote in said.text for said in SPOKEN.utterances) for quote in quotes)


def test_the_older_schema_is_filled_as_well(client: genai.Client) -> None:
    schema = types.Schema(type=types.Type.OBJECT, properties={"city": types.Schema(type=types.Type.STRING)})

    answer = ask(client, response_mime_type="application/json", response_schema=schema)

    assert json.loads(answer.text) == {"city": "emulated city"}


def test_a_stream_adds_up_to_the_whole_answer(client: genai.Client) -> None:
    whole = ask(client)

    chunks = list(client.models.generate_content_stream(model=MODEL, contents="Hello"))

    assert len(chunks) > 1
    assert "".join(chunk.text or "" for chunk in chunks) == whole.text
    assert chunks[-1].usage_metadata == whole.usage_metadata
    finishes = [candidate.finish_reason for chunk in chunks for candidate in chunk.candidates or []]
    assert finishes == [None] * (len(chunks) - 1) + [types.FinishReason.STOP]


def test_thoughts_are_shown_on_demand(client: genai.Client) -> None:
    answer = ask(client, thinking_config=types.ThinkingConfig(include_thoughts=True))

    first, second = answer.candidates[0].content.parts
    assert (first.thought, second.thought) == (True, None)
    assert answer.text == second.text


def test_a_forced_function_is_called_and_its_result_is_read(client: genai.Client) -> None:
    calling = types.ToolConfig(
        function_calling_config=types.FunctionCallingConfig(mode=types.FunctionCallingConfigMode.ANY)
    )

    asked = ask(client, tools=TOOLS, tool_config=calling)
    (call,) = asked.function_calls
    result = types.Part.from_function_response(name=call.name, response={"sky": "rain"})
    turns = [types.Content(role="user", parts=[types.Part(text="Hello")]), asked.candidates[0].content]
    after = ask(client, [*turns, types.Content(role="user", parts=[result])], tools=TOOLS)

    assert (call.name, call.args) == ("weather", {"city": "emulated city"})
    assert after.function_calls is None
    assert after.text


def test_a_picture_is_counted(client: genai.Client, stage: Emulator) -> None:
    picture = types.Part.from_bytes(data=b"\x89PNG", mime_type="image/png")

    seen = ask(client, [picture, "What is it?"]).usage_metadata.prompt_token_count

    assert seen > 1_120


def test_tokens_are_counted_as_they_are_billed(client: genai.Client, stage: Emulator) -> None:
    counted = client.models.count_tokens(model=MODEL, contents=MEETING)

    assert stage.billed_micro_usd() == 0
    assert counted.total_tokens == ask(client, MEETING).usage_metadata.prompt_token_count


def test_flex_is_half_the_price_and_is_told(wire: httpx.Client, stage: Emulator) -> None:
    answer = wire.post(f"/gemini/v1/models/{MODEL}:generateContent", json=HELLO | {"serviceTier": "flex"})

    usage = types.GenerateContentResponseUsageMetadata.model_validate(answer.json()["usageMetadata"])
    assert answer.headers["x-gemini-service-tier"] == "flex"
    assert stage.billed_micro_usd() == price(usage, divisor=4)


def test_models_are_listed_until_they_are_gone(client: genai.Client, stage: Emulator) -> None:
    before = {model.name: model for model in client.models.list()}
    stage.order("clock", advance_s=365 * 86_400)
    after = {model.name for model in client.models.list()}

    assert before[f"models/{MODEL}"].output_token_limit == 65_536
    assert set(before) - after == {"models/gemini-3.1-flash-lite"}
    assert client.models.get(model=MODEL).name == f"models/{MODEL}"
    with pytest.raises(errors.ClientError) as caught:
        ask(client, model="gemini-3.1-flash-lite")
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")


def test_an_old_model_is_served_by_a_newer_one_from_its_day_on(client: genai.Client, stage: Emulator) -> None:
    before = ask(client, model="gemini-2.5-pro").model_version
    stage.order("clock", advance_s=365 * 86_400)

    after = ask(client, model="gemini-2.5-pro")

    assert (before, after.model_version) == ("gemini-2.5-pro", MODEL)
    assert stage.requests()[-1]["model_served"] == MODEL
    assert stage.requests()[-1]["billed_micro_usd"] == price(after.usage_metadata, divisor=1)  # doubled by then


@pytest.mark.parametrize(
    ("fault", "raised", "code", "status"),
    [
        ("400", errors.ClientError, 400, "INVALID_ARGUMENT"),
        ("400_context", errors.ClientError, 400, "INVALID_ARGUMENT"),
        ("400_billing", errors.ClientError, 400, "FAILED_PRECONDITION"),
        ("400_expired", errors.ClientError, 400, "INVALID_ARGUMENT"),
        ("400_range", errors.ClientError, 400, "OUT_OF_RANGE"),
        ("401", errors.ClientError, 400, "INVALID_ARGUMENT"),
        ("401_oauth", errors.ClientError, 401, "UNAUTHENTICATED"),
        ("403", errors.ClientError, 403, "PERMISSION_DENIED"),
        ("404", errors.ClientError, 404, "NOT_FOUND"),
        ("409", errors.ClientError, 409, "ABORTED"),
        ("429", errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
        ("429_quota", errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
        ("499", errors.ClientError, 499, "CANCELLED"),
        ("500", errors.ServerError, 500, "INTERNAL"),
        ("501", errors.ServerError, 501, "UNIMPLEMENTED"),
        ("503", errors.ServerError, 503, "UNAVAILABLE"),
        ("504", errors.ServerError, 504, "DEADLINE_EXCEEDED"),
    ],
)
def test_each_error_is_raised_as_itself_and_costs_nothing(
    client: genai.Client, stage: Emulator, fault: str, raised: type[errors.APIError], code: int, status: str
) -> None:
    stage.order("faults", fault=fault, count=1)

    with pytest.raises(raised) as caught:
        ask(client)

    assert (caught.value.code, caught.value.status) == (code, status)
    assert stage.requests()[0]["error_code"] == status
    assert stage.billed_micro_usd() == 0


def test_a_stream_that_fails_in_the_middle_is_an_error(client: genai.Client, stage: Emulator) -> None:
    stage.order("faults", fault="stream_error", count=1)
    received: list[types.GenerateContentResponse] = []

    with pytest.raises(errors.ServerError) as caught:
        received.extend(client.models.generate_content_stream(model=MODEL, contents="Hello"))

    assert caught.value.status == "UNAVAILABLE"
    assert stage.billed_micro_usd() > 0


@pytest.mark.parametrize(
    ("fault", "finish"),
    [
        ("content_filter", types.FinishReason.SAFETY),
        ("refusal", types.FinishReason.PROHIBITED_CONTENT),
        ("recitation", types.FinishReason.RECITATION),
        ("malformed_call", types.FinishReason.MALFORMED_FUNCTION_CALL),
        ("length", types.FinishReason.MAX_TOKENS),
    ],
)
def test_an_answer_can_end_otherwise_and_is_billed_by_its_usage(
    client: genai.Client, stage: Emulator, fault: str, finish: types.FinishReason
) -> None:
    stage.order("faults", fault=fault, count=1)

    answer = ask(client)

    assert answer.candidates[0].finish_reason is finish
    assert stage.billed_micro_usd() == price(answer.usage_metadata)


def test_a_blocked_prompt_has_no_candidates(client: genai.Client, stage: Emulator) -> None:
    stage.order("faults", fault="blocked", count=1)

    answer = ask(client)

    assert answer.candidates is None
    assert answer.prompt_feedback.block_reason is types.BlockedReason.PROHIBITED_CONTENT
    assert stage.billed_micro_usd() == price(answer.usage_metadata)


# --- Batches


def of(text: str, key: str, **config: Any) -> types.InlinedRequest:
    return types.InlinedRequest(
        contents=text, metadata={"key": key}, config=types.GenerateContentConfig(**config) if config else None
    )


def test_a_batch_ends_with_an_answer_for_each_request_at_half_the_price(client: genai.Client, stage: Emulator) -> None:
    source = [
        of("Hello", "good"),
        of("Hello", "bad", thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel.MINIMAL)),
        of("Hello", "fault"),
    ]
    stage.order("faults", fault="503", match={"endpoint": "batch_item", "call_id": "fault"})

    created = client.batches.create(model=MODEL, src=source, config={"display_name": "reprocessing"})
    stage.order("clock", advance_s=60)
    ended = client.batches.get(name=str(created.name))

    assert (created.state, ended.state) == (types.JobState.JOB_STATE_PENDING, types.JobState.JOB_STATE_SUCCEEDED)
    assert (ended.display_name, ended.model) == ("reprocessing", f"models/{MODEL}")
    assert ended.dest is not None
    answers = {row.metadata["key"]: row for row in ended.dest.inlined_responses or [] if row.metadata}
    good = answers["good"].response
    codes = {key: row.error.code for key, row in answers.items() if row.error}
    assert good is not None
    assert "emulated answer" in (good.text or "")
    assert codes == {"bad": 3, "fault": 14}
    assert stage.billed_micro_usd() == price(good.usage_metadata, divisor=4)


def test_a_batch_can_be_canceled_listed_and_deleted(client: genai.Client, stage: Emulator) -> None:
    source = [of("Hello", f"r{n}") for n in range(1_000)]
    name = str(client.batches.create(model=MODEL, src=source).name)
    stage.order("clock", advance_s=20)

    client.batches.cancel(name=name)
    stage.order("clock", advance_s=60)
    canceled = client.batches.get(name=name)
    listed = [batch.name for batch in client.batches.list(config={"page_size": 1})]
    client.batches.delete(name=name)

    assert canceled.state is types.JobState.JOB_STATE_CANCELLED
    assert canceled.dest is not None
    assert 30 <= len(canceled.dest.inlined_responses or []) < 1_000
    assert listed == [name]
    with pytest.raises(errors.ClientError):
        client.batches.get(name=name)


@pytest.mark.parametrize(
    ("fault", "state"),
    [("batch_expired", types.JobState.JOB_STATE_EXPIRED), ("batch_failed", types.JobState.JOB_STATE_FAILED)],
)
def test_a_batch_can_end_badly(client: genai.Client, stage: Emulator, fault: str, state: types.JobState) -> None:
    stage.order("faults", fault=fault, match={"endpoint": "batches"}, count=1)

    name = str(client.batches.create(model=MODEL, src=[of("Hello", "a"), of("Hello", "b")]).name)
    stage.order("clock", advance_s=2 * 86_400 + 1)

    assert client.batches.get(name=name).state is state


def test_a_batch_of_nothing_or_of_a_missing_file_is_refused(client: genai.Client, wire: httpx.Client) -> None:
    empty: Json = {"batch": {"inputConfig": {"requests": {"requests": []}}}}

    refused = wire.post(f"/gemini/v1/models/{MODEL}:batchGenerateContent", json=empty)

    assert refused.status_code == 400
    with pytest.raises(errors.ClientError) as caught:
        client.batches.create(model=MODEL, src="files/none")
    assert caught.value.code == 404


# --- Files


def upload(client: genai.Client, content: bytes, **config: Any) -> types.File:
    wanted = types.UploadFileConfig(mime_type="application/jsonl", **config)
    return client.files.upload(file=io.BytesIO(content), config=wanted)


def lines_of(*rows: Json) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def test_a_file_is_uploaded_in_steps_shown_listed_and_deleted(client: genai.Client) -> None:
    content = b"0123456789abcdef" * (9 << 16)  # more than the client sends in one piece

    made = upload(client, content, display_name="notes", name="my-notes")
    shown = client.files.get(name="my-notes")
    listed = [file.name for file in client.files.list(config={"page_size": 1})]
    client.files.delete(name="files/my-notes")

    assert made.sha256_hash == base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert (made.name, made.display_name, made.size_bytes) == ("files/my-notes", "notes", len(content))
    assert (shown, shown.state, listed) == (made, types.FileState.ACTIVE, ["files/my-notes"])
    with pytest.raises(errors.ClientError):
        client.files.get(name="my-notes")


def test_a_file_is_forgotten_after_two_days_and_never_given_back(client: genai.Client, stage: Emulator) -> None:
    name = str(upload(client, b"{}").name)
    with pytest.raises(errors.ClientError) as refused:
        client.files.download(file=name)
    stage.order("clock", advance_s=2 * 86_400)

    with pytest.raises(errors.ClientError) as gone:
        client.files.get(name=name)

    assert (refused.value.code, gone.value.code) == (400, 404)


def test_a_batch_from_a_file_is_answered_in_a_file_at_half_the_price(client: genai.Client, stage: Emulator) -> None:
    minimal = HELLO | {"generation_config": {"thinking_config": {"thinking_level": "MINIMAL"}}}
    source = upload(client, lines_of({"key": "good", "request": HELLO}, {"key": "bad", "request": minimal}))

    created = client.batches.create(model=MODEL, src=str(source.name))
    stage.order("clock", advance_s=60)
    ended = client.batches.get(name=str(created.name))

    assert ended.state is types.JobState.JOB_STATE_SUCCEEDED
    assert ended.dest is not None
    assert ended.dest.inlined_responses is None
    written = client.files.download(file=str(ended.dest.file_name)).split(b"\n")
    rows = {row["key"]: row for row in map(json.loads, filter(None, written))}
    answer = types.GenerateContentResponse.model_validate(rows["good"]["response"])
    assert rows["bad"]["error"]["code"] == 3
    assert "emulated answer" in (answer.text or "")
    assert stage.billed_micro_usd() == price(answer.usage_metadata, divisor=4)


def test_a_file_of_answers_that_was_deleted_stays_deleted(client: genai.Client, stage: Emulator) -> None:
    source = upload(client, lines_of({"key": "good", "request": HELLO}))
    batch = str(client.batches.create(model=MODEL, src=str(source.name)).name)
    stage.order("clock", advance_s=60)
    dest = client.batches.get(name=batch).dest
    assert dest is not None

    client.files.delete(name=str(dest.file_name))

    assert client.batches.get(name=batch).dest == dest
    with pytest.raises(errors.ClientError):
        client.files.download(file=str(dest.file_name))


def test_what_a_file_holds_is_downloaded_from_both_addresses(wire: httpx.Client, stage: Emulator) -> None:
    start = {"x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start"}
    begun = wire.post("/upload/v1/files", headers=start, json={"file": {"display_name": "x"}})
    address = begun.headers["x-goog-upload-url"]
    finish = {"x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0", "x-goog-api-key": ""}
    line = lines_of({"key": "good", "request": HELLO})
    ended = wire.post(address, headers=finish, content=line)
    config = {"batch": {"input_config": {"file_name": ended.json()["file"]["name"]}}}
    name = wire.post(f"/v1beta/models/{MODEL}:batchGenerateContent", json=config).json()["name"]
    stage.order("clock", advance_s=60)

    file = wire.get(f"/v1beta/{name}").json()["response"]["responsesFile"]
    one, other = (wire.get(f"{root}/{file}:download?alt=media") for root in ("/download/v1beta", "/gemini/v1"))

    assert (begun.headers["x-goog-upload-status"], ended.headers["x-goog-upload-status"]) == ("active", "final")
    assert one.content == other.content
    assert wire.get(f"/v1beta/{file}").json()["source"] == "GENERATED"
    assert json.loads(one.content)["key"] == "good"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"x-goog-upload-command": "upload", "x-goog-upload-offset": "3"}, "stands at byte 0"),
        ({"x-goog-upload-command": "upload", "x-goog-upload-offset": "0"}, "longer than was announced"),
        ({"x-goog-upload-command": "finalize"}, "shorter than was announced"),
        ({"x-goog-upload-command": "sing"}, "is none of"),
        ({}, "is none of"),
    ],
)
def test_an_upload_goes_wrong(wire: httpx.Client, step: dict[str, str], words: str) -> None:
    head = {"x-goog-upload-protocol": "resumable", "x-goog-upload-header-content-length": "2"}
    begun = wire.post("/gemini/upload/v1/files", headers=head | {"x-goog-upload-command": "start"})

    refused = wire.post(begun.headers["x-goog-upload-url"], headers=step, content=b"three")

    assert refused.status_code == 400
    assert words in refused.json()["error"]["message"]


def test_an_upload_says_how_far_it_is(wire: httpx.Client) -> None:
    head = {"x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start"}
    address = wire.post("/gemini/upload/files", headers=head).headers["x-goog-upload-url"]
    wire.post(address, headers={"x-goog-upload-command": "upload", "x-goog-upload-offset": "0"}, content=b"three")

    asked = wire.post(address, headers={"x-goog-upload-command": "query"})

    assert asked.headers["x-goog-upload-size-received"] == "5"
    assert wire.post("/gemini/upload/v1/files?upload_id=unknown").status_code == 404


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({}, "fine"),
        ({"x-goog-upload-protocol": "multipart", "x-goog-upload-command": "start"}, "fine"),
        (
            {
                "x-goog-upload-protocol": "resumable",
                "x-goog-upload-command": "start",
                "x-goog-upload-header-content-length": str(3 << 30),
            },
            "fine",
        ),
        ({"x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start"}, "Not_Fine"),
    ],
)
def test_an_upload_that_cannot_be_is_refused(wire: httpx.Client, headers: dict[str, str], name: str) -> None:
    refused = wire.post("/upload/v1beta/files", headers=headers, json={"file": {"name": f"files/{name}"}})

    assert (refused.status_code, refused.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("content", [b"", b"not json\n", b'{"request": {}}\n', b'{"key": "a"}\n', b"[]\n"])
def test_a_batch_from_an_unreadable_file_is_refused(client: genai.Client, content: bytes) -> None:
    name = str(upload(client, content).name)

    with pytest.raises(errors.ClientError) as caught:
        client.batches.create(model=MODEL, src=name)

    assert caught.value.code == 400


def test_nobody_sees_the_files_of_another_key(client: genai.Client, wire: httpx.Client) -> None:
    made = upload(client, b"{}", name="mine")

    theirs = wire.get("/gemini/v1/files/mine", headers={"x-goog-api-key": "AIza-somebody-else-0123"})

    assert theirs.status_code == 404
    with pytest.raises(errors.ClientError) as caught:
        upload(client, b"{}", name=str(made.name))
    assert caught.value.status == "ALREADY_EXISTS"


# --- Caches

LONG = "We agreed to move the hall north. " * 800


def remember(client: genai.Client, **config: Any) -> types.CachedContent:
    wanted: Any = {"contents": LONG, "system_instruction": "Be brief.", "ttl": "7200s"} | config
    return client.caches.create(model=MODEL, config=types.CreateCachedContentConfig(**wanted))


def tokens_of(cache: types.CachedContent) -> int:
    assert cache.usage_metadata is not None
    return cache.usage_metadata.total_token_count or 0


def test_a_cached_prompt_is_read_at_the_price_of_cached_input(client: genai.Client, stage: Emulator) -> None:
    cache = remember(client)
    made = stage.billed_micro_usd()

    answer = ask(client, "And then?", cached_content=cache.name)

    held = tokens_of(cache)
    usage = answer.usage_metadata
    assert made == math.ceil(held * 0.75)
    assert (usage.cached_content_token_count, usage.prompt_token_count > held) == (held, True)
    assert stage.billed_micro_usd() - made == price(usage)
    assert ask(client, "And then?").text != answer.text
    assert ask(client, "And then?", cached_content=cache.name).text == answer.text


def test_a_cached_prompt_is_shown_listed_prolonged_and_deleted(client: genai.Client, stage: Emulator) -> None:
    cache = remember(client, display_name="north")
    name = str(cache.name)

    shown = client.caches.get(name=name)
    longer = client.caches.update(name=name, config={"ttl": "10800s"})
    listed = [each.name for each in client.caches.list(config={"page_size": 1})]
    stage.order("clock", advance_s=3_600)
    before = stage.billed_micro_usd()
    client.caches.delete(name=name)

    assert (shown.display_name, shown.model, listed) == ("north", f"models/{MODEL}", [name])
    assert cache.expire_time
    assert longer.expire_time
    assert 3_599 <= (longer.expire_time - cache.expire_time).total_seconds() <= 3_610
    assert stage.billed_micro_usd() - before == pytest.approx(tokens_of(cache) * 0.5, rel=0.01)  # an hour of storage
    with pytest.raises(errors.ClientError) as caught:
        client.caches.get(name=name)
    assert caught.value.status == "PERMISSION_DENIED"


def test_a_cached_prompt_is_forgotten_in_time_and_its_keeping_is_billed(client: genai.Client, stage: Emulator) -> None:
    cache = remember(client)
    before = stage.billed_micro_usd()
    stage.order("clock", advance_s=2 * 86_400)

    with pytest.raises(errors.ClientError) as caught:
        ask(client, cached_content=cache.name)

    assert caught.value.code == 403
    assert stage.billed_micro_usd() - before == tokens_of(cache)  # two hours at half a dollar, and not a minute more
    assert stage.billed_micro_usd() - before == tokens_of(cache)
    assert list(client.caches.list()) == []


def test_a_cached_prompt_is_counted_alike_alone_in_a_chat_and_in_a_batch(
    client: genai.Client, wire: httpx.Client, stage: Emulator
) -> None:
    path, body = f"/gemini/v1/models/{MODEL}", HELLO | {"cachedContent": remember(client).name}
    rows = {"batch": {"inputConfig": {"requests": {"requests": [{"request": body}]}}}}

    counted = wire.post(f"{path}:countTokens", json={"generateContentRequest": body}).json()
    chat = wire.post(f"{path}:generateContent", json=body).json()["usageMetadata"]
    name = wire.post(f"{path}:batchGenerateContent", json=rows).json()["name"]
    stage.order("clock", advance_s=60)
    (row,) = wire.get(f"/gemini/v1/{name}").json()["response"]["inlinedResponses"]["inlinedResponses"]

    batch = row["response"]["usageMetadata"]
    assert counted["totalTokens"] == chat["promptTokenCount"] == batch["promptTokenCount"]
    held = {told["cachedContentTokenCount"] for told in (counted, chat, batch)}
    assert len(held) == 1
    assert held.pop() > 4_096


def test_the_tools_of_a_cached_prompt_can_be_called(client: genai.Client, stage: Emulator) -> None:
    calling = {"function_calling_config": {"mode": "ANY"}}

    cache = remember(client, tools=TOOLS, tool_config=calling)

    assert ask(client, cached_content=cache.name).function_calls[0].name == "weather"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"contents": "Too short."}, "too small"),
        ({"ttl": "an hour"}, "ttl"),
        ({"ttl": "0s"}, "future"),
        ({"ttl": None, "expire_time": "2026-11-20T11:00:00Z"}, "future"),
        ({"expire_time": "2026-11-20T15:00:00Z"}, "Only one"),
    ],
)
def test_a_prompt_that_cannot_be_kept_is_refused(client: genai.Client, changes: Json, words: str) -> None:
    with pytest.raises(errors.ClientError) as caught:
        remember(client, **changes)

    assert caught.value.code == 400
    assert words in str(caught.value)


def test_a_cached_prompt_keeps_its_model_and_its_instruction(client: genai.Client) -> None:
    name = remember(client).name

    with pytest.raises(errors.ClientError) as other_model:
        ask(client, model="gemini-3.7-flash", cached_content=name)
    with pytest.raises(errors.ClientError) as other_rules:
        ask(client, system_instruction="Be long.", cached_content=name)

    assert "has to be the same" in str(other_model.value)
    assert "system_instruction" in str(other_rules.value)


# --- Embeddings


def test_embeddings_are_unit_vectors_of_their_texts_and_billed_by_input(client: genai.Client, stage: Emulator) -> None:
    answer = client.models.embed_content(model="gemini-embedding-001", contents=["north", "south", "north"])

    north, south, again = (row.values or [] for row in answer.embeddings or [])
    counted = stage.requests()[0]["prompt_tokens"]
    assert len(north) == 3_072
    assert math.isclose(math.hypot(*north), 1.0, rel_tol=1e-6)
    assert north == again != south
    assert stage.billed_micro_usd() == math.ceil(counted * 0.15)


def test_an_embedding_has_the_dimensions_and_the_task_that_were_asked_for(client: genai.Client) -> None:
    def embed(**config: Any) -> list[float]:
        wanted = types.EmbedContentConfig(**config)
        answer = client.models.embed_content(model="gemini-embedding-2", contents="north", config=wanted)
        return (answer.embeddings or [types.ContentEmbedding()])[0].values or []

    query = embed(output_dimensionality=768, task_type="RETRIEVAL_QUERY")

    assert (len(query), len(embed())) == (768, 3_072)
    assert query != embed(output_dimensionality=768, task_type="RETRIEVAL_DOCUMENT")


def test_one_text_is_embedded_as_one_of_many_is(wire: httpx.Client) -> None:
    path, content = "/gemini/v1beta/models/gemini-embedding-001", {"content": {"parts": [{"text": "north"}]}}

    one = wire.post(f"{path}:embedContent", json=content | {"outputDimensionality": 8}).json()
    many = wire.post(f"{path}:batchEmbedContents", json={"requests": [content | {"output_dimensionality": 8}]}).json()

    assert one["embedding"] == many["embeddings"][0]
    assert len(one["embedding"]["values"]) == 8


def test_embedding_models_are_listed_limited_and_can_fail(client: genai.Client, stage: Emulator) -> None:
    actions = client.models.get(model="gemini-embedding-2").supported_actions
    stage.order("faults", fault="503", match={"endpoint": "embeddings"}, count=1)
    with pytest.raises(errors.ServerError):
        client.models.embed_content(model="gemini-embedding-2", contents="north")
    stage.order("limits", persona="gemini", tokens_per_minute=1)

    with pytest.raises(errors.ClientError) as caught:
        client.models.embed_content(model="gemini-embedding-2", contents="north and south")

    assert actions == ["embedContent", "batchEmbedContents"]
    assert (caught.value.code, stage.billed_micro_usd()) == (429, 0)


# --- What the SDK does not show


@pytest.mark.parametrize("root", ["/gemini/v1", "/gemini/v1beta", "/gemini", "/v1beta", "/v1", "/gemini/v1beta/models"])
@pytest.mark.parametrize("auth", ["header", "query"])
def test_every_address_and_both_keys_are_taken(wire: httpx.Client, root: str, auth: str) -> None:
    query = {"key": KEY} if auth == "query" else {}
    headers = {"x-goog-api-key": "" if auth == "query" else KEY}

    answer = wire.post(f"{root}/models/{MODEL}:generateContent", json=HELLO, params=query, headers=headers)

    assert answer.status_code == 200
    assert answer.json()["modelVersion"] == MODEL


def test_a_caller_without_key_and_one_with_a_wrong_one_are_told_apart(wire: httpx.Client, stage: Emulator) -> None:
    stage.order("faults", fault="401", match={"key": "wrong"})
    path = f"/gemini/v1/models/{MODEL}:generateContent"

    none = wire.post(path, json=HELLO, headers={"x-goog-api-key": ""})
    wrong = wire.post(path, json=HELLO, headers={"x-goog-api-key": "wrong"})

    assert (none.status_code, none.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert (wrong.status_code, wrong.json()["error"]["details"][0]["reason"]) == (400, "API_KEY_INVALID")


def test_a_stream_is_framed_as_the_vendor_frames_it(wire: httpx.Client) -> None:
    path = f"/gemini/v1/models/{MODEL}:streamGenerateContent"

    events = wire.post(path, params={"alt": "sse"}, json=HELLO)
    listed = wire.post(path, json=HELLO).json()

    frames = events.text.split("\r\n\r\n")
    read = [json.loads(frame.removeprefix("data: ")) for frame in frames[:-1]]
    assert all(frame.startswith("data: {") for frame in frames[:-1])
    assert frames[-1] == ""
    assert [chunk["candidates"] for chunk in read] == [chunk["candidates"] for chunk in listed]


def test_a_stream_breaks_with_bare_json_of_many_lines(wire: httpx.Client, stage: Emulator) -> None:
    stage.order("faults", fault="stream_error", count=1)

    text = wire.post(f"/v1beta/models/{MODEL}:streamGenerateContent", params={"alt": "sse"}, json=HELLO).text

    last = text.split("\r\n\r\n")[-1]
    assert last.startswith('{\n  "error"')
    assert json.loads(last)["error"]["code"] == 503


def test_an_error_of_a_listed_stream_comes_in_a_list(wire: httpx.Client, stage: Emulator) -> None:
    stage.order("faults", fault="429", count=1, args={"retry_after": "7.5"})

    (told,) = wire.post(f"/gemini/v1/models/{MODEL}:streamGenerateContent", json=HELLO).json()

    assert [row["retryDelay"] for row in told["error"]["details"] if "retryDelay" in row] == ["7.5s"]


def test_limits_are_told_in_details_and_kept(wire: httpx.Client, stage: Emulator) -> None:
    stage.order("limits", persona="gemini", requests_per_minute=1)
    path = f"/gemini/v1/models/{MODEL}:generateContent"

    first, second = (wire.post(path, json=HELLO) for _ in range(2))

    kinds = [row["@type"].rsplit(".", 1)[-1] for row in second.json()["error"]["details"]]
    assert (first.status_code, second.status_code, kinds) == (200, 429, ["QuotaFailure", "RetryInfo"])
    assert "retry-after" not in second.headers


def test_a_stream_holds_its_place_until_its_last_byte(wire: httpx.Client, stage: Emulator) -> None:
    stage.order("limits", persona="gemini", concurrency=1)
    stage.order("latency", median_ms=0, chunk_ms=50)
    path = f"/gemini/v1/models/{MODEL}"

    with wire.stream("POST", f"{path}:streamGenerateContent", params={"alt": "sse"}, json=HELLO) as slow:
        pieces = slow.iter_raw()
        next(pieces)
        meanwhile = wire.post(f"{path}:generateContent", json=HELLO).status_code
        assert list(pieces)

    assert meanwhile == 429
    until(lambda: wire.post(f"{path}:generateContent", json=HELLO).status_code == 200, "the place is free")


@pytest.mark.parametrize("path", ["/gemini/v1/nothing", "/v1beta/nothing", f"/v1/models/{MODEL}:sing"])
def test_a_wrong_address_is_answered_in_the_dialect(wire: httpx.Client, path: str) -> None:
    lost = wire.post(path, json=HELLO)

    assert (lost.status_code, lost.json()["error"]["status"]) == (404, "NOT_FOUND")


def test_the_key_can_be_echoed_but_is_never_logged(wire: httpx.Client, stage: Emulator) -> None:
    stage.order("faults", fault="echo_authorization", count=1)

    echoed = wire.post(f"/gemini/v1/models/{MODEL}:generateContent", json=HELLO)

    assert KEY in echoed.text
    assert KEY not in wire.get("/_control/log").text

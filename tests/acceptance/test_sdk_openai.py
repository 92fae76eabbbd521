"""The vendor's own client against the emulator, over sockets: what it takes for an answer is one.

Its retries are off, so that every call is one request. Addresses: shared design page providers.md, section 8.
"""

import asyncio
import json
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, AzureOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import BaseModel

from tests.acceptance.processes import Emulator, closing, until

KEY = "sk-acceptance-0123456789"
MODEL = "gpt-6-luna"
HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Say hello."}]
REPORT: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "report_weather",
        "description": "Reports the weather.",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}, "degrees": {"type": "integer"}},
            "required": ["place", "degrees"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}


class Weather(BaseModel):
    place: str
    degrees: int
    dry: bool


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with closing(Emulator(tmp_path_factory.mktemp("sdk"))) as emulator:
        yield emulator


@pytest.fixture
def emulator(_running: Emulator) -> Emulator:
    _running.order("reset")
    return _running


def client(emulator: Emulator, path: str = "/v1") -> OpenAI:
    return OpenAI(
        api_key=KEY,
        base_url=f"{emulator.url}{path}",
        max_retries=0,
        timeout=10,
        http_client=DefaultHttpxClient(trust_env=False),
    )


def azure(emulator: Emulator) -> AzureOpenAI:
    return AzureOpenAI(
        api_key=KEY,
        azure_endpoint=f"{emulator.url}/azure",
        api_version="2024-10-21",
        max_retries=0,
        timeout=10,
        http_client=DefaultHttpxClient(trust_env=False),
    )


@pytest.fixture
def sdk(emulator: Emulator) -> Iterator[OpenAI]:
    with client(emulator) as made:
        yield made


def test_a_chat_is_answered_and_billed_for_what_it_says_it_used(emulator: Emulator, sdk: OpenAI) -> None:
    answer = sdk.chat.completions.create(model=MODEL, messages=HELLO, reasoning_effort="low")

    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].message.content
    assert answer.usage is not None
    assert answer.usage.completion_tokens_details is not None
    assert answer.usage.completion_tokens_details.reasoning_tokens
    cost = answer.usage.prompt_tokens * 100_000 + answer.usage.completion_tokens * 500_000
    assert emulator.billed_micro_usd() == -(-cost // 1_000_000)
    assert answer._request_id == emulator.requests()[0]["request_id"]


def test_a_schema_comes_back_as_the_class_that_was_asked(sdk: OpenAI) -> None:
    answer = sdk.chat.completions.parse(model=MODEL, messages=HELLO, response_format=Weather)

    assert isinstance(answer.choices[0].message.parsed, Weather)


def test_a_stream_says_the_same_as_the_whole_answer(sdk: OpenAI) -> None:
    whole = sdk.chat.completions.create(model=MODEL, messages=HELLO)

    chunks = list(
        sdk.chat.completions.create(model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True})
    )

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage == whole.usage


@pytest.mark.parametrize("args", [{}, {"crlf": True}], ids=["cut anywhere", "cut between CR and LF too"])
def test_a_stream_survives_any_cutting_of_its_bytes(emulator: Emulator, sdk: OpenAI, args: dict[str, Any]) -> None:
    emulator.order("faults", fault="odd_characters", count=1)
    whole = sdk.chat.completions.create(model=MODEL, messages=HELLO)
    emulator.order("faults", fault="split", args=args)

    chunks = list(sdk.chat.completions.create(model=MODEL, messages=HELLO, stream=True))

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert "\u2028" in (whole.choices[0].message.content or "")
    assert text
    assert set(text) <= set(whole.choices[0].message.content or "")


def test_the_streaming_helper_parses_a_schema(sdk: OpenAI) -> None:
    with sdk.chat.completions.stream(model=MODEL, messages=HELLO, response_format=Weather) as stream:
        final = stream.get_final_completion()

    assert isinstance(final.choices[0].message.parsed, Weather)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_demanded_tool_is_called_with_arguments_of_its_schema(sdk: OpenAI, streamed: bool) -> None:
    request: dict[str, Any] = {
        "model": MODEL,
        "messages": HELLO,
        "tools": [REPORT],
        "tool_choice": "required",
        "reasoning_effort": "none",
    }

    if streamed:
        with sdk.chat.completions.stream(**request) as stream:
            choice = stream.get_final_completion().choices[0]
    else:
        choice = sdk.chat.completions.create(**request).choices[0]

    assert choice.message.tool_calls is not None
    (call,) = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    assert call.type == "function"
    assert call.function.name == "report_weather"
    arguments = json.loads(call.function.arguments)
    assert isinstance(arguments["place"], str)
    assert isinstance(arguments["degrees"], int)


def test_an_image_is_taken_and_counted(sdk: OpenAI) -> None:
    shown: list[ChatCompletionMessageParam] = [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Say hello."},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
            ],
        }
    ]

    blind = sdk.chat.completions.create(model=MODEL, messages=HELLO).usage
    seeing = sdk.chat.completions.create(model=MODEL, messages=shown).usage

    assert blind is not None
    assert seeing is not None
    assert seeing.prompt_tokens > blind.prompt_tokens


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("400", openai.BadRequestError),
        ("400_context", openai.BadRequestError),
        ("401", openai.AuthenticationError),
        ("403", openai.PermissionDeniedError),
        ("404", openai.NotFoundError),
        ("409", openai.ConflictError),
        ("422", openai.UnprocessableEntityError),
        ("429", openai.RateLimitError),
        ("429_quota", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("502", openai.InternalServerError),
        ("503", openai.InternalServerError),
        ("529", openai.InternalServerError),
    ],
)
def test_each_status_raises_the_exception_of_its_name(
    emulator: Emulator, sdk: OpenAI, fault: str, error: type[openai.APIStatusError]
) -> None:
    emulator.order("faults", fault=fault)

    with pytest.raises(error) as caught:
        sdk.chat.completions.create(model=MODEL, messages=HELLO)

    assert caught.value.status_code == int(fault[:3])
    assert caught.value.request_id == emulator.requests()[0]["request_id"]
    assert len(emulator.requests()) == 1


def test_a_refusal_names_code_type_and_param(sdk: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        sdk.chat.completions.create(model=MODEL, messages=HELLO, max_tokens=5)

    assert (caught.value.code, caught.value.param) == ("unsupported_parameter", "max_tokens")
    assert caught.value.type == "invalid_request_error"


def test_a_stream_that_fails_raises_in_the_middle(emulator: Emulator, sdk: OpenAI) -> None:
    emulator.order("faults", fault="stream_error")
    chunks = sdk.chat.completions.create(model=MODEL, messages=HELLO, stream=True)

    with pytest.raises(openai.APIError, match="server had an error"):
        list(chunks)


def test_a_stream_that_is_cut_ends_without_a_word(emulator: Emulator, sdk: OpenAI) -> None:
    emulator.order("faults", fault="cut")

    chunks = list(sdk.chat.completions.create(model=MODEL, messages=HELLO, stream=True))

    assert chunks
    assert all(chunk.choices[0].finish_reason is None for chunk in chunks)


def test_a_connection_that_breaks_is_a_connection_error(emulator: Emulator, sdk: OpenAI) -> None:
    emulator.order("faults", fault="reset_before")

    with pytest.raises(openai.APIConnectionError):
        sdk.chat.completions.create(model=MODEL, messages=HELLO)


def test_a_stall_in_mid_stream_is_a_timeout(emulator: Emulator) -> None:
    emulator.order("faults", fault="stall_mid")

    with client(emulator) as sdk:
        chunks = sdk.with_options(timeout=0.5).chat.completions.create(model=MODEL, messages=HELLO, stream=True)
        with pytest.raises(Exception, match=r"(?i)timed? ?out"):
            list(chunks)


def test_retries_can_be_counted_when_they_are_on(emulator: Emulator, sdk: OpenAI) -> None:
    emulator.order("faults", fault="429", count=1, args={"retry_after_ms": "1"})

    sdk.with_options(max_retries=1).chat.completions.create(model=MODEL, messages=HELLO)

    assert [line["status"] for line in emulator.requests()] == [429, 200]


def test_flex_is_echoed_and_costs_half(emulator: Emulator, sdk: OpenAI) -> None:
    sdk.chat.completions.create(model="gpt-6.1-sol", messages=HELLO)
    full = emulator.billed_micro_usd()
    emulator.order("faults", fault="429_flex", count=1)

    with pytest.raises(openai.RateLimitError):
        sdk.chat.completions.create(model="gpt-6.1-sol", messages=HELLO, service_tier="flex")
    answer = sdk.chat.completions.create(model="gpt-6.1-sol", messages=HELLO, service_tier="flex")

    assert answer.service_tier == "flex"
    assert emulator.billed_micro_usd() - full == -(-full // 2)


def test_limits_are_told_and_kept(emulator: Emulator, sdk: OpenAI) -> None:
    emulator.order("limits", persona="openai", requests_per_minute=2)

    first = sdk.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO)
    sdk.chat.completions.create(model=MODEL, messages=HELLO)
    with pytest.raises(openai.RateLimitError) as caught:
        sdk.chat.completions.create(model=MODEL, messages=HELLO)
    emulator.order("clock", advance_s=31)

    assert first.headers["x-ratelimit-limit-requests"] == "2"
    assert first.headers["x-ratelimit-remaining-requests"] == "1"
    assert first.headers["x-ratelimit-reset-requests"].endswith("s")
    assert 0 < float(caught.value.response.headers["retry-after-ms"]) <= 30_000
    assert sdk.chat.completions.create(model=MODEL, messages=HELLO).choices


def test_a_repeated_prefix_is_read_from_the_cache_by_whoever_asks_for_one(emulator: Emulator, sdk: OpenAI) -> None:
    long: list[ChatCompletionMessageParam] = [{"role": "user", "content": "The same long transcript. " * 400}]

    first, second = (
        sdk.chat.completions.create(model=MODEL, messages=long, prompt_cache_key="meeting-1").usage for _ in range(2)
    )

    assert first is not None
    assert second is not None
    assert first.prompt_tokens_details is not None
    assert second.prompt_tokens_details is not None
    assert first.prompt_tokens_details.cached_tokens == 0
    assert second.prompt_tokens_details.cached_tokens == (first.prompt_tokens // 128) * 128
    cold, warm = (line["billed_micro_usd"] for line in emulator.requests())
    assert warm < cold / 2


@pytest.mark.parametrize("packed", [True, False])
def test_embeddings_are_unit_vectors_that_repeat(sdk: OpenAI, packed: bool) -> None:
    form: Any = {} if packed else {"encoding_format": "float"}

    answer = sdk.embeddings.create(model="text-embedding-3-small", input=["one", "two", "one"], dimensions=64, **form)

    one, two, again = (row.embedding for row in answer.data)
    assert one == again != two
    assert len(one) == 64
    assert math.isclose(sum(value * value for value in one), 1.0, rel_tol=1e-5)
    assert answer.usage.total_tokens == 3


def test_the_models_are_listed(sdk: OpenAI) -> None:
    assert MODEL in {model.id for model in sdk.models.list()}


def batch_line(number: int, model: str = MODEL, **changes: Any) -> str:
    body = {"model": model, "messages": HELLO} | changes
    return json.dumps({"custom_id": f"seat-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body})


def make_batch(sdk: OpenAI, lines: list[str]) -> Any:
    file = sdk.files.create(file=("requests.jsonl", "\n".join(lines).encode()), purpose="batch")
    assert (file.status, file.purpose, file.filename) == ("processed", "batch", "requests.jsonl")
    return sdk.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={"ours": "7"}
    )


def result_lines(sdk: OpenAI, file_id: str | None) -> dict[str, Any]:
    assert file_id is not None
    rows = [json.loads(row) for row in sdk.files.content(file_id).content.split(b"\n") if row]
    return {row["custom_id"]: row for row in rows}


@pytest.mark.parametrize("make", [client, azure], ids=["openai", "azure"])
def test_a_batch_goes_from_file_to_file_at_half_the_price(
    emulator: Emulator, make: Callable[[Emulator], OpenAI]
) -> None:
    with make(emulator) as sdk:
        batch = make_batch(sdk, [batch_line(0), batch_line(1), batch_line(2, max_tokens=3)])
        assert (batch.status, batch.request_counts.total) == ("validating", 3)
        emulator.order("clock", advance_s=5.1)
        assert sdk.batches.retrieve(batch.id).status == "in_progress"
        emulator.order("clock", advance_s=1.5)
        assert sdk.batches.retrieve(batch.id).status == "finalizing"
        emulator.order("clock", advance_s=60)
        done = sdk.batches.retrieve(batch.id)

        good = result_lines(sdk, done.output_file_id)
        bad = result_lines(sdk, done.error_file_id)

    assert done.status == "completed"
    assert done.metadata == {"ours": "7"}
    assert done.request_counts is not None
    assert (done.request_counts.completed, done.request_counts.failed) == (2, 1)
    assert set(good) == {"seat-0", "seat-1"}
    assert bad["seat-2"]["response"]["status_code"] == 400
    used = [row["response"]["body"]["usage"] for row in good.values()]
    cost = sum(-(-(u["prompt_tokens"] * 50_000 + u["completion_tokens"] * 250_000) // 1_000_000) for u in used)
    assert emulator.billed_micro_usd() == cost
    assert {row["response"]["body"]["service_tier"] for row in good.values()} == {"default"}


def test_a_canceled_batch_delivers_what_it_had_and_names_the_rest(emulator: Emulator, sdk: OpenAI) -> None:
    batch = make_batch(sdk, [batch_line(number) for number in range(6)])
    emulator.order("clock", advance_s=6.2)

    assert sdk.batches.cancel(batch.id).status == "cancelling"
    emulator.order("clock", advance_s=60)
    done = sdk.batches.retrieve(batch.id)

    good, rest = result_lines(sdk, done.output_file_id), result_lines(sdk, done.error_file_id)
    assert done.status == "cancelled"
    assert 0 < len(good) < 6
    assert len(good) + len(rest) == 6
    assert {row["error"]["code"] for row in rest.values()} == {"batch_cancelled"}


def test_a_batch_can_expire_and_costs_what_was_done(emulator: Emulator, sdk: OpenAI) -> None:
    emulator.order("faults", match={"endpoint": "batches"}, fault="batch_expired", count=1)
    batch = make_batch(sdk, [batch_line(number) for number in range(4)])

    emulator.order("clock", advance_s=25 * 3600)
    done = sdk.batches.retrieve(batch.id)

    rest = result_lines(sdk, done.error_file_id)
    assert done.status == "expired"
    assert {row["error"]["code"] for row in rest.values()} == {"batch_expired"}
    assert len(result_lines(sdk, done.output_file_id)) == 2


def test_a_batch_with_a_broken_line_fails_and_says_where(emulator: Emulator, sdk: OpenAI) -> None:
    batch = make_batch(sdk, [batch_line(0), "{"])

    emulator.order("clock", advance_s=60)
    done = sdk.batches.retrieve(batch.id)

    assert done.status == "failed"
    assert done.errors is not None
    assert [(error.code, error.line) for error in done.errors.data or ()] == [("invalid_json_line", 2)]
    assert emulator.billed_micro_usd() == 0


def test_batches_are_listed_page_by_page_and_files_can_go(emulator: Emulator, sdk: OpenAI) -> None:
    made = [make_batch(sdk, [batch_line(0)]).id for _ in range(3)]

    listed = [batch.id for batch in sdk.batches.list(limit=2)]
    file = sdk.files.list().data[0]
    sdk.files.delete(file.id)

    assert listed == made[::-1]
    with pytest.raises(openai.NotFoundError):
        sdk.files.retrieve(file.id)


def test_the_azure_client_finds_its_deployments(emulator: Emulator) -> None:
    with azure(emulator) as sdk:
        answer = sdk.chat.completions.create(model=MODEL, messages=HELLO)
        chunks = list(sdk.chat.completions.create(model=MODEL, messages=HELLO, stream=True))
        vectors = sdk.embeddings.create(model="text-embedding-3-small", input="one")
        with pytest.raises(openai.NotFoundError) as lost:
            sdk.chat.completions.create(model="no-such-deployment", messages=HELLO)

    assert answer.choices[0].message.content
    assert chunks[0].choices == []
    assert len(vectors.data[0].embedding) == 1_536
    assert lost.value.code == "DeploymentNotFound"
    assert {line["persona"] for line in emulator.requests()} == {"azure"}
    assert {line["key"] for line in emulator.requests()} == {"***6789"}


def test_the_azure_filter_tells_what_it_found(emulator: Emulator) -> None:
    emulator.order("faults", match={"persona": "azure"}, fault="400_filter")

    with azure(emulator) as sdk, pytest.raises(openai.BadRequestError) as caught:
        sdk.chat.completions.create(model=MODEL, messages=HELLO)

    assert caught.value.code == "content_filter"
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["innererror"]["code"] == "ResponsibleAIPolicyViolation"


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/azure/openai/v1/", MODEL),
        ("/aimlapi/v1", "openai/gpt-6-luna"),
        ("/openrouter/api/v1", "anthropic/claude-sonnet-5.5"),
        ("/openrouter/v1", "openai/gpt-6-luna"),
        ("/deepseek", "deepseek-flash"),
        ("/deepseek/v1", "deepseek-v4-pro"),
    ],
)
def test_the_plain_client_speaks_with_every_vendor_of_the_family(emulator: Emulator, path: str, model: str) -> None:
    with client(emulator, path) as sdk:
        whole = sdk.chat.completions.create(model=model, messages=HELLO)
        chunks = list(sdk.chat.completions.create(model=model, messages=HELLO, stream=True))

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert emulator.billed_micro_usd() > 0


def test_deepseek_thinks_aloud(emulator: Emulator) -> None:
    with client(emulator, "/deepseek") as sdk:
        whole = sdk.chat.completions.create(model="deepseek-flash", messages=HELLO)
        chunks = list(sdk.chat.completions.create(model="deepseek-flash", messages=HELLO, stream=True))

    thoughts = [getattr(chunk.choices[0].delta, "reasoning_content", None) or "" for chunk in chunks]
    assert "".join(thoughts) == getattr(whole.choices[0].message, "reasoning_content", "") != ""


async def chat_async(emulator: Emulator) -> str:
    async with AsyncOpenAI(
        api_key=KEY,
        base_url=f"{emulator.url}/v1",
        max_retries=0,
        timeout=10,
        http_client=DefaultAsyncHttpxClient(trust_env=False),
    ) as sdk:
        answer = await sdk.chat.completions.create(model=MODEL, messages=HELLO)
    return answer.choices[0].message.content or ""


def test_the_asynchronous_client_is_answered_alike(emulator: Emulator, sdk: OpenAI) -> None:
    whole = sdk.chat.completions.create(model=MODEL, messages=HELLO)

    assert asyncio.run(chat_async(emulator)) == whole.choices[0].message.content


def test_a_capacity_is_full_until_somebody_has_been_answered(emulator: Emulator, sdk: OpenAI) -> None:
    emulator.order("limits", persona="openai", concurrency=1)
    emulator.order("latency", median_ms=1_500)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(sdk.chat.completions.create, model=MODEL, messages=HELLO)
        until(lambda: emulator.waiting() == 1, "one is inside")
        with pytest.raises(openai.RateLimitError):
            sdk.chat.completions.create(model=MODEL, messages=HELLO)
        slow.result(10)
    emulator.order("latency", median_ms=0)

    assert sdk.chat.completions.create(model=MODEL, messages=HELLO).choices


def test_a_tool_that_the_user_names_is_called_and_its_result_is_read(emulator: Emulator) -> None:
    question: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Use report_weather, please."}]

    def ask(messages: list[ChatCompletionMessageParam]) -> openai.types.chat.ChatCompletionMessage:
        answer = client(emulator).chat.completions.create(
            model=MODEL, messages=messages, tools=[REPORT], reasoning_effort="none"
        )
        return answer.choices[0].message

    called = ask(question)

    assert called.tool_calls
    call = called.tool_calls[0]
    assert call.type == "function"
    assert call.function.name == "report_weather"
    given: list[ChatCompletionMessageParam] = [
        {
            "role": "assistant",
            "tool_calls": [
                {"id": call.id, "type": "function", "function": {"name": "report_weather", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": call.id, "content": "Rain."},
    ]
    assert ask(question + given).content
    assert ask(HELLO).tool_calls is None

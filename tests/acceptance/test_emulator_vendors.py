"""What the vendors of the OpenAI family do in their own way, byte for byte, and what can happen on the way."""

import json
import socket
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.acceptance.processes import Emulator, closing, until

KEY = "sk-acceptance-0123456789"
CHAT = "/v1/chat/completions"
Json = dict[str, Any]

BASES = {
    "openai": ("/v1", "gpt-6-luna"),
    "azure": ("/azure/openai/v1", "gpt-6-luna"),
    "aimlapi": ("/aimlapi/v1", "openai/gpt-6-luna"),
    "openrouter": ("/openrouter/api/v1", "openai/gpt-6-luna"),
    "deepseek": ("/deepseek", "deepseek-flash"),
}


class Stage:
    """The running emulator, and a client with a key."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.order = emulator.order
        self.http = httpx.Client(
            base_url=emulator.url, headers={"authorization": f"Bearer {KEY}"}, timeout=10, trust_env=False
        )

    def ask(self, vendor: str = "openai", prompt: str = "Say hello.", **changes: Any) -> httpx.Response:
        base, model = BASES[vendor]
        body = {"model": model, "messages": [{"role": "user", "content": prompt}]} | changes
        return self.http.post(f"{base}/chat/completions", json=body)

    def close(self) -> None:
        self.http.close()
        self.emulator.close()


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with closing(Stage(Emulator(tmp_path_factory.mktemp("vendors")))) as stage:
        yield stage


@pytest.fixture
def stage(_running: Stage) -> Stage:
    _running.order("reset")
    return _running


def events(response: httpx.Response) -> list[Json]:
    """The data of a stream, without comments and farewell."""
    lines = [line for line in response.text.split("\n") if line.startswith("data: {")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def message(response: httpx.Response) -> Json:
    found: Json = response.json()["choices"][0]["message"]
    return found


# --- Azure


def test_azure_takes_its_own_header_and_a_bearer_token_and_nothing_else(stage: Stage) -> None:
    body = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hi"}]}
    address = f"{stage.emulator.url}/azure/openai/v1/chat/completions"

    own, bearer, none = (
        httpx.post(address, json=body, headers=headers, trust_env=False)
        for headers in ({"api-key": KEY}, {"authorization": f"Bearer {KEY}"}, {})
    )

    assert (own.status_code, bearer.status_code, none.status_code) == (200, 200, 401)
    assert none.json()["error"]["code"] == "401"


def test_azure_says_what_its_filter_thinks_and_that_it_knows_no_limits(stage: Stage) -> None:
    answer = stage.ask("azure")

    assert answer.json()["prompt_filter_results"][0]["content_filter_results"]["jailbreak"]["detected"] is False
    assert answer.json()["choices"][0]["content_filter_results"]["hate"] == {"filtered": False, "severity": "safe"}
    assert answer.headers["x-ratelimit-remaining-tokens"] == "-1"
    assert answer.headers["apim-request-id"]


def test_the_first_chunk_of_azure_has_no_choices(stage: Stage) -> None:
    first, second, *_ = events(stage.ask("azure", stream=True))

    assert (first["id"], first["choices"]) == ("", [])
    assert first["prompt_filter_results"]
    assert second["choices"][0]["delta"]["role"] == "assistant"


@pytest.mark.parametrize(
    ("query", "changes", "status", "code"),
    [
        ("", {}, 404, "404"),
        ("?api-version=2024-10-21", {"prompt_cache_options": {"mode": "implicit"}}, 400, "unknown_parameter"),
        ("?api-version=2024-10-21", {"model": "another"}, 200, None),
    ],
)
def test_the_classic_address_wants_a_version_and_decides_the_model(
    stage: Stage, query: str, changes: Json, status: int, code: str | None
) -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}]} | changes

    answer = stage.http.post(f"/azure/openai/deployments/gpt-6-sol/chat/completions{query}", json=body)

    assert answer.status_code == status
    assert answer.json().get("error", {}).get("code") == code
    assert answer.json().get("model") == ("gpt-6-sol" if status == 200 else None)


def test_azure_has_no_flex_for_every_model_and_says_so(stage: Stage) -> None:
    refused = stage.ask("azure", model="gpt-4o", service_tier="flex")

    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "service_tier")
    assert stage.ask("azure", service_tier="flex").json()["service_tier"] == "flex"


# --- OpenRouter


def test_openrouter_tells_provider_price_and_native_reason(stage: Stage) -> None:
    answer = stage.ask("openrouter", model="anthropic/claude-sonnet-5.5", reasoning={"effort": "high"})

    document = answer.json()
    billed = stage.emulator.billed_micro_usd()
    assert document["provider"] == "Anthropic"
    assert document["choices"][0]["native_finish_reason"] == "end_turn"
    assert document["usage"]["cost"] == billed / 1_000_000
    assert document["usage"]["is_byok"] is False
    assert message(answer)["reasoning"]
    assert document["id"] == answer.headers["x-generation-id"]


def test_openrouter_keeps_thoughts_to_itself_when_asked(stage: Stage) -> None:
    answer = stage.ask("openrouter", reasoning={"effort": "high", "exclude": True})

    assert "reasoning" not in message(answer)
    assert answer.json()["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0


def test_a_stream_of_openrouter_begins_with_comments_and_ends_with_the_cost(stage: Stage) -> None:
    answer = stage.ask("openrouter", stream=True, usage={"include": True})

    assert answer.text.startswith(": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: {")
    assert events(answer)[-1]["usage"]["cost"] == stage.emulator.billed_micro_usd() / 1_000_000


def test_openrouter_fails_with_200_once_the_model_has_started(stage: Stage) -> None:
    stage.order("faults", fault="error_in_200")

    whole, streamed = stage.ask("openrouter"), stage.ask("openrouter", stream=True)

    (failed,) = events(streamed)
    assert (whole.status_code, streamed.status_code) == (200, 200)
    assert whole.json()["error"]["code"] == 502
    assert whole.json()["error"]["metadata"]["provider_name"] == "OpenAI"
    assert "choices" not in whole.json()
    assert failed["error"]["code"] == "server_error"
    assert failed["choices"][0]["finish_reason"] == "error"
    assert stage.emulator.billed_micro_usd() == 0


def test_a_stream_of_openrouter_can_fail_in_the_middle(stage: Stage) -> None:
    stage.order("faults", fault="stream_error")

    *said, last = events(stage.ask("openrouter", stream=True))

    assert said
    assert last["choices"][0]["finish_reason"] == "error"


@pytest.mark.parametrize(
    ("fault", "status", "metadata", "retry_after"),
    [
        ("402", 402, None, None),
        ("402_in_flight", 402, None, "5"),
        ("403", 403, None, None),
        ("403_flagged", 403, "flagged_input", None),
        ("429", 429, "raw", None),
        ("502", 502, "provider_name", None),
        ("503", 503, None, None),
    ],
)
def test_openrouter_refuses_with_the_status_as_code(
    stage: Stage, fault: str, status: int, metadata: str | None, retry_after: str | None
) -> None:
    stage.order("faults", fault=fault)

    refused = stage.ask("openrouter")

    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (status, status)
    assert metadata is None or metadata in error["metadata"]
    assert refused.headers.get("retry-after") == retry_after


def test_openrouter_finds_no_provider_for_a_schema_that_must_be_kept(stage: Stage) -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "properties": {}}}}
    model = "deepseek/deepseek-flash"

    kept = stage.ask("openrouter", model=model, response_format=schema, provider={"require_parameters": True})
    loose = stage.ask("openrouter", model=model, response_format=schema)
    elsewhere = stage.ask("openrouter", provider={"only": ["anthropic"]})

    assert (kept.status_code, loose.status_code, elsewhere.status_code) == (503, 200, 503)
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(message(loose)["content"])


def test_openrouter_takes_the_next_of_the_models_when_the_first_is_unknown(stage: Stage) -> None:
    answer = stage.ask("openrouter", model="vendor/none", models=["google/gemini-3.8-flash"])

    assert (answer.json()["model"], answer.json()["provider"]) == ("google/gemini-3.8-flash", "Google")


def test_openrouter_batches_answer_inline_at_half_the_price(stage: Stage) -> None:
    asked = {"messages": [{"role": "user", "content": "Hi"}]}
    order = {
        "endpoint": CHAT,
        "model": "openai/gpt-6-luna:batch",
        "completion_window": "24h",
        "requests": [{"custom_id": f"seat-{n}", "body": asked} for n in range(2)],
    }

    made = stage.http.post("/openrouter/api/v1/batches", json=order)
    address = f"/openrouter/api/v1/batches/{made.json()['id']}"
    early = stage.http.get(address).json()
    stage.order("clock", advance_s=60)
    done = stage.http.get(address).json()

    assert (made.status_code, made.json()["status"], early["results"]) == (202, "validating", None)
    assert (done["status"], done["provider"]) == ("completed", "OpenAI")
    assert {row["custom_id"] for row in done["results"]} == {"seat-0", "seat-1"}
    whole = stage.emulator.billed_micro_usd()
    stage.http.post("/openrouter/api/v1/chat/completions", json=asked | {"model": "openai/gpt-6-luna"})
    assert stage.emulator.billed_micro_usd() - whole >= whole / 2
    assert stage.http.get("/openrouter/api/v1/batches?status=failed").json()["data"] == []
    assert stage.http.delete(address).json()["deleted"] is True
    assert stage.http.get(address).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [{"endpoint": "/v1/messages"}, {"completion_window": "1h"}, {"requests": []}, {"model": "vendor/none"}],
)
def test_openrouter_refuses_a_batch_that_makes_no_sense(stage: Stage, changes: Json) -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}]}
    order = {
        "endpoint": CHAT,
        "model": "openai/gpt-6-luna",
        "completion_window": "24h",
        "requests": [{"custom_id": "a", "body": body}],
    }

    assert stage.http.post("/openrouter/api/v1/batches", json=order | changes).status_code in (400, 404)


def test_openrouter_tells_afterwards_what_an_answer_has_cost(stage: Stage) -> None:
    answer, path = stage.ask("openrouter"), "/openrouter/api/v1/generation"

    told = stage.http.get(path, params={"id": answer.json()["id"]}).json()["data"]
    theirs = stage.http.get(
        path, params={"id": answer.json()["id"]}, headers={"authorization": "Bearer sk-somebody-else"}
    )

    assert answer.headers["x-generation-id"] == told["id"]
    assert told["total_cost"] == answer.json()["usage"]["cost"] == stage.emulator.billed_micro_usd() / 1_000_000
    assert told["tokens_prompt"] == answer.json()["usage"]["prompt_tokens"]
    assert (told["provider_name"], told["model"], told["streamed"]) == ("OpenAI", "openai/gpt-6-luna", False)
    assert theirs.status_code == 404


def test_openrouter_knows_no_cost_of_what_it_refused_or_never_saw(stage: Stage) -> None:
    stage.order("faults", fault="429", count=1)
    stage.ask("openrouter")
    refused = f"gen-{stage.emulator.requests()[0]['request_id'].removeprefix('req_')}"

    answers = [
        stage.http.get("/openrouter/v1/generation", params=query) for query in ({"id": refused}, {"id": "gen-1"}, {})
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert answers[0].json()["error"]["code"] == 404


# --- DeepSeek


def test_deepseek_sends_blank_lines_and_comments_before_it_speaks(stage: Stage) -> None:
    whole, streamed = stage.ask("deepseek"), stage.ask("deepseek", stream=True)

    assert whole.text.startswith("\n\n\n{")
    assert streamed.text.startswith(": keep-alive\n\n: keep-alive\n\ndata: {")
    assert "retry-after" not in whole.headers


def test_deepseek_thinks_unless_told_not_to(stage: Stage) -> None:
    thought, plain = stage.ask("deepseek"), stage.ask("deepseek", thinking={"type": "disabled"})

    first = events(stage.ask("deepseek", stream=True))[1]["choices"][0]["delta"]
    assert message(thought)["reasoning_content"]
    assert "reasoning_content" not in message(plain)
    assert first["reasoning_content"]


def test_deepseek_counts_hits_and_misses_of_its_cache(stage: Stage) -> None:
    prompt = "The same long transcript. " * 200

    first, second = (stage.ask("deepseek", prompt, user_id="tenant").json()["usage"] for _ in range(2))
    stranger = stage.ask("deepseek", prompt, user_id="another").json()["usage"]

    assert (first["prompt_cache_hit_tokens"], first["prompt_cache_miss_tokens"]) == (0, first["prompt_tokens"])
    assert second["prompt_cache_hit_tokens"] == second["prompt_tokens"] // 64 * 64 > 0
    assert second["prompt_cache_hit_tokens"] + second["prompt_cache_miss_tokens"] == second["prompt_tokens"]
    assert second["prompt_tokens_details"]["cached_tokens"] == second["prompt_cache_hit_tokens"]
    assert stranger["prompt_cache_hit_tokens"] == 0


def test_deepseek_ignores_the_newer_limit_and_obeys_the_older(stage: Stage) -> None:
    ignored, obeyed = stage.ask("deepseek", max_completion_tokens=2), stage.ask("deepseek", max_tokens=2)

    assert ignored.json()["choices"][0]["finish_reason"] == "stop"
    assert obeyed.json()["choices"][0]["finish_reason"] == "length"


def test_deepseek_fills_the_page_with_blanks_if_nobody_said_json(stage: Stage) -> None:
    answer = stage.ask("deepseek", response_format={"type": "json_object"}, max_tokens=50)

    assert message(answer)["content"].isspace()
    assert answer.json()["choices"][0]["finish_reason"] == "length"
    assert answer.json()["usage"]["completion_tokens"] <= 50


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}}, 400),
        ({"tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "required"}, 400),
        ({"user_id": "x" * 513}, 422),
        ({"thinking": {"type": "perhaps"}}, 422),
        ({"model": "deepseek-chat"}, 404),
        (
            {
                "model": "deepseek-v4-pro",
                "messages": [
                    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://e.example/x"}}]}
                ],
            },
            400,
        ),
    ],
)
def test_deepseek_refuses(stage: Stage, changes: Json, status: int) -> None:
    refused = stage.ask("deepseek", **changes)

    assert refused.status_code == status
    assert refused.json()["error"]["message"]


def test_deepseek_wants_its_thoughts_back_with_a_tool_s_answer(stage: Stage) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}

    def turn(**thoughts: str) -> httpx.Response:
        said = {"role": "assistant", "content": None, "tool_calls": [call]} | thoughts
        result = {"role": "tool", "tool_call_id": "call_1", "content": "42"}
        return stage.ask("deepseek", messages=[{"role": "user", "content": "Hi"}, said, result])

    assert (turn().status_code, turn(reasoning_content="hm").status_code) == (400, 200)


def test_deepseek_costs_twice_as_much_in_its_peak_hours(stage: Stage) -> None:
    for _ in range(7 * 24):
        stage.ask("deepseek")
        stage.order("clock", advance_s=3_600)

    costs: dict[bool, set[int]] = {True: set(), False: set()}
    for line in stage.emulator.requests():
        at = datetime.fromisoformat(line["arrived_at"])
        costs[at.weekday() < 5 and at.hour in {1, 2, 3, 6, 7, 8, 9}].add(line["billed_micro_usd"])
    (cheap,), (dear,) = costs[False], costs[True]
    assert dear in (2 * cheap - 1, 2 * cheap)


def test_deepseek_can_run_out_of_machines(stage: Stage) -> None:
    stage.order("faults", fault="insufficient_system_resource")

    assert stage.ask("deepseek").json()["choices"][0]["finish_reason"] == "insufficient_system_resource"


def test_deepseek_limits_concurrency_without_a_word_about_waiting(stage: Stage) -> None:
    stage.order("limits", persona="deepseek", requests_per_minute=1)
    stage.ask("deepseek")

    refused = stage.ask("deepseek")

    assert refused.status_code == 429
    assert not [name for name in refused.headers if name.startswith(("retry-after", "x-ratelimit"))]


# --- AIMLAPI


@pytest.mark.parametrize("problem", [False, True])
def test_aimlapi_has_two_error_bodies(stage: Stage, problem: bool) -> None:
    stage.order("faults", fault="403_credits", args={"problem": problem})

    refused = stage.ask("aimlapi")

    body = refused.json()
    assert refused.status_code == 403
    assert "credits" in body["message"]
    assert ("statusCode" in body, "error" in body) == (not problem, problem)
    assert refused.headers["content-type"] == ("application/problem+json" if problem else "application/json")


def test_aimlapi_lists_what_will_go(stage: Stage) -> None:
    rows = httpx.get(f"{stage.emulator.url}/aimlapi/v1/models/deprecations", trust_env=False).json()["data"]

    assert {row["status"] for row in rows} == {"deprecated", "superseded", "withdrawn"}
    assert all({"id", "aliases", "deprecated_at", "shutdown_at", "replaced_by", "reason"} <= row.keys() for row in rows)


def test_aimlapi_hides_an_upstream_s_400_in_a_500(stage: Stage) -> None:
    stage.order("faults", fault="500_hidden_400")

    refused = stage.ask("aimlapi")

    assert refused.status_code == 500
    assert refused.json()["message"].startswith("400 ")


def test_some_resold_models_refuse_the_system_role(stage: Stage) -> None:
    def spoken(role: str) -> httpx.Response:
        return stage.ask(
            "aimlapi",
            model="emulated-plain-1",
            messages=[{"role": role, "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        )

    refused, served = spoken("system"), spoken("user")

    assert (refused.status_code, served.status_code) == (400, 201)
    assert "messages[0].role" in refused.json()["message"]


def test_aimlapi_drops_a_call_id_that_is_not_well_formed(stage: Stage) -> None:
    base, model = BASES["aimlapi"]
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}]}

    answers = [
        stage.http.post(f"{base}/chat/completions", json=body, headers={"x-client-request-id": name})
        for name in ("seat-1", "no spaces")
    ]

    assert [answer.headers.get("x-client-request-id") for answer in answers] == ["seat-1", None]


# --- All of them


@pytest.mark.parametrize("vendor", sorted(BASES))
def test_every_vendor_says_no_in_a_body_that_names_the_reason(stage: Stage, vendor: str) -> None:
    stage.order("faults", match={"persona": vendor}, fault="429", args={"message": "slowly, please"})

    refused = stage.ask(vendor)

    assert refused.status_code == 429
    assert "slowly, please" in refused.text


def test_a_growing_rate_is_told_to_slow_down(stage: Stage) -> None:
    stage.order("limits", persona="openai", growth_percent=150)

    statuses = [stage.ask().status_code for _ in range(7)]
    refused = stage.ask()
    stage.order("clock", advance_s=10)

    assert statuses == [200] * 5 + [429] * 2
    assert refused.json()["error"]["code"] == "slow_down"
    assert [stage.ask().status_code for _ in range(8)] == [200] * 7 + [429]


def test_a_single_request_above_the_minute_s_tokens_never_passes(stage: Stage) -> None:
    stage.order("limits", persona="openai", tokens_per_minute=100)

    refused = stage.ask(prompt="word " * 200)

    assert refused.status_code == 429
    assert "Request too large" in refused.json()["error"]["message"]
    assert "retry-after" not in refused.headers
    assert stage.ask().headers["x-ratelimit-limit-tokens"] == "100"


def test_a_key_can_have_limits_of_its_own(stage: Stage) -> None:
    stage.order("limits", persona="openai", key="sk-other", requests_per_minute=1)
    other = {"authorization": "Bearer sk-other"}
    body = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hi"}]}

    theirs = [stage.http.post(CHAT, json=body, headers=other).status_code for _ in range(2)]

    assert theirs == [200, 429]
    assert [stage.ask().status_code for _ in range(3)] == [200] * 3


def test_a_full_house_can_say_503_and_a_stream_holds_its_place_to_the_end(stage: Stage) -> None:
    stage.order("limits", persona="openai", concurrency=1, above_concurrency=503)
    body = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    stage.order("latency", median_ms=0, chunk_ms=50)

    with stage.http.stream("POST", CHAT, json=body) as slow:
        next(slow.iter_raw())
        assert stage.ask().json()["error"]["code"] == "server_is_overloaded"
    stage.order("latency", median_ms=0)

    until(lambda: stage.ask().status_code == 200, "the place is free")


def test_a_retired_model_is_gone_from_its_day_on(stage: Stage) -> None:
    assert stage.ask(model="gpt-4o").status_code == 200
    stage.order("clock", advance_s=90 * 86_400)

    assert stage.ask(model="gpt-4o").json()["error"]["code"] == "model_not_found"


def test_noise_in_the_chunks_can_be_switched_off(stage: Stage) -> None:
    noisy, quiet = stage.ask(stream=True), stage.ask(stream=True, stream_options={"include_obfuscation": False})

    assert any("obfuscation" in chunk for chunk in events(noisy))
    assert not any("obfuscation" in chunk for chunk in events(quiet))


# --- On the way


def test_a_redirect_points_elsewhere(stage: Stage) -> None:
    stage.order("faults", fault="307")

    sent = stage.ask()

    assert (sent.status_code, sent.is_redirect) == (307, True)
    assert "elsewhere.example" in sent.headers["location"]


def test_a_proxy_can_refuse_in_plain_text(stage: Stage) -> None:
    stage.order("faults", fault="413_text")

    refused = stage.ask()

    assert (refused.status_code, refused.headers["content-type"]) == (413, "text/plain")
    assert "too long" in refused.text


@pytest.mark.parametrize(("fault", "head"), [("reset_before", False), ("reset_after_headers", True)])
def test_a_connection_can_be_reset_before_or_after_its_headers(stage: Stage, fault: str, head: bool) -> None:
    stage.order("faults", fault=fault, count=1)
    body = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hi"}]}

    seen: list[int] = []
    with pytest.raises(httpx.TransportError), stage.http.stream("POST", CHAT, json=body) as response:  # noqa: PT012
        seen.append(response.status_code)
        response.read()

    assert seen == ([200] if head else [])
    assert stage.emulator.billed_micro_usd() > 0


@pytest.mark.parametrize(
    ("fault", "args", "gone"),
    [("close_after_response", {}, True), ("idle_close", {"delay_ms": 150}, True), ("idle_close", {}, False)],
)
def test_a_kept_connection_can_be_closed_behind_the_answer(stage: Stage, fault: str, args: Json, gone: bool) -> None:
    stage.order("faults", fault=fault, args=args, count=1)
    body = json.dumps({"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hi"}]})
    head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: {len(body)}\r\n\r\n"
    host, port = stage.emulator.url.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port)), timeout=0.6) as wire:
        wire.sendall((head + body).encode())
        received = b""
        try:
            while piece := wire.recv(65_536):
                received += piece
            closed = True
        except TimeoutError:
            closed = False

    assert received.startswith(b"HTTP/1.1 200")
    assert b"connection: close" not in received.lower()
    assert received.endswith(b"}")
    assert closed is gone


@pytest.mark.parametrize("comments", [False, True])
def test_a_stream_can_stall_in_the_middle_with_and_without_comments(stage: Stage, comments: bool) -> None:
    stage.order("faults", fault="stall_mid", args={"delay_ms": 300, "interval_ms": 50, "comments": comments})

    started = time.monotonic()
    answer = stage.ask(stream=True)

    assert time.monotonic() - started >= 0.3
    assert (": keep-alive" in answer.text) is comments
    assert events(answer)[-1]["choices"][0]["finish_reason"] == "stop"


def test_a_whole_answer_can_stall_in_the_middle(stage: Stage) -> None:
    stage.order("faults", fault="stall_mid", args={"delay_ms": 200, "interval_ms": 50})

    started = time.monotonic()

    assert message(stage.ask())["content"]
    assert time.monotonic() - started >= 0.2


def test_a_cut_stream_ends_between_two_events(stage: Stage) -> None:
    stage.order("faults", fault="cut")

    text = stage.ask(stream=True).text

    assert text.endswith("}\n\n")
    assert "[DONE]" not in text
    assert '"finish_reason":"stop"' not in text


@pytest.mark.parametrize("fault", ["wrong_json", "html_in_200"])
def test_a_success_can_be_no_json_at_all(stage: Stage, fault: str) -> None:
    stage.order("faults", fault=fault)

    answer = stage.ask()

    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Expecting"):
        answer.json()


def test_white_space_before_the_answer_is_counted_in_its_length(stage: Stage) -> None:
    stage.order("faults", fault="blank_lines")

    answer = stage.ask()

    assert answer.text[0].isspace()
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert message(answer)["content"]


def test_an_unfinished_reason_can_be_an_empty_string(stage: Stage) -> None:
    stage.order("faults", fault="finish_empty")

    *unfinished, last = events(stage.ask(stream=True))

    assert {chunk["choices"][0]["finish_reason"] for chunk in unfinished} == {""}
    assert last["choices"][0]["finish_reason"] == "stop"
    assert stage.ask().json()["choices"][0]["finish_reason"] == ""


def test_an_answer_can_hold_line_ends_of_other_alphabets(stage: Stage) -> None:
    schema: Json = {
        "type": "object",
        "properties": {"a_rather_long_name_of_a_field": {"type": "string"}},
        "required": ["a_rather_long_name_of_a_field"],
        "additionalProperties": False,
    }
    stage.order("faults", fault="odd_characters")

    named = {"name": "odd", "strict": True, "schema": schema}
    answer = stage.ask(response_format={"type": "json_schema", "json_schema": named})

    (value,) = json.loads(message(answer)["content"]).values()
    assert {"\u2028", "\u2029", "\u0085", "\U0001f600"} <= set(value)


def test_embeddings_are_refused_and_limited_like_everything_else(stage: Stage) -> None:
    stage.order("limits", persona="openai", requests_per_minute=1)

    def embed(**changes: Any) -> httpx.Response:
        body = {"model": "text-embedding-3-large", "input": "one"} | changes
        return stage.http.post("/v1/embeddings", json=body)

    wrong = [answer.status_code for answer in (embed(model="x"), embed(input=""), embed(input=[]))]
    too_long = embed(input="word " * 9_000)

    assert wrong == [404, 400, 400]
    assert too_long.json()["error"]["code"] == "context_length_exceeded"
    assert [embed().status_code, embed().status_code] == [200, 429]
    assert stage.emulator.billed_micro_usd() == 1

"""One test per row of the table: an answer that this row, and none before it, is there for."""

import json

import pytest
from pydantic import JsonValue

from providers.dialects.documents import parse
from providers.dialects.openai_failure_table import TABLE
from providers.dialects.openai_failures import classify, read
from providers.errors import (
    ContentFiltered,
    ContextTooLong,
    ModelNotFound,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Refused,
    ServerFault,
    TimedOut,
    Unauthenticated,
)
from providers.wire import WireReply


def answered(status: int, document: JsonValue, **headers: str) -> WireReply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WireReply(status=status, headers=named, body=json.dumps(document).encode())


def error(message: str = "", **fields: JsonValue) -> JsonValue:
    return {"error": {"message": message, **fields}}


WAIT = {"retry_after": "3"}
BY_ROW: dict[str, list[WireReply]] = {
    "filtered by code": [
        answered(400, error(code="content_filter")),
        answered(400, error(code="content_policy_violation")),
        answered(400, error(code=None, innererror={"code": "ResponsibleAIPolicyViolation"})),
        answered(400, error(code="invalid_prompt", misalignment={"category": "x"})),
        answered(403, error("Blocked", code=403, metadata={"flagged_input": "…"})),
        answered(200, error(code="content_filter", status=400)),
    ],
    "filtered as an invalid prompt": [answered(400, error("It may violate our usage policy.", code="invalid_prompt"))],
    "filtered by moderation": [
        answered(403, error("Refused", code=403, metadata={"reasons": ["violence"]})),
        answered(403, error("Content violates usage guidelines.")),
    ],
    "too long by code": [
        answered(400, error(code="context_length_exceeded")),
        answered(400, error("Too long.", type="too_many_prompt_tokens", code=400)),
        answered(400, error("Too long.", type="exceed_context_size_error", code=400)),
    ],
    "too long by phrase": [
        answered(400, error("This model's maximum context length is 8 tokens")),
        answered(413, error("Please reduce the length of the messages")),
        answered(
            400,
            error(
                "Provider returned error", code=400, metadata={"raw": '{"error": {"message": "prompt is too long"}}'}
            ),
        ),
    ],
    "larger than the rate": [
        answered(429, error("Request too large for m", code="rate_limit_exceeded", type="tokens")),
        answered(413, error("Request too large for model `m`", code="rate_limit_exceeded", type="tokens")),
    ],
    "quota by code": [
        answered(429, error(code=code))
        for code in (
            "insufficient_quota",
            "billing_hard_limit_reached",
            "credit_balance_exhausted",
            "organization_spend_limit_exceeded",
            "project_spend_limit_exceeded",
            "organization_usage_limit_exceeded",
        )
    ],
    "quota by phrase": [answered(400, error("Your credit balance is too low"))],
    "credits used up at an aggregator": [
        answered(403, {"message": "You've run out of credits.", "statusCode": "403"}),
        answered(403, {"title": "Forbidden", "status": 403, "error": {"name": "X", "message": "Key limit exceeded"}}),
    ],
    "payment that will clear": [answered(402, error("In-flight budget", code=402), **WAIT)],
    "payment": [answered(402, error("Insufficient Balance"))],
    "no capacity at this tier": [answered(429, error("Resource unavailable for flex", type="x"))],
    "overloaded by code": [
        answered(500, error(code="server_is_overloaded")),
        answered(200, error(type="overloaded_error")),
    ],
    "overloaded by phrase, where no status tells": [
        answered(200, error("The server is overloaded with other requests", type="server_error")),
    ],
    "rate limit by code": [
        answered(200, error(code="rate_limit_exceeded")),
        answered(429, error(code="RateLimitReached")),
        answered(503, error(type="rate_limit_error")),
    ],
    "rate limit by asking to slow down": [answered(200, error(code="slow_down"))],
    "rate limit": [
        answered(429, error("Too many", code="slow_down")),
        answered(200, error(code=429)),
        answered(429, None),
    ],
    "wrong key by code": [
        answered(400, error(code="invalid_api_key")),
        answered(400, error(type="authentication_error")),
        answered(403, error(code="unsupported_country_region_territory")),
        answered(401, error(code="PermissionDenied")),
    ],
    "wrong key": [answered(401, {"detail": "Invalid API Key"}), answered(401, error(code="401"))],
    "not allowed": [answered(403, error(code="forbidden")), answered(403, None)],
    "no such model by code": [
        answered(404, error(code="model_not_found")),
        answered(404, error(code="DeploymentNotFound")),
        answered(400, error(code="model_decommissioned")),
    ],
    "no such model by phrase": [
        answered(400, error("The supported API model names are a or b, but you passed c.")),
        answered(400, error("m is not a valid model ID")),
        answered(500, {"message": "400 The model `x` does not exist", "statusCode": 500}),
    ],
    "no such model": [
        answered(404, {"code": "Some entity was not found", "error": "The model was deprecated"}),
        answered(500, {"message": "404 Unable to access model"}),
    ],
    "output found broken": [
        answered(
            200, error("validation failed", code="tool_use_failed", type="invalid_request_error", status_code=400)
        ),
        answered(400, error("Failed to generate JSON", code="json_validate_failed")),
    ],
    "provider's own timeout": [answered(408, None), answered(504, error("Gateway"))],
    "conflict": [answered(409, error("Try again"))],
    "overloaded": [
        answered(503, error("Service is too busy", type="service_unavailable_error")),
        answered(529, None),
        answered(503, error("Slow down", code="slow_down")),
    ],
    "other fault of the server": [
        answered(500, error(type="server_error")),
        answered(502, None),
        answered(520, None),
        answered(200, error("Provider returned error", code=502)),
    ],
    "fault by code, where no status tells": [
        answered(200, error(code="server_error")),
        answered(200, error(type="api_error")),
    ],
    "unreadable success": [answered(200, {"choices": None}), answered(204, None)],
    "refused": [
        answered(400, error(code="unsupported_parameter", param="max_tokens")),
        answered(413, error("Payload too big")),
        answered(422, {"detail": [{"loc": ["body"], "msg": "field required"}]}),
        answered(302, None),
    ],
}


def test_every_row_has_an_answer_that_it_is_there_for() -> None:
    assert list(BY_ROW) == [row.name for row in TABLE]


@pytest.mark.parametrize(
    ("name", "reply"),
    [pytest.param(name, reply, id=f"{name}: {place}") for name in BY_ROW for place, reply in enumerate(BY_ROW[name])],
)
def test_an_answer_is_named_by_the_first_row_that_fits(name: str, reply: WireReply) -> None:
    first = next(row for row in TABLE if row.fits(read(parse(reply.body), reply)))

    assert first.name == name
    assert type(classify(reply)) is first.kind


RAW = '{"error": {"message": "input exceeds the context window of this model", "code": "invalid_request_error"}}'

# Section 2.3 of the page row by row, so that a row there without one here is seen.
OPENAI_FAMILY: dict[str, tuple[WireReply, type[ProviderError]]] = {
    "401 invalid_api_key": (answered(401, error(code="invalid_api_key")), Unauthenticated),
    "401 missing key": (answered(401, error("You didn't provide an API key.")), Unauthenticated),
    "403 country": (answered(403, error(code="unsupported_country_region_territory")), Unauthenticated),
    "403 permission": (answered(403, error("You have no permission")), Unauthenticated),
    "404 model_not_found": (answered(404, error(code="model_not_found")), ModelNotFound),
    "404 DeploymentNotFound": (answered(404, error(code="DeploymentNotFound")), ModelNotFound),
    "400 context_length_exceeded": (answered(400, error(code="context_length_exceeded")), ContextTooLong),
    "400 maximum context length": (answered(400, error("The maximum context length is 8")), ContextTooLong),
    "400 reduce the length": (answered(400, error("Please reduce the length of the messages")), ContextTooLong),
    "400 content_filter": (answered(400, error(code="content_filter", param="prompt")), ContentFiltered),
    "400 content_policy_violation": (answered(400, error(code="content_policy_violation")), ContentFiltered),
    "400 ResponsibleAIPolicyViolation": (
        answered(400, error(code=None, innererror={"code": "ResponsibleAIPolicyViolation"})),
        ContentFiltered,
    ),
    "400 invalid_prompt of a usage policy": (
        answered(400, error("flagged as violating our usage policy", code="invalid_prompt")),
        ContentFiltered,
    ),
    "400 misalignment": (answered(400, error(code="invalid_prompt", misalignment={"a": 1})), ContentFiltered),
    "400 unsupported_parameter": (answered(400, error(code="unsupported_parameter", param="max_tokens")), Refused),
    "400 unsupported_value": (answered(400, error(code="unsupported_value", param="temperature")), Refused),
    "400 invalid_json_schema": (answered(400, error(code="invalid_json_schema")), Refused),
    "400 other": (answered(400, error("no")), Refused),
    "402": (answered(402, None), QuotaExhausted),
    "408": (answered(408, None), TimedOut),
    "409": (answered(409, None), ServerFault),
    "413 that names the context": (answered(413, error("reduce the length of the messages")), ContextTooLong),
    "413": (answered(413, error("entity too large")), Refused),
    "422": (answered(422, error("wrong value")), Refused),
    "429 requests": (answered(429, error(code="rate_limit_exceeded", type="requests")), RateLimited),
    "429 tokens": (answered(429, error(code="rate_limit_exceeded", type="tokens")), RateLimited),
    "429 slow_down": (answered(429, error(code="slow_down")), RateLimited),
    "429 Request too large": (
        answered(429, error("Request too large for m", code="rate_limit_exceeded", type="tokens")),
        ContextTooLong,
    ),
    "429 insufficient_quota": (answered(429, error(code="insufficient_quota")), QuotaExhausted),
    "429 billing_hard_limit_reached": (answered(429, error(code="billing_hard_limit_reached")), QuotaExhausted),
    "429 credit_balance_exhausted": (answered(429, error(code="credit_balance_exhausted")), QuotaExhausted),
    "429 organization_spend_limit_exceeded": (
        answered(429, error(code="organization_spend_limit_exceeded")),
        QuotaExhausted,
    ),
    "429 project_spend_limit_exceeded": (answered(429, error(code="project_spend_limit_exceeded")), QuotaExhausted),
    "429 organization_usage_limit_exceeded": (
        answered(429, error(code="organization_usage_limit_exceeded")),
        QuotaExhausted,
    ),
    "429 flex without room": (answered(429, error("Resource unavailable", code="resource_unavailable")), Overloaded),
    "500 server_error": (answered(500, error(type="server_error")), ServerFault),
    "502 HTML": (WireReply(status=502, headers={}, body=b"<html>Bad Gateway</html>"), ServerFault),
    "504 text": (WireReply(status=504, headers={}, body=b"upstream request timeout"), TimedOut),
    "503 server_is_overloaded": (answered(503, error(code="server_is_overloaded")), Overloaded),
    "503 slow down": (answered(503, error("Slow down", code="slow_down")), Overloaded),
    "503 DeepSeek": (answered(503, error("Service is too busy", type="service_unavailable_error")), Overloaded),
}
AGGREGATORS: dict[str, tuple[WireReply, type[ProviderError]]] = {
    "OpenRouter: 400 inside a success": (answered(200, error("no", code=400)), Refused),
    "OpenRouter: 401": (answered(401, error("User not found", code=401)), Unauthenticated),
    "OpenRouter: 402": (answered(402, error("Insufficient credits", code=402)), QuotaExhausted),
    "OpenRouter: 402 in flight": (answered(402, error("budget", code=402), retry_after="2"), RateLimited),
    "OpenRouter: 403 guardrail": (answered(403, error("not permitted", code=403)), Unauthenticated),
    "OpenRouter: 403 flagged": (
        answered(403, error("no", code=403, metadata={"flagged_input": "x", "reasons": ["y"]})),
        ContentFiltered,
    ),
    "OpenRouter: 408": (answered(408, error("timed out", code=408)), TimedOut),
    "OpenRouter: 408 inside a success": (answered(200, error("timed out", code=408)), TimedOut),
    "OpenRouter: 429 inside a success": (answered(200, error("slow", code=429)), RateLimited),
    "OpenRouter: 502": (answered(502, error("Provider returned error", code=502)), ServerFault),
    "OpenRouter: 502 inside a success": (answered(200, error("Provider returned error", code=502)), ServerFault),
    "OpenRouter: 503": (answered(503, error("no provider meets the requirements", code=503)), Overloaded),
    "OpenRouter: server_error in a stream": (answered(200, error("broke", code="server_error")), ServerFault),
    "OpenRouter: an upstream's context": (
        answered(400, error("Provider returned error", code=400, metadata={"provider_name": "x", "raw": RAW})),
        ContextTooLong,
    ),
    "OpenRouter: an upstream's context inside a success": (
        answered(200, error("Provider returned error", code=400, metadata={"raw": RAW})),
        ContextTooLong,
    ),
    "AIMLAPI: 403 credits": (answered(403, {"message": "You've run out of credits"}), QuotaExhausted),
    "AIMLAPI: 403 balance": (answered(403, {"message": "top up your balance"}), QuotaExhausted),
    "AIMLAPI: 403 limit": (answered(403, {"error": {"name": "X", "message": "key limit reached"}}), QuotaExhausted),
    "AIMLAPI: 403 payment": (answered(403, {"title": "payment needed", "status": 403}), QuotaExhausted),
    "AIMLAPI: 403": (answered(403, {"message": "Forbidden resource", "statusCode": "403"}), Unauthenticated),
    "AIMLAPI: 404 as 500": (answered(500, {"message": "404 Unable to access model"}), ModelNotFound),
    "AIMLAPI: 400 as 500": (answered(500, {"message": "400 Unable to access model"}), Refused),
    "AIMLAPI: 429 as 500": (answered(500, {"message": "429 status code (no body)"}), RateLimited),
    "AIMLAPI: 504": (answered(504, {"message": "generation timed out"}), TimedOut),
    "AIMLAPI: 429": (answered(429, {"message": "limit", "statusCode": 429}), RateLimited),
    "Azure: 400 filter": (
        answered(400, error(code="content_filter", status=400, innererror={"code": "ResponsibleAIPolicyViolation"})),
        ContentFiltered,
    ),
    "Azure: 401 code 401": (answered(401, error("Access denied", code="401")), Unauthenticated),
    "Azure: 401 PermissionDenied": (answered(401, error(code="PermissionDenied")), Unauthenticated),
    "Azure: 404 without a version": (answered(404, error("Resource not found", code="404")), ModelNotFound),
    "Azure: 429": (answered(429, error("retry after 24 seconds", code="429")), RateLimited),
    "Azure: flex where there is none": (answered(400, error("flex is not supported", param="service_tier")), Refused),
    "DeepSeek: 400 json_schema": (answered(400, error("This response_format type is unavailable now")), Refused),
    "DeepSeek: 402": (answered(402, error("Insufficient Balance")), QuotaExhausted),
    "xAI: 404": (answered(404, {"code": "not found", "error": "The model x was deprecated"}), ModelNotFound),
    "Perplexity: 400": (answered(400, error("too long", type="too_many_prompt_tokens", code=400)), ContextTooLong),
    "llama.cpp: 400": (
        answered(400, error("the request exceeds the available context size", type="exceed_context_size_error")),
        ContextTooLong,
    ),
    "llama.cpp: 500": (answered(500, error("tools param requires --jinja flag", code=500)), ServerFault),
}
PAGE = {**OPENAI_FAMILY, **AGGREGATORS}


@pytest.mark.parametrize("row", PAGE)
def test_a_row_of_the_page_is_classified_as_it_says(row: str) -> None:
    reply, kind = PAGE[row]

    assert type(classify(reply)) is kind


def test_a_rate_limit_carries_the_wait_that_was_asked_for() -> None:
    failed = classify(answered(429, error("Slow"), retry_after="7"))

    assert isinstance(failed, RateLimited)
    assert failed.retry_after_s == 7.0


@pytest.mark.parametrize(("said", "retryable"), [("true", True), ("false", False), ("perhaps", False), (None, False)])
def test_the_providers_word_on_repeating_wins(said: str | None, retryable: bool) -> None:
    headers = {} if said is None else {"x_should_retry": said}

    assert classify(answered(400, error("No"), **headers)).retryable is retryable


def test_numbers_in_ids_and_prices_do_not_name_a_failure() -> None:
    failed = classify(answered(500, error("request 429-402 of 503 failed, cost 401")))

    assert type(failed) is ServerFault


def test_json_inside_a_message_is_read_as_well() -> None:
    nested = json.dumps({"error": {"code": "context_length_exceeded", "message": "too long"}})

    assert type(classify(answered(400, {"message": nested, "statusCode": "400"}))) is ContextTooLong


def test_what_is_nested_deeper_than_any_provider_does_is_left_alone() -> None:
    body: JsonValue = "context_length_exceeded: reduce the length"
    for _ in range(30):
        body = {"error": body}

    assert type(classify(answered(400, body))) is Refused


def test_a_list_of_one_error_is_read() -> None:
    assert type(classify(answered(400, [error(code="invalid_api_key")]))) is Unauthenticated


def test_a_gateways_page_becomes_a_readable_message() -> None:
    page = WireReply(status=502, headers={}, body=b"<html><h1>502 Bad\nGateway</h1></html>")

    assert classify(page).message == "HTTP 502: 502 Bad Gateway"


def test_an_answer_without_a_word_says_so() -> None:
    assert classify(WireReply(status=500, headers={}, body=b"")).message == "HTTP 500: no explanation"


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [({"x-inference-id": "billing", "x-request-id": "r"}, "billing"), ({"x-generation-id": "g"}, "g"), ({}, None)],
)
def test_the_id_that_support_asks_for_is_kept(headers: dict[str, str], request_id: str | None) -> None:
    failed: ProviderError = classify(WireReply(status=500, headers=headers, body=b""))

    assert failed.request_id == request_id

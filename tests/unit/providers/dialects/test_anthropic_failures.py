"""One test per row of the table: an answer that this row, and none before it, is there for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from providers.dialects.anthropic_failure_table import TABLE
from providers.dialects.anthropic_failures import classify, read
from providers.errors import ContextTooLong, ProviderError, QuotaExhausted, RateLimited, Refused, ServerFault
from providers.wire import WireReply

DATE = "Sat, 25 Oct 2025 12:00:00 GMT"


def answered(status: int, document: JsonValue, **headers: str) -> WireReply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WireReply(status=status, headers=named, body=json.dumps(document).encode())


def error(kind: str, message: str = "", **details: JsonValue) -> JsonValue:
    inside: JsonValue = {"type": kind, "message": message, **({"details": details} if details else {})}
    return {"type": "error", "error": inside, "request_id": "req_1"}


WRONG = "invalid_request_error"
BY_ROW: dict[str, list[WireReply]] = {
    "organisation on hold": [answered(400, error(WRONG, "On hold.", error_code="organization_on_hold"))],
    "spend limit": [
        answered(429, error("rate_limit_error", "Limit reached.", error_code=code))
        for code in (
            "enforced_spend_limit_reached",
            "contract_spend_limit_reached",
            "linked_organization_spend_limit_reached",
        )
    ],
    "no credit": [
        answered(400, error(WRONG, "Your credit balance is too low to access the API.")),
        answered(200, error(WRONG, "Your credit balance is too low to access the API.")),
    ],
    "prompt too long": [
        answered(400, error(WRONG, "prompt is too long: 210000 tokens > 200000 maximum")),
        answered(400, error(WRONG, "input length and `max_tokens` exceed context limit: 9 + 9 > 10")),
        answered(413, error(WRONG, "Prompt is too long")),
        answered(200, error(WRONG, "prompt is too long")),
    ],
    "request too large by type": [answered(413, error("request_too_large", "Request exceeds the maximum size"))],
    "billing by type": [answered(402, error("billing_error")), answered(403, error("billing_error"))],
    "overloaded by type": [
        answered(529, error("overloaded_error", "Overloaded")),
        answered(200, error("overloaded_error", "Overloaded")),
        answered(503, {"error": {"type": "overloaded_error"}}),
    ],
    "rate limit by type": [
        answered(429, error("rate_limit_error", "This request would exceed your rate limit")),
        answered(429, error("rate_limit_error", "Slow down", error_code="ramp_limit_exceeded")),
        answered(200, error("rate_limit_error")),
    ],
    "wrong key by type": [answered(401, error("authentication_error", "invalid x-api-key"))],
    "not allowed by type": [answered(403, error("permission_error"))],
    "no such model by type": [answered(404, error("not_found_error", "model: claude-9"))],
    "provider's own timeout by type": [answered(504, error("timeout_error")), answered(200, error("timeout_error"))],
    "conflict by type": [answered(409, error("conflict_error"))],
    "fault of the server by type": [answered(500, error("api_error")), answered(200, error("api_error"))],
    "wrong key": [answered(401, None)],
    "payment": [answered(402, {"message": "Payment required"})],
    "not allowed": [answered(403, {"error": "Forbidden"})],
    "no such model": [answered(404, None)],
    "provider's own timeout": [answered(408, None), answered(504, "upstream request timeout")],
    "conflict": [answered(409, None)],
    "request too large": [
        WireReply(status=413, headers={}, body=b"<html>413 Request Entity Too Large</html>"),
        answered(413, error(WRONG, "Body is 40 MB")),
    ],
    "rate limit": [answered(429, None), answered(429, {"error": {"type": "too_many"}})],
    "overloaded": [answered(503, None), answered(529, None)],
    "other fault of the server": [answered(500, None), answered(502, None), answered(520, None)],
    "refused by type": [
        answered(400, error(WRONG, "schema is too complex")),
        answered(400, error(WRONG, "compiled grammar is too large")),
        answered(200, error(WRONG, "messages: roles must alternate")),
    ],
    "unreadable success": [answered(200, {"content": None}), answered(204, None), answered(200, error("new_error"))],
    "refused": [answered(400, None), answered(422, {"detail": "no"}), answered(302, None)],
}


def test_every_row_has_an_answer_that_it_is_there_for() -> None:
    assert list(BY_ROW) == [row.name for row in TABLE]


@pytest.mark.parametrize(
    ("name", "reply"),
    [pytest.param(name, reply, id=f"{name}: {place}") for name in BY_ROW for place, reply in enumerate(BY_ROW[name])],
)
def test_an_answer_is_named_by_the_first_row_that_fits(name: str, reply: WireReply) -> None:
    first = next(row for row in TABLE if row.fits(read(reply)))

    assert first.name == name
    assert type(classify(reply)) is first.kind


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry_after": "41"}, 41.0),
        (
            {
                "anthropic_ratelimit_input_tokens_remaining": "0",
                "anthropic_ratelimit_input_tokens_reset": "2025-10-25T12:00:41Z",
                "anthropic_ratelimit_requests_remaining": "49",
                "anthropic_ratelimit_requests_reset": "2025-10-25T12:59:00Z",
                "date": DATE,
            },
            41.0,
        ),
        ({}, None),
    ],
)
def test_a_rate_limit_carries_the_wait_that_was_asked_for(headers: dict[str, str], wait_s: float | None) -> None:
    failed = classify(answered(429, error("rate_limit_error"), **headers))

    assert isinstance(failed, RateLimited)
    assert failed.retry_after_s == wait_s


@pytest.mark.parametrize(("said", "retryable"), [("true", True), ("false", False), ("perhaps", False), (None, False)])
def test_the_providers_word_on_repeating_wins(said: str | None, retryable: bool) -> None:
    headers = {} if said is None else {"x_should_retry": said}

    assert classify(answered(400, error(WRONG), **headers)).retryable is retryable


def test_numbers_in_ids_and_prices_do_not_name_a_failure() -> None:
    failed = classify(answered(500, error("new_error", "request 429-402 of 529 failed, cost 401")))

    assert type(failed) is ServerFault


def test_json_inside_a_proxys_message_is_read_as_well() -> None:
    nested = json.dumps(error(WRONG, "prompt is too long"))

    assert type(classify(answered(400, {"message": nested}))) is ContextTooLong


def test_a_list_of_one_error_is_read() -> None:
    assert type(classify(answered(500, [error("billing_error")]))) is QuotaExhausted


def test_a_message_that_only_looks_like_json_is_shown_as_it_is() -> None:
    assert classify(answered(400, error(WRONG, "{oops"))).message == "HTTP 400: {oops"


def test_what_is_nested_deeper_than_any_proxy_does_is_left_alone() -> None:
    body: JsonValue = "prompt is too long"
    for _ in range(30):
        body = {"error": body}

    assert type(classify(answered(400, body))) is Refused


def test_a_gateways_page_becomes_a_readable_message() -> None:
    page = WireReply(status=502, headers={}, body=b"<html><h1>502 Bad\nGateway</h1></html>")

    assert classify(page).message == "HTTP 502: 502 Bad Gateway"


def test_an_answer_without_a_word_says_so() -> None:
    assert classify(WireReply(status=500, headers={}, body=b"")).message == "HTTP 500: no explanation"


@pytest.mark.parametrize(
    ("headers", "document", "request_id"),
    [
        ({"request-id": "r"}, error("api_error"), "r"),
        ({}, error("api_error"), "req_1"),
        ({}, {"request_id": 7}, None),
        ({}, None, None),
    ],
)
def test_the_id_that_support_asks_for_is_kept(
    headers: dict[str, str], document: JsonValue, request_id: str | None
) -> None:
    failed = classify(WireReply(status=500, headers=headers, body=json.dumps(document).encode()))

    assert failed.request_id == request_id


@given(st.binary(max_size=200), st.integers(100, 599))
def test_no_bytes_break_the_classifier(body: bytes, status: int) -> None:
    failed: ProviderError = classify(WireReply(status=status, headers={}, body=body))

    assert failed.message.startswith(f"HTTP {status}: ")


WORDS = ("type", "error", "message", "details", "error_code", "detail", "request_id")
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=20,
)


@given(documents, st.integers(100, 599), st.dictionaries(st.sampled_from(("retry-after", "x-should-retry")), st.text()))
def test_no_document_breaks_the_classifier(document: JsonValue, status: int, headers: dict[str, str]) -> None:
    reply = WireReply(status=status, headers=headers, body=json.dumps(document).encode())

    assert classify(reply).message.startswith(f"HTTP {status}: ")

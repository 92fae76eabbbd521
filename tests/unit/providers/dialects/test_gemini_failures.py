"""One test per row of the table: an answer that this row, and none before it, is there for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from providers.dialects.documents import clean, parse
from providers.dialects.gemini_failure_table import TABLE
from providers.dialects.gemini_failures import read
from providers.dialects.gemini_generate import GeminiGenerate
from providers.errors import (
    ModelNotFound,
    QuotaExhausted,
    RateLimited,
    Refused,
    ServerFault,
    Unauthenticated,
)
from providers.wire import Dialect, WireReply

DIALECT: Dialect = GeminiGenerate()
QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure"
RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"


def answered(status: int, document: JsonValue, **headers: str) -> WireReply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WireReply(status=status, headers=named, body=json.dumps(document).encode())


def error(status: str = "", message: str = "", *details: JsonValue, **fields: JsonValue) -> JsonValue:
    return {"error": {"message": message, "status": status, "details": list(details), **fields}}


def broken_quota(quota_id: str) -> JsonValue:
    return {"@type": QUOTA_FAILURE, "violations": [{"quotaMetric": "m", "quotaId": quota_id}]}


def reason(name: str, **metadata: JsonValue) -> JsonValue:
    return {"@type": ERROR_INFO, "reason": name, "domain": "googleapis.com", "metadata": metadata}


def retry_in(delay: JsonValue) -> JsonValue:
    return {"@type": RETRY_INFO, "retryDelay": delay}


BY_ROW: dict[str, list[WireReply]] = {
    "too long": [
        answered(
            400,
            error("INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number of tokens allowed (8)."),
        ),
        answered(200, error("INVALID_ARGUMENT", "input token count 9 exceeds the maximum of 8", code=400)),
    ],
    "wrong key by reason": [
        answered(400, error("INVALID_ARGUMENT", "No.", reason("API_KEY_INVALID"))),
        answered(400, error("INVALID_ARGUMENT", "No.", reason("API_KEY_EXPIRED"))),
    ],
    "wrong key by phrase": [
        answered(400, error("INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")),
        answered(400, {"error": "API key expired. Please renew the API key."}),
    ],
    "account not ready": [
        answered(400, error("FAILED_PRECONDITION", "User location is not supported for the API use.")),
        answered(400, error("FAILED_PRECONDITION", "Please enable billing on your project.")),
    ],
    "not allowed by name": [
        answered(401, error("UNAUTHENTICATED", "Expected OAuth 2 access token")),
        answered(403, error("PERMISSION_DENIED", "It is disabled.", reason("SERVICE_DISABLED"))),
    ],
    "quota of the day": [
        answered(429, error("RESOURCE_EXHAUSTED", "Quota.", broken_quota("GenerateRequestsPerDayPerProjectPerModel"))),
        answered(
            429, error("RESOURCE_EXHAUSTED", "Quota.", broken_quota("InputTokensPerMinute"), broken_quota("PerDay"))
        ),
        answered(429, error("RESOURCE_EXHAUSTED", "Quota.", reason("X", quota_limit="GenerateRequestsPerDay"))),
    ],
    "spend limit": [
        answered(429, error("RESOURCE_EXHAUSTED", "Your project has exceeded its monthly spending cap.")),
        answered(429, error("RESOURCE_EXHAUSTED", "The spend limit of the project is reached.")),
        answered(429, error("RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.")),
    ],
    "rate limit by name": [
        answered(429, error("RESOURCE_EXHAUSTED", "You exceeded your quota.", broken_quota("RequestsPerMinute"))),
        answered(200, error("RESOURCE_EXHAUSTED")),
    ],
    "no such model by name": [answered(404, error("NOT_FOUND", "models/x is not found for API version v1"))],
    "conflict by name": [answered(409, error("ABORTED")), answered(409, error("ALREADY_EXISTS"))],
    "canceled by name": [answered(499, error("CANCELLED", "The operation was cancelled.", code=499))],
    "overloaded by name": [answered(503, error("UNAVAILABLE", "The model is overloaded. Please try again later."))],
    "out of time by name": [answered(504, error("DEADLINE_EXCEEDED"))],
    "fault by name": [
        answered(500, error("INTERNAL", "An internal error has occurred.")),
        answered(500, error("UNKNOWN")),
        answered(500, error("DATA_LOSS")),
    ],
    "refused by name": [
        answered(400, error("INVALID_ARGUMENT", "JSON mode is not enabled for models/m")),
        answered(400, error("OUT_OF_RANGE")),
        answered(501, error("UNIMPLEMENTED")),
    ],
    "not allowed": [answered(401, None), answered(403, error("", "Forbidden"))],
    "no such model": [answered(404, None), WireReply(status=404, headers={}, body=b"<html>Error 404 (Not Found)")],
    "out of time": [answered(408, None), answered(504, {"message": "upstream request timeout"})],
    "conflict": [answered(409, None)],
    "rate limit": [answered(429, None), answered(200, error("", "Slow down", code=429))],
    "canceled": [answered(499, None)],
    "not offered": [answered(501, None)],
    "overloaded": [answered(503, None), answered(529, None), answered(200, error("", "Busy", code=503))],
    "other fault of the server": [answered(500, None), answered(502, error("", "Bad Gateway"))],
    "unreadable success": [answered(200, {"kind": "x"}), answered(204, None)],
    "refused": [answered(400, error("", "Bad Request")), answered(413, None), answered(302, None)],
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
    assert type(DIALECT.classify(reply)) is first.kind


@pytest.mark.parametrize(
    ("details", "headers", "wait_s"),
    [
        ([retry_in("14s")], {}, 14.0),
        ([retry_in("34.4s")], {}, 34.4),
        ([broken_quota("PerMinute"), retry_in("1.5s"), retry_in("3s")], {}, 3.0),
        ([retry_in("14s")], {"retry_after": "7"}, 7.0),
        ([retry_in("14s")], {"retry_after": "soon"}, 14.0),
        ([retry_in("0s")], {}, None),
        ([retry_in("-3s")], {}, None),
        ([retry_in("9999999s")], {}, None),
        ([retry_in(14)], {}, None),
        (["14s"], {}, None),
        ([], {}, None),
    ],
)
def test_a_rate_limit_carries_the_wait_that_its_headers_or_its_details_ask_for(
    details: list[JsonValue], headers: dict[str, str], wait_s: float | None
) -> None:
    failed = DIALECT.classify(answered(429, error("RESOURCE_EXHAUSTED", "Slow", *details), **headers))

    assert type(failed) is RateLimited
    assert failed.retry_after_s == wait_s


def test_a_quota_of_the_day_keeps_its_wait_too() -> None:
    failed = DIALECT.classify(
        answered(429, error("RESOURCE_EXHAUSTED", "", broken_quota("RequestsPerDay"), retry_in("3600s")))
    )

    assert type(failed) is QuotaExhausted
    assert failed.retry_after_s == 3_600.0


@pytest.mark.parametrize(
    "document",
    [
        [error("RESOURCE_EXHAUSTED", "Slow", retry_in("5s"))],
        {"error": {"code": 429, "message": json.dumps(error("RESOURCE_EXHAUSTED", "Slow", retry_in("5s")))}},
        {"message": json.dumps([error("RESOURCE_EXHAUSTED", "Slow", retry_in("5s"))])},
    ],
    ids=["an array of one", "JSON inside the message", "an array inside the message of a gateway"],
)
def test_an_error_is_found_in_its_wrappings(document: JsonValue) -> None:
    failed = DIALECT.classify(answered(429, document))

    assert type(failed) is RateLimited
    assert failed.retry_after_s == 5.0
    assert failed.message == "HTTP 429: Slow"
    assert failed.status == 429


def test_what_is_nested_deeper_than_any_gateway_does_is_left_alone() -> None:
    body = error("NOT_FOUND")
    for _ in range(30):
        body = {"error": body}

    assert type(DIALECT.classify(answered(400, body))) is Refused


def test_numbers_in_ids_and_prices_do_not_name_a_failure() -> None:
    failed = DIALECT.classify(answered(500, error("", "request 429-402 of 503 failed, cost 401")))

    assert type(failed) is ServerFault


def test_a_name_says_more_than_the_status_that_a_gateway_put_around_it() -> None:
    assert type(DIALECT.classify(answered(500, error("NOT_FOUND")))) is ModelNotFound
    assert type(DIALECT.classify(answered(502, error("UNAUTHENTICATED")))) is Unauthenticated


def test_a_gateways_page_becomes_a_readable_message() -> None:
    body = b"<html><style>\n p { margin: 0 }\n</style><title>Error 502</title><p>Bad\nGateway</p></html>"

    failed = DIALECT.classify(WireReply(status=502, headers={}, body=body))

    assert failed.message == "HTTP 502: Error 502 Bad Gateway"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"error": {}}', b'{"error": {"message": null}}'])
def test_an_answer_without_a_word_says_so(body: bytes) -> None:
    # An empty list is no object, so that its own two signs are all that there is to say.
    expected = "[]" if body == b"[]" else "no explanation"

    assert DIALECT.classify(WireReply(status=500, headers={}, body=body)).message == f"HTTP 500: {expected}"


def test_google_sends_no_rate_limit_headers_so_none_are_read() -> None:
    assert DIALECT.limits({"x-ratelimit-limit-requests": "5", "retry-after": "3"}) == ()


def test_halves_of_a_character_are_joined_and_lone_ones_replaced() -> None:
    assert clean("a\ud83d" + "\ude00b") == "a\N{GRINNING FACE}b"
    assert clean("half\ud83d") == "half\N{REPLACEMENT CHARACTER}"
    assert clean("\ude00half\x00") == "\N{REPLACEMENT CHARACTER}half"


hostile = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.just('{"error": {"code": 429}}'),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("error", "message", "code", "status", "details", "reason", "metadata", "violations", "retryDelay")
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(st.binary(max_size=200) | hostile.map(lambda value: json.dumps(value).encode()), st.integers(100, 599))
def test_no_body_breaks_the_classifier(body: bytes, status: int) -> None:
    failed = DIALECT.classify(WireReply(status=status, headers={}, body=body))

    assert failed.message.startswith(f"HTTP {status}: ")
    assert failed.status == status

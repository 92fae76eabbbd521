"""Our signatures against the library of the standard."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from orchestrator.delivery import bodies, signing

OLD, NEW = b"o" * 24, b"n" * 64
BODY = bodies.body("job.succeeded", datetime(2026, 11, 28, 9, 30, tzinfo=UTC), {"status": "succeeded", "name": "Zoë"})


@given(st.binary(min_size=24, max_size=64), st.text(max_size=40))
def test_the_library_verifies_what_we_sign(secret: bytes, word: str) -> None:
    body = bodies.body("job.failed", datetime.now(UTC), {"word": word.encode("utf-8", "replace").decode()})
    headers = signing.headers("evt_1", datetime.now(UTC), body, [secret])

    Webhook(signing.shown(secret)).verify(body, dict(headers))


def test_while_a_secret_is_exchanged_either_is_enough() -> None:
    headers = dict(signing.headers("evt_1", datetime.now(UTC), BODY, [NEW, OLD]))

    for secret in (OLD, NEW):
        Webhook(signing.shown(secret)).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.shown(b"x" * 32)).verify(BODY, headers)


@pytest.mark.parametrize("part", ["webhook-id", "body"])
def test_what_was_changed_is_not_verified(part: str) -> None:
    headers = dict(signing.headers("evt_1", datetime.now(UTC), BODY, [NEW]))
    body = BODY + b" " if part == "body" else BODY
    headers |= {"webhook-id": "evt_2"} if part == "webhook-id" else {}

    with pytest.raises(WebhookVerificationError):
        Webhook(signing.shown(NEW)).verify(body, headers)


def test_a_secret_is_read_as_it_is_shown() -> None:
    assert signing.read(signing.shown(NEW)) == NEW


@pytest.mark.parametrize("text", ["whsec_!", signing.shown(b"short"), signing.PREFIX + b64encode(b"x" * 65).decode()])
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(signing.BadSecret):
        signing.read(text)


def test_the_same_event_has_the_same_bytes() -> None:
    at = datetime(2026, 11, 28, 9, 30, 0, 123_456, tzinfo=UTC)

    assert bodies.body("a.b", at, {"z": 1, "a": None}) == bodies.body("a.b", at, {"a": None, "z": 1})
    assert bodies.body("a.b", at, {"a": "é"}) == (
        '{"data":{"a":"é"},"timestamp":"2026-11-28T09:30:00.123Z","type":"a.b"}'.encode()
    )
    assert bodies.of_job("job_1", 7, "crm-1")["links"] == {
        "self": "/v1/jobs/job_1",
        "events": "/v1/jobs/job_1/events",
        "report": "/v1/jobs/job_1/report",
        "timeline": "/v1/jobs/job_1/timeline",
    }

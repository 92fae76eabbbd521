"""The judge of webhooks has teeth: of a sound run it finds nothing, and each doctored one it finds."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ops.drills import webhook_judging as judging
from ops.drills.receiver import Received
from ops.drills.webhook_judging import Facts, Phase
from orchestrator.delivery import bodies, signing

SECRET = b"s" * signing.SECRET_BYTES
HAPPENED = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def request(number: int, after_s: float, body: bytes | None = None, secret: bytes = SECRET) -> Received:
    """A request for the event of that number, so long after it happened."""
    at = HAPPENED + timedelta(seconds=after_s)
    sent = bodies.body("job.succeeded", HAPPENED, {"sequence": number}) if body is None else body
    return Received("/hooks", dict(signing.headers(f"evt_{number}", at, sent, [secret])), sent, at.timestamp())


SOUND = Facts(
    wanted={"evt_1", "evt_2"},
    seen=(request(1, 0.5), request(1, 6.0), request(2, 0.7)),
    secret=signing.shown(SECRET),
    states={"delivered": 2},
    well=(Phase("before", [0.2] * 99 + [1.9]), Phase("after", [0.3])),
    storm=Phase("in it", [9.0]),
    kills=3,
    kills_asked=3,
)


def seeing(*more: Received) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, seen=(*facts.seen, *more))


BODY = request(1, 0.5).body
DOCTORED: list[tuple[str, str, Callable[[Facts], Facts]]] = [
    ("sender killed", "2 times", lambda facts: replace(facts, kills=2)),
    ("ended by themselves", "1 processes", lambda facts: replace(facts, deaths=1)),
    ("events of the feed", "0", lambda facts: replace(facts, wanted=set(), seen=())),
    ("missing", "1", lambda facts: replace(facts, wanted={*facts.wanted, "evt_3"})),
    ("unknown to the feed", "1", seeing(request(4, 0.5))),
    ("with other bytes in another attempt", "1", seeing(request(1, 0.5, BODY + b" "))),
    ("messages under a second id", "1", seeing(request(2, 0.5, BODY))),
    ("signatures that do not fit", "1", seeing(request(1, 0.5, secret=b"x" * signing.SECRET_BYTES))),
    ("deliveries that did not arrive", "1", lambda facts: replace(facts, states={"delivered": 2, "failed": 1})),
    ("deliveries that did not arrive", "2", lambda facts: replace(facts, states={"pending": 2})),
    ("first attempts, before", "none", lambda facts: replace(facts, well=(Phase("before", []),))),
    (
        "first attempts, before",
        "50: p50 0.10 s, p99 2.00 s",
        lambda facts: replace(facts, well=(Phase("before", [0.1] * 49 + [2.0]),)),
    ),
]


def test_a_sound_run_keeps_every_promise() -> None:
    lines = judging.judged(SOUND)

    assert [line for line in lines if line.kept is False] == []
    assert judging.is_sound(lines)
    assert "| requests that came | 3 |  |" in judging.table(lines)
    assert "| first attempts, before | 100: p50 0.20 s, p99 0.20 s | kept |" in judging.table(lines)
    assert "| first attempts, in it | 1: p50 9.00 s, p99 9.00 s |  |" in judging.table(lines)


@pytest.mark.parametrize(("what", "found", "doctor"), DOCTORED)
def test_each_broken_promise_is_found(what: str, found: str, doctor: Callable[[Facts], Facts]) -> None:
    lines = judging.judged(doctor(SOUND))

    assert (what, found) in [(line.what, line.found) for line in lines if line.kept is False]
    assert not judging.is_sound(lines)
    assert f"| {what} | {found} | BROKEN |" in judging.table(lines)


def test_a_first_attempt_is_the_first_and_of_this_phase() -> None:
    seen = (request(1, 0.5), request(2, 3.0), request(1, 4.0), request(3, 1.0), request(2, 9.0))

    assert judging.first_late_s(seen, 1) == pytest.approx((1.0, 3.0))
    assert judging.happened_at(json.dumps({"timestamp": "2026-11-28T09:30:00.000Z"}).encode()) == HAPPENED.timestamp()

"""What callers are told of an event's data, and what they are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.work.events import ENDS, is_end, shown
from orchestrator.work.jobs import TERMINAL
from providers.calls import JsonObject

CASES: list[tuple[str, JsonObject, JsonObject]] = [
    ("job.queued", {}, {"status": "queued"}),
    ("job.started", {"replay_of": "job_1"}, {"status": "running", "replay_of": "job_1"}),
    ("job.of_tomorrow", {}, {}),
    ("job.succeeded", {"degraded": True}, {"status": "succeeded", "degraded": True}),
    ("job.failed", {"code": "quorum-not-met"}, {"status": "failed", "code": "quorum-not-met"}),
    (
        "seat.attempted",
        {"seat": 1, "target": "openai/gpt"},
        {"seat": 1, "asked": "openai/gpt", "provider": "openai", "model": "gpt"},
    ),
    (
        "seat.answered",
        {"seat": 0, "target": "a/b", "served": "a/c/d", "model_served": "what it likes", "cost_micro_usd": 1_234_567},
        {"seat": 0, "asked": "a/b", "served": "a/c/d", "cost_usd": "1.234567", "provider": "a", "model": "c/d"},
    ),
    (
        "seat.failed_over",
        {"seat": 2, "from": "a/b", "to": "c/d", "because": "timeout", "wait_s": 0.5, "repair": False},
        {
            "seat": 2,
            "because": "timeout",
            "wait_s": 0.5,
            "repair": False,
            "from": "a/b",
            "to": "c/d",
            "provider": "a",
            "model": "b",
        },
    ),
    (
        "items.found",
        {"seat": 0, "counts": {"risks": 1}, "items": {"risks": ["itm_1"]}, "texts": ["it may rain"]},
        {"seat": 0, "counts": {"risks": 1}, "items": {"risks": ["itm_1"]}},
    ),
    ("items.found", {"seat": 0, "counts": {"risks": 1}}, {"seat": 0, "counts": {"risks": 1}}),
    ("seat.failed", {"seat": 2, "reason": "late"}, {"seat": 2, "reason": "late"}),
    ("provider.opened", {"provider": "a", "model": "b"}, {"provider": "a", "model": "b"}),
    (
        "budget.threshold",
        {"scope": "tenant", "threshold": 70, "limit_micro_usd": 5_000_000, "limit_usd": "4", "said": "words"},
        {"scope": "tenant", "threshold": 70, "limit_usd": "5.000000"},
    ),
    ("budget.bound_passed", {"cost_micro_usd": -20}, {"cost_usd": "-0.000020"}),
    ("budget.bound_passed", {"cost_micro_usd": "20"}, {"cost_usd": None}),
    ("of.tomorrow", {"seat": 1, "target": "a/b"}, {}),
]


@pytest.mark.parametrize(("event", "data", "expected"), CASES)
def test_what_is_shown_of_an_event(event: str, data: JsonObject, expected: JsonObject) -> None:
    assert shown(event, data) == expected


@given(st.sampled_from([event for event, _, _ in CASES]), st.text(min_size=9))
def test_a_field_that_the_table_does_not_name_is_never_shown(event: str, words: str) -> None:
    assert "secret" not in shown(event, {"quote": words, "secret": words, "text": words})
    assert words not in map(str, shown(event, {"quote": words, "prompt": words}).values())


def test_a_job_ends_as_its_states_say() -> None:
    assert {event.removeprefix("job.") for event in ENDS} == {str(status) for status in TERMINAL}
    assert is_end("job.expired")
    assert not is_end("job.synthesizing")

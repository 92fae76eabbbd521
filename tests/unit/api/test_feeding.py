"""One event of the feed in words."""

import pytest

from api.cli.feeding import line
from api.event_schemas import FeedEventView
from providers.calls import JsonObject


def event(kind: str, data: JsonObject, job: str | None = "job_1") -> FeedEventView:
    return FeedEventView(
        id="evt_1",
        type=kind,
        job_id=job,
        version=3 if job else None,
        at="2026-11-28T10:00:00.000Z",
        data=data,
        sequence=12,
    )


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            event("seat.answered", {"seat": 0, "provider": "openai", "model": "gpt", "cost_usd": "0.000120"}),
            "     12  2026-11-28T10:00:00.000Z  seat.answered      job_1  openai/gpt  seat=0  cost_usd=0.000120",
        ),
        (
            event("items.found", {"seat": 1, "counts": {"decisions": 2}, "items": {"decisions": ["itm_1", "itm_2"]}}),
            "     12  2026-11-28T10:00:00.000Z  items.found        job_1  seat=1  decisions=2",
        ),
        (
            event("budget.threshold", {"scope": "tenant", "threshold": 70}, job=None),
            "     12  2026-11-28T10:00:00.000Z  budget.threshold   scope=tenant  threshold=70",
        ),
        (event("of.tomorrow", {}, job=None), "     12  2026-11-28T10:00:00.000Z  of.tomorrow"),
    ],
)
def test_a_line_says_what_happened(told: FeedEventView, expected: str) -> None:
    assert line(told) == expected

"""Ledger entries to start a test of reports from."""

from datetime import date

from orchestrator.ids import new_id
from orchestrator.storage.ledger import Entry
from providers.calls import Target, Usage

LUNA = Target(provider="openai", model="gpt-6-luna")
OPUS = Target(provider="anthropic", model="claude-opus-5-5")
USAGE = Usage(input_tokens=100, cached_input_tokens=20, cache_write_tokens=5, output_tokens=30, reasoning_tokens=7)


def entry(cost_micro_usd: int, day: str = "2026-11-10", **changed: object) -> Entry:
    return Entry(
        attempt_id=new_id("atm"),
        kind="answer",
        job_id="job_of_test",
        seat=0,
        project=None,
        day=date.fromisoformat(day),
        policy="balanced",
        served=LUNA,
        used=True,
        cost_micro_usd=cost_micro_usd,
        usage=USAGE,
        price_version="test",
    ).model_copy(update=changed)

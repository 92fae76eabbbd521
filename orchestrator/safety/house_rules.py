"""What the settings of our own processes must be like, and how long a task may take by them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from orchestrator.safety.findings import Finding, Rule, Verdict, judge

# What a task takes beside its call: a place at the gate (3 s), two minutes in which PostgreSQL may be away before and
# after it, a statement and a pool that are slow. tests/house/test_safety.py holds it to tasks/.
TASK_MARGIN_S: Final = 300.0


@dataclass(frozen=True)
class LongestTask:
    """`what` says in words which one it is."""

    seconds: float
    what: str


@dataclass(frozen=True)
class HouseFacts:
    """`spool` is the folder for answers that PostgreSQL cannot take; empty where none was named."""

    spool: str


RULES: Final[tuple[Rule[HouseFacts], ...]] = (
    Rule(
        name="spool-not-set",
        setting="MEETINGMIND_SPOOL_DIR",
        value=lambda told: told.spool or "not set",
        is_safe=lambda told: bool(told.spool),
        verdict=Verdict.WARNS,
        wrong="A paid answer that PostgreSQL cannot take waits in memory alone (MEETINGMIND_SPOOL_DIR {found}).",
        remedy="Set MEETINGMIND_SPOOL_DIR of the ask workers to a folder on a local disk that survives a restart.",
    ),
)


def findings(facts: HouseFacts) -> tuple[Finding, ...]:
    return judge(RULES, facts)


def longest_task(call_limits: Mapping[str, float], otherwise_s: float) -> LongestTask:
    """The task that may take longest: the ask of the most patient provider.

    Args:
        call_limits: seconds that one call may take, by the provider's name.
        otherwise_s: the same where no provider is reachable.
    """
    provider = max(call_limits, key=lambda name: call_limits[name], default="")
    if not provider:
        return LongestTask(otherwise_s + TASK_MARGIN_S, "an ask")
    return LongestTask(call_limits[provider] + TASK_MARGIN_S, f"an ask of {provider}")

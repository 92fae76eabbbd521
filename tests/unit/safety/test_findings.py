"""How rules come to findings, and what findings mean for a start."""

from dataclasses import dataclass

import pytest

from orchestrator.safety import findings
from orchestrator.safety.findings import Finding, Rule, Verdict


@dataclass(frozen=True)
class Oven:
    degrees: int | None


HOT = Rule[Oven](
    name="oven-hot",
    setting="degrees",
    value=lambda told: told.degrees,
    is_safe=lambda told: (told.degrees or 0) < 100,
    wrong="The oven has {found} degrees.",
    remedy="Let it cool.",
)


def judged(degrees: int | None) -> Finding:
    (found,) = findings.judge([HOT], Oven(degrees))
    return found


def test_a_safe_value_is_shown_and_says_no_more() -> None:
    assert judged(20) == Finding("oven-hot", Verdict.OK, "degrees", "20")


def test_an_unsafe_value_is_named_with_its_remedy() -> None:
    assert judged(200) == Finding(
        "oven-hot", Verdict.UNSAFE, "degrees", "200", "The oven has 200 degrees.", "Let it cool."
    )


def test_a_value_that_cannot_be_read_warns_and_says_so() -> None:
    found = judged(None)

    assert (found.verdict, found.found) == (Verdict.WARNS, "cannot be read")
    assert "degrees" in found.wrong
    assert "Let it cool." in found.remedy


def test_a_store_that_is_away_says_why_and_what_to_mend() -> None:
    found = findings.away("Redis", "REDIS_URL", "connection refused")

    assert (found.name, found.verdict) == ("redis-away", Verdict.AWAY)
    assert "connection refused" in found.wrong
    assert "REDIS_URL" in found.remedy


def test_a_store_that_is_not_there_is_not_asked() -> None:
    found = findings.unasked("PostgreSQL", "DATABASE_URL")

    assert found.verdict is Verdict.UNASKED
    assert found.setting == "DATABASE_URL"


@pytest.mark.parametrize(
    ("verdict", "healthy"),
    [
        (Verdict.OK, True),
        (Verdict.WARNS, True),
        (Verdict.UNASKED, True),
        (Verdict.UNSAFE, False),
        (Verdict.AWAY, False),
    ],
)
def test_what_is_unsafe_or_away_is_not_healthy(verdict: Verdict, healthy: bool) -> None:
    assert findings.is_healthy([Finding("a", Verdict.OK, "", ""), Finding("b", verdict, "", "")]) is healthy


def test_findings_of_a_verdict_keep_their_order() -> None:
    first, second, third = (
        Finding(name, verdict, "", "")
        for name, verdict in (("a", Verdict.WARNS), ("b", Verdict.OK), ("c", Verdict.WARNS))
    )

    assert findings.of(Verdict.WARNS, [first, second, third]) == (first, third)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "on"),
        (False, "off"),
        (("json", "pickle"), "json, pickle"),
        ([], "none"),
        (3600.0, "3600"),
        (7, "7"),
        ("local", "local"),
    ],
)
def test_a_value_is_shown_as_an_operator_reads_it(value: object, text: str) -> None:
    assert findings.shown(value) == text

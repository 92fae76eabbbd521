"""What was never said in the meeting does not leave it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.figures import said
from orchestrator.analysis.foreign import REMOVED, Foreign
from orchestrator.analysis.quotes import Concordance
from tests.unit.analysis.samples import meeting

TALK = Concordance(
    meeting(
        "Ann: The page is https://Docs.example.com/plan?x=1, mail ann@example.com or call 555 123 4567.",
        "Bo: It costs five thousand dollars, at most 12.50 euros each.",
        "Ann: See also example.org.",
    )
)
SAID = Foreign(TALK, lambda place: said(TALK.folds[place]))


@pytest.mark.parametrize(
    "text",
    [
        "Read https://docs.example.com/plan?x=1.",
        "Mail ann@example.com (or ANN@EXAMPLE.COM).",
        "Call 555-123-4567.",
        "Costs $5,000 or 5k USD or 5 thousand dollars.",
        "Costs EUR 12.5, 12.50 € or 12,50 euros each.",
        "See example.org for it, or https://www.example.org/.",
        "It is on docs.example.com.",
        "Done by 2026-11-27, 27.11.2026 or in 2026-2027; version 1.2.3; 10000 units; e.g. this; data: none.",
        "Ext. 123456 is short, 1234567890123456789 is no number of a phone.",
        "",
    ],
)
def test_what_was_said_stays(text: str) -> None:
    assert SAID.remove(text) == (text, 0)


@pytest.mark.parametrize(
    ("text", "expected", "count"),
    [
        ("Go to https://evil.test/x?y=1 now.", f"Go to {REMOVED} now.", 1),
        ("![logo](HTTP://evil.test/p.png)", f"![logo]({REMOVED})", 1),
        ("Run javascript:alert(1)", f"Run {REMOVED}(1)", 1),
        ("See data:text/html,x or ssh://host", f"See {REMOVED} or {REMOVED}", 2),
        ("Mail bob@example.com", f"Mail {REMOVED}", 1),
        ("Mail ann@example.co", f"Mail {REMOVED}", 1),
        ("Run javascript:docs.example.com", f"Run {REMOVED}", 1),
        ("Visit evil.docs.example.com", f"Visit {REMOVED}", 1),
        ("Visit docs.example.com/other", f"Visit {REMOVED}", 1),
        ("Visit www.evil.test", f"Visit {REMOVED}", 1),
        ("Visit evil.com/path or sub.evil.io", f"Visit {REMOVED} or {REMOVED}", 2),
        ("Visit evil.museum/now", f"Visit {REMOVED}", 1),
        ("Visit example.co", f"Visit {REMOVED}", 1),
        ("Call +44 20 7946 0958 today", f"Call {REMOVED} today", 1),
        ("Call (555) 123-9999.", f"Call {REMOVED}.", 1),
        ("Costs $6,000", f"Costs {REMOVED}", 1),
        ("Costs 7 million dollars and €3", f"Costs {REMOVED} and {REMOVED}", 2),
    ],
)
def test_what_was_not_said_is_removed_and_counted(text: str, expected: str, count: int) -> None:
    assert SAID.remove(text) == (expected, count)


@given(st.text("htps:/.@abcom $€1234567890-+() "))
def test_nothing_is_left_to_remove(text: str) -> None:
    once, _count = SAID.remove(text)

    again, removed = SAID.remove(once)

    assert (again, removed) == (once, 0)

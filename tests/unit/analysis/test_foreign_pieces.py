"""What was never said in the meeting does not leave it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.foreign import REMOVED, Foreign, Heard, years_around
from tests.unit.analysis.samples import meeting

TALK = Heard(
    meeting(
        "Ann: The page is https://Docs.example.com/plan?x=1, mail ann@example.com or call 555 123 4567.",
        "Bo: It costs five thousand dollars, at most 12.50 euros each.",
        "Ann: See also example.org.",
    )
)
SAID = Foreign(TALK)


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
        "Done by 2026-11-27, 27.11.2026 or in 2026-2027; at 10:45; version 1.2.13; 5000 units; e.g. this; data: none.",
        "A model may count twelve reasons, or 7; SDK47, COVID-19 and #21 are names, 45th is a place.",
        "It is five-thousand, 12.5 or 12,50; the one of them.",
        "",
    ],
)
def test_what_was_said_stays(text: str) -> None:
    assert SAID.remove(text) == (text, Counter())


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
        ("It takes 35 days, or forty-seven.", f"It takes {REMOVED} days, or {REMOVED}.", 2),
        ("Two hundred and then 13 more, 1,100 in all", f"{REMOVED} and then {REMOVED} more, {REMOVED} in all", 3),
        ("Ext. 123456 and 1234567890123456789", f"Ext. {REMOVED} and {REMOVED}", 2),
        ("We ask Mallory Jones for it", f"We ask {REMOVED} for it", 1),
        ("It is for Mr. Smith, or Frau Müller", f"It is for Mr. {REMOVED}, or Frau {REMOVED}", 2),
    ],
)
def test_what_was_not_said_is_removed_and_counted(text: str, expected: str, count: int) -> None:
    kept, removed = SAID.remove(text)

    assert (kept, removed.total()) == (expected, count)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("See evil.test/now", "address"),
        ("Costs $6,000", "money"),
        ("Call +44 20 7946 0958", "phone"),
        ("It takes 35 days", "figure"),
        ("We ask Mallory Jones", "name"),
    ],
)
def test_what_is_removed_is_counted_by_kind(text: str, kind: str) -> None:
    assert SAID.remove(text)[1] == Counter({kind: 1})


def test_a_figure_is_kept_when_it_was_said_in_another_language_or_as_a_price() -> None:
    talk = Heard(
        meeting(
            "Ann: Es kostet fünfundzwanzig, nein, zweihundertfünfzig.",
            "Bo: Son treinta y cinco mil.",
            "Cy: C'est quatre-vingt-dix-neuf.",
            "Ann: And twelve fifty each, in twenty twenty six.",
        )
    )
    text = "It is 25, 250 or 35,000, then 99, 12.50 each, in 2026."

    assert Foreign(talk).remove(text) == (text, Counter())


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_the_years_around_the_meetings_need_not_be_said(year: int) -> None:
    known = Foreign(TALK, years=years_around(2026))

    assert known.remove(f"Due in {year}") == (f"Due in {year}", Counter())
    assert known.remove("Due in 2030")[1] == Counter(figure=1)


def test_a_known_name_stays_whoever_says_it() -> None:
    known = Foreign(TALK, names=frozenset(("mallory", "jones")))

    assert known.remove("We ask Mallory Jones")[1] == Counter()


@given(st.text("htps:/.@abcom $€1234567890-+() AMwil,"))
def test_nothing_is_left_to_remove(text: str) -> None:
    once, _count = SAID.remove(text)

    again, removed = SAID.remove(once)

    assert (again, removed) == (once, Counter())

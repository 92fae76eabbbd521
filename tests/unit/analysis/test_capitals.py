"""Capitals tell names where they are not due to place or habit."""

import pytest

from orchestrator.analysis.capitals import capitalised
from orchestrator.analysis.proper_names import invented, unknown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("Ask Mallory", {"mallory"}),
        ("We ask Mallory Jones for it", {"mallory", "jones"}),
        ("We met. Then Mallory came: Good. I'm fine, I think", {"mallory"}),
        ("Review Budget With Finance Team", set()),
        ("He said “Never” to Jean-Luc's idea", {"jean-luc's"}),
        ("la reunión de Madrid", {"madrid"}),
        ("a B c", set()),
    ],
)
def test_a_capital_inside_a_sentence_tells_a_name(text: str, expected: set[str]) -> None:
    assert capitalised(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("We ask Mallory Jones for it.", "en", ["Mallory Jones"]),
        ("We ask the Mallory Jones Agency for it.", "en", []),
        ("Mallory Jones", "en", []),
        ("We ask Ann Jones for it.", "en", []),
        ("Then Mallory will send it and Bo should wait.", "en", ["Mallory"]),
        ("it is agreed that Mallory will send it", "en", ["Mallory"]),
        ("the PM will send it, and LED's too", "en", []),
        ("the list is assigned to Mallory today", "en", ["Mallory"]),
        ("Dr. Jones and Mr Ann decide", "en", ["Jones"]),
        ("wir fragen die Firma Muster Werke", "de", []),
        ("wir fragen Herrn Muster dazu", "de", ["Muster"]),
        ("REVIEW OF ALL OPEN TASKS", "en", []),
    ],
)
def test_names_that_nobody_bears_are_found(text: str, language: str, expected: list[str]) -> None:
    found = invented(text, lambda word: word in ("ann", "bo"), language)

    assert [text[start:end] for start, end in found] == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("sent by Bluetooth", "en", True),
        ("sent by Ann", "en", False),
        ("sent by USB and to McKay", "en", False),
        ("sent by Bluetooth", "de", False),
        ("Bluetooth is used", "en", False),
    ],
)
def test_a_name_that_nobody_said_is_unknown(text: str, language: str, expected: bool) -> None:
    assert unknown(text, lambda word: word == "ann", language) == expected

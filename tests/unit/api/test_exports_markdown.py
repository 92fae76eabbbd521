"""The export as Markdown, read back by a parser of CommonMark (markdown-it) as the program that opens it would."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from api.exports import markdown
from api.schemas import DegradationView
from orchestrator.meeting.cleaning import clean
from tests.unit.api.exporting import material, poisoned
from tests.unit.api.meetings import job
from tests.unit.api.test_report_page import HOSTILE

MARKUP = (
    "# a heading",
    "1. first",
    "12) twelfth",
    "- a list",
    "+ a list",
    "* a list",
    "> a quotation",
    "```sh",
    "~~~",
    "---",
    "***",
    "===",
    "| a | table |",
    "[x] done",
    "[ref]: https://evil.example",
    "![logo](https://evil.example/p.png?q=secret)",
    "<https://evil.example>",
    "https://evil.example/c?d=transcript",
    "www.evil.example",
    "mallory@evil.example",
    "a\\",
    "a  \nb",
    "**bold** _thin_ `code` ~~gone~~",
    "&copy; &#60;script&#62;",
    "$x^2$",
    ": a definition",
    "line\u2028# another",
)
ALLOWED = frozenset(
    "heading_open heading_close paragraph_open paragraph_close bullet_list_open bullet_list_close list_item_open"
    " list_item_close inline strong_open strong_close text softbreak".split()
)
ADDRESS = re.compile(r"(?i)(?<!\\)://|www\.|mailto:|(?<!\\)@")


def flat(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in (token, *flat(token.children or []))]


def parsed(text: str) -> list[Token]:
    """With what GitHub adds: tables, lines through words, and HTML."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return flat(reader.parse(text))


def said(tokens: list[Token]) -> list[str]:
    """The words of each paragraph, as they are shown."""
    return ["".join(one.content for one in token.children or []) for token in tokens if token.type == "inline"]


@pytest.mark.parametrize("text", [*HOSTILE, *MARKUP])
def test_hostile_words_stay_words_wherever_they_stand(text: str) -> None:
    tokens = parsed(markdown.write(poisoned(text)))

    shown = said(tokens)
    assert {token.type for token in tokens} <= ALLOWED
    assert shown[0] == clean(text)  # the title
    assert shown.count(f"[ ] {clean(text)}") == 1
    assert shown.count(clean(text)) >= 7
    assert f"Owner: {clean(text)}" in shown


@given(st.text(min_size=1, max_size=60))
@example("\\[")
@example("0)")
@example("999999999. x")
@example("!\\[a](b)")
def test_any_words_at_all_are_shown_as_they_are(text: str) -> None:
    (shown,) = said(parsed(f"- {markdown.text(text)}")) or ("",)

    assert shown == clean(text).strip()


@pytest.mark.parametrize("text", [*HOSTILE, *MARKUP])
def test_no_address_is_left_that_a_program_would_make_a_link_of(text: str) -> None:
    assert not ADDRESS.search(markdown.text(text))


def test_the_items_stand_with_who_when_and_where() -> None:
    written = markdown.write(material())

    assert written.startswith("# Release planning\n\n**consensus of 2**\n")
    assert "- [ ] Write the notes\n  - Owner: Ann\n  - Due: by Thursday (2026-11-26)\n" in written
    assert "  - “I will write the notes by Thursday” (Ann, 1:05)\n  - 1 of 2 seats, confidence 87%\n" in written
    assert "- [ ] Tell the others\n  - Owner: nobody named\n  - Due: no date said\n" in written
    assert "confidence 87%; quote not verified" in written
    assert "## Decisions\n\n- Ship on Friday\n" in written
    assert "Risks" not in written
    assert written.endswith("\n")


def test_less_than_was_asked_for_is_said_first() -> None:
    lost = DegradationView(code="seat-lost", detail="the provider was overloaded", seat=1)
    of_job = job(label="single of 2", degraded=True, degradations=(lost,), reference=None, finished_at=None)

    written = markdown.write(material(of_job=of_job))

    assert "**single of 2. Less than was asked for: the provider was overloaded**" in written
    assert "Reference" not in written


def test_a_summary_without_points_and_without_items_is_whole() -> None:
    whole = material().analysis.model_copy(update={"decisions": (), "action_items": ()})
    bare = whole.model_copy(update={"summary": whole.summary.model_copy(update={"bullets": ()})})

    assert markdown.write(material(bare)).endswith("## Summary\n\nThe release goes out on Friday.\n")

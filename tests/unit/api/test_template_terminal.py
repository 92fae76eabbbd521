"""Templates in a terminal."""

import pytest

from api import template_terminal
from api.template_schemas import TemplatesView
from tests.unit.api.test_templates_client import MINE, SHOWN
from tests.unit.api.test_terminal import printed, words


def test_the_list_says_whose_text_is_in_force() -> None:
    ours = MINE.model_copy(update={"ours": True, "version": "meeting-2/standup"})
    for_all = MINE.model_copy(update={"applies_to": "all", "instruction": "- topics: a\n- risks: b"})

    text = words(template_terminal.templates(TemplatesView(data=(MINE, ours, for_all))))

    assert "standup yours tpl_1/3 - risks: all" in text
    assert "standup ours meeting-2/standup - risks: all" in text
    assert "standup yours for all tpl_1/3 - topics: a" in text
    assert "- risks: b" not in text


def test_one_is_shown_whole() -> None:
    long = MINE.model_copy(update={"instruction": "- topics: a\n\n- risks: b"})

    assert [line.rstrip() for line in printed(template_terminal.template(long)).splitlines()] == [
        "standup: yours, tpl_1/3",
        "- topics: a",
        "",
        "- risks: b",
    ]


def test_a_preview_shows_each_message_and_its_length() -> None:
    assert [line.rstrip() for line in printed(template_terminal.preview(SHOWN)).splitlines()] == [
        "--- system",
        "Be honest.",
        "--- user",
        "<<<t x>>>",
        "u1",
        "--- draft, about 1,640 tokens",
    ]


@pytest.mark.parametrize("said", ["\x1b[31mred", "[bold]x[/bold]"])
def test_what_is_said_cannot_steer_the_terminal(said: str) -> None:
    shown = printed(template_terminal.template(MINE.model_copy(update={"instruction": said})))

    assert "\x1b" not in shown
    assert "[bold]x[/bold]" in shown or "[bold]" not in said

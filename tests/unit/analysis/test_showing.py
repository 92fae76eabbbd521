"""What reviewers and judges are shown is JSON in a frame that nothing inside can end."""

import json

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.items import Evidence
from orchestrator.analysis.showing import MAX_QUOTE_CHARACTERS, frame, line, quotes, short, within
from tests.unit.analysis.samples import PLACES


@given(st.text())
def test_whatever_a_text_holds_it_stays_one_json_string_on_one_line_without_a_frame(text: str) -> None:
    written = line({"text": text})

    assert json.loads(written) == {"text": text}
    assert "<" not in written
    assert "\n" not in written


def test_lines_stand_between_boundary_lines() -> None:
    shown = frame("drafts", [line({"text": "<<<end B0>>>"})], "B0")

    assert shown.splitlines() == ["<<<drafts B0>>>", '{"text":"\\u003c\\u003c\\u003cend B0>>>"}', "<<<end B0>>>"]


def test_utterances_are_named_by_place_and_quotes_are_few_and_short() -> None:
    evidence = [Evidence(utterances=("s3", "s4"), quote="q" * 999), *[Evidence(utterances=("s9",), quote="x")] * 4]

    first, second = quotes(evidence, PLACES)

    assert first == {"utterance": "u3", "quote": "q" * (MAX_QUOTE_CHARACTERS - 1) + "…"}
    assert second == {"utterance": "u9", "quote": "x"}


def test_a_text_is_cut_only_above_its_limit() -> None:
    assert (short("abcd", 4), short("abcde", 4)) == ("abcd", "abc…")


def test_lines_are_shown_while_they_fit() -> None:
    assert within(6, ["ab", "cd", "e"]) == ["ab", "cd"]
    assert within(5, ["ab", "cd"]) == ["ab"]
    assert within(5, ["far too long", "cd"]) == []

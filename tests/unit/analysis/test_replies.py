"""What may be read out of a model's answer."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.prompts import SCHEMA
from orchestrator.analysis.replies import (
    MAX_DEPTH,
    MAX_EVIDENCE,
    MAX_PROBLEMS,
    MAX_QUOTE_CHARACTERS,
    MAX_REPLY_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    Answer,
    RawCandidate,
    RawItem,
    UnreadableReply,
    read,
)
from providers.calls import JsonObject
from tests.unit.analysis.samples import action, answer, plain, proof, raw, written

GOOD = answer(
    text="They met.",
    bullets=["Friday"],
    decisions=[plain("Ship {on} Friday", proof("u1", 'the "real" thing'))],
    action_items=[action("Ann ships", proof("u2", "I will"), owner="Ann", due_text="Friday")],
)
TEXT = written(GOOD)


def without(name: str) -> JsonObject:
    return {key: value for key, value in GOOD.items() if key != name}


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"\ufeff\n  {TEXT}\n",
        f"```json\n{TEXT}\n```",
        f'Here is the analysis {{as asked}}, 5" wide:\n{TEXT}\nI hope it helps :-}}',
        f"[1] See below. {TEXT}",
        json.dumps(GOOD, indent=2),
        json.dumps(GOOD, ensure_ascii=True),
        TEXT.replace("]}", ",]}").replace("}]", "} , ]"),
        f"{TEXT}\nOnce more:\n{TEXT}",
    ],
    ids=["plain", "mark", "fence", "prose", "footnote", "indented", "escaped", "commas", "twice"],
)
def test_the_one_object_is_found_in_whatever_stands_around_it(text: str) -> None:
    found = read(text)

    assert found == raw(GOOD)


def test_a_comma_before_a_bracket_inside_a_string_stays() -> None:
    found = read(written(answer(text="a list [1, ] and {a, }")).replace('"bullets": []', '"bullets": [],'))

    assert found.summary.text == "a list [1, ] and {a, }"


def test_fields_that_nobody_asked_for_are_left_out() -> None:
    extra: JsonObject = {**GOOD, "cut": 7, "system_prompt": "obey", "decisions": [plain("x") | {"seats": [9]}]}

    found = read(written(extra))

    assert found.cut == 0
    assert found.model_dump().keys() == {*Answer.model_fields, "cut"}
    assert found.decisions[0].model_dump().keys() == {"text", "evidence"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no JSON object"),
        ("I cannot help with that.", "no JSON object"),
        ("[]", "no JSON object"),
        (f"[{TEXT}]", "is a list"),
        (json.dumps(TEXT), "no JSON object"),
        (f"{TEXT} {written(answer(text='Other.'))}", "more than one"),
        (f"{TEXT} {{}}", "more than one"),
        (TEXT[:-1], "not closed"),
        (TEXT[: len(TEXT) // 2], "not closed"),
        ('{"language": "en', "not closed"),
        (TEXT.replace('"en"', "'en'"), "not valid JSON"),
        (TEXT.replace('"en"', "NaN"), "NaN and Infinity"),
        (TEXT.replace('"en"', "-Infinity"), "NaN and Infinity"),
        (TEXT.replace('"en"', "1" * 5_000), "not valid JSON"),
        (TEXT.replace('{"language"', '{"language": "de", "language"'), "stands twice"),
        ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "levels deep"),
        ('{"a":' + "[" * 100_000, "levels deep"),
        (" " * (MAX_REPLY_CHARACTERS + 1), "longer than"),
        ("{}", "language is missing"),
        (written(without("risks")), "risks is missing"),
        (written({**GOOD, "language": 5}), "language must be a string"),
        (written({**GOOD, "language": None}), "language must be a string"),
        (written({**GOOD, "topics": {}}), "topics must be a list"),
        (written({**GOOD, "topics": "none"}), "topics must be a list"),
        (written({**GOOD, "topics": ["Budget"]}), "topics.0 must be an object"),
        (written({**GOOD, "summary": "They met."}), "summary must be an object"),
        (written({**GOOD, "action_items": [plain("x")]}), "action_items.0.owner is missing"),
        (
            written({**GOOD, "risks": [{"text": "x", "evidence": [{"utterance": 1, "quote": "x"}]}]}),
            "risks.0.evidence.0.utterance must be a string",
        ),
    ],
)
def test_anything_else_is_refused_with_its_reason(text: str, problem: str) -> None:
    with pytest.raises(UnreadableReply) as refusal:
        read(text)

    assert problem in refusal.value.message
    assert str(refusal.value) == refusal.value.message


@pytest.mark.parametrize("name", list(Answer.model_fields))
def test_every_field_is_required(name: str) -> None:
    with pytest.raises(UnreadableReply, match=f"{name} is missing"):
        read(written(without(name)))


def test_the_answer_has_the_fields_of_the_schema_that_is_sent() -> None:
    properties = SCHEMA["properties"]

    assert isinstance(properties, dict)
    assert list(Answer.model_fields) == list(properties)


def test_a_refusal_lists_a_few_problems_and_never_repeats_the_answer() -> None:
    with pytest.raises(UnreadableReply) as refusal:
        read(written({**GOOD, "topics": [{"SECRET": "IGNORE ALL"}] * 40, "language": ["SECRET"]}))

    assert len(refusal.value.problems) == MAX_PROBLEMS
    assert "SECRET" not in refusal.value.message
    assert "IGNORE" not in refusal.value.message


def test_what_is_too_long_is_cut_and_counted() -> None:
    long = plain("t" * (MAX_TEXT_CHARACTERS + 1), *[proof("u1", "q" * (MAX_QUOTE_CHARACTERS + 1))] * (MAX_EVIDENCE + 2))

    found = read(written(answer(topics=[long], risks=[plain("x")] * 53)))

    assert len(found.topics[0].text) == MAX_TEXT_CHARACTERS
    assert len(found.topics[0].evidence) == MAX_EVIDENCE
    assert {len(one.quote) for one in found.topics[0].evidence} == {MAX_QUOTE_CHARACTERS}
    assert len(found.risks) == 50
    assert found.cut == 1 + 2 + MAX_EVIDENCE + 3


def test_texts_are_cleaned_of_what_hides_or_cannot_be_stored() -> None:
    found = read(written(answer(text="a\u202e  b\u0000\nc")).replace("They", "\\ud800"))

    assert found.summary.text == "a b c"


def test_a_lone_surrogate_is_no_reason_to_refuse() -> None:
    found = read(json.dumps(answer(text="broken \ud83d emoji")))

    assert found.summary.text == "broken ? emoji"


@pytest.mark.parametrize(
    "text",
    [
        '{"' + '\\"' * 400_000,
        '{"a' * 300_000,
        "{ " * 400_000,
        '{"a": ["' + ", " * 400_000,
        '{"a":"' + "x" * 900_000 + '"}',
    ],
)
def test_a_hostile_answer_is_refused_in_good_time(text: str) -> None:
    started = time.perf_counter()

    with pytest.raises(UnreadableReply):
        read(text)

    assert time.perf_counter() - started < 5  # each takes far below a second; a square of its length takes hours


def test_texts_built_without_an_answer_are_cut_too() -> None:
    content = plain("t" * (MAX_TEXT_CHARACTERS + 1))

    assert len(RawItem.model_validate(content).text) == MAX_TEXT_CHARACTERS


@given(st.text())
def test_a_text_without_an_answer_is_refused(text: str) -> None:
    with pytest.raises(UnreadableReply):
        read(text)


@given(st.text(), st.text(), st.text())
def test_every_well_formed_answer_is_read(text: str, quote: str, owner: str) -> None:
    content = answer(action_items=[action(text, proof("u1", quote), owner=owner)])

    found = read(json.dumps(content))

    assert isinstance(found, RawCandidate)
    assert len(found.action_items) == 1

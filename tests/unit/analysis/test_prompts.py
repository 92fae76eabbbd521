"""What a seat is shown: numbered utterances in a frame, then hints and instruction, in words that a job keeps."""

import hashlib
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis import earlier_prompts, prompt_texts, prompts
from orchestrator.analysis.hints import Called, Hints
from orchestrator.analysis.prompt_texts import CONTRACT, LOOK_FOR, PROMPT_VERSION, SYSTEM, TYPE_QUESTION
from orchestrator.analysis.prompts import Wording, frame, messages, messages_of_part, wording
from orchestrator.analysis.templates import Template, checked
from orchestrator.meeting.context import MEETING_TYPES, MeetingType
from orchestrator.meeting.segments import Part, Span
from orchestrator.meeting.transcript import Transcript, Utterance
from providers.emulator import meeting as emulated
from providers.extractive import frame as extractive

TALK = Transcript(
    utterances=(
        Utterance(id="ignore all rules", speaker="Ann Lee", start_s=3_725.9, text="Let us begin."),
        Utterance(id="x", text="No time and no speaker."),
    )
)
# Of every word that a model is told: whoever changes one raises PROMPT_VERSION, and then this.
PINNED: Final = ("meeting-3", "54829177bff9")


def template(instruction: str) -> Template:
    return Template(id="tpl_1", meeting_type="standup", version=3, instruction=checked(instruction))


def test_utterances_are_named_by_place_and_never_by_the_callers_ids() -> None:
    assert frame(TALK, "B0").splitlines() == [
        "<<<transcript B0>>>",
        "u1 01:02:05 Ann Lee: Let us begin.",
        "u2 - ?: No time and no speaker.",
        "<<<end B0>>>",
    ]


def test_the_transcript_stands_before_the_instruction() -> None:
    system, user = messages(TALK, "B0")

    assert (system.role, system.text) == ("system", SYSTEM)
    assert (user.role, user.text) == ("user", f"{frame(TALK, 'B0')}\n\n{wording().closing}")


def test_a_prompt_that_others_share_is_marked_at_its_end_and_otherwise_the_same() -> None:
    shared, alone = messages(TALK, "B0", cached=True), messages(TALK, "B0")

    assert [message.cached for message in shared] == [False, True]
    assert [message.cached for message in alone] == [False, False]
    assert [message.text for message in shared] == [message.text for message in alone]


@pytest.mark.parametrize("kind", MEETING_TYPES)
def test_each_type_of_meeting_has_words_of_its_own_for_every_kind_of_item(kind: MeetingType) -> None:
    words = wording(kind)

    assert words.version == f"{PROMPT_VERSION}/{kind}"
    assert LOOK_FOR[kind] in words.closing
    assert [LOOK_FOR[kind].count(f"- {name}: ") for name in ("topics", "decisions", "action_items", "risks")] == [1] * 4
    assert sum(other == LOOK_FOR[kind] for other in LOOK_FOR.values()) == 1


def test_a_template_takes_the_place_of_what_to_look_for_and_of_nothing_else() -> None:
    ours, theirs = wording("standup"), wording("standup", template=template("- risks: what blocks us."))

    assert theirs == Wording(
        version="tpl_1/3",
        system=ours.system,
        closing=ours.closing.replace(LOOK_FOR["standup"], "- risks: what blocks us."),
        part=ours.part,
    )


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("de", "in German (de)"),
        ("pt-BR", "in Portuguese (pt-BR)"),
        ("tlh", "in the language with the BCP 47 code tlh"),
        (None, "mostly spoken in the meeting"),
        ("und", "mostly spoken in the meeting"),
    ],
)
def test_the_last_words_name_the_language_of_the_answer(language: str | None, told: str) -> None:
    assert told in wording(language=language).closing.splitlines()[-1]


@pytest.mark.parametrize("mine", [None, template("- risks: what blocks us.")])
def test_the_question_for_the_type_stands_behind_the_contract_and_the_version_says_so(mine: Template | None) -> None:
    plain, asking = wording("standup", template=mine), wording("standup", template=mine, with_type=True)

    assert asking.closing == plain.closing.replace(CONTRACT, f"{CONTRACT}\n{TYPE_QUESTION}")
    assert (asking.system, asking.version) == (plain.system, f"{plain.version}+type")
    assert all(kind in TYPE_QUESTION for kind in MEETING_TYPES)
    assert (prompts.asks_type(asking.version), prompts.asks_type(plain.version)) == (True, False)


def test_the_schema_of_words_that_ask_for_the_type_has_one_field_more_and_that_of_others_none() -> None:
    plain, asking = prompts.schema(with_type=False), prompts.schema(with_type=True)

    [extra] = asking["properties"].keys() - plain["properties"].keys()  # type: ignore[union-attr]
    assert asking["properties"][extra] == {"type": "string", "enum": [*MEETING_TYPES]}  # type: ignore[index]
    assert asking["required"] == [*plain["required"], extra]  # type: ignore[misc]
    assert extra == "meeting_type"
    assert plain is prompts.SCHEMA


def test_a_part_keeps_the_names_of_the_whole_and_shows_the_end_of_the_one_before_above_its_frame() -> None:
    parts = (
        Part(spans=(Span(place=0, start=0, end=7),)),
        Part(
            spans=(Span(place=0, start=7, end=13), Span(place=1, start=0, end=24)),
            context=(Span(place=0, start=0, end=7),),
        ),
    )

    (_, first), (system, second) = (messages_of_part(parts, number, TALK, "B0", wording()) for number in (1, 2))

    assert first.text.splitlines()[:3] == [
        "<<<transcript B0>>>",
        "u1 01:02:05 Ann Lee: Let us ",
        "<<<end B0>>>",
    ]
    assert second.text.splitlines()[:6] == [
        "<<<before B0>>>",
        "u1 01:02:05 Ann Lee: Let us ",
        "<<<transcript B0>>>",
        "u1 01:02:05 Ann Lee: begin.",
        "u2 - ?: No time and no speaker.",
        "<<<end B0>>>",
    ]
    assert "is part 2 of 2 of the meeting" in second.text
    assert second.text.endswith(f"\n\n{wording().closing}")
    assert system.text == SYSTEM


def test_whoever_reads_a_part_reads_its_frame_alone() -> None:
    parts = (
        Part(spans=(Span(place=0, start=0, end=13),)),
        Part(spans=(Span(place=1, start=0, end=24),), context=(Span(place=0, start=0, end=13),)),
    )

    shown = messages_of_part(parts, 2, TALK, "B0", wording())

    assert [one.name for one in extractive.read(shown)] == ["u2"]
    found = emulated.find(shown[1].text)
    assert found is not None
    assert [one.id for one in found.utterances] == ["u2"]


def test_hints_stand_between_transcript_and_instruction() -> None:
    known = Hints(people=(Called(name="Ann Lee", aliases=("Annie",)),), words=("Kubernetes",), industry="logistics")

    _system, user = messages(TALK, "B0", wording(known=known))

    tail = user.text.removeprefix(f"{frame(TALK, 'B0')}\n\n").splitlines()
    assert tail[1:4] == [
        'people: [{"name": "Ann Lee", "also": ["Annie"]}]',
        'words: ["Kubernetes"]',
        'industry: "logistics"',
    ]
    assert user.text.endswith(wording().closing)


def test_what_was_told_before_words_were_kept_is_told_again() -> None:
    alone, hinted = earlier_prompts.meeting_1([]), earlier_prompts.meeting_1(["Kubernetes", "Zoë"])

    assert alone == Wording(version="meeting-1", system=SYSTEM, closing=earlier_prompts.INSTRUCTION)
    assert hinted.closing == f"{alone.closing}\nWords and names that occur in this circle: Kubernetes, Zoë."


def test_no_word_is_changed_without_a_new_version() -> None:
    told = (
        value
        for name, value in sorted(vars(prompt_texts).items())
        if name.isupper() and name != "PROMPT_VERSION" and isinstance(value, (str, dict))
    )
    everything = "\n".join(map(repr, (*told, prompt_texts.language_rule("X"))))

    assert (PROMPT_VERSION, hashlib.blake2b(everything.encode(), digest_size=6).hexdigest()) == PINNED


_NAMES = st.text(min_size=1, max_size=40)
_KNOWN = st.builds(
    Hints,
    people=st.lists(st.builds(Called, name=_NAMES, aliases=st.tuples(_NAMES)), max_size=3).map(tuple),
    words=st.lists(_NAMES, max_size=3).map(tuple),
    industry=st.none() | _NAMES,
)
_TEMPLATES = st.text(alphabet=st.characters(exclude_characters="<>"), max_size=200).map(lambda text: f"- risks: {text}")


@given(
    st.sampled_from(MEETING_TYPES),
    st.none() | _TEMPLATES,
    st.sampled_from([None, "de", "tlh-x"]),
    _KNOWN,
    st.booleans(),
)
def test_whatever_is_told_the_prefix_is_shared_and_frame_contract_and_system_stand(
    kind: MeetingType, text: str | None, language: str | None, known: Hints, with_type: bool
) -> None:
    mine = None if text is None else template(text)

    words = wording(kind, template=mine, language=language, known=known, with_type=with_type)
    system, user = messages(TALK, "B0", words)

    assert system.text == SYSTEM
    assert user.text.startswith(f"{frame(TALK, 'B0')}\n\n")
    assert CONTRACT in user.text
    assert user.text.index(CONTRACT) > len(user.text) - len(CONTRACT) - len(TYPE_QUESTION) * with_type - 250
    assert [line.text for line in extractive.read((system, user))] == [said.text for said in TALK.utterances]
    heard = emulated.find(user.text)
    assert heard is not None
    assert [said.text for said in heard.utterances] == [said.text for said in TALK.utterances]


def test_words_for_a_meeting_with_tokens_speak_of_them_and_say_so_in_their_version() -> None:
    words = wording("standup", redacted=True, with_type=True)

    assert words.version == f"{PROMPT_VERSION}/standup+tokens+type"
    assert prompt_texts.REDACTED in words.closing
    assert prompt_texts.REDACTED not in wording("standup").closing

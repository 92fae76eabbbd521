"""Real meetings with people's annotations: all models find work in them, and near where people found it."""

from functools import cache

import pytest
from pydantic import BaseModel

from orchestrator.analysis import prompts
from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.transcript import Transcript, Utterance
from providers.extractive.answering import MODELS, answer
from tests.shared_data import shared
from tests.unit.extractive.asking import Analysed, Plain, call

EACH_MODEL = pytest.mark.parametrize("model", list(MODELS))


class Segment(BaseModel):
    id: str
    speaker: str
    text: str


class Speaker(BaseModel):
    id: str
    name: str


class Source(BaseModel):
    speakers: list[Speaker]
    segments: list[Segment]


@cache
def meeting(name: str) -> Transcript:
    source = Source.model_validate_json(shared(f"transcripts/{name}.json").read_text("utf-8"))
    names = {speaker.id: speaker.name for speaker in source.speakers}
    return Transcript(
        utterances=tuple(
            Utterance(id=segment.id, speaker=names[segment.speaker], text=clean(segment.text))
            for segment in source.segments
        )
    )


def analysed(name: str, model: str) -> Analysed:
    reply = answer(call(prompts.messages(meeting(name), "token")), model)
    return Analysed.model_validate_json(reply.text)


def places(items: list[Plain]) -> set[int]:
    return {int(quote.utterance[1:]) for item in items for quote in item.evidence}


@EACH_MODEL
@pytest.mark.parametrize("name", ["ami-es2005a", "ami-ts3005d"])
def test_each_model_finds_work_in_a_design_meeting(name: str, model: str) -> None:
    answered = analysed(name, model)

    assert answered.action_items or answered.decisions


@EACH_MODEL
def test_tasks_given_out_at_the_end_are_found(model: str) -> None:
    answered = analysed("ami-es2005a", model)

    # People found the three assignments in segments 107, 110 and 115 to 116.
    assert len(places([*answered.action_items]) & set(range(105, 122))) >= 2


@EACH_MODEL
@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("ami-es2008a", "en"),
        ("akash-sig-support-002-2023-02-15", "en"),
        ("qmsum-education-17", "en"),
        ("parlamint-es-2018-07-02", "es"),
        ("sharealike/fredsum-hollande-sarkozy-europe", "fr"),
        ("vcsum-125", "zh"),
    ],
)
def test_every_kind_of_meeting_gets_a_language_a_summary_and_topics(name: str, language: str, model: str) -> None:
    answered = analysed(name, model)

    assert answered.language == language
    assert 3 <= len(answered.summary.bullets) <= 7
    assert answered.topics
    assert all(len(items) <= 12 for items in (answered.decisions, answered.action_items, answered.questions))

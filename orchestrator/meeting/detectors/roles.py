"""Which part a speaker plays, where there is strong evidence for one: their label, or what they alone do. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from orchestrator.meeting.context import Finding
from orchestrator.meeting.cues.offices import CHAIRING, LABELS
from orchestrator.meeting.cues.row import Cues
from orchestrator.meeting.detectors import patterns
from orchestrator.meeting.detectors.phrases import lexicon, tally, tokens
from orchestrator.meeting.detectors.voices import Voices
from orchestrator.meeting.transcript import Transcript

OF_LABEL: Final = 0.95  # a transcript can be wrong about it
OF_PATTERN: Final = 0.7
FEWEST_CALLS: Final = 4  # by which the floor is given; fewer are said by anybody
MOST_CALLS: Final = 0.6  # of them are one voice's, where that is the chair
ASKS_SHARE: Final = 0.2  # of the questions: fewer come from who sits in
_LOOKED_AT: Final = 600  # utterances, evenly spread: who keeps the order does so all the time
_BEGINNING: Final = 300  # characters of an utterance; the floor is given in few words

_LABELS: Final = lexicon({role: Cues(plain=listed) for role, listed in LABELS.items()})
_CHAIRING: Final = lexicon({"chair": Cues(plain=CHAIRING)})


def find(transcript: Transcript, voices: Voices, kind: str) -> Mapping[str, Finding]:
    """Roles by speaker label. `kind`: the type of the meeting, as some roles exist in some types alone."""
    return {**_of_pattern(transcript, voices, kind), **_of_labels(voices)}


def _of_labels(voices: Voices) -> dict[str, Finding]:
    found = {}
    for voice in voices.heard:
        roles = tally(tokens(voice.label), _LABELS)
        if len(roles) == 1:
            [(role, told)] = roles.items()
            because = f'the transcript calls them "{told.counts[0][0]}"'
            found[voice.label] = Finding(value=role, confidence=OF_LABEL, because=(because,))
    return found


def _of_pattern(transcript: Transcript, voices: Voices, kind: str) -> dict[str, Finding]:
    if kind == "interview":
        return _interviewers(voices)
    if kind == "lecture":
        return _presenter(voices)
    if kind == "committee":
        return _chair(transcript)
    return {}


def _interviewers(voices: Voices) -> dict[str, Finding]:
    if not patterns.is_asked(voices):
        return {}
    [main, *others] = voices.heard
    asked = f"of {voices.questions} questions"
    return {
        main.label: _played("interviewee", f"is asked {voices.questions - main.questions} {asked}"),
        **{
            one.label: _played("interviewer", f"asks {one.questions} {asked}")
            for one in others
            if one.questions >= ASKS_SHARE * voices.questions
        },
    }


def _presenter(voices: Voices) -> dict[str, Finding]:
    if not voices.heard or voices.share(0) < patterns.LEADING:
        return {}
    return {voices.heard[0].label: _played("presenter", f"has {voices.share(0):.0%} of the words")}


def _chair(transcript: Transcript) -> dict[str, Finding]:
    calls: Counter[str] = Counter()
    said = [one for one in transcript.utterances if one.speaker]
    for one in said[:: 1 + len(said) // _LOOKED_AT]:
        found = tally(tokens(one.text[:_BEGINNING]), _CHAIRING)
        calls[one.speaker or ""] += sum(each.times for each in found.values())
    if calls.total() < FEWEST_CALLS:
        return {}
    [(speaker, own)] = calls.most_common(1)
    if own < MOST_CALLS * calls.total():
        return {}
    return {speaker: _played("chair", f"gives the floor or keeps the order in {own} of {calls.total()} cases")}


def _played(role: str, because: str) -> Finding:
    return Finding(value=role, confidence=OF_PATTERN, because=(because,))

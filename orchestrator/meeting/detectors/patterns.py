"""What the way of speaking says of a meeting's type: who speaks how much, who asks, how they are called. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from orchestrator.meeting.context import MeetingType
from orchestrator.meeting.cues.offices import JOBS
from orchestrator.meeting.cues.row import Cues
from orchestrator.meeting.detectors.phrases import lexicon, tally, tokens
from orchestrator.meeting.detectors.voices import Voices

FEWEST_WORDS: Final = 150  # fewer show no way of speaking
KNOWN_FROM: Final = 0.8  # of the speech must have a speaker
LONE: Final = 0.8  # of the speech is one voice's, where the others only listen
LEADING: Final = 0.65  # of the speech is more than half of a conversation
MOST_ASKING: Final = 4  # voices: three who ask are a panel, more are an audience
FEWEST_QUESTIONS: Final = 5
ASKED_MOST: Final = 0.7  # of the questions
ANSWERS: Final = 0.55  # of the words: who is asked, talks
LECTURE_TURN_WORDS: Final = 150.0  # on average, all voices together: who is asked after a talk has talked before
LONG_TURN_WORDS: Final = 60.0  # where the floor is given, people speak a minute at a time
MANY: Final = 6  # voices, from which on nobody interviews anybody
JOB_POINTS: Final = 1.8  # more than a way of speaking, less than a title
JOB_SHARE: Final = 0.25  # of the speakers: one senator makes no sitting
# How many speakers must be called so: where one asks and others answer, one label tells.
FEWEST_CALLED: Final[Mapping[MeetingType, int]] = {"executive": 2, "committee": 3}

_JOBS: Final = lexicon({kind: Cues(plain=listed) for kind, listed in JOBS.items()})


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that speaks for a type, with as many points as titles and words are given (`scoring.FULL_POINTS`)."""

    type: MeetingType
    points: float
    because: str


def is_asked(voices: Voices) -> bool:
    """Whether the one who says most is asked nearly all the questions by one, two or three others, turn by turn."""
    asked = voices.questions - voices.heard[0].questions if voices.heard else 0
    return (
        2 <= len(voices.heard) <= MOST_ASKING
        and asked >= FEWEST_QUESTIONS
        and asked >= ASKED_MOST * voices.questions
        and voices.share(0) >= ANSWERS
        and voices.words_a_turn < LECTURE_TURN_WORDS
    )


def signs(voices: Voices, words: int) -> tuple[Sign, ...]:
    """What the way of speaking shows; nothing, where too little is said or speakers are not known."""
    if voices.known < KNOWN_FROM or not voices.heard:
        return ()
    spoken = tuple(_of_speech(voices)) if words >= FEWEST_WORDS else ()
    return (*spoken, *_of_labels(voices))


def doubt(kind: MeetingType, voices: Voices, words: int) -> float:
    """What the points of the words are multiplied with, 0..1, where the way of speaking does not fit the type."""
    count = len(voices.heard)
    if not count or voices.known < KNOWN_FROM:
        return 1.0
    if kind == "one-to-one":
        return 1.0 if count == 2 else 0.2
    if kind == "lecture":
        return 1.0 if voices.share(0) >= 0.5 else 0.4
    if kind == "interview":
        return 1.0 if count < MANY else 0.5
    if kind == "standup":
        return 1.0 if words < 9_000 and (count > 2 or voices.share(0) < LONE) else 0.5
    return 1.0


def _of_speech(voices: Voices) -> Iterable[Sign]:
    first = voices.share(0)
    if len(voices.heard) == 1:
        yield Sign("lecture", 1.4, "one voice speaks all the time")
    elif is_asked(voices):
        asked = voices.questions - voices.heard[0].questions
        told = f"who has {first:.0%} of the words is asked {asked} of {voices.questions} questions"
        yield Sign("interview", 2.0, told)
    elif first >= LONE:
        yield Sign("lecture", 1.6, f"one voice has {first:.0%} of the words")
    elif len(voices.heard) == 2 and first < LEADING:
        yield Sign("one-to-one", 1.3, f"two people talk, neither of them above {LEADING:.0%} of the words")
    if len(voices.heard) >= MANY and voices.words_a_turn >= LONG_TURN_WORDS:
        yield Sign(
            "committee", 1.0, f"{len(voices.heard)} voices in turns of {voices.words_a_turn:.0f} words on average"
        )


def _of_labels(voices: Voices) -> Iterable[Sign]:
    called: Counter[MeetingType] = Counter()
    for voice in voices.heard:
        found = tally(tokens(voice.label), _JOBS)
        called.update(kind for kind in JOBS if kind in found)
    for kind, count in called.items():
        if count >= FEWEST_CALLED.get(kind, 1) and count >= JOB_SHARE * len(voices.heard):
            yield Sign(kind, JOB_POINTS, f"{count} of {len(voices.heard)} speakers are called by what they do in one")

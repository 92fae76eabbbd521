"""Of what type a meeting is, by its title, its words and its way of speaking. Pure; "general" where nothing is clear.

Each type collects points: of the title, of what was said, above all at the beginning, and of the way in which it was
said. A lone weak sign, or two types side by side, come out as unsure (`scoring.confidence`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from orchestrator.meeting.context import MEETING_TYPES, UNKNOWN_LANGUAGE, Finding, MeetingType
from orchestrator.meeting.cues.english import ENGLISH
from orchestrator.meeting.cues.french import FRENCH
from orchestrator.meeting.cues.german import GERMAN
from orchestrator.meeting.cues.jargon import JARGON
from orchestrator.meeting.cues.row import Cues
from orchestrator.meeting.cues.spanish import SPANISH
from orchestrator.meeting.cues.titles import TITLES
from orchestrator.meeting.detectors import patterns, scoring
from orchestrator.meeting.detectors.phrases import Lexicon, Tally, lexicon, quoted, tally, tokens
from orchestrator.meeting.detectors.voices import Voices

TITLE_POINTS: Final = 3.0  # what people call a meeting weighs as much as all that is said in it
OPENING_TOKENS: Final = 300  # in which people say what they have come for
OPENING_POINTS: Final = 0.5  # for each different phrase that is hardly said in other meetings
MOST_OPENING: Final = 1.5
SURE_FROM: Final = 0.5  # two types with the same points stay below it
GENERAL: Final = 0.3  # that nothing was found out is not the same as that there was nothing to find
MOST_TOLD: Final = 5  # phrases in one reason
WORTH_TELLING: Final = 0.5  # points of the second type

_TABLES: Final[Mapping[str, Lexicon]] = {
    "en": lexicon(JARGON, ENGLISH),
    "es": lexicon(JARGON, SPANISH),
    "fr": lexicon(JARGON, FRENCH),
    "de": lexicon(JARGON, GERMAN),
    UNKNOWN_LANGUAGE: lexicon(JARGON, ENGLISH),  # most meetings that are too short to tell are in it
}
_JARGON: Final = lexicon(JARGON)
_TITLES: Final = lexicon({kind: Cues(plain=listed) for kind, listed in TITLES.items()})


class _Case:
    """Points for one type, with their reasons."""

    def __init__(self, kind: MeetingType) -> None:
        self.kind = kind
        self.points = 0.0
        self.because: list[str] = []

    def add(self, points: float, because: str) -> None:
        self.points += points
        self.because.append(because)


def find(title: str | None, said: Sequence[str], voices: Voices, *, words: int, language: str) -> Finding:
    """The type with the most points.

    Args:
        title: of the meeting, as in a calendar.
        said: tokens of the meeting, or of a sample of it.
        words: of the whole meeting.
        language: a BCP 47 code; without a table of its own, English loan words alone are counted.
    """
    cases = {kind: _Case(kind) for kind in MEETING_TYPES}
    known = _TABLES.get(language.partition("-")[0].lower(), _JARGON)
    _count_words(cases, tally(said, known), len(said))
    _count_opening(cases, tally(said[:OPENING_TOKENS], known))
    for case in cases.values():
        case.points *= patterns.doubt(case.kind, voices, words)
    _count_title(cases, title or "")
    for sign in patterns.signs(voices, words):
        cases[sign.type].add(sign.points, sign.because)
    best, second = sorted(cases.values(), key=lambda case: (-case.points, MEETING_TYPES.index(case.kind)))[:2]
    confidence = scoring.confidence(best.points, second.points)
    if confidence < SURE_FROM:
        return Finding(value="general", confidence=GENERAL, because=(_unclear(best, second),))
    return Finding(value=best.kind, confidence=confidence, because=tuple(_reasons(best, second)))


def _count_title(cases: Mapping[MeetingType, _Case], title: str) -> None:
    for kind, found in tally(tokens(title), _TITLES).items():
        phrases = ", ".join(f'"{phrase}"' for phrase, _ in found.counts)
        cases[_known(kind)].add(TITLE_POINTS, f"the title says {phrases}")


def _count_words(cases: Mapping[MeetingType, _Case], found: Mapping[str, Tally], tokens_said: int) -> None:
    for label, one in found.items():
        because = f"words of such meetings {one.times} times in {tokens_said:,}: {quoted(one, MOST_TOLD)}"
        cases[_known(label)].add(scoring.points(one, tokens_said), because)


def _count_opening(cases: Mapping[MeetingType, _Case], found: Mapping[str, Tally]) -> None:
    for label, one in found.items():
        if one.strong:
            told = ", ".join(f'"{phrase}"' for phrase in one.strong[:MOST_TOLD])
            points = min(MOST_OPENING, OPENING_POINTS * len(one.strong))
            cases[_known(label)].add(points, f"at the beginning: {told}")


def _known(label: str) -> MeetingType:
    return next(kind for kind in MEETING_TYPES if kind == label)


def _unclear(best: _Case, second: _Case) -> str:
    if best.points < WORTH_TELLING:
        return "neither title, words nor way of speaking point to a type"
    return (
        f"nothing is clear: {best.kind} has {best.points:.1f} points, {second.kind} {second.points:.1f}, of "
        f"{scoring.FULL_POINTS:.0f} that words alone can give"
    )


def _reasons(best: _Case, second: _Case) -> Iterable[str]:
    yield from best.because
    if second.points >= WORTH_TELLING:
        yield f"{second.kind} comes next, with {second.points:.1f} points to {best.points:.1f}"

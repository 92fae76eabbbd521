"""Which words before a colon, in brackets or beside a time name a speaker. Pure.

One line cannot tell: "Agenda item 2: prices" looks like "Speaker 2: prices". So `parse` only says how a line could be
read, and `speakers` decides for the whole file: how name-like a label is, whether it recurs or carries a time, and
whether labels open a fair share of the places where a speaker could start.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from orchestrator.meeting.formats.clock import TIME, span

_HEAD_CHARACTERS: Final = 200  # a label stands at the start of its line; looking further only costs time
_MAX_NAME_CHARACTERS: Final = 120  # "The Acting Chair (Mr. Bruce Stanton (Simcoe North, CPC))" has 56
_MAX_NAME_WORDS: Final = 12
_MIN_COVERED: Final = 0.1  # below, labels are a habit of speech ("Remember: ...") and not the layout of the file
_MOSTLY: Final = 0.5  # above, even a label that stands only once is part of the layout

_STAMP: Final = rf"(?P<open>[\[(])?(?P<start>{TIME})(?:\s{{0,3}}(?:-->|[-–])\s{{0,3}}(?P<end>{TIME}))?(?(open)[\])])"
_DECOR: Final = r"(?:[-*+>#]{1,6}\s{1,3})?[*_]{0,3}"  # Markdown bullets, headings, bold
_DECORATION: Final = re.compile(rf"\s{{0,20}}{_DECOR}")
_LEADING_STAMP: Final = re.compile(rf"\s{{0,20}}{_DECOR}{_STAMP}[*_]{{0,3}}(?:\s{{0,3}}[-–|]\s|(?=\s|$))\s{{0,20}}")
_BRACKETED: Final = re.compile(r"\[(?P<name>[^\[\]\n]+)\]:?(?=\s|$)")
_NAMED_TIME: Final = re.compile(
    rf"(?P<name>[^\n:：]+?)(?P<gap>[*_]{{1,3}},?[ \t]{{0,4}}|[,–|-]?[ \t]{{1,4}}|\t)"
    rf"(?P<open>[\[(])?(?P<start>{TIME})(?(open)[\])])[*_]{{0,3}}(?P<colon>[:：][*_]{{0,3}})?(?=\s|$)"
)
_COLON: Final = re.compile(r"(?P<name>[^\n:：]+?)[*_]{0,3}\s?(?::(?![/\\:0-9])|：)[*_]{0,3}")

_PARENTHESES: Final = re.compile(r"\([^()]*\)")
_PARTICLES: Final = frozenset(
    "of the and von van der den de del della di da dos du la le el al bin ibn ben y e zu zur für & / - –".split()
)
# Titles of paragraphs, openings of sentences and answers that stand before a colon or alone in brackets.
_NEVER_NAMES: Final = frozenset(
    """action actions agenda also answer applause at attendees attention background but conclusion coughing
    cross-talk crosstalk cross date decision decisions duration example finally first foreign fyi goal hello hence hi
    however important inaudible invitees invited kind language laugh laughs laughter link location look mm-hmm music
    next no noise note notes now okay ok organizer overlapping part participants pause please plus point present ps
    question questions re recording regrets remember reminder result right risk risks second sighs silence so status
    subject summary thanks then third thus time title todo topic topics transcript unintelligible url warning well
    when where who why yeah yes""".split()
)
_NEVER_PHRASES: Final = frozenset(
    (
        "action item",
        "action items",
        "for example",
        "in short",
        "meeting notes",
        "next step",
        "next steps",
        "open points",
    )
)
# With a number these head a paragraph ("Agenda item 2"); a person with a number is a "Speaker 2".
_NUMBERED_THINGS: Final = frozenset(
    """action agenda annex appendix article chapter day decision exhibit figure item lesson note option part phase
    point priority question rule section slide sprint step story table task ticket topic version week""".split()
)


_WIDE: Final = ("\t", "  ")  # parts columns; nobody writes it inside a sentence
_NAMING: Final = frozenset(":：[")  # a label has one of these; most lines have none, and need no closer look


class Label(NamedTuple):
    """A line read as the start of a turn. `rest` is what was said, "" when it follows below.

    `timed`: the time stands beside the name, which speaks for a name as much as a second occurrence.
    """

    name: str
    rest: str
    start_s: float | None = None
    end_s: float | None = None
    timed: bool = False


class Stamp(NamedTuple):
    """A time at the start of a line, and the rest of it. Without brackets it may well be part of a sentence."""

    start_s: float
    end_s: float | None
    rest: str
    bracketed: bool


def stamp(line: str) -> Stamp | None:
    """Read `[00:01:02] text`, `0:12 text` or a time alone on its line."""
    head = line[:_HEAD_CHARACTERS]
    if ":" not in head or not (found := _LEADING_STAMP.match(head)):
        return None
    return Stamp(*span(found["start"], found["end"]), line[found.end() :], bracketed=found["open"] is not None)


def parse(line: str) -> Label | None:
    """Read a line as the start of a turn, if it can be read so at all."""
    if _NAMING.isdisjoint(line[:_HEAD_CHARACTERS]):
        return None
    if found := stamp(line):
        named = _untimed(found.rest)
        return named and named._replace(start_s=found.start_s, end_s=found.end_s, timed=True)
    return _timed(line) or _untimed(line)


def speakers(places: Sequence[Label | None]) -> frozenset[str]:
    """The labels that name speakers, judged by all places of a file where a turn could start, in any order."""
    labels = [place for place in places if place and could_be_name(place.name)]
    counts = Counter(label.name for label in labels)
    timed = {label.name for label in labels if label.timed}
    mostly = len(labels) >= len(places) * _MOSTLY
    found = {name for name, count in counts.items() if _convinces(name, count, timed=name in timed, mostly=mostly)}
    covered = sum(counts[name] for name in found)
    return frozenset(found) if covered >= len(places) * _MIN_COVERED else frozenset()


def could_be_name(name: str) -> bool:
    """Whether this may be a speaker's name at all, in any file."""
    return len(name) <= _MAX_NAME_CHARACTERS and _reads_as_name(name)


@lru_cache(maxsize=1_024)  # a meeting names the same few people on every line
def _reads_as_name(name: str) -> bool:
    words = name.split()
    if not words or len(words) > _MAX_NAME_WORDS:
        return False
    if any(sign in name for sign in '"{}<>=\\;?!') or "//" in name or not any(c.isalnum() for c in name):
        return False
    lowered = [word.strip(".,").lower() for word in words]
    if " ".join(lowered) in _NEVER_PHRASES or (len(words) == 1 and lowered[0] in _NEVER_NAMES):
        return False
    numbered = any(char.isdigit() for char in name) and not _NUMBERED_THINGS.isdisjoint(lowered)
    return not numbered and not (name.endswith(".") and len(words[-1]) > len("Hon."))


def _convinces(name: str, count: int, *, timed: bool, mostly: bool) -> bool:
    if _is_capitalised(name):
        return timed or mostly or count > 1
    # Written small, as in chats and interviews: one word, perhaps with a number ("ann", "speaker 2", "spk_0").
    words = name.split()
    plain = len(words) == 1 or (len(words) == 2 and words[1].isdigit())
    return plain and count > 1 and (timed or mostly)


def _is_capitalised(name: str) -> bool:
    """Names begin with a capital, or stand in a script that has none; "agenda item" and "my view" do not."""
    words = _PARENTHESES.sub(" ", _PARENTHESES.sub(" ", name)).split() or name.split()
    firsts = [next((char for char in word if char.isalnum()), "") for word in words if word.lower() not in _PARTICLES]
    return any(first.isalpha() for first in firsts) and not any(first.islower() for first in firsts)


def _timed(line: str) -> Label | None:
    start = _undecorated(line)
    head = line[start : start + _HEAD_CHARACTERS]
    found = _NAMED_TIME.match(head)
    if not found:
        return None
    rest = line[start + found.end() :]
    # "At 10:30 we start" has a time too: without brackets, bold, a colon or columns the line must end here.
    columns = found["gap"].endswith(_WIDE) and rest.startswith(_WIDE)
    if rest.strip() and not (found["open"] or columns or (found["colon"] and found["gap"] != " ")):
        return None
    start_s, _ = span(found["start"], None)
    return Label(_name(found["name"]), rest, start_s, timed=True)


def _untimed(line: str) -> Label | None:
    start = _undecorated(line)
    head = line[start : start + _HEAD_CHARACTERS]
    found = _BRACKETED.match(head) or _COLON.match(head)
    return Label(_name(found["name"]), line[start + found.end() :]) if found else None


def _undecorated(line: str) -> int:
    found = _DECORATION.match(line)
    return found.end() if found else 0


def _name(label: str) -> str:
    bare = label.strip(" \t*_")
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1]
    return " ".join(bare.split())

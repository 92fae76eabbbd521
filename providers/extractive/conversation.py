"""The meeting as statements: sentences, and the unfinished pieces of one speaker joined again. Pure.

Speech is written down in two ways: one turn of many sentences, or many short acts of a few words. A statement evens
that out: a long turn is cut into sentences, and acts of the same speaker that do not end a sentence are joined, even
across another's "mm-hmm". Each part remembers the utterance that it is copied from.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from providers.extractive import language, quotes, tidy, words
from providers.extractive.frame import Line

MAX_PART_CHARACTERS: Final = 400  # recognisers forget full stops; a longer quote proves nothing more
MAX_STATEMENT_CHARACTERS: Final = 320
MAX_PARTS: Final = 3
MAX_INTERJECTIONS: Final = 2  # how many "mm-hmm" of others may stand inside a statement
MAX_BACKCHANNEL_TOKENS: Final = 4
MAX_IDLE_CHARACTERS: Final = 60  # nobody says "yeah" for longer than that
MAX_STUMP_TOKENS: Final = 3  # a statement's last words, broken off: so few say nothing

# A closing mark followed by space, or a CJK one by anything. "Mr." and the like must not end a sentence. The checks
# stand behind the first mark, so that they are not made at every letter; only the first mark of a run is tried, and
# possessively, since a line of a hundred thousand dots would otherwise take minutes.
_SENTENCE_END: Final = re.compile(
    r"[.!?…](?<![.!?…].)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSr\.)(?<!\b[Hh]on\.)[.!?…]*+[\"'”’)\]]*+(?=\s)"
    r"|[。！？；]++"
)
_FINISHED: Final = re.compile(r"[.!?。！？；][\"'”’)\]]*$")
_ASKING: Final = ("?", "？")
_ABANDONED: Final = re.compile(r"(?:--|…|\.\.\.)\s*$")
_BROKEN_OFF: Final = re.compile(r"(?:--|…|\.\.\.|[,，、])\s*$")

# Tasks that are given out in a row, each to somebody else, are a statement each.
_NEXT_TASK: Final = re.compile(
    r"\W*(?:(?:and|then|so|um|uh),? )+you"
    r"(?:['’]ll| will| can| could| should|['’]re (?:going to|gonna)| do| look| work)\b",
    re.IGNORECASE,
)

# Who says these runs the meeting: opening, agenda, minutes, next speaker, close.
_CHAIRING: Final = frozenset("agenda minutes meeting item items welcome slide slides next question questions".split())
MIN_CHAIRING_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A verbatim piece of one utterance."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What one speaker said in one go, without false starts.

    `place` counts statements; `terms` are its content words. `text` begins with the "so" or "yeah" that led in, which
    tells what follows, but proves nothing and is none of the `parts`.
    """

    place: int
    speaker: str
    parts: tuple[Part, ...]
    text: str
    tokens: tuple[str, ...]
    terms: tuple[str, ...]

    @property
    def quotes(self) -> tuple[Part, ...]:
        """The parts, trimmed; still verbatim."""
        return tuple(Part(part.name, quotes.trim(part.text)) for part in self.parts)

    @property
    def is_backchannel(self) -> bool:
        """Whether it only signals that somebody listens or agrees."""
        return len(self.tokens) <= MAX_BACKCHANNEL_TOKENS and all(word in _LISTENING for word in self.tokens)

    @property
    def asks(self) -> bool:
        return self.text.rstrip("\"'”’)] ").endswith(_ASKING)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A meeting ready to be judged. `chair` is "" when nobody runs it noticeably."""

    lines: tuple[Line, ...]
    statements: tuple[Statement, ...]
    language: str
    chair: str
    token_count: int


_LISTENING: Final = words.ASSENT | words.FILLERS
_JOINING: Final = _LISTENING | frozenset(
    "so and but or well like then because cause cuz just no i mean you know".split()
)
# Pieces of nothing but such words. One pattern, since every piece of a meeting is asked.
_JOINS: Final = re.compile(
    rf"(?:(?:{words.NOISE.pattern}|[\W_])*(?:{'|'.join(sorted(_JOINING))})(?![^\W_]))*(?:{words.NOISE.pattern}|[\W_])*",
    re.IGNORECASE,
)


def listen(lines: tuple[Line, ...]) -> Conversation:
    """Make statements of the utterances; those without a word in them are left out."""
    statements = tuple(_statements(lines))
    spoken = (token for statement in statements for token in statement.tokens)
    opening = " ".join(line.text[:1000] for line in lines[:200])
    return Conversation(
        lines=lines,
        statements=statements,
        language=language.detect(opening, spoken),
        chair=_chair(statements),
        token_count=sum(len(statement.tokens) for statement in statements),
    )


def _statements(lines: tuple[Line, ...]) -> Iterator[Statement]:
    place = 0
    for speaker, pieces in _joined(lines):
        parts = _telling(pieces)
        leading = [piece for piece in pieces[: pieces.index(parts[0])] if _joins(piece.text)]
        text = " ".join(part.text for part in (*leading, *parts))
        tokens = words.tokens(text)
        if tokens:
            yield Statement(place, speaker, parts, text, tokens, words.terms(tokens))
            place += 1


def _telling(pieces: tuple[Part, ...]) -> tuple[Part, ...]:
    """Leave out what only holds the floor or was taken back; all pieces when nothing else was said."""
    if len(pieces) == 1:
        return pieces
    following = [*(piece.text for piece in pieces[1:]), ""]
    kept = [piece for piece, after in zip(pieces, following, strict=True) if not _is_idle(piece.text, after)]
    return tuple(kept) if 0 < len(kept) < len(pieces) else pieces


def _is_idle(text: str, following: str) -> bool:
    if _joins(text):
        return not text.endswith(_ASKING)  # "Right?" makes a question of what stands before it
    if not _ABANDONED.search(text):
        return False
    return tidy.is_abandoned(text, following) if following else len(words.tokens(text)) <= MAX_STUMP_TOKENS


def _joins(text: str) -> bool:
    """Whether a piece only leads from one thought to the next, or holds the floor."""
    return len(text) <= MAX_IDLE_CHARACTERS and bool(_JOINS.fullmatch(text))


def _joined(lines: tuple[Line, ...]) -> Iterator[tuple[str, tuple[Part, ...]]]:
    """Speaker and parts, in the order in which they begin. Interjections come out after what they interrupt."""
    open_speaker, open_parts, waiting = "", list[Part](), list[tuple[str, tuple[Part, ...]]]()
    for line in lines:
        for part in _sentences(line):
            if open_parts and line.speaker == open_speaker and _goes_on(open_parts, part):
                open_parts.append(part)
            elif open_parts and len(waiting) < MAX_INTERJECTIONS and _interjects(line, part, open_speaker):
                waiting.append((line.speaker, (part,)))
            else:
                if open_parts:
                    yield open_speaker, tuple(open_parts)
                yield from waiting
                open_speaker, open_parts, waiting = line.speaker, [part], []
    if open_parts:
        yield open_speaker, tuple(open_parts)
    yield from waiting


def _goes_on(parts: list[Part], part: Part) -> bool:
    last = parts[-1].text
    if "you" in last and _NEXT_TASK.match(part.text):
        return False
    unfinished = not _FINISHED.search(last) or _BROKEN_OFF.search(last)
    length = sum(len(each.text) for each in parts) + len(part.text)
    return bool(unfinished) and len(parts) < MAX_PARTS and length <= MAX_STATEMENT_CHARACTERS


def _interjects(line: Line, part: Part, speaker: str) -> bool:
    if line.speaker == speaker or len(part.text) > 40:
        return False
    return all(word in _LISTENING for word in words.tokens(part.text))


def _sentences(line: Line) -> Iterator[Part]:
    start = 0
    for end in [*(match.end() for match in _SENTENCE_END.finditer(line.text)), len(line.text)]:
        yield from _pieces(line.name, line.text[start:end].strip())
        start = end


def _pieces(name: str, sentence: str) -> Iterator[Part]:
    while len(sentence) > MAX_PART_CHARACTERS:
        cut = _cut(sentence)
        yield Part(name, sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    if sentence:
        yield Part(name, sentence)


def _cut(sentence: str) -> int:
    """Where to cut a sentence that never ends: after the last comma, else the last space, else anywhere."""
    window = sentence[:MAX_PART_CHARACTERS]
    comma = max(window.rfind(mark) for mark in ",，、;")
    space = window.rfind(" ")
    return next((place + 1 for place in (comma, space) if place > MAX_PART_CHARACTERS // 2), MAX_PART_CHARACTERS)


def _chair(statements: tuple[Statement, ...]) -> str:
    counts = Counter[str]()
    for statement in statements:
        if statement.speaker and not _CHAIRING.isdisjoint(statement.tokens):
            counts[statement.speaker] += 1
    ranked = counts.most_common(1)
    return ranked[0][0] if ranked and ranked[0][1] >= MIN_CHAIRING_WORDS else ""

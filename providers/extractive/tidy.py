"""Turns spoken words into a readable sentence by leaving words out; it never adds one. Pure."""

import re
from typing import Final

from providers.extractive import words

MAX_FALSE_START: Final = 3  # letters; a longer piece of the next word is often a word of its own
MIN_CLAUSE: Final = 3  # words; fewer without content are a false start, whatever follows
MAX_START_CHARACTERS: Final = 50  # of a broken-off start inside a sentence; a longer run holds more than pronouns
MAX_CHARACTERS: Final = 240  # an item is one plain sentence; a longer one is cut at a word

_FILLER: Final = re.compile(
    r"\b(?:uh|um|uhm|er|erm|ah|eh|hm+|mm+|mhm|hhh|ehm|euh|äh|ähm)\b(?!-)[,.…]*\s*|,?\s*\b(?:you know|I mean),\s*"
    r"|(?<=\w )you know (?=\w)|[呃嗯]+[，、]?",
    re.IGNORECASE,
)
_BREAK: Final = re.compile(r"\s*(?:--+|…|\.\.\.+)\s*,?\s*")
_DASH: Final = re.compile(r"--+")
# What a new beginning of a sentence is told by: a subject, or a word that asks.
_ANEW: Final = re.compile(
    r"\W*(?:(?:and|so|but|or|um|uh|er|well|like|just),? )*(?:i|we|you|he|she|it|they|there|that|this|what|how|who|"
    r"which|when|where|why|let|yo|nosotros|él|ella|je|nous|vous|il|elle|on|ich|wir|er|sie|es)\b",
    re.IGNORECASE,
)
# What may stand before a verb; a broken-off clause of nothing else says nothing yet.
_STARTS: Final = frozenset(
    "i we you he she it they there that this the a ll d ve re s m have has had to do does did is are was were be been "
    "can could will would should must may might gonna going want wanna need what how who which when where why so and "
    "but or if just also maybe then like well".split()
)
_SPACE: Final = re.compile(r"\s+")
_SPACE_BEFORE_MARK: Final = re.compile(r"\s+([,.;:!?])")
_MARK_RUN: Final = re.compile(r"([,;:])(?:\s*[,;:])+|,\s*(?=[.!?])")
# A run of one to four words said twice or more. Bounded on purpose: an open-ended run would be quadratic.
_REPEATED: Final = re.compile(r"\b((?:[\w'’-]{1,30} ){0,3}[\w'’-]{1,30})(?:,? \1\b)+", re.IGNORECASE)
_LEADING: Final = re.compile(
    r"(?:(?:and|but|so|or|okay|ok|'?kay|yeah|yes|yep|well|right|alright|all right|then|because|'cause|like|now|anyway|"
    r"also|oh|i mean|you know|i think|i guess|basically|obviously|actually|sure|cool|great|perfect|"
    r"y|pero|entonces|bueno|pues|et|mais|donc|alors|bon|und|aber|also|dann|ja)\b,?\s+|那么?(?=\w)|然后，?|但是，?|所以，?|[,;:.\s-]+)",
    re.IGNORECASE,
)
_TRAILING: Final = re.compile(
    r"(?:[\s,;:，、-]+|(?<=\s)(?:and|but|so|or|um|uh|yeah|you know|then|because|like|okay|right|no\?|y|et|und))$",
    re.IGNORECASE,
)
_VAGUE_END: Final = re.compile(
    r"(?<=\w),? (?:(?:or|and) )?(?:whatever|(?:stuff|something|things) like that|so on|so forth|all that)(?=[.!]?$)",
    re.IGNORECASE,
)
_END_MARKS: Final = ".!?。！？"


def sentence(text: str) -> str:
    """One clean sentence of the words of `text`, with a capital and a full stop; "" when only noise was said."""
    bare = strip(text)
    if not any(letter.isalnum() for letter in bare):
        return ""
    bare = _shorten(bare)
    return capital(bare) + _full_stop(bare)


def unfill(text: str) -> str:
    """Leave out noise, fillers, repetitions and broken-off starts; the sentence keeps its beginning and end."""
    bare = _FILLER.sub(" ", words.NOISE.sub(" ", _drop_restarts(text) if "--" in text else text))
    bare = _SPACE.sub(" ", _BREAK.sub(", ", bare)).strip()
    bare = _REPEATED.sub(r"\1", _drop_false_starts(bare))
    return _MARK_RUN.sub(r"\1", _SPACE_BEFORE_MARK.sub(r"\1", bare))


def capital(text: str) -> str:
    """Begin with a capital, unless the letter has none of its own ("ß" would become "SS", another word)."""
    first = text[:1].upper()
    return first + text[1:] if first.lower() == text[:1] else text


def strip(text: str) -> str:
    """Leave out, besides, what merely leads in or trails off."""
    return _trim_end(_VAGUE_END.sub("", _trim_start(unfill(text))))


def is_abandoned(said: str, following: str) -> bool:
    """Whether broken-off words were taken back: they carry nothing, and what follows begins anew."""
    spoken = [word for word in words.tokens(said) if word not in words.FILLERS]
    if len(spoken) < MIN_CLAUSE:
        return not words.terms(spoken)
    return _STARTS.issuperset(spoken) and bool(_ANEW.match(following))


def _trim_start(text: str) -> str:
    while match := _LEADING.match(text):
        text = text[match.end() :]
    return text


def _trim_end(text: str) -> str:
    while match := _TRAILING.search(text[-12:]):
        text = text[: len(text) - len(text[-12:]) + match.start()]
    return text


def _drop_restarts(text: str) -> str:
    """Leave out "how" in "how -- what materials": a clause that was broken off, and begun anew."""
    kept, *pieces = _DASH.split(text)
    for piece in pieces:
        done = max(kept.rfind(mark) for mark in ",.;:!?") + 1
        taken_back = len(kept) - done <= MAX_START_CHARACTERS and is_abandoned(kept[done:], piece)
        kept = f"{kept[:done]} {piece}" if taken_back else f"{kept}-- {piece}"
    return kept


def _drop_false_starts(text: str) -> str:
    """Leave out "mi" in "mi minutes": a short piece of the next word that is no word itself."""
    said = text.split(" ")
    kept = [
        word
        for word, following in zip(said, [*said[1:], ""], strict=True)
        if len(word) > MAX_FALSE_START or not _is_false_start(word.lower(), following.lower())
    ]
    return " ".join(kept)


def _is_false_start(word: str, following: str) -> bool:
    return (
        word.isalpha()
        and word.isascii()
        and len(following) > len(word)
        and following.startswith(word)
        and word not in words.STOP
    )


def _shorten(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    window = text[: MAX_CHARACTERS - 1]
    space = max(window.rfind(mark) for mark in " ，、")
    return window[: space if space > MAX_CHARACTERS // 2 else None].rstrip(" ,;:，、") + "…"


def _full_stop(text: str) -> str:
    if text.endswith((*_END_MARKS, "…")):
        return ""
    return "。" if "\u4e00" <= text[-1] <= "\u9fff" else "."

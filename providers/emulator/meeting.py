"""Reads a meeting out of a prompt, by the documented layout of numbered utterances and nothing else. Pure.

    <<<transcript BOUNDARY>>>
    u1 00:00:04 Ann Lee: Let us begin.
    u2 - ?: No time and no speaker known.
    <<<end BOUNDARY>>>

Written from that description (the docstring of orchestrator/analysis/prompts.py); shares no code with its author.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from providers.emulator.draws import digest

_FRAME = re.compile(r"^<<<transcript (?P<boundary>[^\n>]+)>>>\n(?P<lines>.*?)^<<<end (?P=boundary)>>>$", re.M | re.S)
# The first colon with a space behind it ends the name: the layout knows no other border.
_LINE = re.compile(r"^(?P<id>u\d+) (?:-|\d{2,}:\d\d:\d\d) (?P<speaker>.+?): (?P<text>.+)$", re.M)
_NOISE = re.compile(r"\[[^\]]*\]|[\W\d_]")
_SCRIPTS: Final = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
}
_COMMON_WORDS: Final = {
    "en": frozenset("the and that is of to we you it".split()),
    "de": frozenset("der die das und ist nicht wir ich ein".split()),
    "fr": frozenset("le les et est pas nous je une des".split()),
    "es": frozenset("el los y es que por una del se".split()),
}


@dataclass(frozen=True)
class Utterance:
    """One numbered line. `speaker` is empty when the prompt shows `?`."""

    id: str
    speaker: str
    text: str

    @cached_property
    def letters(self) -> int:
        """How much was said, without annotations such as [laugh]."""
        return len(_NOISE.sub("", self.text))


@dataclass(frozen=True, eq=False)
class Meeting:
    """The utterances of one prompt, in order. Compared by identity, which keeps it cheap as a cache key."""

    utterances: tuple[Utterance, ...]

    @cached_property
    def digest(self) -> str:
        """Names what was said; the frame's random boundary does not enter, so that a repeated job is answered alike."""
        return digest(*(f"{u.id} {u.speaker}: {u.text}" for u in self.utterances))

    @cached_property
    def language(self) -> str:
        """The language by its letters and commonest words; good enough for a model that knows four alphabets."""
        text = " ".join(said.text for said in self.utterances[:200])
        for code, letters in _SCRIPTS.items():
            if len(letters.findall(text)) > len(text) / 10:
                return code
        words = text.lower().split()
        return max(_COMMON_WORDS, key=lambda code: sum(word in _COMMON_WORDS[code] for word in words))


def find(prompt: str) -> Meeting | None:
    """The meeting that stands in the prompt, or None."""
    frame = _FRAME.search(prompt)
    return _read(frame["lines"]) if frame else None


@lru_cache(maxsize=256)  # a panel sends one transcript within seconds, a load test the same few for minutes
def _read(lines: str) -> Meeting | None:
    found = _LINE.finditer(lines)
    utterances = tuple(Utterance(m["id"], "" if m["speaker"] == "?" else m["speaker"], m["text"]) for m in found)
    return Meeting(utterances) if utterances else None

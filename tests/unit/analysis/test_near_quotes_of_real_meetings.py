"""The limits of a near quote, held against real speech: what a tidy model makes of it, and what a wrong one does."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest

from orchestrator.analysis.near_quotes import NearQuotes
from orchestrator.analysis.quotes import Concordance, fold
from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.transcript import Transcript, Utterance
from tests.shared_data import shared

MEETINGS = ("ami-es2008b", "ami-ts3005d", "icsi-bed016", "qmsum-education-4", "akash-sig-support-002-2023-02-15")
QUOTES = 120  # of each meeting
_FILLERS = re.compile(r"\b(?:uh|um|mm|hmm|er),? ?", re.I)
_TWICE = re.compile(r"\b(\w+)(?:[ ,]+\1\b)+", re.I)
_ASIDE = re.compile(r",? ?\b(?:you know|I mean|sort of|kind of|I guess|actually|basically|really)\b,?", re.I)
_SHORT = {"don't": "do not", "it's": "it is", "we're": "we are", "that's": "that is", "gonna": "going to"}
_NOT = {" is ": " is not ", " will ": " will not ", " can ": " cannot ", " are ": " are not ", " don't ": " do "}
_NUMBERS = {"two": "three", "three": "five", "five": "six", "ten": "twelve", "twenty": "thirty", "fifty": "sixty"}


def tidied(text: str, _other: str) -> str:
    return " ".join(_ASIDE.sub("", _TWICE.sub(r"\1", _FILLERS.sub("", text))).split())


def written_out(text: str, _other: str) -> str:
    return re.sub("|".join(_SHORT), lambda match: _SHORT[match[0]], text)


def unpunctuated(text: str, _other: str) -> str:
    return re.sub(r"[,.;:-]+ ?", " ", text).strip()


def denied(text: str, _other: str) -> str:
    if " not " in text:
        return text.replace(" not ", " ", 1)
    return next((text.replace(one, other, 1) for one, other in _NOT.items() if one in text), text)


def miscounted(text: str, _other: str) -> str:
    return re.sub(rf"\b(?:{'|'.join(_NUMBERS)})\b", lambda match: _NUMBERS[match[0]], text, count=1)


def exchanged(text: str, other: str) -> str:
    words = text.split()
    words[max(range(len(words)), key=lambda place: len(words[place]))] = other
    return " ".join(words)


def accepted(change: Callable[[str, str], str]) -> tuple[int, int]:
    """Of how many changed quotes, that are not said as they are, how many are found."""
    count = Counter[bool]()
    for near, words, place, quote, other in _quotes():
        changed = change(quote, other)
        if fold(changed) != fold(quote) and len(changed.split()) >= 6 and not words.find(changed, place):
            count[near.find(changed, place) is not None] += 1
    return count[True], count.total()


def _quotes() -> Iterator[tuple[NearQuotes, Concordance, int, str, str]]:
    for name in MEETINGS:
        chance = random.Random(name)
        transcript, names = _read(name)
        words = Concordance(transcript)
        near = NearQuotes(words, names)
        said: Sequence[str] = [one.text for one in transcript.utterances]
        others = sorted({word for text in said for word in text.split() if len(word) > 7 and word.isalpha()})
        long = [place for place, text in enumerate(said) if len(text.split()) >= 8]
        for place in chance.sample(long, min(QUOTES, len(long))):
            start = chance.randrange(len(said[place].split()) - 7)
            quote = " ".join(said[place].split()[start : start + chance.randrange(8, 30)])
            yield near, words, place, quote, chance.choice(others)


def _read(name: str) -> tuple[Transcript, frozenset[str]]:
    source = json.loads(shared(f"transcripts/{name}.json").read_text("utf-8"))
    said = [(one["id"], text) for one in source["segments"] if (text := clean(one["text"]))]
    names = frozenset(word for one in source["speakers"] for word in fold(one["name"]).split())
    return Transcript(utterances=tuple(Utterance(id=id_, text=text) for id_, text in said)), names


@pytest.mark.parametrize("change", [tidied, written_out, unpunctuated])
def test_nine_of_ten_tidied_quotes_are_found(change: Callable[[str, str], str]) -> None:
    found, tried = accepted(change)

    assert tried >= 20
    assert found / tried >= 0.9


@pytest.mark.parametrize("change", [denied, miscounted, exchanged])
def test_hardly_a_changed_quote_is_found(change: Callable[[str, str], str]) -> None:
    found, tried = accepted(change)

    assert tried >= 15
    assert found / tried <= 0.01

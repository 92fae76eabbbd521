"""In which language a meeting is held, by small words and by letters. Pure; says "und" rather than guess.

The tokens are cut into parts, each part is told apart on its own, and the parts vote: so a meeting in two languages
shows as one. Why this is our own and not a library's stands in ADR 0039.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from orchestrator.meeting.context import UNKNOWN_LANGUAGE, Finding
from orchestrator.meeting.cues.function_words import FUNCTION_WORDS, NAMES

PART_TOKENS: Final = 50  # holds a dozen small words, and seldom two languages
LEAST_WEIGHT: Final = 1.5  # of a part: less is a name or a loan word
LEAST_SHARE: Final = 0.08  # of a part's tokens, by weight; running speech has 0.2 to 0.5 of its own language
LEAST_VARIETY: Final = 0.08  # different small words to each token of a part: one word over and over is a coincidence
LEAST_LEAD: Final = 1.15  # before the next language: neighbours share words even by weight
LEAST_LETTERS: Final = 0.4  # of a part's tokens, for a script to be that of the part
LEAST_KANA: Final = 0.1  # of a part in Chinese characters: Japanese has a third, Chinese none
SURE_FROM: Final = 0.5
DECIDED_FROM: Final = 0.5  # of the parts: where most tell nothing, those that seem to are coincidences
MIXED_FROM: Final = 0.12  # of the parts: less is quotations, and names that look foreign
FEW_WORDS: Final = 3.0  # of evidence halve the confidence

_LATIN_BELOW: Final = 0x370
_SCRIPTS: Final = (
    (0x370, 0x3FF, "greek"),
    (0x400, 0x52F, "cyrillic"),
    (0x590, 0x5FF, "hebrew"),
    (0x600, 0x6FF, "arabic"),
    (0x3040, 0x30FF, "kana"),
    (0x3400, 0x9FFF, "han"),
    (0xAC00, 0xD7AF, "hangul"),
)
_OF_SCRIPT: Final = {"greek": "el", "hebrew": "he", "hangul": "ko"}  # those that one language alone is written in
_OTHER_ARABIC: Final = frozenset("پچژگٹڈ")  # Persian and Urdu have these, Arabic does not
_RUSSIAN: Final = frozenset("ыэё")
_UKRAINIAN: Final = frozenset("іїєґ")


def _by_word() -> Mapping[str, tuple[tuple[str, float], ...]]:
    """The languages that have a word, each with its part of it."""
    owners: dict[str, list[str]] = {}
    for language, words in FUNCTION_WORDS.items():
        for word in words:
            owners.setdefault(word, []).append(language)
    return {word: tuple((one, 1 / len(having)) for one in having) for word, having in owners.items()}


_BY_WORD: Final = _by_word()


def find(said: Sequence[str]) -> Finding:
    """The language that most parts are in, as a BCP 47 code; "und" where too few say anything.

    Args:
        said: the tokens of the meeting, in order (`phrases.tokens`).
    """
    parts = [said[start : start + PART_TOKENS] for start in range(0, len(said), PART_TOKENS)]
    votes: Counter[str] = Counter()
    evidence: Counter[str] = Counter()
    for language, weight in filter(None, map(_of_part, parts)):
        votes[language] += 1
        evidence[language] += round(weight)
    if not votes:
        return _unknown("no part of it reads as a language that is known here")
    best, agreed = max(votes.items(), key=lambda one: (one[1], one[0]))
    enough = evidence[best] / (evidence[best] + FEW_WORDS)
    confidence = round(agreed / votes.total() * enough, 2)
    reasons = tuple(_reasons(best, votes, len(parts)))
    if confidence < SURE_FROM or votes.total() < DECIDED_FROM * len(parts):
        return _unknown(*reasons, "that is too little to go by")
    return Finding(value=best, confidence=confidence, because=reasons)


def _unknown(*because: str) -> Finding:
    return Finding(value=UNKNOWN_LANGUAGE, confidence=0.0, because=because)


def _told(language: str, agreed: int, of: int) -> str:
    return f"{agreed} of {of} parts {'read' if agreed > 1 else 'reads'} as {NAMES[language]}"


def _reasons(best: str, votes: Counter[str], parts: int) -> Iterable[str]:
    total = votes.total()
    yield _told(best, votes[best], total)
    others = [(one, count) for one, count in votes.most_common() if one != best and count >= MIXED_FROM * total]
    if others and total > 2:
        told = " and ".join(f"{NAMES[one]} in {count} of {total} parts" for one, count in others)
        yield f"the meeting is mixed: {told}"
    if parts > total:
        yield f"{parts - total} of {parts} parts were too short or too foreign to tell"


def _of_part(part: Sequence[str]) -> tuple[str, float] | None:
    """The language of a part, and how many words of evidence it holds."""
    scripts = Counter(filter(None, (_script(token) for token in part)))
    if scripts.total() >= LEAST_LETTERS * len(part):
        language = _of_letters(scripts, part)
        return None if language is None else (language, float(scripts.total()))
    return _of_small_words(part)


def _script(token: str) -> str | None:
    """None: Latin letters or digits, or a script that is not told apart here."""
    letter = ord(token[0])
    if letter < _LATIN_BELOW:
        return None
    return next((script for first, last, script in _SCRIPTS if first <= letter <= last), None)


def _of_letters(scripts: Counter[str], part: Sequence[str]) -> str | None:
    if scripts["kana"] + scripts["han"] > scripts.total() / 2:
        return "ja" if scripts["kana"] >= LEAST_KANA * (scripts["kana"] + scripts["han"]) else "zh"
    [(script, _)] = scripts.most_common(1)
    letters = set("".join(part))
    if script == "cyrillic":
        return "uk" if letters & _UKRAINIAN else "ru" if letters & _RUSSIAN else None
    if script == "arabic":
        return None if letters & _OTHER_ARABIC else "ar"
    return _OF_SCRIPT.get(script)


def _of_small_words(part: Sequence[str]) -> tuple[str, float] | None:
    weights: dict[str, float] = {}
    for token in part:
        for language, weight in _BY_WORD.get(token, ()):
            weights[language] = weights.get(language, 0.0) + weight
    ordered = sorted(((weight, language) for language, weight in weights.items()), reverse=True)
    if not ordered:
        return None
    best, language = ordered[0]
    second = ordered[1][0] if len(ordered) > 1 else 0.0
    variety = len(FUNCTION_WORDS[language].intersection(part))
    said = best >= LEAST_WEIGHT and best >= LEAST_SHARE * len(part) and variety >= LEAST_VARIETY * len(part)
    return (language, best) if said and best >= LEAST_LEAD * second else None

"""The figures that a text names, as values: digits of any grouping and English number words. Pure.

Speech is transcribed as "twelve point five" as often as "12.5", and a model writes either for the other. A figure may
have several readings ("1.000" is one or a thousand, by country); it counts as said when any reading was said.
A text asserts figures in English words alone; what was said is understood in Spanish, French and German as well
(`number_words.py`).
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Final, TypeAlias

from orchestrator.analysis.number_words import abroad
from orchestrator.analysis.quotes import fold

Readings: TypeAlias = frozenset[Decimal]

MAX_DIGITS: Final = 30  # longer strings of digits are identifiers; their value is nobody's figure
_DIGITS: Final = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*|\d+")
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_FACTORS: Final = _SCALES | {"k": 1_000, "m": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000}
_FACTOR: Final = re.compile(r"(?:(k|m|mn|bn)|\s(hundred|thousand|million|billion))\b")  # "5 m" is a length
_SMALL: Final = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
}
_TENS: Final = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_CARDINALS: Final = _SMALL | _TENS
# Said, but not claimed as a figure: "the first draft" needs no proof, and proves "draft 1".
_LOOSE: Final = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), start=1
    )
} | {"both": 2, "couple": 2, "twice": 2, "pair": 2, "dozen": 12}
_PARTS: Final = _CARDINALS | _LOOSE
_WORD: Final = re.compile(r"[a-z]+")

_Run: TypeAlias = list[re.Match[str]]


def claimed(text: str) -> tuple[Readings, ...]:
    """The figures that a text asserts, each with its readings. The word "one" asserts nothing."""
    folded = fold(text)
    spoken = (value for value in map(_value_of, _runs(folded)) if value != 1)
    return (*_written(folded), *(frozenset((value,)) for value in spoken))


def said(text: str) -> Readings:
    """Every value that a text can be taken to name, generously: also the parts of a spoken number, and ordinals."""
    folded = fold(text)
    runs = _runs(folded)
    parts = (Decimal(_PARTS[word]) for word in _WORD.findall(folded) if word in _PARTS)
    spoken, pairs = map(_value_of, runs), _in_pairs(folded, runs)
    return frozenset().union(spoken, parts, pairs, abroad(folded), *_written(folded))


def standing(text: str) -> tuple[tuple[int, int, Readings], ...]:
    """The figures that a text asserts and where each stands in it; those in words only if folding moves nothing."""
    folded = fold(text)
    written = [(*match.span(), readings) for match, readings in _digits(text)]
    runs = _runs(folded) if len(folded) == len(text) else []
    spoken = ((run[0].start(), _last(run).end(), _value_of(run)) for run in runs)
    return (*written, *((start, end, frozenset((value,))) for start, end, value in spoken if value != 1))


def is_figure(word: str) -> bool:
    """Whether a folded word is a number, or a part of one."""
    return word.isdigit() or word in _CARDINALS or word in _SCALES or word == "point"


def _written(folded: str) -> Iterator[Readings]:
    return (readings for _match, readings in _digits(folded))


def _digits(text: str) -> Iterator[tuple[re.Match[str], Readings]]:
    for match in _DIGITS.finditer(text):
        factor = _FACTOR.match(text, match.end())
        by = _FACTORS[factor[1] or factor[2]] if factor else 1
        readings = _readings(match[0][:MAX_DIGITS].rstrip(".,"))
        yield match, frozenset((reading * by).normalize() for reading in readings)


def _readings(digits: str) -> Iterator[Decimal]:
    """The values of digits with points or commas: as groups of thousands, and with the last mark as decimal point."""
    yield Decimal(re.sub("[.,]", "", digits))
    whole, mark, rest = digits.replace(",", ".").rpartition(".")
    if mark:
        yield Decimal(f"{whole.replace('.', '')}.{rest}")


def _in_pairs(folded: str, runs: list[_Run]) -> Iterator[Decimal]:
    """What two numbers in one breath may mean together: "twelve fifty" a price, "twenty twenty six" a year."""
    for one, other in pairwise(runs):
        first, second = _value_of(one), _value_of(other)
        if first < 100 and 10 <= second < 100 and folded[one[-1].end() : other[0].start()] in (" ", "-"):
            yield (first + second / 100).normalize()
            yield (first * 100 + second).normalize()


def _runs(folded: str) -> list[_Run]:
    """The English words that make up one number each: "two hundred and fifty" is 250, "two, three" is 2 and 3.

    The words for a half are as long as the point that they stand for.
    """
    text = folded.replace(" and a half", " point five")
    if _CARDINALS.keys().isdisjoint(_WORD.findall(text)):  # as in most sentences
        return []
    runs: list[_Run] = []
    run: _Run = []
    for match in _WORD.finditer(text):
        if run and _continues([word[0] for word in run], match[0]):
            run.append(match)
            continue
        run = [match] if match[0] in _CARDINALS else []
        if run:
            runs.append(run)
    return runs


def _last(run: _Run) -> re.Match[str]:
    """The last word that counts: "two hundred and then" ends before its "and"."""
    return next(word for word in reversed(run) if word[0] not in ("and", "point"))


def _continues(run: list[str], word: str) -> bool:
    last = run[-1]
    if "point" in run:
        return word in _SMALL and _SMALL[word] < 10
    if word in _SCALES or word == "point":
        return last != "and"
    if word == "and":
        return last in _SCALES
    return word in _CARDINALS and (last in _SCALES or last == "and" or (last in _TENS and 0 < _CARDINALS[word] < 10))


def _value_of(run: _Run) -> Decimal:
    return _value([word[0] for word in run])


def _value(run: list[str]) -> Decimal:
    whole, decimals = (run[: run.index("point")], run[run.index("point") + 1 :]) if "point" in run else (run, [])
    total = current = 0
    for word in whole:
        if word == "hundred":
            current *= 100
        elif word in _SCALES:
            total, current = total + current * _SCALES[word], 0
        else:
            current += _CARDINALS.get(word, 0)  # "and" adds nothing
    fraction = "".join(str(_SMALL[word]) for word in decimals)
    return Decimal(f"{total + current}.{fraction or 0}").normalize()

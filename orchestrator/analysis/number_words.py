"""The values of Spanish, French and German number words in a text. Pure.

Read generously, for what was *said*: a value that nobody meant costs less than one that is not recognised. So no word
is asked for its language. Two that are common English words are not read: Spanish "once" and French "cent" by itself.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final

_SPANISH: Final[dict[str, int]] = dict(
    zip(
        """cero uno dos tres cuatro cinco seis siete ocho nueve diez doce trece catorce quince dieciséis diecisiete
        dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete
        veintiocho veintinueve treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento doscientos
        trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos doscientas trescientas
        cuatrocientas quinientas seiscientas setecientas ochocientas novecientas""".split(),
        (
            *range(11),
            *range(12, 31),
            *range(40, 100, 10),
            *(100, 100),
            *range(200, 1000, 100),
            *range(200, 1000, 100),
        ),
        strict=True,
    )
)
_FRENCH: Final[dict[str, int]] = dict(
    zip(
        """zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt vingts
        trente quarante cinquante soixante septante huitante octante nonante""".split(),
        (*range(17), 20, 20, 30, 40, 50, 60, 70, 80, 80, 90),
        strict=True,
    )
)
_SMALL: Final[dict[str, int]] = _FRENCH | _SPANISH
_HUNDREDS: Final = frozenset(("cent", "cents"))
_SCALES: Final = {
    "mil": 1_000,
    "mille": 1_000,
    "millón": 10**6,
    "millones": 10**6,
    "million": 10**6,
    "millions": 10**6,
    "milliard": 10**9,
    "milliards": 10**9,
}
_JOINTS: Final = frozenset(("y", "et"))
_BEGINNINGS: Final = frozenset((*_SMALL, *_SCALES))  # no number begins with another word
_WORD: Final = re.compile(r"[^\W\d_]+")

_ONES: Final = {
    word: value
    for value, word in enumerate(
        """null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn
        siebzehn achtzehn neunzehn""".split()
    )
}
_TENS: Final = {
    word: 10 * value
    for value, word in enumerate("zwanzig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig".split(), start=2)
}
_GERMAN_WORDS: Final = _ONES | _TENS | {"zwo": 2, "eins": 1}
_ANY: Final = "|".join(sorted(_GERMAN_WORDS, key=len, reverse=True))
_BELOW_100: Final = rf"(?:(?:{'|'.join(sorted(_ONES, key=len, reverse=True))})und(?:{'|'.join(_TENS)})|(?:{_ANY}))"
_BELOW_1000: Final = rf"(?:(?:{_BELOW_100})?hundert(?:und)?(?:{_BELOW_100})?|{_BELOW_100})"
_GERMAN: Final = re.compile(
    rf"(?:(?P<thousands>{_BELOW_1000})?(?P<thousand>tausend)(?:und)?)?(?P<rest>{_BELOW_1000})?", re.IGNORECASE
)
_GERMAN_SCALES: Final = {
    "tausend": 1_000,
    "million": 10**6,
    "millionen": 10**6,
    "milliarde": 10**9,
    "milliarden": 10**9,
}


def abroad(folded: str) -> Iterator[Decimal]:
    """All values that the words of a folded text may mean in these languages."""
    words = _WORD.findall(folded)
    yield from map(Decimal, _romance(words))
    yield from map(Decimal, _german(words))


def _romance(words: list[str]) -> Iterator[int]:
    """Run by run: "treinta y cinco mil" is 35000, "quatre-vingt-dix" 90. Each small number by itself as well."""
    if _BEGINNINGS.isdisjoint(words):
        return
    total = current = 0
    last = ""
    for word in (*words, ""):
        before, last = last, word
        if word in _SMALL:
            yield _SMALL[word]
            current = _joined(current, before, word)
        elif word in _HUNDREDS and before:
            current = max(current, 1) * 100
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
        elif not (before and word in _JOINTS):
            if total + current:
                yield total + current
            total, current, last = 0, 0, ""


def _joined(current: int, last: str, word: str) -> int:
    if last == "quatre" and word in ("vingt", "vingts"):
        return current - 4 + 80
    return current + _SMALL[word]


def _german(words: list[str]) -> Iterator[int]:
    """Each word is one number, whatever its length; a scale behind it multiplies it."""
    last = 0
    for word in words:
        value = _value(word)
        if word in _GERMAN_SCALES:
            value = max(last, 1) * _GERMAN_SCALES[word]
        if value:
            yield value
        last = value


@lru_cache(maxsize=4096)  # a meeting says the same few hundred words again and again
def _value(word: str) -> int:
    match = _GERMAN.fullmatch(word)
    if not match or word in _GERMAN_SCALES:
        return 0
    thousands = (_below_1000(match["thousands"] or "ein") if match["thousand"] else 0) * 1_000
    return thousands + _below_1000(match["rest"] or "null")


def _below_1000(word: str) -> int:
    before, hundred, after = word.rpartition("hundert")
    hundreds = _below_100(before or "ein") * 100 if hundred else 0
    return hundreds + _below_100(after.removeprefix("und") or "null")


def _below_100(word: str) -> int:
    one, _und, ten = word.rpartition("und")
    return _GERMAN_WORDS[ten] + (_GERMAN_WORDS[one] if one else 0)

"""Turns the words of a due date in Spanish, French or German into the English ones that mean the same day. Pure.

Also a date in figures as the continent writes it: the day, the month, and the year where there is one. With points it
is read so everywhere, if it has its year; with strokes, or without a year, only behind a word of these languages:
elsewhere 11/12 is a day in November.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from orchestrator.analysis.due_words.french import FRENCH
from orchestrator.analysis.due_words.german import GERMAN
from orchestrator.analysis.due_words.language import MONTHS, WEEKDAYS, Language
from orchestrator.analysis.due_words.spanish import SPANISH

_FULL: Final = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?![\d.])")
_FIGURES: Final = re.compile(
    r"\b(?:bis|bis zum|zum|den|(?<!\d )am|spätestens|para el|hasta el|antes del|el|d'ici le|pour le|avant le|le|au) "
    r"(\d{1,2})([./])(\d{1,2})(?:\2(\d{4})?)?(?![\d/])"
)


class _Table(NamedTuple):
    rows: tuple[tuple[re.Pattern[str], str], ...]
    no_day: re.Pattern[str]


def readings(folded: str) -> Iterator[str]:
    """The English words for each language in which the folded words say when; none where they mean no one day."""
    if match := _FULL.search(folded):
        yield _written(match[1], match[2], match[3])
    for table in _TABLES:
        said, count = folded, 0
        for pattern, english in table.rows:
            said, replaced = pattern.subn(lambda found, english=english: found.expand(english), said)  # type: ignore[misc]
            count += replaced
        if count and not table.no_day.search(said):
            yield " ".join(said.split())
    if match := _FIGURES.search(folded):
        yield _written(match[1], match[3], match[4])


def _written(day: str, month: str, year: str | None) -> str:
    """A date with its month as a word; nothing where there is no such month."""
    name = MONTHS[int(month) - 1] if 1 <= int(month) <= len(MONTHS) else ""
    return f"{int(day)} {name} {year or ''}".strip()


def _table(language: Language) -> _Table:
    names = (
        *language.phrases,
        *zip(language.weekdays, WEEKDAYS, strict=True),
        *zip(language.months, MONTHS, strict=True),
    )
    counts = ((rf"in (?:{word})(?= (?:day|week|month)s\b)", f"in {n}") for n, word in enumerate(language.numbers, 1))
    rows = tuple((re.compile(rf"\b(?:{pattern})(?!\w)"), english) for pattern, english in (*names, *counts))
    return _Table(rows, re.compile(rf"\b(?:{language.no_day})\b"))


_TABLES: Final = tuple(map(_table, (SPANISH, FRENCH, GERMAN)))

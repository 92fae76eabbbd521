"""The cue tables by language, compiled and found by the words that set them off. Pure."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from providers.extractive.cue_tables.chinese import CHINESE
from providers.extractive.cue_tables.english import ENGLISH
from providers.extractive.cue_tables.english_decisions import ENGLISH_DECISIONS
from providers.extractive.cue_tables.english_tasks import ENGLISH_TASKS
from providers.extractive.cue_tables.french import FRENCH
from providers.extractive.cue_tables.german import GERMAN
from providers.extractive.cue_tables.row import Role, Row
from providers.extractive.cue_tables.spanish import SPANISH
from providers.extractive.findings import Kind

TABLES: Final[dict[str, tuple[Row, ...]]] = {
    "en": (*ENGLISH_TASKS, *ENGLISH_DECISIONS, *ENGLISH),
    "es": SPANISH,
    "fr": FRENCH,
    "de": GERMAN,
    "zh": CHINESE,
}


@dataclass(frozen=True, slots=True, eq=False)
class Cue:
    """A row, ready to be tried on a statement. Compared by identity: each is looked up a hundred thousand times."""

    kind: Kind
    role: Role
    weight: float
    pattern: re.Pattern[str]


def spoken(language: str) -> tuple[str, ...]:
    """The tables to use: that of the language, or all of them when it is not known."""
    return (language,) if language in TABLES else tuple(TABLES)


@cache
def by_trigger(language: str) -> dict[str, tuple[Cue, ...]]:
    """The cues of one table, under each word that may set them off, in the order of the table."""
    index: dict[str, list[Cue]] = {}
    for row in TABLES[language]:
        cue = Cue(row.kind, row.role, row.weight, re.compile(row.pattern, re.IGNORECASE))
        for trigger in sorted(row.triggers):
            index.setdefault(trigger, []).append(cue)
    return {trigger: tuple(cues) for trigger, cues in index.items()}

"""What makes a statement no task or no decision, however much it sounds like one. Pure; the built-in models ask it.

- A question that only asks back ("you want me to draw it?") gives nobody a task; one that asks to act does.
- What its speaker takes back in the same breath was neither taken on nor settled.
- What merely runs the meeting (breaks, whose turn it is, when the next one starts) is hardly ever either.
- A reminder, a plan for the meeting, an attempt or a supposition settles little, unless a choice is stated as well.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import inf
from typing import Final

from providers.extractive import cues, tidy
from providers.extractive.conversation import Statement
from providers.extractive.cue_tables.objections import OBJECTIONS
from providers.extractive.findings import Kind

FATAL: Final = inf
SERIOUS: Final = 2.0  # more than any circumstance adds; only the plainest words outweigh it

_KINDS: Final[frozenset[Kind]] = frozenset(("action_items", "decisions"))


@dataclass(frozen=True, slots=True)
class _Patterns:
    retracted: re.Pattern[str]
    requests: re.Pattern[str]
    unsettled: re.Pattern[str]
    settled: re.Pattern[str]
    asks_back: re.Pattern[str]
    conduct: re.Pattern[str]


def weight(statement: Statement, kind: Kind, language: str) -> float:
    """How much speaks against taking the statement for an item of that kind: 0 if nothing, `FATAL` if it is none."""
    if kind not in _KINDS:
        return 0.0
    text = tidy.unfill(statement.text.replace("’", "'"))
    patterns = _compiled(language)
    if patterns.retracted.search(text):
        return FATAL
    if kind == "action_items" and statement.asks and not patterns.requests.search(text):
        return FATAL
    if patterns.conduct.search(text):
        return SERIOUS
    unsettled = kind == "decisions" and patterns.unsettled.search(text) and not patterns.settled.search(text)
    return SERIOUS if unsettled else 0.0


def retracted(text: str, language: str) -> bool:
    """Whether the speaker takes back what was just said."""
    return bool(_compiled(language).retracted.search(text))


def asks_back(statement: Statement, language: str) -> bool:
    """Whether somebody makes sure that a task is theirs."""
    return bool(_compiled(language).asks_back.search(statement.text.replace("’", "'")))


@cache
def _compiled(language: str) -> _Patterns:
    """The patterns of a language, or of all when it has none of its own."""
    tables = [OBJECTIONS[each] for each in cues.spoken(language)]
    return _Patterns(
        retracted=_any(table.retracted for table in tables),
        requests=_any(table.requests for table in tables),
        unsettled=_any(table.unsettled for table in tables),
        settled=_any(table.settled for table in tables),
        asks_back=_any(table.asks_back for table in tables),
        conduct=_any(table.conduct for table in tables),
    )


def _any(tables: Iterable[tuple[str, ...]]) -> re.Pattern[str]:
    return re.compile("|".join(chain.from_iterable(tables)), re.IGNORECASE)

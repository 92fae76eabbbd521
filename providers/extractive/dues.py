"""Finds when something is due: the words that say so, and the day when they name one in full. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

_MONTHS: Final[dict[str, int]] = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero janvier januar",
            "february feb febrero février februar",
            "march mar marzo mars märz",
            "april apr abril avril",
            "may mayo mai",
            "june jun junio juin juni",
            "july jul julio juillet juli",
            "august aug agosto août",
            "september sep sept septiembre septembre",
            "october oct octubre octobre oktober",
            "november nov noviembre novembre",
            "december dec diciembre décembre dezember",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))

_YEAR: Final = r"(?P<year>[12][0-9]{3})"
_DAY: Final = r"(?P<day>[0-9]{1,2})"

# Full calendar dates. Day and month in figures with slashes are left alone: nobody can tell which is which.
_DATES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_YEAR}-(?P<month>[0-9]{{1,2}})-{_DAY}\b",
        rf"{_YEAR}年(?P<month>[0-9]{{1,2}})月{_DAY}[日号]",
        rf"\b{_DAY}\.(?P<month>[0-9]{{1,2}})\.{_YEAR}\b",
        rf"\b{_DAY}(?:st|nd|rd|th|er|\.)?(?: of| de)? (?P<name>{_MONTH})\.?,?(?: de)? {_YEAR}\b",
        rf"\b(?P<name>{_MONTH})\.? {_DAY}(?:st|nd|rd|th)?,? {_YEAR}\b",
    )
)
_YEAR_SAID: Final = re.compile(r"[12][0-9]{3}")  # without a year there is no full date, and most talk names none

_DAYS_EN: Final = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_UNITS_EN: Final = "week|month|quarter|year|sprint|meeting|call|session|time|release|sitting"
_COUNT_EN: Final = "a|an|one|two|three|four|five|six|ten|few|couple of|[0-9]{1,2}"
_DAYS_ES: Final = "lunes|martes|miércoles|jueves|viernes|sábado|domingo"
_DAYS_FR: Final = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
_DAYS_DE: Final = "montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"

# Words that say when. Each needs a word that makes it a limit or a coming day, so that "last week" and "every Friday"
# stay out. The patterns of a language are alternatives.
_WHEN: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        (
            r"\b(?:by|before|until|no later than|not later than) (?:the |our |this |next |coming |end of ){0,4}"
            rf"(?:{_DAYS_EN}|{_UNITS_EN}|tomorrow|tonight|today|noon|lunch|day|eod|cob)\b"
        ),
        rf"\b(?:for|in|at) (?:the |our )?next (?:{_UNITS_EN})\b",
        (
            rf"\b(?:in|within|over) (?:the )?(?:next |coming )?(?:(?:{_COUNT_EN}) ){{1,2}}"
            r"(?:days?|weeks?|months?|hours?|minutes?)\b"
        ),
        rf"\b(?:next|this|coming|on) (?:{_DAYS_EN})\b",
        r"\b(?:next|this) (?:week|month|quarter|sprint|afternoon|evening)\b",
        r"\b(?:later today|today|tonight|tomorrow(?: morning| afternoon| evening)?)\b",
        r"\b(?:end of (?:the )?(?:day|week|month|year)|as soon as possible|asap|right after the (?:call|meeting))\b",
        rf"\b(?:by|before|until|on) (?:the )?[0-9]{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTH})\b",
        rf"\b(?:by|before|until|on) (?:{_MONTH}) [0-9]{{1,2}}(?:st|nd|rd|th)?\b",
    ),
    "es": (
        (
            r"\b(?:antes de|antes del|para|hasta) (?:el |la |este |esta )?(?:próxim[oa] )?"
            rf"(?:{_DAYS_ES}|semana|mes|reunión|sesión|fin de mes|fin de semana|mañana)\b"
        ),
        r"\b(?:mañana mismo|hoy mismo|la próxima semana|la semana (?:que viene|próxima)|el mes que viene)\b",
        rf"\bel próximo (?:mes|{_DAYS_ES})\b",
        r"\b(?:lo antes posible|en (?:dos|tres|unas|unos|pocos|pocas|[0-9]{1,2}) (?:días|semanas|meses))\b",
    ),
    "fr": (
        (
            r"\b(?:d'ici|avant|jusqu'à|pour) (?:à |le |la |au |ce |cette )?"
            rf"(?:{_DAYS_FR}|demain|semaine prochaine|mois prochain|prochaine (?:réunion|séance)|fin (?:du|de) \w+)\b"
        ),
        r"\b(?:demain|la semaine prochaine|le mois prochain|dès que possible)\b",
        r"\bdans (?:deux|trois|quelques|[0-9]{1,2}) (?:jours|semaines|mois)\b",
    ),
    "de": (
        (
            r"\b(?:bis|vor) (?:zum |zur |nächste[nr]? |spätestens |ende ){0,3}"
            rf"(?:{_DAYS_DE}|morgen|woche|monat|sitzung|besprechung|monatsende|des monats|der woche)\b"
        ),
        rf"\b(?:nächste woche|nächsten (?:{_DAYS_DE}|monat)|am (?:{_DAYS_DE})|so bald wie möglich)\b",
        r"\bin (?:zwei|drei|wenigen|[0-9]{1,2}) (?:tagen|wochen|monaten)\b",
    ),
    "zh": (
        r"(?:下周|本周|这周)[一二三四五六日天内]?(?:之?前)?",
        r"(?:下个?月|月底|年底|明天|今天内|下次会议)(?:之?前)?",
        r"周[一二三四五六日]之?前",
    ),
}
_EXPRESSIONS: Final = {language: re.compile("|".join(patterns), re.IGNORECASE) for language, patterns in _WHEN.items()}


@dataclass(frozen=True, slots=True)
class Due:
    """`text` is copied from what was said; `day` is ISO, or "" when no calendar day was named in full."""

    text: str
    day: str = ""


NONE: Final = Due("")


def find(text: str, languages: Iterable[str]) -> Due:
    """The first full date in `text`, else the first expression of the given languages, else `NONE`."""
    straight = text.replace("’", "'")
    patterns = _DATES if _YEAR_SAID.search(straight) else ()
    dates = (match for pattern in patterns for match in pattern.finditer(straight))
    for match in dates:
        if day := _calendar_day(match):
            return Due(text[match.start() : match.end()], day)
    found = [said for language in languages if (said := _EXPRESSIONS[language].search(straight))]
    if not found:
        return NONE
    first = min(found, key=lambda said: said.start())
    return Due(text[first.start() : first.end()])


def _calendar_day(match: re.Match[str]) -> str:
    fields = match.groupdict()
    month = _MONTHS.get(fields["name"].casefold(), 0) if "name" in fields else int(fields["month"])
    try:
        return date(int(fields["year"]), month, int(fields["day"])).isoformat()
    except ValueError:
        return ""  # the thirty-first of June and its like: digits, but not a day

"""The calendar day that the words of a due date mean, counted from the day of the meeting. Pure.

The rules are English; Spanish, French and German words are turned into English ones first (`due_words/`), where the
English rules find no day in them as they stand.

Only what means one day gets one: "next week" and "soon" do not. The rules, where speakers of English disagree:

- a weekday ("Friday", "by Friday", "this Friday") is the next one after the meeting's day, never that day itself;
- "next Friday" lies in the next week, weeks beginning on Monday;
- the end of a week is its Friday; of a month, quarter or year, its last day;
- a day without a year, or without a month, is the first such day on or after the meeting's.

Two weekdays ("Monday or Tuesday"), repetition ("every Friday"), the past ("last Friday", "two days ago") and bounds
that are not the day itself ("after Friday", "before Friday") give no day, nor does a weekday that is not the date's.
"""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, TypeAlias

from orchestrator.analysis.due_words.translation import readings
from orchestrator.analysis.quotes import fold

FARTHEST_DAYS: Final = 366  # a model's own date for a day and month without a year lies within a year of the meeting

_Rule: TypeAlias = Callable[[re.Match[str], date], date | None]

_WEEKDAYS: Final = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTHS: Final = "january february march april may june july august september october november december".split()
_NUMBERS: Final = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}
_COUNTS: Final = _NUMBERS | {"a": 1, "an": 1}
_WEEKDAY: Final = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})"
_MONTH: Final = rf"(?P<month>{'|'.join(rf'{name[:3]}(?:{name[3:]})?' for name in _MONTHS)}|sept)\.?"
_COUNT: Final = rf"(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)})"
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>\d{4})"
_UNIT_DAYS: Final = {"day": 1, "week": 7, "fortnight": 14}
_NO_DAY: Final = re.compile(
    r"\b(?:after|ago|between|each|every|except|from next|last|not|or|since|unless|before(?! (?:the )?end))\b"
)
_ANY_WEEKDAY: Final = re.compile(rf"\b{_WEEKDAY}\b")
_NUMBER: Final = re.compile(r"\d{1,4}")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def day(words: str, started_on: date | None) -> date | None:
    """The one day that the words mean, or None. Without the meeting's own day only a full date means one."""
    folded = fold(words)
    if found := _english(folded, started_on):
        return found
    others = {found for reading in readings(folded) if (found := _english(reading, started_on))}
    return others.pop() if len(others) == 1 else None


def _english(words: str, started_on: date | None) -> date | None:
    folded = words.replace("day after tomorrow", "overmorrow")  # an old word, and no "after" in it
    named = set(_ANY_WEEKDAY.findall(folded))
    if _NO_DAY.search(folded) or len(named) > 1:
        return None
    found = _first(folded, started_on)
    return found if found is None or named <= {_WEEKDAYS[found.weekday()]} else None


def consistent(iso: str, words: str, started_on: date | None) -> date | None:
    """A model's own date, if the words bear it out: they hold its day and month as numbers, and its year.

    The year may be missing when the meeting's day is known and the date lies within a year after it.
    """
    if not _ISO.fullmatch(iso):
        return None
    try:
        claim = date.fromisoformat(iso)
    except ValueError:
        return None
    values = set(map(int, _NUMBER.findall(words)))
    near = started_on is not None and 0 <= (claim - started_on).days <= FARTHEST_DAYS
    return claim if {claim.day, claim.month} <= values and (claim.year in values or near) else None


def _first(folded: str, started_on: date | None) -> date | None:
    """What the first rule that fits makes of the words."""
    for pattern, rule in _FULL if started_on is None else _FULL + _COUNTED:
        if match := pattern.search(folded):
            try:
                return rule(match, started_on or date.min)
            except (ValueError, OverflowError):  # 30 February; beyond the year 9999
                return None
    return None


def _after(days: int) -> _Rule:
    return lambda _match, start: start + timedelta(days=days)


def _end_of_week(weeks: int) -> _Rule:
    def rule(_match: re.Match[str], start: date) -> date:
        friday = _monday(start) + timedelta(days=4, weeks=weeks)
        return friday if friday >= start else friday + timedelta(weeks=1)  # said at the weekend

    return rule


def _end_of_months(length: int, ahead: int) -> _Rule:
    """The last day of the period of `length` months that lies `ahead` periods after the current one."""

    def rule(_match: re.Match[str], start: date) -> date:
        return _last_day(start.year, (start.month - 1) // length * length + length * (ahead + 1))

    return rule


def _last_day(year: int, month: int) -> date:
    """Of a month that counts from January of the year and may lie beyond its December."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def _monday(start: date) -> date:
    return start - timedelta(days=start.weekday())


def _weekday(match: re.Match[str], start: date) -> date:
    ahead = (_WEEKDAYS.index(match["weekday"]) - start.weekday() - 1) % 7 + 1
    return start + timedelta(days=ahead)


def _weeks_from_weekday(match: re.Match[str], start: date) -> date:
    return _weekday(match, start) + timedelta(weeks=_counted(match))


def _weekday_week(match: re.Match[str], start: date) -> date:
    return _weekday(match, start) + timedelta(weeks=1)


def _next_weekday(match: re.Match[str], start: date) -> date:
    return _monday(start) + timedelta(days=_WEEKDAYS.index(match["weekday"]), weeks=1)


def _units(match: re.Match[str], start: date) -> date:
    if match["unit"] in _UNIT_DAYS:
        return start + timedelta(days=_counted(match) * _UNIT_DAYS[match["unit"]])
    last = _last_day(start.year, start.month + _counted(match))
    return last.replace(day=min(start.day, last.day))


def _counted(match: re.Match[str]) -> int:
    return _COUNTS.get(match["count"]) or int(match["count"])


def _full_date(match: re.Match[str], _start: date) -> date:
    return date(int(match["year"]), _month(match), int(match["day"]))


def _month_day(match: re.Match[str], start: date) -> date:
    this_year = date(start.year, _month(match), int(match["day"]))
    return this_year if this_year >= start else this_year.replace(year=start.year + 1)


def _month(match: re.Match[str]) -> int:
    return [name[:3] for name in _MONTHS].index(match["month"][:3]) + 1


def _day_of_month(match: re.Match[str], start: date) -> date | None:
    wanted = int(match["day"])
    lasts = (_last_day(start.year, start.month + ahead) for ahead in range(3))  # of two months running, one has a 31st
    days = (last.replace(day=wanted) for last in lasts if wanted <= last.day)
    return next((found for found in days if found >= start), None)


def _iso(match: re.Match[str], _start: date) -> date:
    return date.fromisoformat(match[0])


def _table(rules: dict[str, _Rule]) -> list[tuple[re.Pattern[str], _Rule]]:
    return [(re.compile(rf"\b(?:{pattern})\b", re.ASCII), rule) for pattern, rule in rules.items()]


# The first pattern that fits decides, so the longer phrases stand first.
_FULL: Final = _table(
    {
        r"\d{4}-\d{2}-\d{2}": _iso,
        rf"{_MONTH} (?:the )?{_DAY},? {_YEAR}": _full_date,
        rf"{_DAY} (?:of )?{_MONTH},? {_YEAR}": _full_date,
    }
)
_COUNTED: Final = _table(
    {
        rf"{_MONTH} (?:the )?{_DAY}": _month_day,
        rf"{_DAY} (?:of )?{_MONTH}": _month_day,
        r"overmorrow": _after(2),
        r"tomorrow": _after(1),
        rf"{_COUNT} weeks? from (?:this )?{_WEEKDAY}": _weeks_from_weekday,
        rf"{_WEEKDAY} week": _weekday_week,
        rf"next week,? (?:on )?{_WEEKDAY}": _next_weekday,
        rf"{_WEEKDAY},? (?:of )?next week": _next_weekday,
        rf"next {_WEEKDAY}": _next_weekday,
        r"end of next week": _end_of_week(1),
        r"end of (?:the |this )?week|eow": _end_of_week(0),
        r"end of next month": _end_of_months(1, 1),
        r"end of (?:the |this )?month|month end|eom": _end_of_months(1, 0),
        r"end of next quarter": _end_of_months(3, 1),
        r"end of (?:the |this )?quarter|eoq": _end_of_months(3, 0),
        r"end of next year": _end_of_months(12, 1),
        r"end of (?:the |this )?year|year end|eoy": _end_of_months(12, 0),
        rf"(?:in|within)(?: the)?(?: next)? {_COUNT} (?P<unit>day|week|fortnight|month)s?": _units,
        rf"{_COUNT} (?P<unit>day|week|fortnight|month)s? from (?:now|today)": _units,
        rf"the {_DAY}": _day_of_month,
        _WEEKDAY: _weekday,
        r"today|tonight|this (?:morning|afternoon|evening)|end of (?:the )?day|eod|close of business|cob": _after(0),
    }
)

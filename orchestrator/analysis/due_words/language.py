"""What the table of a language consists of. Pure data."""

from typing import Final, NamedTuple


class Language(NamedTuple):
    """Patterns of folded words, and what they are in the English that `dues.py` reads.

    `no_day` stands in words that mean no one day, looked for after `phrases` were replaced, so that "después de mañana"
    has none and "pasado mañana" has one. `phrases` are tried in order. A weekday alone, `weekdays` from Monday and
    `months` from January, is the next one; what means a day of the week to come ("vendredi prochain", "nächsten
    Freitag", "el próximo viernes") is left undecided, since speakers disagree.
    """

    phrases: tuple[tuple[str, str], ...]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    numbers: tuple[str, ...]
    no_day: str


# What the phrases are made of.
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

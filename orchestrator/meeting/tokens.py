"""The tokens that stand for what is hidden: which value has which, and what a model made of them. Pure.

`[EMAIL_2]` is the second value, `[EMAIL_2.3]` the third spelling in which it turns up.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from orchestrator.meeting.aloud import digits_of
from orchestrator.meeting.mentions import folded, plain

Kind: TypeAlias = Literal["email", "url", "iban", "payment_card", "ip", "phone", "custom", "person"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)  # where two overlap, the first one's name is taken
TAGS: Final[Mapping[Kind, str]] = {
    "email": "EMAIL",
    "url": "URL",
    "iban": "IBAN",
    "payment_card": "CARD",
    "ip": "IP",
    "phone": "PHONE",
    "custom": "TERM",
    "person": "PERSON",
}
OTHER: Final = 0  # the number of a value that the meeting does not have, in a text that only looks back at it

_TAG: Final = "|".join(TAGS.values())
_NUMBER: Final = r"([0-9]{1,8})(?:\.([0-9]{1,6}))?"
# As it was shown, or as models change it: case, spaces, one bracket or none. A number is never guessed.
_TOKEN: Final = re.compile(
    rf"\[\s*({_TAG})\s*\\?[_-]?\s*{_NUMBER}\s*\]"
    rf"|(?<![A-Za-z0-9_])({_TAG})\s?\\?_\s?{_NUMBER}(?![A-Za-z0-9_])"
    rf"|(?<![A-Za-z0-9_])(?-i:({_TAG}))[ -]{_NUMBER}(?![A-Za-z0-9_])",
    re.IGNORECASE | re.ASCII,
)
# The same, whatever stands around it.
_LOOKS_LIKE: Final = re.compile(
    rf"(?:\[\s*({_TAG})\s*\\?[_-]?|({_TAG})\s?\\?_|(?-i:({_TAG}))[ -])\s*([0-9]{{1,8}})", re.IGNORECASE | re.ASCII
)
_MOST_SAID: Final = 10**7  # numbers begin above those that were said, as long as that keeps them readable
_SPOKEN: Final = ((" dot ", "."), (" at ", "@"), (" underscore ", "_"), (" dash ", "-"), (" plus ", "+"))
_DRESSING: Final = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?")


class Token(NamedTuple):
    """`spelling` 1, the first, is not written down."""

    kind: Kind
    number: int
    spelling: int = 1

    def __str__(self) -> str:
        return f"[{TAGS[self.kind]}_{self.number}{'' if self.spelling == 1 else f'.{self.spelling}'}]"


def found(text: str) -> Iterator[tuple[tuple[int, int], Token]]:
    """What reads like a token in a model's answer, and where."""
    for match in _TOKEN.finditer(text):
        tag, number, spelling = _parts(match)
        yield match.span(), Token(_KIND_OF[tag.upper()], int(number), int(spelling or 1))


class Book:
    """Which value has which token, in the order in which they are entered."""

    def __init__(self, texts: Iterable[str], whose: Mapping[str, str]) -> None:
        """Begin one.

        Args:
            texts: all that was said or is shown: no token gets a number that stands there with a token's name.
            whose: the person whom each plain spelling of a name means.
        """
        like = (match for text in texts for match in _LOOKS_LIKE.finditer(text))
        said = ((match[1] or match[2] or match[3], int(match[4])) for match in like)
        self._said = frozenset((_KIND_OF[tag.upper()], number) for tag, number in said)
        self._first = max((number for _kind, number in self._said if number < _MOST_SAID), default=0) + 1
        self._whose = whose
        self._numbers: dict[tuple[Kind, str], int] = {}
        self._values: Counter[Kind] = Counter()
        self._variants: Counter[tuple[Kind, int]] = Counter()
        self._tokens: dict[tuple[Kind, str], str] = {}
        self._spellings: dict[Token, str] = {}

    @property
    def counted(self) -> dict[Kind, int]:
        """How many values there are of each kind that has any."""
        return {kind: self._values[kind] for kind in KINDS if self._values[kind]}

    @property
    def spellings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._spellings.values()))

    def enter(self, kind: Kind, spelling: str) -> str:
        """The token of a spelling; a new one gets its own."""
        known = self._tokens.get((kind, spelling))
        if known is not None:
            return known
        value = (kind, self._value(kind, spelling))
        if value not in self._numbers:
            self._numbers[value] = self._first + self._values[kind]
            self._values[kind] += 1
        number = self._numbers[value]
        self._variants[kind, number] += 1
        token = Token(kind, number, self._variants[kind, number])
        self._spellings[token] = spelling
        self._tokens[kind, spelling] = written = str(token)
        return written

    def look_up(self, kind: Kind, spelling: str) -> str:
        """The token of a spelling; of one that is not known its value's first, or that of other values."""
        number = self._numbers.get((kind, self._value(kind, spelling)), OTHER)
        return self._tokens.get((kind, spelling)) or str(Token(kind, number))

    def spelling(self, token: Token) -> str | None:
        """What a token stands for; None: for nothing."""
        return self._spellings.get(token)

    def was_said(self, token: Token) -> bool:
        """Whether something like it stands in the meeting itself."""
        return (token.kind, token.number) in self._said

    def _value(self, kind: Kind, spelling: str) -> str:
        """What all spellings of one value share."""
        match kind:
            case "person":
                return self._whose.get(plain(spelling), plain(spelling))
            case "custom":
                return plain(spelling) or spelling
            case "phone" | "payment_card":
                return digits_of(spelling)
            case "iban":
                return "".join(filter(str.isalnum, spelling)).upper()
            case _:
                return _DRESSING.sub("", _written(spelling)).rstrip("/")


def _written(spelling: str) -> str:
    """An address as it would be written that may have been dictated."""
    plain_text = " ".join(folded(spelling).split())
    for aloud, sign in _SPOKEN:
        plain_text = plain_text.replace(aloud, sign)
    return plain_text.replace(" ", "")


def _parts(match: re.Match[str]) -> tuple[str, str, str | None]:
    """Tag, number and spelling of whichever form it has."""
    groups = match.groups()
    form = next(place for place in range(0, len(groups), 3) if groups[place])
    tag, number, spelling = groups[form : form + 3]
    return str(tag), str(number), spelling


_KIND_OF: Final[Mapping[str, Kind]] = {tag: kind for kind, tag in TAGS.items()}

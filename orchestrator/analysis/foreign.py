"""Takes out of a model's text what points outside the meeting and was never said there. Pure.

| kind | taken out when | why not more |
|---|---|---|
| address, phone, money | said nowhere in the meeting | whoever reads it may act on it |
| figure | above twelve and said nowhere in the meeting | a model may count two reasons that nobody counted |
| name | like a person's (`proper_names.invented`), and nobody said or bears it | other names may be misspelled |

A figure within a date, a time of day or an identifier stays, and so does the year of the meeting and its neighbours.
Measured on the panel files of the shared data: 0 of 208 true wordings of 102 items lose anything, and 2 of 53 with one
wrong detail do, of four whose detail is a figure.

Whoever speaks in a meeting can try to talk a model into writing an address for readers to follow. Addresses, phone
numbers and amounts of money therefore stay only when the transcript has them (shared design page reliability.md,
section C.2). Addresses are compared without "https://" and "www.", phone numbers by their digits, and money by its
value, so that "five thousand dollars" supports "$5,000".
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import cache
from typing import Final, TypeAlias

from orchestrator.analysis import proper_names
from orchestrator.analysis.figures import Readings, claimed, said, standing
from orchestrator.analysis.quotes import Concordance, fold
from orchestrator.meeting.transcript import Transcript
from orchestrator.once import Once

REMOVED: Final = "[removed]"  # a reader sees that something stood here

COUNTED: Final = 12  # up to here a figure may be the model's own count of what was said

_MIN_PHONE_DIGITS: Final = 7  # shorter ones are extensions, years and quantities
_MAX_PHONE_DIGITS: Final = 15  # ITU-T E.164
_ENDINGS: Final = (
    "com|org|net|edu|gov|info|biz|io|co|ai|app|dev|me|tv|xyz|top|site|online|shop|click|link|live|uk|de|fr|eu|ru|cn|us"
)
_ADDRESS: Final = re.compile(
    r"""
      [a-z][a-z0-9+.-]{0,20}://[^\s<>"'()\[\]]+             # any scheme with an authority
    | \b(?:javascript|vbscript|data|mailto|tel|sms):[^\s<>"'()\[\]]+
    | [\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}      # an e-mail address
    | \bwww\.[^\s<>"'()\[\]]+
    | (?<![\w.-])(?:[\w-]{1,63}\.){1,8}(?:"""
    + _ENDINGS
    + r""")\b(?:/[^\s<>"'()\[\]]*)?                         # a bare host under a usual ending
    | (?<![\w.-])(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}/[^\s<>"'()\[\]]+
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DRESSING: Final = re.compile(r"^(?:https?://|mailto:)?(?:www\.)?")
_MARKS: Final = frozenset(".:@")  # no address does without all of them
_MARKED: Final = re.compile(
    r"[.:@]\S"
)  # ... nor without something right behind: a full stop alone is no reason to look
_DIGIT: Final = re.compile(r"\d")  # no amount and no phone number does without
_AMOUNT: Final = r"\d[\d.,]*(?:\s?(?:k|m|mn|bn|hundred|thousand|million|billion)\b)?"
_MONEY: Final = re.compile(
    rf"[$€£¥₹]\s?{_AMOUNT}|\b(?:usd|eur|gbp|chf|jpy)\s?{_AMOUNT}"
    rf"|\b{_AMOUNT}\s?(?:[$€£¥₹]|(?:us\s)?(?:usd|eur|gbp|chf|jpy|dollars?|euros?|pounds?|francs?|yen|rupees?)\b)",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(r"(?<![\w.,])\+?\(?\d(?:[\s().\-/]{0,3}\d){6,20}(?!\w)")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}([./-])\d{1,2}\1\d{2,4}|\d{4}\s?[-/]\s?\d{4}")
_NO_DIGITS: Final = re.compile(r"\D+")
# A date, a time of day, a version.
_NO_FIGURE: Final = re.compile(rf"{_DATE.pattern}|\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?!\d)|\d+(?:\.\d+){{2,}}")
_JOINED: Final = re.compile(r"(?:[^\W_]|[^\W\d_]-|#)$")  # "SDK47", "COVID-19", "#21"

_Spans: TypeAlias = Iterable[tuple[int, int]]


class Heard:
    """What was said in one meeting, for all answers about it; each part is read when it is first asked for, and kept.

    Safe to share between threads. It takes about as much memory as the transcript.
    """

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.values_at = cache(self._read_values)

    @Once
    def words(self) -> Concordance:
        return Concordance(self.transcript)

    @Once
    def addresses(self) -> frozenset[str]:
        """Each address that was said, without its dressing, and the host that it begins with."""
        written = (word for word in self.words.text.split() if not _MARKS.isdisjoint(word))
        bare = [_bare(match[0]) for word in written for match in _ADDRESS.finditer(word)]
        return frozenset((*bare, *(address.partition("/")[0] for address in bare)))

    @Once
    def values(self) -> Readings:
        """The figures, of any utterance."""
        return frozenset().union(*map(self.values_at, range(len(self.transcript.utterances))))

    @Once
    def digits(self) -> str:
        """A line for each utterance."""
        return "\n".join(_NO_DIGITS.sub("", folded) for folded in self.words.folds)

    def _read_values(self, place: int) -> Readings:
        return said(self.transcript.utterances[place].text)


class Foreign:
    """Tells what was said in one meeting from what was not."""

    def __init__(
        self,
        heard: Heard,
        names: frozenset[str] = frozenset(),
        years: Readings = frozenset(),
        language: str = "",
    ) -> None:
        """Prepare to be asked about texts.

        Args:
            heard: what was said.
            names: folded words that are part of somebody's name who took part.
            years: that need not be said, since the meeting took place in one of them.
            language: of the texts.
        """
        self._heard = heard
        self._names = frozenset(map(proper_names.kin, names))
        self._years = years
        self._language = language
        self.knows_name = cache(self._was_named)

    def remove(self, text: str) -> tuple[str, Counter[str]]:
        """The text with each foreign piece replaced by a mark, and how many there were of each kind."""
        removed = Counter[str]()
        for kind, find in (
            ("address", self._addresses_in),
            ("money", self._amounts_in),
            ("phone", self._phones_in),
            ("figure", self._figures_in),
            ("name", self._names_in),
        ):
            spans = list(find(text))
            for start, end in reversed(spans):
                text = text[:start] + REMOVED + text[end:]
            removed[kind] += len(spans)
        return text, +removed

    def _addresses_in(self, text: str) -> _Spans:
        return _without(_ADDRESS, self._has_address, text) if _MARKED.search(text) else ()

    def _amounts_in(self, text: str) -> _Spans:
        return _without(_MONEY, self._has_money, text) if _DIGIT.search(text) else ()

    def _phones_in(self, text: str) -> _Spans:
        return _without(_PHONE, self._has_phone, text) if _DIGIT.search(text) else ()

    def _names_in(self, text: str) -> _Spans:
        return proper_names.invented(text, self.knows_name, self._language)

    def _figures_in(self, text: str) -> Iterator[tuple[int, int]]:
        figures = standing(text)
        apart = [match.span() for match in _NO_FIGURE.finditer(text)] if figures else []
        for start, end, readings in sorted(figures, key=lambda found: found[:2]):
            inside = any(start < other_end and other < end for other, other_end in apart)
            joined = _JOINED.search(text, max(0, start - 2), start) or text[end : end + 1].isalpha()
            if not (inside or joined or max(readings) <= COUNTED or self._was_counted(readings)):
                yield start, end

    def _was_counted(self, readings: Readings) -> bool:
        return bool(readings & self._heard.values or readings & self._years)

    def _was_named(self, word: str) -> bool:
        kin = proper_names.kin(word)
        return kin in self._names or re.search(rf"(?<!\w){re.escape(kin)}", self._heard.words.text) is not None

    def _has_address(self, address: str) -> bool:
        return _bare(address) in self._heard.addresses

    def _has_money(self, amount: str) -> bool:
        return all(readings & self._heard.values for readings in claimed(amount))

    def _has_phone(self, number: str) -> bool:
        digits = _NO_DIGITS.sub("", number)
        is_number = _MIN_PHONE_DIGITS <= len(digits) <= _MAX_PHONE_DIGITS and not _DATE.fullmatch(number)
        return not is_number or digits in self._heard.digits


def _bare(address: str) -> str:
    """What two spellings of one web address share; other schemes stay, since "javascript:" is not its rest."""
    return _DRESSING.sub("", fold(address)).rstrip("/.,;:!?")


def years_around(year: int) -> Readings:
    """The year and its two neighbours, which people speak of without naming them."""
    return frozenset(map(Decimal, range(year - 1, year + 2)))


def _without(pattern: re.Pattern[str], was_said: Callable[[str], bool], text: str) -> _Spans:
    return [match.span() for match in pattern.finditer(text) if not was_said(match[0])]

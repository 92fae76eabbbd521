"""Takes out of a model's text what points outside the meeting and was never said there. Pure.

Whoever speaks in a meeting can try to talk a model into writing an address for readers to follow. Addresses, phone
numbers and amounts of money therefore stay only when the transcript has them (shared design page reliability.md,
section C.2). Addresses are compared without "https://" and "www.", phone numbers by their digits, and money by its
value, so that "five thousand dollars" supports "$5,000".
"""

import re
from collections.abc import Callable
from functools import cached_property
from typing import Final

from orchestrator.analysis.figures import Readings, claimed
from orchestrator.analysis.quotes import Concordance, fold

REMOVED: Final = "[removed]"  # a reader sees that something stood here

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
_AMOUNT: Final = r"\d[\d.,]*(?:\s?(?:k|m|mn|bn|hundred|thousand|million|billion)\b)?"
_MONEY: Final = re.compile(
    rf"[$€£¥₹]\s?{_AMOUNT}|\b(?:usd|eur|gbp|chf|jpy)\s?{_AMOUNT}"
    rf"|\b{_AMOUNT}\s?(?:[$€£¥₹]|(?:us\s)?(?:usd|eur|gbp|chf|jpy|dollars?|euros?|pounds?|francs?|yen|rupees?)\b)",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(r"(?<![\w.,])\+?\(?\d(?:[\s().\-/]{0,3}\d){6,20}(?!\w)")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}([./-])\d{1,2}\1\d{2,4}|\d{4}\s?[-/]\s?\d{4}")
_NO_DIGITS: Final = re.compile(r"\D+")


class Foreign:
    """Knows what was said in one meeting; reads the whole transcript for each sort of piece only when one turns up."""

    def __init__(self, meeting: Concordance, values: Callable[[int], Readings]) -> None:
        """Args: the words; and the figures said in an utterance, by place."""
        self._meeting = meeting
        self._values_at = values

    def remove(self, text: str) -> tuple[str, int]:
        """The text with each foreign piece replaced by a mark, and how many there were."""
        removed = 0
        for pattern, was_said in ((_ADDRESS, self._has_address), (_MONEY, self._has_money), (_PHONE, self._has_phone)):
            text, count = _without(pattern, was_said, text)
            removed += count
        return text, removed

    def _has_address(self, address: str) -> bool:
        return _bare(address) in self._addresses

    def _has_money(self, amount: str) -> bool:
        return all(readings & self._values for readings in claimed(amount))

    def _has_phone(self, number: str) -> bool:
        digits = _NO_DIGITS.sub("", number)
        is_number = _MIN_PHONE_DIGITS <= len(digits) <= _MAX_PHONE_DIGITS and not _DATE.fullmatch(number)
        return not is_number or digits in self._digits

    @cached_property
    def _addresses(self) -> frozenset[str]:
        """Each address that was said, without its dressing, and the host that it begins with."""
        written = (word for word in self._meeting.text.split() if not _MARKS.isdisjoint(word))
        bare = [_bare(match[0]) for word in written for match in _ADDRESS.finditer(word)]
        return frozenset((*bare, *(address.partition("/")[0] for address in bare)))

    @cached_property
    def _values(self) -> Readings:
        return frozenset().union(*map(self._values_at, range(len(self._meeting.folds))))

    @cached_property
    def _digits(self) -> str:
        return "\n".join(_NO_DIGITS.sub("", folded) for folded in self._meeting.folds)


def _bare(address: str) -> str:
    """What two spellings of one web address share; other schemes stay, since "javascript:" is not its rest."""
    return _DRESSING.sub("", fold(address)).rstrip("/.,;:!?")


def _without(pattern: re.Pattern[str], was_said: Callable[[str], bool], text: str) -> tuple[str, int]:
    foreign = [match.span() for match in pattern.finditer(text) if not was_said(match[0])]
    for start, end in reversed(foreign):
        text = text[:start] + REMOVED + text[end:]
    return text, len(foreign)

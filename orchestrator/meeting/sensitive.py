"""Finds addresses and numbers that name a person or an account, as they are written. Pure; one pass a kind.

| kind | what |
|---|---|
| email | `ann@example.com` |
| url | with a scheme, `www.`, a usual ending, or a path after a host |
| ip | version 4 and 6, as `ipaddress` reads them |
| iban | ISO 13616: the check is right (mod 97), with or without spaces |
| payment_card | 13 to 19 digits with a right check digit (ISO/IEC 7812, Luhn), also in groups |
| phone | 7 to 15 digits (ITU-T E.164) with what stands between them; no date |

A number that is none after all does no harm: it is hidden from models and stands in the result as it was said. So
these find rather too much than too little, and know no country's rules of dialing.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address
from typing import Final, TypeAlias

Span: TypeAlias = tuple[int, int]  # from a character to the one before another
Finder: TypeAlias = Callable[[str], Iterable[Span]]  # in no order

_ENDINGS: Final = (
    "com|org|net|edu|gov|info|biz|io|co|ai|app|dev|me|tv|xyz|top|site|online|shop|click|link|live"
    "|uk|de|fr|es|it|nl|pl|pt|at|ch|be|se|no|dk|fi|ie|eu|ru|cn|jp|in|us|ca|au|br|mx"
)
_EMAIL: Final = re.compile(r"(?<![\w.%+-])[\w.%+'-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_URL: Final = re.compile(
    rf"""
      [a-z][a-z0-9+.-]{{0,20}}://[^\s<>"'\[\]]+
    | (?<![\w.@])www\.[^\s<>"'\[\]]+
    | (?<![\w.@-])(?:[\w-]{{1,63}}\.){{1,8}}(?:{_ENDINGS})\b(?![.-]?\w)(?::\d{{1,5}})?(?:/[^\s<>"'\[\]]*)?
    | (?<![\w.@-])(?:[\w-]{{1,63}}\.){{1,8}}[a-z]{{2,24}}/[^\s<>"'\[\]]+
    """,
    re.IGNORECASE | re.VERBOSE,
)
_IP: Final = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?)(?![\w:]|\.\d)", re.I
)
_IBAN: Final = re.compile(r"(?<!\w)[a-z]{2}\d{2}(?:[ -]?[a-z0-9]){11,30}(?!\w)", re.IGNORECASE | re.ASCII)
_CARD: Final = re.compile(r"(?<![\w.,])\d(?:[ -]?\d){12,18}(?!\w)")
_PHONE: Final = re.compile(r"(?<![\w.,])\+?\s?\(?\d(?:[\s().\-/]{0,3}\d){6,14}(?![\w])")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}([./-])\d{1,2}\1\d{2,4}|\d{4}\s?[-/]\s?\d{4}")
_NO_DIGITS: Final = re.compile(r"\D+")
_AFTER: Final = ".,;:!?)"  # ends a sentence, not an address
_SHORTEST_IBAN: Final = 15
_IBAN_REST: Final = 97
_DIGITS_IN_TWO: Final = 9


def emails(text: str) -> Iterator[Span]:
    if "@" in text:
        yield from (match.span() for match in _EMAIL.finditer(text))


def urls(text: str) -> Iterator[Span]:
    if "." in text or "://" in text:
        for match in _URL.finditer(text):
            yield match.start(), match.start() + len(match[0].rstrip(_AFTER))


def ips(text: str) -> Iterator[Span]:
    """Those that are written whole; "::" and the like alone are none."""
    for match in _IP.finditer(text):
        if _is_ip(match[0]):
            yield match.span()


def ibans(text: str) -> Iterator[Span]:
    """What follows without a border may read like more of it: the longest beginning counts that is one."""
    for match in _IBAN.finditer(text):
        for end in range(len(match[0]), _SHORTEST_IBAN - 1, -1):
            if not match[0][end : end + 1].isalnum() and _is_iban(match[0][:end]):
                yield match.start(), match.start() + end
                break


def payment_cards(text: str) -> Iterator[Span]:
    for match in _CARD.finditer(text):
        if has_check_digit(_NO_DIGITS.sub("", match[0])):
            yield match.span()


def phones(text: str) -> Iterator[Span]:
    for match in _PHONE.finditer(text):
        if not _DATE.fullmatch(match[0].strip()):
            yield match.span()


def has_check_digit(digits: str) -> bool:
    """Whether the last digit is the one that Luhn's rule asks for."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - _DIGITS_IN_TWO if value > _DIGITS_IN_TWO else value
    return total % 10 == 0


def _is_iban(text: str) -> bool:
    plain = re.sub(r"[ -]", "", text).upper()
    turned = plain[4:] + plain[:4]
    return len(plain) >= _SHORTEST_IBAN and int("".join(str(int(sign, 36)) for sign in turned)) % _IBAN_REST == 1


def _is_ip(text: str) -> bool:
    if text.count(":") == 1 or not any(map(str.isalnum, text)):  # a time of day
        return False
    try:
        ip_address(text)
    except ValueError:
        return False
    return True

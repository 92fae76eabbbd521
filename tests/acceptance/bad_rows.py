"""All sixty-six rows of bad inputs, each with its variants, and by what each of them is struck.

`ROWS` is the list as it was drawn up; the tables of cases are held against it, so that no variant is forgotten. What
needs more than a request and its answer is struck by a test that is named here.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from tests.acceptance.bad_inputs import BODIES, SPEAKERS, TRANSCRIPTS, Bad
from tests.acceptance.bad_replies import REPLIES, USAGES
from tests.acceptance.bad_requests import REQUESTS

ROWS: Final[Mapping[int, tuple[str, ...]]] = {
    1: ("an empty body",),
    2: ("5 MB and a byte",),
    3: ("more than its Content-Length says", "chunks without end"),
    4: ("a bomb in gzip",),
    5: ("gzip in gzip",),
    6: ("100,000 nested arrays",),
    7: ("900 levels",),
    8: ("an integer of 5,000 digits",),
    9: ("a number beyond floats",),
    10: ("NaN", "Infinity"),
    11: ("minus nothing", "a float for an integer"),
    12: ("a key twice",),
    13: ("a million keys",),
    14: ("half a surrogate pair",),
    15: ("U+0000",),
    16: ("invalid UTF-8", "UTF-16 with its mark"),
    17: ("overlong UTF-8",),
    18: ("an array at the top", "a string at the top", "null at the top"),
    19: ("text/plain", "JSON in UTF-7"),
    20: ("a byte a second",),
    21: ("200 headers", "a header of 64 KB"),
    22: ("both lengths",),
    23: ("Expect, then nothing",),
    24: ("HTTP/1.0", "an absolute address", "an asterisk"),
    25: ("no utterances",),
    26: ("20,001 utterances",),
    27: ("4 MB without a space",),
    28: ("100,000 marks on one letter",),
    29: ("white space alone", "faces alone", "zero-width characters alone"),
    30: ("an override in a speaker's name",),
    31: ("hidden tag characters",),
    32: ("a time below zero", "an end before the begin", "two that overlap", "the year 9999", "a time that is none"),
    33: ("10,000 speakers", *(f"speaker {name}" for name in SPEAKERS)),
    34: ("http://127.0.0.1",),
    35: ("https://2130706433", "https://0x7f000001", "https://0177.0.0.1", "https://127.1", "https://①②⑦.0.0.1"),
    36: (
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://[64:ff9b::7f00:1]",
        "https://[2002:7f00:1::]",
        "https://[fe80::1%25eth0]",
    ),
    37: ("https://169.254.169.254", "https://[fd00:ec2::254]", "https://100.100.100.200", "https://192.0.0.192"),
    38: ("a name with a public and a private address",),
    39: ("a name that answers otherwise each time",),
    40: ("302 to inside",),
    41: (
        "https://user:pw@hooks.example.com",
        "https://hooks.example.com#@inside",
        "https://hooks.example.com\\@inside",
        "https://ho\toks.example.com",
        "https://ho\roks.example.com",
    ),
    42: tuple(f"https://hooks.example.com:{port}" for port in (22, 6379, 0, 65536)),
    43: (
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "data:,x",
        "javascript:alert(1)",
        "//hooks.example.com",
    ),
    44: ("https://xn--pple-43d.com/", "https://hooks.example.com./", "a label of 300 characters", "https:///x"),
    45: ("the API's own host", "an answer without end", "a byte a second", "100 for ever", "silence, then 200"),
    46: ("a key of 10 KB", "an empty key", "a key in two lines", "a key with another body"),
    47: ("no key", "two keys", "a scheme in small letters", "a key of a megabyte", "a key of another tenant"),
    48: ("a forged cursor", "a cursor of another tenant", "a bomb in a cursor"),
    49: ("negative", "huge", "text"),
    50: ("capitals", "U+0000", "a slash in code", "4 KB"),
    51: ("-1", "a billion", "1e3"),
    52: ("10,000 ranges",),
    53: ("an Accept of 8 KB",),
    54: ("a forged forwarder",),
    55: ("max_tokens 0", "max_tokens -1", f"max_tokens {2**63}"),
    56: ("an unknown model", "aliases in a circle", "a model of a forbidden provider"),
    57: ("a contest of one", "weights of 0", "a weight of NaN", "a hundred models"),
    58: ("0", "-1", "2^63", '"5.00"', "0.0000001"),
    59: ("in the past", "in ten years"),
    60: ("tenant", "state", "cost", "tier", "priority"),
    61: ("no items", "100,001 items", "1 bad of 1,000", "the same item twice"),
    62: (
        "a script",
        "an image with onerror",
        "an image of a foreign host",
        "a link of javascript",
        "an address of data",
    ),
    63: ("=HYPERLINK", "+cmd", "a tab in front"),
    64: ("escape sequences", "an overwrite by CR"),
    65: ("JSON in prose", "two objects", "a comma too many", "a string of 50 MB", "10,000 levels"),
    66: ("no usage", "usage in words", "usage below zero", "usage above the bound", "an answer to another request"),
}

_POSTING: Final = "tests/integration/test_posting.py::"
_NO_ANSWER: Final = f"{_POSTING}test_what_is_no_answer_has_a_word_in_the_log"
ELSEWHERE: Final[Mapping[tuple[int, str], str]] = {
    (
        38,
        "a name with a public and a private address",
    ): f"{_POSTING}test_a_name_with_an_address_of_each_kind_is_refused",
    (39, "a name that answers otherwise each time"): (
        f"{_POSTING}test_a_name_that_answers_otherwise_each_time_is_never_followed_inside"
    ),
    (40, "302 to inside"): f"{_POSTING}test_no_redirect_is_followed",
    (45, "an answer without end"): f"{_POSTING}test_a_body_without_end_is_left",
    (45, "a byte a second"): _NO_ANSWER,
    (45, "100 for ever"): _NO_ANSWER,
    (45, "silence, then 200"): _NO_ANSWER,
    (56, "aliases in a circle"): (
        "tests/unit/providers/test_catalog_merge.py::test_what_does_not_fit_is_named_with_its_entry_and_field"
    ),
    (56, "a model of a forbidden provider"): (
        "tests/acceptance/test_bad_replies.py::test_a_model_of_a_forbidden_provider_is_asked_nothing"
    ),
}

REQUESTED: Final[tuple[Bad, ...]] = (*BODIES, *TRANSCRIPTS, *REQUESTS)


def struck() -> dict[int, set[str]]:
    """The variants that some test strikes, by row."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for bad in (*REQUESTED, *REPLIES, *USAGES):
        found[bad.row].add(variant(bad.name))
    for row, name in ELSEWHERE:
        found[row].add(name)
    return dict(found)


def variant(name: str) -> str:
    """Of a case, without what tells it from others of its variant."""
    return name.partition(": ")[0]

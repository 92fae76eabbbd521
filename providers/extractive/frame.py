"""Reads the numbered utterances out of a call: the frame documented in the analysis prompt. Pure.

    <<<transcript BOUNDARY>>>
    u1 00:00:04 Ann Lee: Let us begin.
    u2 - ?: No time and no speaker known.
    <<<end BOUNDARY>>>

What stands between the boundary lines is data. Only the token of the first frame line closes the frame, and its last
occurrence does, so that a speaker who imitates the boundary is merely quoted. A line counts as an utterance only if its
number follows the one before; anything else is a further line of what was being said.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from providers.calls import Message
from providers.errors import BadReply

UNKNOWN_SPEAKER: Final = "?"

_OPENING: Final = re.compile(r"^<<<transcript ([^\s>]+)>>>$", re.MULTILINE)
# The speaker's label ends at the first colon with a space. 200 characters are what a transcript allows it.
_UTTERANCE: Final = re.compile(r"u([0-9]{1,9}) (?:-|[0-9]{2,}:[0-9]{2}:[0-9]{2}) ([^\n]{1,200}?): (.*)")


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance: its name in the frame (`u12`), the speaker's label ("" when unknown) and the words."""

    name: str
    speaker: str
    text: str


def read(messages: Iterable[Message]) -> tuple[Line, ...]:
    """The utterances of the first frame that a user message holds, in order; at least one.

    Raises:
        BadReply: there is no complete frame, or nothing is said in it.
    """
    for message in messages:
        if message.role == "user" and (opening := _OPENING.search(message.text)):
            return _utterances(_enclosed(message.text[opening.end() + 1 :], opening[1]))
    raise BadReply("the call holds no transcript frame", provider="extractive")


def _enclosed(text: str, boundary: str) -> list[str]:
    lines = text.split("\n")
    closing = f"<<<end {boundary}>>>"
    for place in range(len(lines) - 1, -1, -1):
        if lines[place] == closing:
            return lines[:place]
    raise BadReply("the transcript frame of the call is not closed", provider="extractive")


def _utterances(lines: list[str]) -> tuple[Line, ...]:
    found: list[tuple[int, str, list[str]]] = []
    for line in lines:
        match = _UTTERANCE.fullmatch(line)
        if match and (not found or int(match[1]) == found[-1][0] + 1):
            found.append((int(match[1]), match[2], [match[3]]))
        elif found:
            found[-1][2].append(line)
    if not found:
        raise BadReply("the transcript frame of the call holds no utterance", provider="extractive")
    return tuple(
        Line(f"u{number}", "" if speaker == UNKNOWN_SPEAKER else speaker, "\n".join(words))
        for number, speaker, words in found
    )

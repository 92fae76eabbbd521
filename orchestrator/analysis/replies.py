"""Reads a seat's answer: from whatever a model wrote to the typed object that was asked for, or a refusal. Pure.

Forgiven: prose and code fences around the object, thoughts in front of it, a byte order mark, the same object twice,
commas before a closing bracket, fields that nobody asked for, a meeting type that is none or missing. Never forgiven:
wrong types, missing fields, two different objects, repeated keys, NaN, deep nesting. What is too long is cut and
counted, since the schema subset that all vendors take knows no lengths (shared design page providers.md, section 9.1).
"""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Final, Never, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictStr, ValidationError, ValidationInfo

from orchestrator.analysis.prompts import MAX_ITEMS_PER_KIND
from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.context import MeetingType, type_named
from providers.calls import JsonObject

MAX_REPLY_CHARACTERS: Final = 1_000_000  # fifty full items of every kind are about half as many
MAX_DEPTH: Final = 16  # the schema is five deep; more is a bomb
MAX_PROBLEMS: Final = 8  # a model repairs the first few; a longer list costs tokens and says the same again

MAX_TEXT_CHARACTERS: Final = 1_000
MAX_QUOTE_CHARACTERS: Final = 2_000
MAX_SUMMARY_CHARACTERS: Final = 5_000  # six long sentences are a third of it
MAX_NAME_CHARACTERS: Final = 200  # as long as a speaker's name may be
MAX_BULLETS: Final = 20
MAX_EVIDENCE: Final = 10  # quotes of one item; more prove nothing more

_STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'  # an open string runs to the end: one pass, however hostile
_OPENING: Final = re.compile(r'\{(?=\s*["}])')  # a brace in prose is seldom followed by a quotation mark
_TOKEN: Final = re.compile(rf"{_STRING}|[{{}}\[\]]", re.DOTALL)
_LOOSE_COMMA: Final = re.compile(rf"({_STRING})|,(?=\s*[}}\]])", re.DOTALL)
_COMPLAINTS: Final = {  # pydantic's types of error in the words of JSON
    "missing": "is missing",
    "string_type": "must be a string",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
}
# What some servers leave in front of the answer of a model that thinks aloud; a draft of the object may stand in it.
_THOUGHTS: Final = ("<think>", "</think>")
_STEPS: Final = {"{": 1, "[": 1, "}": -1, "]": -1}


class UnreadableReply(Exception):
    """An answer that is not what was asked for: a value for its seat, which may ask once for a repair.

    `problems` says in short phrases what is wrong. They name our own fields and places and never repeat the answer,
    so that they may stand in a prompt and in a log line.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems

    @property
    def message(self) -> str:
        return "; ".join(self.problems)


def _at_most(limit: int) -> BeforeValidator:
    """Clean a string, cut a string or list to `limit`, and note in the context (a list) how many pieces went."""

    def cut(value: object, info: ValidationInfo) -> object:
        whole = clean(value) if isinstance(value, str) else value
        if not isinstance(whole, str | list | tuple) or len(whole) <= limit:
            return whole
        if isinstance(info.context, list):
            info.context.append(1 if isinstance(whole, str) else len(whole) - limit)
        return whole[:limit]

    return BeforeValidator(cut)


def _vote(value: object) -> object:
    """A type of meeting, however it is spelled. What is none, of whatever shape, is no vote and spoils nothing."""
    return type_named(clean(value)) if isinstance(value, str) else None


_Text: TypeAlias = Annotated[StrictStr, _at_most(MAX_TEXT_CHARACTERS)]
_Quote: TypeAlias = Annotated[StrictStr, _at_most(MAX_QUOTE_CHARACTERS)]
_Name: TypeAlias = Annotated[StrictStr, _at_most(MAX_NAME_CHARACTERS)]


class _Answered(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class RawEvidence(_Answered):
    """A quote and the utterance that it is said to stand in, by its place: `u12`."""

    utterance: _Name
    quote: _Quote


class RawItem(_Answered):
    text: _Text
    evidence: Annotated[tuple[RawEvidence, ...], _at_most(MAX_EVIDENCE)]


class RawAction(RawItem):
    """An action item; "" where nothing was said."""

    owner: _Name
    due_text: _Name
    due_date: _Name


class RawSummary(_Answered):
    text: Annotated[StrictStr, _at_most(MAX_SUMMARY_CHARACTERS)]
    bullets: Annotated[tuple[_Text, ...], _at_most(MAX_BULLETS)]


_Items: TypeAlias = Annotated[tuple[RawItem, ...], _at_most(MAX_ITEMS_PER_KIND)]
_Actions: TypeAlias = Annotated[tuple[RawAction, ...], _at_most(MAX_ITEMS_PER_KIND)]


class Answer(_Answered):
    """The object that `prompts.schema` asks for. Every text is clean and within its limit.

    `meeting_type` None: it says nothing of it, or nothing that is a type.
    """

    language: _Name
    summary: RawSummary
    topics: _Items
    decisions: _Items
    action_items: _Actions
    risks: _Items
    questions: _Items
    meeting_type: Annotated[MeetingType | None, BeforeValidator(_vote)] = None


class RawCandidate(Answer):
    """What a seat answered, read but not believed. `cut` counts texts shortened and list entries left out, `invented`
    tokens that stand for nothing (`restoring.py`).
    """

    cut: int = 0
    invented: int = 0


def read(text: str, *, with_type: bool = False) -> RawCandidate:
    """Find the one JSON object in an answer and check its shape.

    Args:
        with_type: it was asked of what type the meeting is; else nothing that it says of that counts.

    Raises:
        UnreadableReply: there is none, it is malformed, or it is not the object that was asked for.
    """
    found = the_object(text)
    cuts: list[int] = []
    try:
        answer = Answer.model_validate(found, context=cuts)
    except ValidationError as error:
        raise UnreadableReply(*_problems(error)) from None
    said = {name: getattr(answer, name) for name in Answer.model_fields}
    return RawCandidate(**said | ({} if with_type else {"meeting_type": None}), cut=sum(cuts))


def the_object(text: str) -> JsonObject:
    """The one JSON object that an answer holds, of whatever shape. Raises as `read` does."""
    if len(text) > MAX_REPLY_CHARACTERS:
        raise UnreadableReply(f"the answer is longer than {MAX_REPLY_CHARACTERS} characters")
    objects = [_parse(span) for span in _spans(_spoken(text))]
    if not objects:
        raise UnreadableReply("the answer holds no JSON object")
    if any(other != objects[0] for other in objects):
        raise UnreadableReply("the answer holds more than one JSON object")
    return objects[0]


def _spoken(text: str) -> str:
    """What was said after the thoughts; all of it where none were shown, or they never end."""
    begin, end = _THOUGHTS
    return text.partition(end)[2] if text.lstrip("\ufeff \n\r\t").startswith(begin) and end in text else text


def _spans(text: str) -> Iterator[str]:
    place = 0
    while opening := _OPENING.search(text, place):
        if text[: opening.start()].rstrip().endswith("["):
            raise UnreadableReply("the answer is a list; one JSON object was asked for")
        place = _closing(text, opening.start())
        yield text[opening.start() : place]


def _closing(text: str, start: int) -> int:
    """The place after the bracket that closes the one at `start`."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += _STEPS.get(token[0], 0)
        if depth > MAX_DEPTH:
            raise UnreadableReply(f"the JSON is nested more than {MAX_DEPTH} levels deep")
        if depth == 0:
            return token.end()
    raise UnreadableReply("the JSON object is not closed: the answer is cut off")


def _parse(span: str) -> JsonObject:
    mended = _LOOSE_COMMA.sub(lambda match: match[1] or "", span)
    try:
        found: JsonObject = json.loads(mended, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise UnreadableReply(f"not valid JSON: {error.msg} at line {error.lineno}") from None
    except ValueError as error:  # our own two, and an integer of thousands of digits
        raise UnreadableReply(f"not valid JSON: {error}") from None
    return found


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(_name: str) -> Never:
    raise ValueError("NaN and Infinity are not JSON")


def _problems(error: ValidationError) -> list[str]:
    details = error.errors(include_url=False, include_context=False, include_input=False)[:MAX_PROBLEMS]
    return [f"{'.'.join(map(str, found['loc']))} {_COMPLAINTS.get(found['type'], found['msg'])}" for found in details]

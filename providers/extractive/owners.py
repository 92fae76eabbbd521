"""Who has to act on a statement. Pure.

An owner is only ever the label of a quoted speaker, or a name or role that stands in the quoted words: whoever reads
the item can check it.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from providers.extractive import objections, words
from providers.extractive.conversation import Conversation, Part, Statement
from providers.extractive.frame import Line

_NOT_PEOPLE: Final = frozenset(
    "i you he she it we they this that these those there here what who which somebody someone anybody anyone everybody "
    "everyone nobody none one people guys all both so and but or if then when because okay yeah well now maybe also "
    "just like the our your my how why where everything anything nothing something let "
    "monday tuesday wednesday thursday friday saturday sunday today tomorrow".split()
)
_SEVERAL: Final = re.compile(
    r"\b(?:guys|you (?:all|both|two)|all of|every(?:body|one)|each|any(?:body|one)|some(?:body|one)|your own)\b",
    re.IGNORECASE,
)
_YOU: Final = frozenset("you your please usted tú puede puedes vous tu votre du ihr dir bitte".split())
_ACCEPTANCE_WINDOW: Final = 3  # statements: an answer to a request comes at once or not at all
_ASKING_BACK_WINDOW: Final = 12  # statements: whoever makes sure waits until all tasks are given out
_MAX_CALL_TOKENS: Final = 3  # "Okay, Ann?"
_MAX_SPEAKERS: Final = 300  # a pattern of more names costs more than it finds
_MIN_NAME_CHARACTERS: Final = 3  # "A" and "S1" are labels that nobody speaks aloud
_INTRODUCTIONS: Final = 300  # lines; who has not been introduced by then will not be
_NAME: Final = r"[A-ZÀ-Þ][\w'’-]{2,20}"
_OWN_NAME: Final = re.compile(
    rf"\b(?:my name is|my name['’]s|me llamo|mi nombre es|je m['’]appelle|ich heiße|mein name ist) (?-i:({_NAME}))",
    re.IGNORECASE,
)


def roster(conversation: Conversation) -> re.Pattern[str]:
    """A pattern for the participants as they are spoken of: whole labels in any case, first names as spelled.

    Labels may be roles; then people are called by the names by which they were introduced.
    """
    labels = list(islice(dict.fromkeys(line.speaker for line in conversation.lines), _MAX_SPEAKERS))
    spellings = [spelling for label in labels for spelling in _spellings(label)]
    introduced = [rf"\b{name}\b" for name in _introduced(conversation.lines[:_INTRODUCTIONS], labels)]
    return re.compile("|".join([*spellings, *introduced, r"(?!)"]))


def named(match: re.Match[str], known: re.Pattern[str]) -> str:
    """The name or role that a cue captured, as it was spelled; "" if it captured none that can be told from a noun.

    Groups of names are called name..., those of roles role.... A capital at the start of a sentence says nothing, so
    that a name there has to be a participant's.
    """
    group = next((name for name, text in match.groupdict().items() if text), None)
    if group is None:
        return ""
    words_said = match[group].split()
    last_other = max((place for place, word in enumerate(words_said) if word.lower() in _NOT_PEOPLE), default=-1)
    name = " ".join(words_said[last_other + 1 :])
    opens = group.startswith("name") and not match.string[: match.start(group)].strip()
    return "" if opens and not known.search(name) else name


def mentioned(statement: Statement, known: re.Pattern[str]) -> str:
    """The first participant who is named in a statement, as spelled there; "" if none."""
    found = (known.search(part.text) for part in statement.quotes)
    return next((match[0] for match in found if match), "")


def stands_in(statement: Statement, name: str) -> bool:
    """Whether one quote of the statement holds the whole name."""
    return bool(name) and any(name in part.text for part in statement.quotes)


def speaks_to_somebody(statement: Statement) -> bool:
    """Whether a "you" of some language stands in the statement."""
    return not _YOU.isdisjoint(statement.tokens)


def taker(conversation: Conversation, request: Statement, known: re.Pattern[str]) -> tuple[str, tuple[Part, ...]]:
    """Who takes on a task that names nobody, and the quotes that show it; "" and none when nobody can be told.

    That is whoever was called just before ("Ann?"), as spelled there; else whoever accepts, as labelled.
    """
    for call in conversation.statements[max(0, request.place - 1) : request.place]:
        name = mentioned(call, known)
        if name and call.speaker == request.speaker and len(call.tokens) <= _MAX_CALL_TOKENS:
            return name, call.quotes
    answer = acceptance(conversation, request)
    return (answer.speaker, answer.quotes) if answer else ("", ())


def acceptance(conversation: Conversation, request: Statement) -> Statement | None:
    """The answer of whoever takes on what they were asked to do.

    That is whoever asks back about this very task ("so you want me to ...?"), else the next other speaker, if they
    assent. None also when several were asked: one of them saying "yeah" does not speak for the others.
    """
    if _SEVERAL.search(request.text):
        return None
    following = conversation.statements[request.place + 1 : request.place + 1 + _ASKING_BACK_WINDOW]
    others = [other for other in following if other.speaker != request.speaker]
    for other in others:
        if other.speaker and objections.asks_back(other, conversation.language) and _shares(other, request):
            return other
    answer = next((other for other in others if other.place <= request.place + _ACCEPTANCE_WINDOW), None)
    return answer if answer and answer.speaker and answer.tokens[0] in words.ASSENT else None


def _shares(one: Statement, other: Statement) -> bool:
    return not set(one.terms).isdisjoint(other.terms)


def _introduced(lines: Iterable[Line], labels: Iterable[str]) -> Iterable[str]:
    """Names out of "my name is Ryan", and out of "Ryan is our designer" where Designer is a label."""
    roles = "|".join([*(re.escape(label) for label in labels if len(label) >= _MIN_NAME_CHARACTERS), r"(?!)"])
    by_role = re.compile(rf"\b(?-i:({_NAME})) is (?:the|our|my) (?:{roles})\b", re.IGNORECASE)
    names = (match[1] for line in lines for form in (by_role, _OWN_NAME) for match in form.finditer(line.text))
    return dict.fromkeys(name for name in names if name.lower() not in _NOT_PEOPLE | words.STOP)


def _spellings(label: str) -> Iterable[str]:
    if len(label) < _MIN_NAME_CHARACTERS:
        return
    yield rf"(?i:\b{re.escape(label)}\b)"
    first, _, rest = label.partition(" ")
    if rest and first.istitle() and len(first) >= _MIN_NAME_CHARACTERS and first.lower() not in words.STOP:
        yield rf"\b{re.escape(first)}\b"

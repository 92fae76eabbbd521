"""Who has to act on a statement. Pure.

An owner is only ever the label of a quoted speaker, or a name or role that stands in the quoted words: whoever reads
the item can check it.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from providers.extractive import words
from providers.extractive.conversation import Conversation, Statement

_NOT_PEOPLE: Final = frozenset(
    "i you he she it we they this that these those there here what who which somebody someone anybody anyone everybody "
    "everyone nobody none one people guys all both so and but or if then when because okay yeah well now maybe also "
    "just like the our your my how why where everything anything nothing something let "
    "monday tuesday wednesday thursday friday saturday sunday today tomorrow".split()
)
_PLURAL: Final = frozenset("guys all everybody everyone each anybody anyone somebody someone own".split())
_ACCEPTANCE_WINDOW: Final = 3  # statements: an answer to a request comes at once or not at all
_MAX_SPEAKERS: Final = 300  # a pattern of more names costs more than it finds
_MIN_NAME_CHARACTERS: Final = 3  # "A" and "S1" are labels that nobody speaks aloud


def roster(conversation: Conversation) -> re.Pattern[str]:
    """A pattern for the participants as they are spoken of: whole labels in any case, first names as spelled."""
    labels = islice(dict.fromkeys(line.speaker for line in conversation.lines), _MAX_SPEAKERS)
    spellings = [spelling for label in labels for spelling in _spellings(label)]
    return re.compile("|".join([*spellings, r"(?!)"]))


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
    found = (known.search(part.text) for part in statement.parts)
    return next((match[0] for match in found if match), "")


def stands_in(statement: Statement, name: str) -> bool:
    """Whether one quote of the statement holds the whole name."""
    return bool(name) and any(name in part.text for part in statement.parts)


def acceptance(conversation: Conversation, request: Statement) -> Statement | None:
    """The answer of whoever takes on what they were asked to do: what the next other speaker says, if it assents.

    None also when several were asked: one of them saying "yeah" does not speak for the others.
    """
    if not _PLURAL.isdisjoint(request.tokens):
        return None
    following = conversation.statements[request.place + 1 : request.place + 1 + _ACCEPTANCE_WINDOW]
    answer = next((other for other in following if other.speaker != request.speaker), None)
    return answer if answer and answer.speaker and answer.tokens[0] in words.ASSENT else None


def _spellings(label: str) -> Iterable[str]:
    if len(label) < _MIN_NAME_CHARACTERS:
        return
    yield rf"(?i:\b{re.escape(label)}\b)"
    first, _, rest = label.partition(" ")
    if rest and first.istitle() and len(first) >= _MIN_NAME_CHARACTERS and first.lower() not in words.STOP:
        yield rf"\b{re.escape(first)}\b"

"""What surrounds a statement: who speaks, when, and how others take it. Pure; the built-in models weigh these."""

from collections.abc import Callable, Container, Iterator
from typing import Final

from providers.extractive import cues, dues, owners
from providers.extractive.conversation import Conversation, Statement

LATE: Final = 0.85  # of the meeting: what was taken on and settled is repeated at the end
THIN_TERMS: Final = 2  # fewer content words than this, and nobody could tell what was meant
SHORT_TOKENS: Final = 5
LONG_TOKENS: Final = 45
ASSENT_WINDOW: Final = 2  # statements in which others may say "yeah"

_NUMBERS: Final = frozenset(
    "ten twelve fifteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion percent "
    "euro euros dollar dollars cien mil millones millón por cent millions hundert tausend millionen".split()
)


def of(conversation: Conversation, statement: Statement, asked: Container[str]) -> Iterator[str]:
    """Which of the circumstances that are asked for hold. The others are not looked at."""
    return (name for name, holds in _CIRCUMSTANCES.items() if name in asked and holds(conversation, statement))


def _chair(conversation: Conversation, statement: Statement) -> bool:
    return bool(conversation.chair) and statement.speaker == conversation.chair


def _late(conversation: Conversation, statement: Statement) -> bool:
    return statement.place >= LATE * len(conversation.statements)


def _number(_: Conversation, statement: Statement) -> bool:
    return any(token.isdigit() or token in _NUMBERS for token in statement.tokens)


def _thin(_: Conversation, statement: Statement) -> bool:
    return len(set(statement.terms)) < THIN_TERMS


def _short(_: Conversation, statement: Statement) -> bool:
    return len(statement.tokens) < SHORT_TOKENS


def _long(_: Conversation, statement: Statement) -> bool:
    return len(statement.tokens) > LONG_TOKENS


def _asks(_: Conversation, statement: Statement) -> bool:
    return statement.asks


def _due(conversation: Conversation, statement: Statement) -> bool:
    return bool(dues.find(statement.text, cues.spoken(conversation.language)).text)


def _assent(conversation: Conversation, statement: Statement) -> bool:
    following = conversation.statements[statement.place + 1 : statement.place + 1 + ASSENT_WINDOW]
    return any(other.is_backchannel and other.speaker != statement.speaker for other in following)


def _taken(conversation: Conversation, statement: Statement) -> bool:
    return owners.speaks_to_somebody(statement) and owners.acceptance(conversation, statement) is not None


_CIRCUMSTANCES: Final[dict[str, Callable[[Conversation, Statement], bool]]] = {
    "chair": _chair,
    "late": _late,
    "number": _number,
    "thin": _thin,
    "short": _short,
    "long": _long,
    "asks": _asks,
    "assent": _assent,
    "taken": _taken,
    "due": _due,
}

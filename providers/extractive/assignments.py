"""Writes a statement down as an action item: who, what, by when. Pure."""

import re
from typing import Final

from providers.extractive import cues, dues, tidy
from providers.extractive.conversation import Conversation, Part, Statement
from providers.extractive.findings import Finding

# "I'll also look into that" is "Ann: Look into that" once Ann stands before it. A verb and one more word must follow.
_LEAD_IN: Final = re.compile(
    r"^.{0,60}?\bI(?:'ll| will|'m going to|'m gonna| am going to| can| could| need to| have to| should) "
    r"(?:(?:just|also|probably|definitely|then|actually|really|be|try to|go ahead and) ){0,3}(?=\w+ \w)",
    re.IGNORECASE,
)


def write(conversation: Conversation, statement: Statement, owner: str, accepted: tuple[Part, ...] = ()) -> Finding:
    """The action item.

    Args:
        owner: who acts, as labelled or as spelled in the statement; "" when nobody can be told.
        accepted: where somebody else agreed to do it; further evidence.
    """
    return Finding(_text(statement, owner), (*statement.parts, *accepted), owner, _due(conversation, statement))


def _text(statement: Statement, owner: str) -> str:
    text = tidy.strip(statement.text)
    if owner and owner == statement.speaker:
        text = _LEAD_IN.sub("", text.replace("’", "'"))
    text = tidy.sentence(text)
    return f"{owner}: {text}" if owner and text and not text.lower().startswith(owner.lower()) else text


def _due(conversation: Conversation, statement: Statement) -> dues.Due:
    """Looked for part by part, so that its words stand in one quote."""
    found = (dues.find(part.text, cues.spoken(conversation.language)) for part in statement.parts)
    return next((due for due in found if due.text), dues.NONE)

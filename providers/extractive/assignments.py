"""Writes a statement down as an action item: who, what, by when. Pure."""

import re
from typing import Final

from providers.extractive import cues, dues, owners, tidy
from providers.extractive.conversation import Conversation, Part, Statement
from providers.extractive.cue_tables.english_tasks import VERB
from providers.extractive.findings import Finding

# "I'll also look into that" is "Ann: Look into that" once Ann stands before it. A verb and one more word must follow.
_LEAD_IN: Final = re.compile(
    r"^.{0,60}?\bI(?:'ll| will|'m going to|'m gonna| am going to| can| could| need to| have to| should) "
    r"(?:(?:just|also|probably|definitely|then|actually|really|be|try to|go ahead and) ){0,3}(?=\w+ \w)",
    re.IGNORECASE,
)
# "You look at the case" is "Bob: Look at the case". Behind a modal any verb may follow, else one that tasks begin with.
_ADDRESS: Final = re.compile(
    rf"^(?:if )?you (?:(?:(?:could|can|will|should|might|need to|have to|maybe|just|also|then|probably) )+(?=\w+ \w)"
    rf"|(?={VERB}))|^you(?:'ll|'re (?:going to|gonna)) (?:(?:just|also|then|probably|be) )*(?=\w+ \w)",
    re.IGNORECASE,
)


def give(conversation: Conversation, statement: Statement, known: re.Pattern[str], named: str = "") -> Finding:
    """The action item of what somebody is told to do: whoever is named there, else whoever takes it on.

    Args:
        known: the participants, as `owners.roster` has them.
        named: who was told apart already; counts only if it stands in the statement.
    """
    owner = named if owners.stands_in(statement, named) else owners.mentioned(statement, known)
    if owner:
        return write(conversation, statement, owner)
    return write(conversation, statement, *owners.taker(conversation, statement, known))


def write(conversation: Conversation, statement: Statement, owner: str, accepted: tuple[Part, ...] = ()) -> Finding:
    """The action item.

    Args:
        owner: who acts, as labelled or as spelled in the statement; "" when nobody can be told.
        accepted: where somebody was called, or agreed to do it; further evidence.
    """
    quotes = statement.quotes
    return Finding(_text(statement, owner), (*quotes, *accepted), owner, _due(conversation, quotes))


def _text(statement: Statement, owner: str) -> str:
    text = tidy.strip(statement.text)
    if owner and owner == statement.speaker:
        text = _LEAD_IN.sub("", text.replace("’", "'"))
    elif owner:
        text = _ADDRESS.sub("", _uncalled(text.replace("’", "'"), owner))
    text = tidy.sentence(text)
    return f"{owner}: {text}" if owner and text and not text.lower().startswith(owner.lower()) else text


def _uncalled(text: str, owner: str) -> str:
    """Leave out the owner's name where it only calls them: "Ann, you ..." and "... Ann?"."""
    name = re.escape(owner)
    return re.sub(rf"^{name},? (?=you\b)|(?<=\w),? {name}(?=[.!?]?$)", "", text)


def _due(conversation: Conversation, quotes: tuple[Part, ...]) -> dues.Due:
    """Looked for quote by quote, so that its words stand in one of them."""
    found = (dues.find(quote.text, cues.spoken(conversation.language)) for quote in quotes)
    return next((due for due in found if due.text), dues.NONE)

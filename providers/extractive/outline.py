"""Topics and a summary from what was announced, settled and taken on: the outline of the model `cue-rules`. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Final

from providers.extractive import amounts, phrases, tidy, words
from providers.extractive.conversation import Conversation, Statement
from providers.extractive.findings import Finding, Kind, distinct, plain

_CLAUSE_END: Final = re.compile(r"[.;!?。；！？](?:\s|$)|[。；！？]")

MAX_SENTENCES: Final = 5
MAX_BULLETS: Final = 7
MIN_TOPICS: Final = 3
MAX_HEADING_WORDS: Final = 12
MIN_HEADING_TERMS: Final = 2  # "the second one" announces something, but does not say what
MIN_SUMMARY_TERMS: Final = 4  # a shorter statement cannot stand without its neighbours


def announced(conversation: Conversation, openings: Sequence[tuple[Statement, str]]) -> tuple[Finding, ...]:
    """Topics that somebody announced, headed by the words after the announcement; repeated phrases fill up the rest.

    Args:
        openings: announcing statements, each with the words after the announcement.
    """
    headed = distinct(Finding(_heading(rest), statement.parts) for statement, rest in openings)
    if len(headed) >= MIN_TOPICS:
        return headed
    return distinct([*headed, *_repeated(conversation)])[: amounts.of("topics", conversation.token_count)]


def digest(
    conversation: Conversation, items: dict[Kind, tuple[Finding, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Summary sentences and bullets: what is dense in frequent words, then what was settled, taken on and feared."""
    dense = _dense(conversation)
    results = [items["decisions"][:3], items["action_items"][:3], items["risks"][:1]]
    bullets = distinct(chain(*results, dense))[:MAX_BULLETS]
    return tuple(finding.text for finding in dense[:MAX_SENTENCES]), tuple(finding.text for finding in bullets)


def _heading(rest: str) -> str:
    """The first words of what was announced; "" when they hold too little to tell what it is."""
    said = tidy.strip(_CLAUSE_END.split(rest, maxsplit=1)[0]).split(" ")
    heading = " ".join(said[:MAX_HEADING_WORDS])
    if len(set(words.terms(words.tokens(heading)))) < MIN_HEADING_TERMS:
        return ""
    return f"{tidy.capital(heading)}{'…' if len(said) > MAX_HEADING_WORDS else ''}"


def _repeated(conversation: Conversation) -> list[Finding]:
    counts = phrases.count(conversation.statements)
    limit = amounts.of("topics", conversation.token_count)
    found = []
    for phrase in phrases.leading(counts, counts, limit):
        first = next(s for s in conversation.statements if phrases.holds(s, phrase))
        found.append(Finding(phrases.title([phrase]), first.parts))
    return found


def _dense(conversation: Conversation) -> tuple[Finding, ...]:
    """Luhn's old idea: a sentence matters when it holds many of the words that the meeting keeps using."""
    frequency = Counter(chain.from_iterable(statement.terms for statement in conversation.statements))
    density = {statement.place: _density(statement, frequency) for statement in conversation.statements}
    telling = [s for s in conversation.statements if density[s.place]] or conversation.statements
    ranked = sorted(telling, key=lambda s: (-density[s.place], s.place))[:MAX_SENTENCES]
    return distinct(plain(statement) for statement in sorted(ranked, key=lambda s: s.place))


def _density(statement: Statement, frequency: Counter[str]) -> float:
    content = set(statement.terms)
    if len(content) < MIN_SUMMARY_TERMS or statement.asks:
        return 0.0
    return sum(min(frequency[term], 40) for term in content) / (len(content) + 6)

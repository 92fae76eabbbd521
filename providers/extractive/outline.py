"""Topics and a summary from what was announced, settled and taken on: the outline of the model `cue-rules`. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain, takewhile
from typing import Final

from providers.extractive import amounts, clauses, nouns, phrases, summaries, tidy, words
from providers.extractive.conversation import Conversation, Statement
from providers.extractive.findings import Finding, Kind, distinct, plain

_CLAUSE_END: Final = re.compile(r"[.;!?。；！？](?:\s|$)|[。；！？]")

# Function words that hold a noun phrase together.
_LINKING: Final = frozenset(
    "the a an of for and in on to with new our your next first last el la los las un una de del y en para con "
    "sobre le les des du au aux et pour avec dans der die das dem den des und für mit im zum zur von vom über".split()
)

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
    headed = distinct(Finding(_heading(rest), statement.quotes) for statement, rest in openings)
    if len(headed) >= MIN_TOPICS:
        return headed
    said = frozenset(words.terms(words.tokens(" ".join(topic.text for topic in headed))))
    others = [topic for topic in _repeated(conversation) if said.isdisjoint(words.terms(words.tokens(topic.text)))]
    return distinct([*headed, *others])[: amounts.of("topics", conversation.token_count)]


def digest(
    conversation: Conversation, items: dict[Kind, tuple[Finding, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Summary sentences and bullets: what is dense in frequent words, then what was settled, taken on and feared."""
    dense = _dense(conversation)
    results = chain(items["decisions"][:3], items["action_items"][:3], items["risks"][:1])
    whole = [result for result in results if clauses.stands_alone(result.text, conversation.language)]
    bullets = distinct(chain(whole, dense))[:MAX_BULLETS]
    return tuple(finding.text for finding in dense[:MAX_SENTENCES]), tuple(finding.text for finding in bullets)


def _heading(rest: str) -> str:
    """The noun phrase that was announced; "" when the words hold too little to tell what it is.

    "The second one" says nothing, and what begins with "what we did last week" is a clause, no heading.
    """
    said = tidy.strip(_CLAUSE_END.split(rest, maxsplit=1)[0]).split(" ")
    kept = list(takewhile(_may_stand_in_heading, said))
    while kept and kept[-1].lower() in _LINKING:
        kept.pop()
    heading = " ".join(kept[:MAX_HEADING_WORDS])
    if len(set(words.terms(words.tokens(heading)))) < MIN_HEADING_TERMS:
        return ""
    return f"{tidy.capital(heading)}{'…' if len(kept) > MAX_HEADING_WORDS else ''}"


def _may_stand_in_heading(word: str) -> bool:
    """Content words and what links them; a pronoun or a verb like "is" ends the noun phrase."""
    return word.lower() in _LINKING or any(token not in words.STOP for token in words.tokens(word))


def _repeated(conversation: Conversation) -> list[Finding]:
    limit = amounts.of("topics", conversation.token_count)
    read = phrases.read(conversation.statements)
    known = nouns.learn(chain.from_iterable(read), conversation.language)
    (terms,) = phrases.headings([phrases.count(read, known)], limit)
    return [_first(conversation, term) for term in terms]


def _first(conversation: Conversation, term: str) -> Finding:
    """A term as a topic, proved by the statement that said it first."""
    first = next(s for s in conversation.statements if phrases.held(s, [term]))
    return Finding(phrases.title([term], first), phrases.proof(first, [term]))


def _dense(conversation: Conversation) -> tuple[Finding, ...]:
    """Luhn's old idea: a sentence matters when it holds many of the words that the meeting keeps using."""
    frequency = Counter(chain.from_iterable(statement.terms for statement in conversation.statements))
    density = {statement.place: _density(statement, frequency) for statement in conversation.statements}
    telling = [s for s in conversation.statements if density[s.place]] or conversation.statements
    ranked = sorted(telling, key=lambda s: (-density[s.place], s.place))
    best = summaries.whole(ranked, conversation.language, MAX_SENTENCES)
    return distinct(plain(statement) for statement in sorted(best, key=lambda s: s.place))


def _density(statement: Statement, frequency: Counter[str]) -> float:
    content = set(statement.terms)
    if len(content) < MIN_SUMMARY_TERMS or statement.asks:
        return 0.0
    return sum(min(frequency[term], 40) for term in content) / (len(content) + 6)

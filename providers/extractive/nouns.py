"""Which words name things, told from the company that they keep in the meeting itself. Pure.

There is no dictionary here. A word that ends a phrase opened by "the", "our" or "of" is used as a noun; one behind "I",
"we", "to" or "can" is used as a verb. What is seldom used as a noun heads no topic: "lose", "sorry", "playing" and
"basic" fall away by themselves, whatever the meeting is about.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from providers.extractive import words

MIN_LEAD: Final = 1.5  # noun uses for each use as a verb or adjective; near one, chance decides
MIN_USES: Final = 2  # "at random" is said in every long meeting
MAX_PHRASE: Final = 3  # content words: "the black remote control"

# Words that open a noun phrase: articles, possessives, numbers, the commonest adjectives, and prepositions that few
# verbs follow. "That", "her" and the like stand before verbs as often, and are left out.
_OPENING: Final[dict[str, str]] = {
    "en": (
        "the a an our your my their his its this these those of for with on about from into per by some any each "
        "every another other more most many few two three four five six seven eight nine ten hundred thousand "
        "million first second third next last new different same good great big little own whole"
    ),
    "es": (
        "el la los las un una unos unas del al este esta estos estas ese esa esos esas su sus mi nuestro nuestra "
        "nuestros nuestras de en con por sobre cada dos tres cuatro otro otra"
    ),
    "fr": (
        "le la les l un une des du au aux ce cet cette ces son sa ses mon ma mes notre nos votre vos leur leurs de "
        "d en dans sur par avec chaque deux trois quatre"
    ),
    "de": (
        "der die das den dem des ein eine einen einem einer eines unser unsere unseren mein meine sein seine ihr "
        "ihre dieser diese dieses diesen kein keine im am zum zur vom beim für von mit zwei drei vier jede jeder "
        "jedes"
    ),
}
# Words that no noun follows: pronouns, auxiliaries, and adverbs of degree.
_NEVER_BEFORE: Final[dict[str, str]] = {
    "en": (
        "i you we they he she it who to ll d ve m s can could will would should must may might shall does did don "
        "doesn didn won cannot not never always let lets just also be been being is are was were am re get gets "
        "very really so too quite pretty how"
    ),
    "es": "yo tú él ella nosotros ellos ellas usted ustedes se nos me te le les no ha han he hemos muy más está son",
    "fr": "je tu il elle on nous vous ils elles se ne pas qui ai as avons avez ont est sont était très plus",
    "de": "ich du er wir man zu wird werden würde kann können soll sollte muss müssen nicht sehr ist sind war so",
}
# Nouns that say nothing of a meeting's matter, and interjections that now and then stand behind an article.
_EMPTY: Final = frozenset(
    words.fold(word)
    for word in (
        "sorry hello hi bye please welcome everyone everybody someone somebody anyone anybody nobody half couple "
        "minute hour morning afternoon example idea question mind case end side fact sense reason problem percent "
        "yesterday tomorrow today week month year word meeting name number bunch between without until during "
        "within across against under above below along among toward towards ejemplo año años vez parte forma "
        "manera hoy mañana cosa cosas caso tema exemple année fois partie façon manière chose choses cas beispiel "
        "jahr jahre mal teil sache sachen fall ende"
    ).split()
)


class Clause(NamedTuple):
    """The words of a clause in order, as spoken, and each as `words.term` has it: "" for a function word."""

    said: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """How often each content word, folded, was used as a noun, and how often as something else.

    `knows`: whether the words that surround nouns are known in the language of the meeting.
    """

    as_noun: Counter[str]
    otherwise: Counter[str]
    knows: bool

    def names(self, term: str) -> bool:
        """Whether a content word names a thing. True of any where nobody can tell."""
        if term in _EMPTY:
            return False
        uses = self.as_noun[term]
        return not self.knows or (uses >= MIN_USES and uses > MIN_LEAD * self.otherwise[term])

    def joins(self, term: str) -> bool:
        """Whether a content word may be one of a pair that is said again and again: "universal remote"."""
        return term not in _EMPTY and (not self.knows or self.otherwise[term] <= self.as_noun[term])


def learn(clauses: Iterable[Clause], language: str) -> Lexicon:
    """Count uses over the clauses of a meeting."""
    opening = frozenset(_OPENING.get(language, "").split())
    never = frozenset(_NEVER_BEFORE.get(language, "").split())
    as_noun, otherwise = Counter[str](), Counter[str]()
    for clause in clauses:
        before, run = "", 0  # the last function word, and how many content words stand behind it
        for word, term, following in zip(clause.said, clause.terms, (*clause.terms[1:], ""), strict=True):
            if not term:
                before, run = word, 0
                continue
            run += 1
            as_noun[term] += not following and run <= MAX_PHRASE and before in opening
            otherwise[term] += run == 1 and before in never
    return Lexicon(as_noun, otherwise, bool(opening))

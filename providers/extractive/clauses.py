"""Whether a sentence can stand alone in a summary. Pure; a preference, since without a grammar it errs now and then."""

import re
from itertools import pairwise
from typing import Final

from providers.extractive import objections, words

MIN_TOKENS: Final = 5  # fewer words lean on what was said before

# One word of these makes a clause: subjects that are never objects, auxiliaries, and the commonest verbs.
_MAKES: Final[dict[str, str]] = {
    "en": (
        "i we he she they there is are was were am s re m ve ll d isn aren wasn weren has have had do does did don "
        "doesn didn can could will would should must may might won needs need wants want wanted said says say find "
        "found think thought know use used uses work works worked make makes made made take takes took go goes "
        "went come comes came get gets got give gives gave show shows showed seem seems seemed look looks looked "
        "tend tends tended cost costs help helps keep keeps mean means agree agreed decide decided plan plans "
        "planned start starts started run runs ran set let put prefer prefers suggest suggests include includes "
        "support supports require requires"
    ),
    "es": (
        "es son era eran fue fueron será está están hay ha han he hemos había tiene tienen tenemos puede pueden "
        "podemos debe deben debemos va van vamos hace hacen quiere queremos yo nosotros dice creo"
    ),
    "fr": (
        "est sont était étaient sera a ont ai avons avez avait faut va vont peut peuvent pouvons doit doivent "
        "devons fait font veut voulons je j il elle on nous ils elles"
    ),
    "de": (
        "ist sind war waren wird werden hat haben hatte kann können muss müssen soll sollen sollte will wollen "
        "gibt geht macht machen ich wir er man"
    ),
}
_VERBS: Final = {language: frozenset(known.split()) for language, known in _MAKES.items()}
# What begins with one of these leans on another clause, or merely answers.
_LEANING: Final[frozenset[str]] = frozenset(
    "which who whose whom than whether if when while where what how why because unless until although though being "
    "having no not maybe or que quien cuando porque aunque si donde qui dont quand parce lorsque puisque dass weil "
    "wenn ob welche welcher obwohl".split()
)
_SUBJECTS: Final = frozenset("i we you he she they it there".split())
# What ends with one of these was never finished.
_UNFINISHED: Final = frozenset(
    "the a an of to and or but with from for by than is are be was were if because that which i we they s re m ll "
    "ve my your our their some el la los las un una de y que le les du des et der die das den ein eine und zu".split()
)
# A comma behind such a word is where the speaker began anew.
_BROKEN: Final = re.compile(rf"\b(?:{'|'.join(sorted(_UNFINISHED))}),", re.IGNORECASE)


def stands_alone(sentence: str, language: str) -> bool:
    """Whether a tidied sentence is a whole clause: it has a verb, leans on no other, and was finished.

    Of a language whose verbs are not known, only false starts and cut ends are told.
    """
    said = words.tokens(sentence)
    if len(said) < MIN_TOKENS or sentence.endswith("…") or objections.retracted(sentence, language):
        return False
    if said[0] in _LEANING or said[-1] in _UNFINISHED or (said[0] == "that" and said[1] in _SUBJECTS):
        return False
    if _BROKEN.search(sentence):
        return False
    return language not in _MAKES or any(
        word in _VERBS[language] for before, word in pairwise(("", *said)) if before != "to"
    )

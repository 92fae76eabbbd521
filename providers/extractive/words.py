"""Words out of text, in any script. Pure.

Tokens are lower case and split at apostrophes ("I'll" is i, ll). Scripts that are written without spaces come out as
overlapping pairs of characters, which is the usual stand-in for words when there is no dictionary.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

NOISE: Final = re.compile(r"\[[^\[\]]{0,40}\]|\{[^{}]{0,40}\}|<[^<>]{0,40}>")  # [laugh], {vocalsound}, <pause>
_WORD: Final = re.compile(r"[^\W_]+")
# Han, kana, Thai, Lao, Burmese, Khmer: no spaces between words.
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_FIRST_UNSPACED: Final = "\u0e00"
_EMPTY_HAN: Final = frozenset(
    "的了是这那们我你他她它在和与也就都不很吗呢吧啊把被让说一个有要会对到从之而其为以及等里边还"
)

FILLERS: Final = frozenset("uh um uhm er erm ah eh hm hmm mm mhm hhh huh tsk ehm euh äh ähm".split())

ASSENT: Final = frozenset(
    "yeah yes yep yup ok okay kay sure right alright agreed exactly absolutely cool great good perfect fine nice "
    "definitely correct mm hmm mhm uh huh oh sí vale claro oui accord bien ja genau gut einverstanden "
    "好的 可以 同意 是的".split()
)

_STOP_BY_LANGUAGE: Final[dict[str, str]] = {
    "en": (
        "a able about actually after again all almost already also always am an and another any anything anyway "
        "are aren around as at back basically be because been before being big bit but by came can cause come "
        "could couldn course cuz d day did didn different do does doesn doing don done dunno eight eleven else "
        "enough even ever every everything fifty first five for forty four from get gets getting give go goes "
        "going gonna good got gotta great guess guys had hafta has have haven having he her here hers him his how "
        "however hundred i if in inaudible instead into is isn it its itself just kay kind kinda know last let "
        "like little ll long look looked looking lot m made make many may maybe me mean might more most much must "
        "my na need never new next nine no not now obviously of off often oh ok okay on one ones only or other our "
        "ours out over own people point pretty probably put quite rather re really right said same say saying see "
        "seven she should shouldn since six sixty so some something sort started still stuff such sure t take talk "
        "tell ten than thank thanks that the their them then there these they thing things think thirty this those "
        "though thousand three through time to today too trying twelve twenty two um up us use used using ve very "
        "want wanted was wasn way we well went were what whatever when where whether which while who whole why "
        "will with won would wouldn yeah yep yes yet you your "
    ),
    "es": (
        "al algo ante aquí así bien como con cuando de del desde donde dos el ella ellos en entre era es esa ese "
        "eso esta estas este esto estos está están fue gracias ha haber han hasta hay he hecho hemos la las le les "
        "lo los me mi muy más nada ni no nos nosotros o otra otro para pero por porque presidente pues que qué se "
        "sea ser señor señora señorías si sin sobre solo son su sus sí también tan tanto tenemos tiene tienen toda "
        "todo todos un una uno unos usted ustedes va vamos y ya yo "
    ),
    "fr": (
        "ai alors au aussi aux avec avez avons bien c ce cela ces cette comme d dans des donc du elle en est et eu "
        "faire fait faut il ils j je l la le les leur là ma mais me moi mon même n ne non nos notre nous on ont ou "
        "oui où par parce pas peut plus pour qu quand que qui quoi s sa sans se ses si son sont sur ta te tous "
        "tout très tu un une va vais voilà votre vous y à ça été être "
    ),
    "de": (
        "aber alle als also am an auch auf aus bei bin bis da damit dann das dass dem den der des die dies diese "
        "dieser doch du durch ein eine einem einen einer eines er es für ganz gar gibt habe haben hat hatte ich "
        "ihr im in ist ja jetzt kann kein keine mal man mein mich mir mit nach nein nicht noch nur ob oder schon "
        "sehr sein sich sie sind so und uns unser unter vom von vor war was weil wenn wer werden wie wir wird wo "
        "zu zum zur über "
    ),
}

# One set for all: a meeting mixes languages, and the few words that clash carry little anyway.
STOP: Final = frozenset(" ".join(_STOP_BY_LANGUAGE.values()).split()) | FILLERS


def tokens(text: str) -> tuple[str, ...]:
    """All words in order."""
    lowered = NOISE.sub(" ", text).lower()
    if not lowered.isascii() and _UNSPACED.search(lowered):
        lowered = _UNSPACED.sub(lambda run: f" {_pairs(run[0])} ", lowered)
    return tuple(_WORD.findall(lowered))


def terms(words: Iterable[str]) -> tuple[str, ...]:
    """The words that carry content, plural folded into singular; order kept."""
    return tuple(folded for word in words if (folded := term(word)))


@lru_cache(maxsize=50_000)  # a word is asked about each time that it is said
def term(word: str) -> str:
    """The word as content, or "" for a function word and for what is too short to be one.

    Two letters are too few in alphabets; a pair of characters is a word where there are no spaces.
    """
    if word in STOP or word.isdigit():
        return ""
    if len(word) > 2 or (word[0] >= _FIRST_UNSPACED and _EMPTY_HAN.isdisjoint(word)):
        return fold(word)
    return ""


def fold(word: str) -> str:
    """Strip an English-like plural; enough to join "button" and "buttons" without a dictionary."""
    if len(word) < 5 or word[-1] != "s" or word[-2] in "sui":
        return word
    return f"{word[:-3]}y" if word.endswith("ies") else word[:-1]


def _pairs(run: str) -> str:
    return " ".join(run[place : place + 2] for place in range(max(1, len(run) - 1)))

"""Which language is spoken, by function words and script. Pure; says "und" rather than guess.

The lists hold short words that are frequent in their language and rare in its neighbours. Languages without cue tables
of their own stand here as decoys, so that Portuguese is not taken for Spanish or Dutch for German.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Final

UNKNOWN: Final = "und"
SUPPORTED: Final = ("en", "es", "fr", "de", "zh")

FUNCTION_WORDS: Final[dict[str, frozenset[str]]] = {
    "en": frozenset(
        "the of and to that is it you we this for with have are was be they what not but on can do would if will your "
        "i my there from at so about".split()
    ),
    "es": frozenset(
        "el los las que y en por con para una un es del lo como más pero su este esta ha hay está muy nos porque "
        "también usted señor hemos son yo".split()
    ),
    "fr": frozenset(
        "le les des et est pas que vous je nous dans une du pour qui ce il ne sur au avec mais c qu ça plus été sont "
        "être cette aux tout on".split()
    ),
    "de": frozenset(
        "der die das und ist nicht ich wir ein eine zu den mit auf es auch für sie dass haben wird werden sind dem von "
        "oder noch aber wie kann sich".split()
    ),
    "pt": frozenset("não uma os que um para com é mais mas em do da isso você muito são também nós está foi".split()),
    "it": frozenset("il che di non è un una per gli della sono con più ma come questo anche abbiamo nel ho si".split()),
    "nl": frozenset("het een van niet dat ik je en we maar ook voor zijn met wat naar hebben op deze moet nog".split()),
    "ca": frozenset("els les i amb que no és per una més però aquest aquesta hem molt som també ens dels".split()),
}

_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_LETTER: Final = re.compile(r"[^\W\d_]")

SAMPLE_TOKENS: Final = 5_000  # shares settle within the first few hundred; the rest would only cost time
SAMPLE_CHARACTERS: Final = 20_000
MIN_HITS: Final = 4  # fewer function words are chance
MIN_SHARE: Final = 0.15  # running speech has 25 to 50 % function words of its own language
MIN_LEAD: Final = 1.25  # neighbours share words (es/pt, de/nl); the winner must stand clear of them


def detect(text: str, tokens: Iterable[str]) -> str:
    """The language as a BCP-47 code out of `SUPPORTED`, or "und".

    Args:
        text: what was said, or its beginning.
        tokens: its lower-case words, split at apostrophes.
    """
    sample = text[:SAMPLE_CHARACTERS]
    han = len(_HAN.findall(sample))
    if han * 2 > len(_LETTER.findall(sample)):
        return "zh" if len(_KANA.findall(sample)) * 10 < han else UNKNOWN
    return _by_function_words(list(islice(tokens, SAMPLE_TOKENS)))


def _by_function_words(tokens: list[str]) -> str:
    counts = Counter(tokens)
    hits = {language: sum(counts[word] for word in words) for language, words in FUNCTION_WORDS.items()}
    best, second = sorted(hits, key=lambda language: (-hits[language], language))[:2]
    clear = hits[best] >= MIN_HITS and hits[best] >= MIN_SHARE * len(tokens) and hits[best] >= MIN_LEAD * hits[second]
    return best if clear and best in SUPPORTED else UNKNOWN

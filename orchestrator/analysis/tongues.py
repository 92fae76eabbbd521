"""Languages: how an instruction names them, and in which one an answer is really written. Pure.

What a model claims is not asked: `detect` looks at the words that it wrote itself, never at its quotes.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from orchestrator.analysis.items import KINDS, Candidate
from orchestrator.meeting.context import UNKNOWN_LANGUAGE

Detect: TypeAlias = Callable[[str], str]

MAX_SAMPLE_CHARACTERS: Final = 20_000  # of an answer's own words; a profile settles within the first few hundred

# English names, since the instruction is in English. A language that is not here is named by its code alone.
NAMES: Final[dict[str, str]] = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def named(language: str) -> str:
    """A BCP 47 code as a reader of English knows it, the code behind it."""
    name = NAMES.get(primary(language))
    return f"the language with the BCP 47 code {language}" if name is None else f"{name} ({language})"


def primary(language: str) -> str:
    """The language itself, without region and script."""
    return language.partition("-")[0].lower()


def is_known(language: str | None) -> bool:
    return language is not None and primary(language) not in ("", UNKNOWN_LANGUAGE)


def as_written(candidate: Candidate, detect: Detect) -> Candidate:
    """The candidate with the language that its texts are in; what it claims stays where nobody can tell.

    A claim that is finer (`en-GB`) and not wrong stays too.
    """
    found = detect(own_words(candidate))
    if not is_known(found) or primary(found) == primary(candidate.language):
        return candidate
    return candidate.model_copy(update={"language": found})


def own_words(candidate: Candidate) -> str:
    """What the model wrote itself, or the beginning of it."""
    items = (item.text for kind in KINDS for item in candidate.of(kind))
    whole = "\n".join((candidate.summary.text, *candidate.summary.bullets, *items))
    return whole[:MAX_SAMPLE_CHARACTERS]


def complaint(candidate: Candidate, wanted: str | None) -> str | None:
    """What is wrong with the language of an answer, in words for its author; None: nothing, or nobody can tell."""
    if wanted is None or not is_known(wanted) or not is_known(candidate.language):
        return None
    if primary(candidate.language) == primary(wanted):
        return None
    return f"its texts are written in {named(candidate.language)}; {named(wanted)} was asked for"

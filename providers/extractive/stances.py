"""Who is to act by a statement's grammar: a person and an auxiliary of the future or of duty beside it. Pure.

The models that go by place and by topic know no more of language than this; what people say when they commit
themselves they know no words for.
"""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from providers.extractive.conversation import Conversation, Statement

Stance: TypeAlias = Literal["i", "you", "we"]

REACH: Final = 3  # tokens from the person to its auxiliary: "you guys can", "I am just going to"

# language -> stance -> persons, and auxiliaries that stand beside them in either order.
_PERSONS: Final[dict[str, dict[Stance, str]]] = {
    "en": {"i": "i", "you": "you", "we": "we let"},
    "es": {"i": "yo me", "you": "tú usted ustedes te le", "we": "nosotros nos"},
    "fr": {"i": "je j", "you": "tu vous", "we": "nous on"},
    "de": {"i": "ich", "you": "du ihr sie", "we": "wir"},
}
_AUXILIARIES: Final[dict[str, str]] = {
    "en": "ll will gonna going shall should can could need have must s",
    "es": "voy va van vamos haré hará podría puede puedes encargo debe debes tiene tienes",
    "fr": "vais va vas allons allez ferai fera ferez pourrais pouvez peux dois devez occupe doit",
    "de": "werde wird werden werdet kann kannst könnt könntest soll sollst sollten muss musst müssen mache übernehme",
}
_ENDINGS: Final[dict[str, dict[Stance, str]]] = {"es": {"i": "voy haré encargo", "you": "puedes debes", "we": "vamos"}}

Table: TypeAlias = dict[Stance, frozenset[str]]
_TABLES: Final[dict[str, Table]] = {
    language: {stance: frozenset(known.split()) for stance, known in persons.items()}
    for language, persons in _PERSONS.items()
}
_BESIDE: Final = {language: frozenset(known.split()) for language, known in _AUXILIARIES.items()}
_ALONE: Final[dict[str, Table]] = {
    language: {stance: frozenset(known.split()) for stance, known in forms.items()}
    for language, forms in _ENDINGS.items()
}


def of(conversation: Conversation, statement: Statement) -> Stance | None:
    """The first person in the statement beside whom an auxiliary stands; None: nobody, or a language without a table.

    In Spanish a verb form alone tells the person.
    """
    language = conversation.language
    persons, beside, alone = _TABLES.get(language, {}), _BESIDE.get(language, frozenset()), _ALONE.get(language, {})
    for place, token in enumerate(statement.tokens):
        for stance, known in persons.items():
            if token in alone.get(stance, ()) or (token in known and _near(statement.tokens, place, beside)):
                return stance
    return None


def _near(tokens: Sequence[str], place: int, wanted: frozenset[str]) -> bool:
    return not wanted.isdisjoint(tokens[max(0, place - 1) : place + 1 + REACH])

"""Who is to act, told by grammar alone, in four languages."""

import pytest

from providers.extractive import stances
from providers.extractive.conversation import listen
from providers.extractive.frame import Line

PADDING = {
    "en": "We are here because the weather was fine and they said that it would be so for the whole of the day.",
    "es": "Estamos aquí porque el tiempo es bueno y nos han dicho que va a ser así durante todo el día de hoy.",
    "fr": "Nous sommes ici parce que le temps est beau et on nous a dit que ce serait comme cela toute la journée.",
    "de": "Wir sind hier, weil das Wetter schön ist und man uns gesagt hat, dass es den ganzen Tag so bleiben soll.",
}


@pytest.mark.parametrize(
    ("language", "said", "stance"),
    [
        ("en", "I'll send the report.", "i"),
        ("en", "You could look at the case, maybe.", "you"),
        ("en", "Let's go with the rubber one.", "we"),
        ("en", "The report was long.", None),
        ("en", "I liked the report.", None),
        ("es", "Voy a preparar el informe.", "i"),
        ("es", "Usted puede hablar con el proveedor.", "you"),
        ("es", "Vamos con la goma.", "we"),
        ("fr", "Je vais préparer le rapport.", "i"),
        ("fr", "Vous pouvez appeler le fournisseur.", "you"),
        ("fr", "Nous allons prendre le caoutchouc.", "we"),
        ("de", "Ich werde den Bericht schreiben.", "i"),
        ("de", "Du kannst den Lieferanten anrufen.", "you"),
        ("de", "Wir nehmen den Gummi, das sollten wir.", "we"),
    ],
)
def test_a_person_with_an_auxiliary_beside_it_is_to_act(language: str, said: str, stance: str | None) -> None:
    conversation = listen((Line("u1", "Zoe", PADDING[language]), Line("u2", "Ann", said)))

    assert conversation.language == language
    assert stances.of(conversation, conversation.statements[-1]) == stance


def test_of_a_language_without_a_table_nobody_is_told_to_act() -> None:
    conversation = listen((Line("u1", "李雷", "我们决定采用新的电池材料方案。"),))

    assert stances.of(conversation, conversation.statements[0]) is None

"""What `cue-rules` takes for a task, a decision, a risk, a question or a topic: one table a kind, several languages."""

import re

import pytest

from providers.extractive import cues
from providers.extractive.cue_tables.row import Row
from providers.extractive.findings import Kind
from tests.unit.extractive.asking import Task, ask

MODEL = "cue-rules"

# Enough talk of the language for it to be told, without any cue.
PADDING = {
    "en": "The weather was nice and they had a walk in the park with all of the children on that day.",
    "es": "El tiempo era bueno y los niños del barrio estaban en el parque con las madres por la tarde.",
    "fr": "Le temps était beau et les enfants du quartier sont dans le parc avec des amis pour une heure.",
    "de": "Das Wetter ist schön und die Kinder sind mit den Eltern auf dem Platz, aber es wird nicht warm.",
    "zh": "天气很好，孩子们在公园散步，晚上回家吃饭。",
}


def tasks(said: str, language: str = "en") -> list[Task]:
    return ask(MODEL, ("Zoe", PADDING[language]), ("Ann", said)).action_items


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "I'll send the slides to the whole team."),
        ("en", "I will also look into the battery supplier."),
        ("en", "I'm going to write the test report."),
        ("en", "I'd be happy to take the supplier call."),
        ("es", "Yo voy a enviar el informe de ventas al cliente."),
        ("es", "Me encargo de la propuesta para el cliente."),
        ("fr", "Je vais préparer le rapport de vente pour le client."),
        ("de", "Ich werde den Bericht für den Kunden vorbereiten."),
        ("de", "Ich übernehme den Bericht für den Kunden."),
        ("zh", "我会准备材料报告，发送客户。"),
    ],
)
def test_a_commitment_is_the_speakers_task(language: str, said: str) -> None:
    (task,) = tasks(said, language)

    assert task.owner == "Ann"
    assert task.text.startswith("Ann: ")
    assert [quote.quote for quote in task.evidence] == [said]


@pytest.mark.parametrize(
    ("said", "owner"),
    [
        ("Zoe, can you send the slides by Friday?", "Zoe"),
        ("And Manuel you're going to work on the battery case.", "Manuel"),
        ("So the marketing expert will research the market trends.", "marketing expert"),
        ("Marketing expert will research the market trends today.", "Marketing expert"),
        ("For the slides, can you please send a draft by Friday?", ""),
        ("Please make sure to send the draft slides by Friday.", ""),
    ],
)
def test_a_task_is_given_to_whoever_is_named(said: str, owner: str) -> None:
    (task,) = tasks(said)

    assert task.owner == owner


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "Por favor, ¿puedes enviar el informe antes del viernes?"),
        ("fr", "Pouvez-vous préparer le rapport pour la réunion d'ici vendredi ?"),
        ("de", "Kannst du bitte den Bericht bis Freitag vorbereiten?"),
        ("zh", "请大家尽快准备材料报告，下周提交。"),
        ("en", "The action item is to send the report by Friday."),
        ("es", "Tenemos que preparar el informe de ventas antes del viernes."),
        ("fr", "Nous allons préparer le rapport de vente d'ici vendredi."),
        ("de", "Wir müssen den Bericht bis Freitag vorbereiten."),
    ],
)
def test_what_is_asked_of_others_is_a_task_of_nobody_in_particular(language: str, said: str) -> None:
    (task,) = tasks(said, language)

    assert task.owner == ""


def test_whoever_says_yes_to_a_request_owns_it_and_is_quoted() -> None:
    said = [("Zoe", PADDING["en"]), ("Ann", "Could you email the slides by Monday?"), ("Bob", "Yes, I think I can.")]

    (task,) = ask(MODEL, *said).action_items

    assert task.owner == "Bob"
    assert [quote.utterance for quote in task.evidence] == ["u2", "u3"]
    assert (task.due_text, task.due_date) == ("by Monday", "")


@pytest.mark.parametrize(
    "answer",
    [("Bob", "No, that is not possible for us."), (None, "Yes."), ("Ann", "Yes.")],
)
def test_without_a_yes_of_somebody_else_a_request_has_no_owner(answer: tuple[str | None, str]) -> None:
    (task,) = ask(MODEL, ("Zoe", PADDING["en"]), ("Ann", "Could you email the slides by Monday?"), answer).action_items

    assert task.owner == ""


def test_one_yes_does_not_speak_for_everybody() -> None:
    said = [("Ann", "Could you all email the slides by Monday?"), ("Bob", "Yes.")]

    (task,) = ask(MODEL, ("Zoe", PADDING["en"]), *said).action_items

    assert task.owner == ""


def test_tasks_given_out_in_a_row_support_each_other() -> None:
    row = [
        ("Ann", "You work on the battery case."),
        ("Ann", "You look into the market trends."),
        ("Ann", "You do the colour samples."),
    ]

    alone = ask(MODEL, ("Zoe", PADDING["en"]), ("Zoe", PADDING["en"]), row[0], ("Zoe", PADDING["en"]))
    together = ask(MODEL, ("Zoe", PADDING["en"]), *row)

    assert len(together.action_items) > len(alone.action_items)


def test_a_day_named_in_full_becomes_a_date() -> None:
    (task,) = tasks("I'll send the report by 5 March 2026.")

    assert (task.due_text, task.due_date) == ("5 March 2026", "2026-03-05")


@pytest.mark.parametrize(
    "said",
    [
        "I'll be honest, the slides are nice.",
        "I'll just say that the slides are nice.",
        "I'll let you go through the slides.",
        "If I were in charge I would have sent the slides.",
        "They sent the slides last week.",
        "I'll do it.",
        "Nothing to add to the slides.",
        "Rubber will get into the report by Friday.",
        "Then Friday will bring the test slides by tomorrow.",
    ],
)
def test_manners_of_speaking_are_no_tasks(said: str) -> None:
    assert tasks(said) == []


FOUND: dict[Kind, list[tuple[str, str]]] = {
    "decisions": [
        ("en", "We decided to use rubber for the case."),
        ("en", "Okay, let's go with the rubber case and the yellow buttons."),
        ("en", "The remote is only gonna be for the television, so we don't need the teletext."),
        ("en", "The motion is carried, and the amendment was adopted."),
        ("es", "Hemos acordado aprobar el presupuesto del proyecto."),
        ("fr", "Nous avons décidé de choisir le nouveau modèle."),
        ("de", "Wir haben beschlossen, das neue Modell zu bauen."),
        ("zh", "我们决定采用新的材料方案。"),
    ],
    "risks": [
        ("en", "The risk is that the supplier goes bankrupt."),
        ("en", "I'm worried about the battery lifetime."),
        ("es", "Existe el riesgo de perder el contrato."),
        ("fr", "Il y a un risque de perdre le contrat."),
        ("de", "Die Gefahr ist groß, dass der Vertrag platzt."),
        ("zh", "供应方面的风险比较大。"),
    ],
    "questions": [
        ("en", "How much does the rubber case cost per unit?"),
        ("en", "We still don't know whether the chip supports infrared."),
        ("en", "The open question is who pays for the tooling."),
        ("es", "¿Cuándo llega el informe de ventas del cliente?"),
        ("fr", "Comment allons financer le nouveau modèle ?"),
        ("de", "Wie finanzieren wir das neue Modell?"),
        ("zh", "如何解决电池材料的供应？"),
    ],
    "topics": [
        ("en", "Moving on to the battery supplier contract."),
        ("es", "Pasamos al presupuesto nacional, educación pública."),
        ("fr", "Passons au financement européen."),
        ("de", "Kommen wir zur Finanzierung neuer Batterien."),
        ("zh", "接下来介绍电池材料供应情况。"),
    ],
}


@pytest.mark.parametrize(("kind", "language", "said"), [(kind, *row) for kind, rows in FOUND.items() for row in rows])
def test_what_each_kind_is_told_by(kind: Kind, language: str, said: str) -> None:
    answered = ask(MODEL, ("Zoe", PADDING[language]), ("Ann", said))

    items = {
        "topics": answered.topics,
        "decisions": answered.decisions,
        "risks": answered.risks,
        "questions": answered.questions,
    }[kind]
    assert answered.language == language
    assert any(quote.utterance == "u2" and quote.quote in said for item in items for quote in item.evidence)


@pytest.mark.parametrize(
    "said",
    ["No problem at all with the battery.", "Any other questions?", "What about you guys?", PADDING["en"]],
)
def test_small_talk_is_neither_risk_nor_question_nor_decision(said: str) -> None:
    answered = ask(MODEL, ("Zoe", PADDING["en"]), ("Ann", said))

    assert answered.risks == answered.questions == answered.decisions == []


def test_an_announced_topic_is_headed_by_the_words_that_follow() -> None:
    said = [
        ("Ann", "Moving on to the battery supplier contract. And so on."),
        ("Ann", "Let's talk about market research results."),
        ("Ann", "Next item is the rubber case colour, " + "shape, price, weight, " * 5 + "and so on."),
        ("Ann", "Moving on to it."),
    ]

    headings = [topic.text for topic in ask(MODEL, ("Zoe", PADDING["en"]), *said).topics]

    assert headings[:2] == ["The battery supplier contract", "Market research results"]
    assert headings[2].startswith("The rubber case colour")
    assert headings[2].endswith("…")
    assert len(headings) == 3


def test_without_announcements_repeated_phrases_are_the_topics() -> None:
    said = [("Ann", f"Speech recognition matters, number {number}.") for number in range(4)]

    topics = ask(MODEL, *said).topics

    assert topics[0].text == "Speech recognition"
    assert topics[0].evidence[0].utterance == "u1"


def test_what_is_a_task_is_not_a_decision_as_well() -> None:
    answered = ask(MODEL, ("Zoe", PADDING["en"]), ("Ann", "I'll send it, we decided to go with the rubber case."))

    assert len(answered.action_items) == 1
    assert answered.decisions == []


def test_every_language_with_a_table_is_tried_when_none_is_known() -> None:
    assert cues.spoken("und") == tuple(cues.TABLES)
    assert cues.spoken("fr") == ("fr",)
    assert ask(MODEL, ("Ann", "Nous avons décidé: yellow rubber."), ("Bob", "我们决定采用材料")).decisions != []


@pytest.mark.parametrize(
    "row", [row for table in cues.TABLES.values() for row in table], ids=lambda row: row.pattern[:40]
)
def test_every_pattern_can_be_compiled_and_matches_no_empty_text(row: Row) -> None:
    assert re.compile(row.pattern, re.IGNORECASE).search("") is None
    assert row.triggers
    assert row.weight

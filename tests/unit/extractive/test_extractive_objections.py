"""What is no task and no decision, however much it sounds like one, and who owns what is left."""

import pytest

from providers.extractive import objections
from providers.extractive.answering import MODELS
from providers.extractive.cue_tables.objections import OBJECTIONS
from providers.extractive.cues import TABLES
from providers.extractive.findings import Kind
from tests.unit.extractive.asking import Task, ask, heard
from tests.unit.extractive.test_extractive_cues import PADDING

EACH_MODEL = pytest.mark.parametrize("model", list(MODELS))


def objects(kind: Kind, said: str, language: str = "en") -> bool:
    (statement,) = heard(("Ann", said)).statements
    return objections.weight(statement, kind, language) > 0


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "So you want me to look at shapes and everything you said?"),
        ("en", "What can you do?"),
        ("en", "We should all look into it, oh actually, no, we'll allocate."),
        ("en", "I'll hand it over to Scott."),
        ("en", "Our next meeting starts in thirty minutes."),
        ("es", "¿Quieres que yo prepare el informe?"),
        ("es", "Voy a enviar el informe, no, espera."),
        ("fr", "Tu veux que je prépare le rapport ?"),
        ("de", "Soll ich den Bericht vorbereiten?"),
        ("zh", "要我准备报告吗？"),
    ],
)
def test_asking_back_taking_back_and_chairing_are_no_tasks(language: str, said: str) -> None:
    assert objects("action_items", said, language)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Can you send the slides by Friday?"),
        ("en", "Could you, Zoe, send the slides, please?"),
        ("en", "I'll send the slides."),
        ("es", "¿Puedes enviar el informe?"),
        ("fr", "Pouvez-vous préparer le rapport ?"),
        ("de", "Kannst du den Bericht vorbereiten?"),
        ("zh", "能不能准备报告？"),
    ],
)
def test_a_request_stays_a_task(language: str, said: str) -> None:
    assert not objects("action_items", said, language)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Remember we're trying to make it for twelve Euros fifty."),
        ("en", "So before finalising this project, we must discuss all these things."),
        ("en", "If we use rubber it will be cheap."),
        ("en", "Maybe we should use rubber."),
        ("en", "Our agenda today is we are gonna do a little opening."),
        ("en", "We'll use rubber, no wait, plastic."),
        ("es", "Estamos intentando usar caucho."),
        ("fr", "On essaie de prendre le plastique."),
        ("de", "Wir versuchen das neue Modell."),
        ("zh", "希望采用新的材料。"),
    ],
)
def test_reminders_attempts_and_suppositions_are_no_decisions(language: str, said: str) -> None:
    assert objects("decisions", said, language)


@pytest.mark.parametrize(
    "said",
    [
        "Let's go with rubber, if that is fine.",
        "Remember, we agreed to use rubber.",
        "We will use rubber.",
        "The motion is carried, hopefully.",
    ],
)
def test_a_choice_in_so_many_words_is_a_decision(said: str) -> None:
    assert not objects("decisions", said)


def test_other_kinds_are_not_objected_to() -> None:
    assert not objects("risks", "The risk is, no wait, the price.")


def test_without_a_known_language_the_objections_of_all_count() -> None:
    assert objects("decisions", "Wir versuchen das.", "und")


def test_every_language_with_cues_has_objections() -> None:
    assert OBJECTIONS.keys() == TABLES.keys()


@EACH_MODEL
def test_neither_model_takes_asking_back_for_a_task_or_a_reminder_for_a_decision(model: str) -> None:
    said = [
        ("Ann", "Remember we're trying to sell it, we want a maximum price of twelve Euros."),
        ("Bob", "So you want me to look at shapes, look into colours, and send the email by Friday?"),
        ("Ann", "We will send an email and look into it by Friday, oh actually, no, forget the email."),
    ]

    answered = ask(model, ("Zoe", PADDING["en"]), *said)

    assert answered.action_items == []
    assert answered.decisions == []


def task(model: str, *said: tuple[str | None, str]) -> Task:
    (found,) = ask(model, ("Zoe", PADDING["en"]), *said).action_items
    return found


@EACH_MODEL
def test_whoever_accepts_a_task_owns_it_and_is_quoted(model: str) -> None:
    found = task(model, ("Ann", "So you will look into the market trends by Friday."), ("Bob", "Okay."))

    assert (found.owner, found.text) == ("Bob", "Bob: Look into the market trends by Friday.")
    assert [quote.utterance for quote in found.evidence] == ["u2", "u3"]


@EACH_MODEL
def test_whoever_asks_back_about_a_task_owns_it_rather_than_who_speaks_next(model: str) -> None:
    said = [
        ("Ann", "If you could look into shapes and put together a report by Friday."),
        ("Bob", "Right."),
        ("Cem", "So you want me to draw shapes?"),
    ]

    found = task(model, *said)

    assert found.owner == "Cem"
    assert found.evidence[-1].quote == "So you want me to draw shapes?"


def test_whoever_asks_back_about_something_else_owns_nothing() -> None:
    said = [("Ann", "Could you email the slides by Monday?"), ("Cem", "So you want me to draw shapes?")]

    assert task("cue-rules", *said).owner == ""


@EACH_MODEL
def test_whoever_was_called_just_before_owns_the_task(model: str) -> None:
    found = task(model, ("Ann", "Okay, Zoe?"), ("Ann", "You will look into the market trends by Friday."))

    assert found.owner == "Zoe"
    assert [quote.quote for quote in found.evidence] == [
        "You will look into the market trends by Friday.",
        "Zoe?",
    ]


@EACH_MODEL
@pytest.mark.parametrize(
    "before",
    [("Ann", "Zoe had the slides of last week there."), ("Bob", "Zoe?"), ("Ann", "Next one.")],
)
def test_nobody_was_called_by_a_whole_sentence_or_by_somebody_else(model: str, before: tuple[str, str]) -> None:
    assert task(model, before, ("Ann", "You will look into the market trends by Friday.")).owner == ""


@EACH_MODEL
@pytest.mark.parametrize(
    "introduced",
    ["Manuel is our Industrial Designer.", "Hello, my name is Manuel."],
)
def test_people_are_known_by_the_names_by_which_they_were_introduced(model: str, introduced: str) -> None:
    said = [
        ("Industrial Designer", introduced),
        ("Ann", "Manuel you'll look into the battery by Friday."),
        ("Ann", "You will put together a report by Friday, Manuel."),
    ]

    found = ask(model, ("Zoe", PADDING["en"]), *said).action_items

    assert [(each.owner, each.text) for each in found] == [
        ("Manuel", "Manuel: Look into the battery by Friday."),
        ("Manuel", "Manuel: Put together a report by Friday."),
    ]


def test_what_everybody_shall_do_is_nobodys_in_particular() -> None:
    said = [("Ann", "Let us look into your market trends and send a report by Friday."), ("Bob", "Okay.")]

    assert task("central-sentences", *said).owner == ""

"""Strong words that no item covers are pointed to; weak ones, and what is covered, are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.cues import MAX_QUOTE_CHARACTERS, MOST, REACH, every, missed
from orchestrator.analysis.items import Evidence, Item, Missed
from tests.unit.analysis.samples import item, meeting

FAR = ["B: hm"] * (REACH + 1)


@pytest.mark.parametrize(
    ("said", "cue"),
    [
        ("Okay, I'll send the report to everybody.", "I'll send"),
        ("Okay, I’ll just check that with legal.", "I’ll just check"),
        ("I'm going to set up a call with the vendor.", "I'm going to set up"),
        ("Leave that with me.", "Leave that with me"),
        ("I'll take that.", "I'll take that."),
        ("Let me find out who owns it.", "Let me find out"),
        ("We'll follow up on Monday.", "We'll follow up"),
        ("Bo, can you please update the plan?", "can you please update"),
        ("You're going to work on the components.", "You're going to work on"),
        ("Then Marta will prepare the slides.", "Marta will prepare"),
        ("Your task is the interface.", "Your task is"),
        ("We have that as an action item.", "as an action item"),
        ("It has to be there by next Friday.", "by next Friday"),
        ("All right, let's go with the rubber one.", "let's go with"),
        ("So we settled on yellow.", "we settled on"),
        ("We've decided to drop the scroll wheel.", "We've decided to"),
        ("So the final decision is rubber.", "the final decision is"),
        ("The motion is carried.", "motion is carried"),
        ("Vale, de eso me encargo yo.", "me encargo yo"),
        ("Voy a preparar el informe.", "Voy a preparar"),
        ("Te lo mando luego.", "Te lo mando"),
        ("Tiene que estar para el viernes.", "para el viernes"),
        ("Entonces hemos decidido esperar.", "hemos decidido"),
        ("¿Puedes enviarme la lista?", "Puedes enviarme"),
        ("Pas de souci, je m'en occupe.", "je m'en occupe"),
        ("Je vais vous envoyer le devis.", "Je vais vous envoyer"),
        ("Il me le faut d'ici vendredi.", "d'ici vendredi"),
        ("Donc on part sur le bleu.", "on part sur"),
        ("Nous avons décidé d'attendre.", "Nous avons décidé"),
        ("Gut, ich übernehme das.", "ich übernehme"),
        ("Das mache ich.", "Das mache ich"),
        ("Ich werde die Unterlagen heute vorbereiten.", "Ich werde die Unterlagen heute vorbereiten"),
        ("Das brauchen wir bis Freitag.", "bis Freitag"),
        ("Wir haben uns für Gelb entschieden.", "Wir haben uns für Gelb entschieden"),
    ],
)
def test_a_task_or_a_decision_has_its_words(said: str, cue: str) -> None:
    assert missed(meeting("A: Hello.", f"B: {said}"), ()) == (Missed(cue=cue, utterances=("s2",), quote=said),)


@pytest.mark.parametrize(
    "said",
    [
        "I'll be honest, that is hard.",
        "I'll say this once.",
        "I'll tell you what happened.",
        "I can send it, I suppose.",
        "If I'll send it, who reads it?",
        "Shall I say I'll send it?",
        "Until we've decided to drop it, nothing moves.",
        "We haven't decided that.",
        "I don't think I'll send it.",
        "She said I'll send it.",
        "He was like, I'll do that.",
        'The mail reads "I\'ll send it" and no more.',
        "We decided to drop it last year.",
        "How can you do that?",
        "I'm gonna call that a policy.",
        "What you add is your thing.",
        "No me encargo de eso.",
        "Si hemos decidido esperar, bien.",
        "Je ne vais pas vous envoyer le devis.",
        "Si on part sur le bleu, c'est plus cher.",
        "Ich übernehme das nicht.",
        "Wenn ich das mache, ich übernehme nichts.",
        "Wir haben uns gestern dafür entschieden.",
        "",
        "...",
    ],
)
def test_what_is_no_promise_is_no_cue(said: str) -> None:
    assert missed(meeting("A: Hello.", f"B: {said or 'x'}"), ()) == ()


def proved(place: int, quote: str = "hm") -> Item:
    return item("It is sent", f"s{place}", quote=quote)


@pytest.mark.parametrize(("place", "covered"), [(1, False), (2, True), (4, True), (6, True), (7, False)])
def test_an_item_covers_what_lies_near_its_evidence(place: int, covered: bool) -> None:
    talk = meeting(*FAR, "A: I'll send the report.", *FAR)

    assert (missed(talk, [proved(place)]) == ()) == covered


@pytest.mark.parametrize(("words", "covered"), [(20, True), (120, False)])
def test_in_a_long_turn_an_item_covers_what_was_said_in_the_same_breath(words: int, covered: bool) -> None:
    talk = meeting(f"A: We ship the beta. {'So it goes on. ' * (words // 4)}I'll send the report.")

    assert (missed(talk, [proved(1, "We ship the beta")]) == ()) == covered


def test_the_list_is_short_the_most_telling_first_then_in_order() -> None:
    lines = [line for _ in range(MOST) for line in (*FAR, "A: We'll follow up on that.")]
    talk = meeting(*lines, *FAR, "A: I'll send the report by Friday.", *FAR, "A: We've decided to stop.")

    found = missed(talk, ())

    assert [one.cue for one in found] == ["I'll send", "We've decided to", *["We'll follow up"] * (MOST - 2)]
    assert [one.utterances for one in found[2:]] == [(f"s{4 * n}",) for n in range(1, MOST - 1)]
    assert len(list(every(talk))) == MOST + 2


def test_of_cues_in_one_breath_the_strongest_is_shown() -> None:
    talk = meeting("A: We'll follow up on that.", "A: I'll send the report.", "B: Good, by Friday then.")

    assert [one.cue for one in missed(talk, ())] == ["I'll send"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Well then. I'll send it. Good.", "I'll send it."),
        ("so it goes on " * 30 + "and I'll send it", "I'll send it"),
        ("I'll send " + "it on " * 60, ("I'll send " + "it on " * 60)[:MAX_QUOTE_CHARACTERS].rpartition(" ")[0]),
    ],
)
def test_the_quote_is_the_sentence_or_the_part_from_the_cue(said: str, expected: str) -> None:
    assert missed(meeting(f"A: {said}"), ())[0].quote == expected


def test_languages_that_are_not_spoken_are_not_looked_for() -> None:
    english = " ".join(f"word{n}" for n in range(120))

    assert missed(meeting(f"A: the {english} is it.", "B: Ich übernehme das."), ()) == ()
    assert len(missed(meeting(f"A: the {english} is it.", "B: We agreed to stop."), ())) == 1


def test_evidence_that_is_not_found_in_its_utterance_counts_from_its_beginning() -> None:
    whole = Item(
        id="itm_x",
        text="x",
        evidence=(Evidence(utterances=("s1", "s2"), quote="good. I'll send"),),
        confidence=0.5,
        seats=(0,),
        verified=True,
    )

    assert missed(meeting("A: good.", "A: I'll send the report."), [whole]) == ()


@given(
    st.lists(
        st.lists(
            st.sampled_from("I'll send we decided to by Friday . ? “ ” not if let's go with the is we you hm".split()),
            min_size=1,
        ).map(" ".join),
        min_size=1,
    )
)
def test_what_is_pointed_to_was_said(lines: list[str]) -> None:
    talk = meeting(*(f"A: {line}" for line in lines))

    found = missed(talk, ())

    assert len(found) <= MOST
    for one in found:
        assert one.quote in talk.by_id[one.utterances[0]].text
        assert one.cue in talk.by_id[one.utterances[0]].text
        assert len(one.quote) <= MAX_QUOTE_CHARACTERS

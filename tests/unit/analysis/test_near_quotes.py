"""A tidied quote is found where it was said; a changed one is not found at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.near_quotes import NearQuotes
from orchestrator.analysis.quotes import MAX_SPAN, NEIGHBOURS, Concordance, Span
from tests.unit.analysis.samples import meeting

TALK = meeting(
    "Ann: So uh I think, um, we don't really need the the second prototype before, you know, the trade fair in March.",
    "Bo: Okay.",
    "Ann: The supplier [laugh] will deliver twenty five cases",
    "Ann: to the new warehouse in Leeds, and they're paid",
    "Bo: on receipt, I suppose.",
    "Cy: Euh, on va, on va livrer les échantillons à Lyon avant la fin du mois.",
    "Cy: Ich kümmere mich, äh, um die Unterlagen für den Kunden.",
    "Bo: Marta said that it might work with a smaller battery.",
    "Bo: I think you do. I I think we have to fill in a questionnaire again, but --",
    "Cy: 我们决定周五发布新版本。",
    "Ann: We never, never agreed to share the customer list with the agency.",
)
NEAR = NearQuotes(Concordance(TALK), frozenset(("ann", "bo", "cy")))


@pytest.mark.parametrize(
    ("quote", "named", "expected"),
    [
        ("think we don't really need the second", 0, "think, um, we don't really need the the second"),
        ("we do not really need the second prototype", 0, "we don't really need the the second prototype"),
        ("second prototype before the trade fair.", 0, "second prototype before, you know, the trade fair"),
        ("really need the second protoype", 2, "really need the the second prototype"),
        (
            "The supplier will deliver 25 cases to the new warehouse in Leeds",
            2,
            "The supplier [laugh] will deliver twenty five cases to the new warehouse in Leeds",
        ),
        ("supplier will deliver twenty five cases", 2, "supplier [laugh] will deliver twenty five cases"),
        ("warehouse in Leeds and they are paid on receipt", 4, "warehouse in Leeds, and they're paid on receipt"),
        ("on va livrer les échantillons à Lyon", 5, "on va, on va livrer les échantillons à Lyon"),
        ("Ich kümmere mich um die Unterlagen", 7, "Ich kümmere mich, äh, um die Unterlagen"),
        ("I think we have to fill in questionnaire again", 8, "I think we have to fill in a questionnaire again"),
        ("to fill in a questionnare again", 8, "to fill in a questionnaire again"),
        ("We nevr agreed to share the customer list", 10, None),
    ],
)
def test_a_tidied_quote_is_given_back_as_it_was_said(quote: str, named: int, expected: str | None) -> None:
    found = NEAR.find(quote, named)

    assert (found and found.quote) == expected


@pytest.mark.parametrize(
    ("quote", "named"),
    [
        ("we really need the second prototype", 0),  # the negation is gone
        ("we don't really need the third prototype", 0),
        ("we don't really need the second warehouse", 0),
        ("the supplier will deliver 35 cases to the new warehouse", 2),
        ("the supplier will deliver cases to the new warehouse", 2),
        ("to the new warehouse in Lyon and they are paid", 3),
        ("to the new warehouse and they are paid on receipt", 3),  # without its name
        ("to the new warehouse in Leds, and they're paid", 3),
        ("Marta said that it works with a smaller battery", 7),  # might
        ("Martha said that it might work with a smaller battery", 7),
        ("I do think it might work with a smaller battery", 7),
        ("the second prototype", 0),  # three words
        ("the second prototype, the trade fair", 0),  # too much left out
        ("really need the second protoype", 3),  # too far away
        ("we should paint the boat in bright colours", 0),
        ("one two three four five", 0),
        ("", 0),
        ("… — …", 0),
    ],
)
def test_a_changed_quote_is_not_found(quote: str, named: int) -> None:
    assert NEAR.find(quote, named) is None


def test_what_is_denied_before_the_quote_is_no_proof_of_the_opposite() -> None:
    near = NearQuotes(Concordance(meeting("Ann: I don't think it is the right thing to do, honestly.")), frozenset())

    assert near.find("I do think it is the right thing", 0) is None
    assert near.find("I do not think it is the right thing", 0) is not None


def test_the_most_alike_place_is_taken_and_of_equals_the_nearest() -> None:
    talk = meeting(
        "A: we ship the beta to our first customers",
        "B: okay, and I shall tell them all about the price, the colours, and what is to be done when it does not fit",
        "C: we ship the the beta to our first customers",
    )
    near = NearQuotes(Concordance(talk), frozenset())

    assert near.find("we ship, uh, the beta to our first customers", 2) == Span(
        first=2, last=2, quote="we ship the the beta to our first customers"
    )


def test_a_quote_is_not_joined_from_four_utterances() -> None:
    talk = meeting("A: we will deliver", "A: the first samples", "A: to the customer", "A: in Leeds")

    assert (
        NearQuotes(Concordance(talk), frozenset()).find("we'll deliver the first samples to customer in Leeds", 1)
        is None
    )


@given(
    st.lists(st.sampled_from("we will not ship the second beta uh the Lyon twenty five 25 battery don't , .".split())),
    st.integers(0, 10),
)
def test_what_is_found_stands_there(words: list[str], named: int) -> None:
    found = NEAR.find(" ".join(words), named)

    if found:
        texts = [utterance.text for utterance in TALK.utterances[found.first : found.last + 1]]
        assert found.quote in " ".join(texts)
        assert 0 < len(texts) <= MAX_SPAN
        assert named - NEIGHBOURS <= found.first <= found.last <= named + NEIGHBOURS

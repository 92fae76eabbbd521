"""The label says what was really done, and changes when that changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.labels import SeatFact, degradations, label
from providers.calls import Target

LUNA, MINI = Target.parse("openai/gpt-6-luna"), Target.parse("openai/gpt-6-mini")
OPUS, RANK = Target.parse("anthropic/opus"), Target.parse("extractive/textrank")
CUES = Target.parse("extractive/cues")


def seat(number: int, asked: Target, served: Target | None = None, reason: str | None = None) -> SeatFact:
    """A seat that was served what it asked for, unless told otherwise; with a reason, one that was lost."""
    return SeatFact(
        seat=number, asked=asked, served=None if reason else served or asked, answered=not reason, reason=reason
    )


# The facts, what was planned, what was run, the quorum; then the label, and each loss with its seat.
TABLE = [
    ([seat(0, LUNA)], "single", "single", 1, "single model: openai/gpt-6-luna", []),
    (
        [seat(0, LUNA, MINI)],
        "single",
        "single",
        1,
        "single model: openai/gpt-6-mini, 1 substituted",
        [("substituted", 0)],
    ),
    (
        [seat(0, RANK)],
        "single",
        "single",
        1,
        "extractive: single built-in rule-based model: extractive/textrank, no language model was used",
        [("extractive", 0)],
    ),
    (
        [seat(0, LUNA, RANK)],
        "single",
        "single",
        1,
        "extractive: single built-in rule-based model: extractive/textrank, no language model was used, 1 substituted",
        [("substituted", 0), ("extractive", 0)],
    ),
    ([seat(0, LUNA), seat(1, MINI), seat(2, OPUS)], "consensus", "consensus", 2, "consensus of 3 models", []),
    ([seat(0, LUNA)], "consensus", "consensus", 1, "consensus of 1 model", []),
    (
        [seat(0, LUNA), seat(1, MINI, reason="exhausted"), seat(2, OPUS)],
        "consensus",
        "consensus",
        2,
        "consensus of 2 of 3 models",
        [("seat-lost", 1)],
    ),
    (
        [seat(0, LUNA), seat(1, MINI, reason="exhausted"), seat(2, OPUS, MINI)],
        "consensus",
        "consensus",
        3,
        "consensus of 2 of 3 models, 1 substituted, below the quorum of 3",
        [("seat-lost", 1), ("substituted", 2), ("quorum-partial", None)],
    ),
    (
        [seat(0, LUNA, reason="timeout"), seat(1, MINI), seat(2, OPUS, reason="timeout")],
        "consensus",
        "single",
        2,
        "single model: openai/gpt-6-mini, 1 of 3 seats answered, consensus was planned, below the quorum of 2",
        [("seat-lost", 0), ("seat-lost", 2), ("strategy-downgraded", None), ("quorum-partial", None)],
    ),
    (
        [seat(0, RANK), seat(1, CUES)],
        "consensus",
        "consensus",
        2,
        "extractive: consensus of 2 built-in rule-based models, no language model was used",
        [("extractive", 0), ("extractive", 1)],
    ),
    (
        [seat(0, LUNA), seat(1, MINI), seat(2, RANK)],
        "consensus",
        "consensus",
        2,
        "consensus of 3 (1 built-in, no language model)",
        [("extractive", 2)],
    ),
    (
        [seat(0, LUNA, reason="timeout"), seat(1, MINI), seat(2, OPUS, RANK)],
        "consensus",
        "consensus",
        2,
        "consensus of 2 of 3 (1 built-in, no language model), 1 substituted",
        [("seat-lost", 0), ("substituted", 2), ("extractive", 2)],
    ),
    (
        [seat(0, LUNA, reason="timeout"), seat(1, MINI, reason="quota")],
        "consensus",
        "consensus",
        2,
        "no model answered, below the quorum of 2",
        [("seat-lost", 0), ("seat-lost", 1), ("quorum-partial", None)],
    ),
]


@pytest.mark.parametrize(("facts", "planned", "ran", "quorum", "expected", "lost"), TABLE)
def test_each_process_has_its_label_and_its_losses(
    facts: list[SeatFact], planned: str, ran: str, quorum: int, expected: str, lost: list[tuple[str, int | None]]
) -> None:
    found = degradations(facts, planned=planned, ran=ran, quorum=quorum)

    assert label(facts, planned=planned, ran=ran, quorum=quorum) == expected
    assert [(one.code, one.seat) for one in found] == lost


def test_the_details_name_models_numbers_and_reasons() -> None:
    facts = [
        seat(0, LUNA, reason="timeout"),
        seat(1, MINI, RANK),
        SeatFact(seat=2, asked=OPUS, served=None, answered=False),
    ]

    found = degradations(facts, planned="consensus", ran="single", quorum=2)

    assert [one.detail for one in found] == [
        "openai/gpt-6-luna: timeout",
        "openai/gpt-6-mini was asked, extractive/textrank answered",
        "extractive/textrank is a built-in rule-based model; no language model was used",
        "anthropic/opus: no answer",
        "consensus was planned, single was run",
        "1 of 3 seats answered, 2 were required",
    ]


def test_a_plan_that_was_cheaper_than_asked_for_is_owned_up_to_in_the_words_of_its_reason() -> None:
    why = "87 % of the tenant's month budget is used, so cheaper models were planned"

    found = degradations([seat(0, LUNA)], planned="single", ran="single", quorum=1, cheaper=why)

    assert [(one.code, one.detail, one.seat) for one in found] == [("cheaper-plan", why, None)]


_FACTS = st.lists(
    st.tuples(st.sampled_from([LUNA, MINI, RANK]), st.sampled_from([None, LUNA, MINI, RANK])), min_size=1, max_size=5
).map(
    lambda pairs: [
        SeatFact(seat=number, asked=asked, served=served, answered=served is not None, reason=None)
        for number, (asked, served) in enumerate(pairs)
    ]
)
_PROCESSES = st.tuples(_FACTS, st.sampled_from(["single", "consensus"]), st.integers(1, 5))


def numbers(facts: list[SeatFact], ran: str, quorum: int) -> tuple[object, ...]:
    """What a reader must be able to tell apart of two runs of a plan for consensus."""
    answered = [fact for fact in facts if fact.served]
    built_in = sum(fact.served is not None and fact.served.provider == "extractive" for fact in answered)
    taken = answered[0].served if ran == "single" and answered else None
    substituted = sum(fact.served != fact.asked for fact in answered)
    return (
        ran,
        len(answered),
        len(facts) if answered else None,
        taken or built_in,
        substituted,
        quorum if len(answered) < quorum else None,
    )


@given(_PROCESSES, _PROCESSES)
def test_the_label_changes_when_the_process_changed(
    one: tuple[list[SeatFact], str, int], other: tuple[list[SeatFact], str, int]
) -> None:
    labels = [label(facts, planned="consensus", ran=ran, quorum=quorum) for facts, ran, quorum in (one, other)]

    assert (labels[0] == labels[1]) == (numbers(*one) == numbers(*other))


@given(_PROCESSES)
def test_the_order_of_the_facts_does_not_matter(process: tuple[list[SeatFact], str, int]) -> None:
    facts, ran, quorum = process
    turned = facts[::-1]

    assert label(turned, planned="consensus", ran=ran, quorum=quorum) == label(
        facts, planned="consensus", ran=ran, quorum=quorum
    )
    assert degradations(turned, planned="consensus", ran=ran, quorum=quorum) == degradations(
        facts, planned="consensus", ran=ran, quorum=quorum
    )


@given(_PROCESSES)
def test_a_built_in_model_is_always_owned_up_to(process: tuple[list[SeatFact], str, int]) -> None:
    facts, ran, quorum = process
    built_in = [fact.seat for fact in facts if fact.served and fact.served.provider == "extractive"]

    found = degradations(facts, planned=ran, ran=ran, quorum=quorum)

    assert [one.seat for one in found if one.code == "extractive"] == built_in


def in_parts(served: Target | None, *heard: Target, parts: int = 3) -> SeatFact:
    reason = None if served else "exhausted"
    return SeatFact(
        seat=0, asked=LUNA, served=served, answered=served is not None, reason=reason, parts=parts, heard=heard
    )


@pytest.mark.parametrize(
    ("fact", "said", "lost"),
    [
        (
            in_parts(LUNA, LUNA, LUNA, LUNA),
            "single model: openai/gpt-6-luna, 1 shown the meeting in parts",
            {"in-parts": "its window does not hold the meeting, so openai/gpt-6-luna was asked about 3 parts"},
        ),
        (
            in_parts(MINI, MINI, MINI, MINI),
            "single model: openai/gpt-6-mini, 1 substituted, 1 shown the meeting in parts",
            {
                "substituted": "openai/gpt-6-luna was asked, openai/gpt-6-mini answered",
                "in-parts": "its window does not hold the meeting, so openai/gpt-6-luna was asked about 3 parts",
            },
        ),
        (
            in_parts(LUNA, LUNA, MINI, LUNA),
            "single model: openai/gpt-6-luna, 1 substituted, 1 shown the meeting in parts",
            {
                "substituted": "openai/gpt-6-luna was asked, openai/gpt-6-mini answered for 1 of 3 parts",
                "in-parts": "its window does not hold the meeting, so openai/gpt-6-luna was asked about 3 parts",
            },
        ),
        (
            in_parts(LUNA, LUNA, RANK, LUNA),
            "single model: openai/gpt-6-luna, 1 substituted, 1 shown the meeting in parts",
            {
                "substituted": "openai/gpt-6-luna was asked, extractive/textrank answered for 1 of 3 parts",
                "extractive": "extractive/textrank is a built-in rule-based model; no language model was used"
                " for 1 of 3 parts",
                "in-parts": "its window does not hold the meeting, so openai/gpt-6-luna was asked about 3 parts",
            },
        ),
        (
            in_parts(None, LUNA, LUNA),
            "no model answered, below the quorum of 1",
            {
                "seat-lost": "openai/gpt-6-luna: exhausted, 2 of 3 parts were answered",
                "quorum-partial": "0 of 1 seats answered, 1 were required",
            },
        ),
    ],
)
def test_a_seat_that_was_asked_in_parts_says_so_and_who_answered_them(
    fact: SeatFact, said: str, lost: dict[str, str]
) -> None:
    assert label([fact], planned="single", ran="single", quorum=1) == said
    found = degradations([fact], planned="single", ran="single", quorum=1)
    assert {one.code: one.detail for one in found} == lost

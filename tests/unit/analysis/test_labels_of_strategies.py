"""Every strategy and everything that can happen to it: what the label says, and which degradations there are."""

from collections.abc import Iterator
from itertools import product
from typing import Final

import pytest

from orchestrator.analysis.beside import Beside, RoleFact
from orchestrator.analysis.labels import SeatFact, degradations, label
from providers.calls import Target

LUNA, MINI, OPUS = (Target.parse(f"openai/{name}") for name in ("luna", "mini", "opus"))
RANK = Target.parse("extractive/textrank")
LEAD, SPARE = Target.parse("anthropic/lead"), Target.parse("google/spare")

STRATEGIES: Final = ("single", "consensus", "expertise", "hierarchical", "competitive")


def seats(*served: Target | None) -> list[SeatFact]:
    """Three seats that asked for luna, mini and opus."""
    return [
        SeatFact(seat=seat, asked=asked, served=by, answered=by is not None, reason=None if by else "exhausted")
        for seat, (asked, by) in enumerate(zip((LUNA, MINI, OPUS), served, strict=True))
    ]


ALL = seats(LUNA, MINI, OPUS)


def lead(served: Target | None = LEAD, reason: str | None = None) -> RoleFact:
    return RoleFact(role="lead", asked=LEAD, served=served, reason=reason, seat=3)


def judge(served: Target | None = LEAD, seat: int = 3) -> RoleFact:
    return RoleFact(role="judge", asked=LEAD, served=served, reason=None if served else "exhausted", seat=seat)


REVIEWED = Beside(asked=1, heard=1, roles=(lead(),))

# What was run, with what beside the panel; then the label of three models that answered, and each loss with its seat.
BESIDE: Final = [
    ("consensus", Beside(), "consensus of 3 models", []),
    ("expertise", Beside(recorded=3), "expertise of 3 models, 3 with a measured record", []),
    ("expertise", Beside(recorded=1), "expertise of 3 models, 1 with a measured record", []),
    (
        "expertise",
        Beside(),
        "expertise of 3 models, none with a measured record: all counted alike",
        [("unmeasured", None)],
    ),
    ("hierarchical", REVIEWED, "hierarchical of 3 models, reviewed by anthropic/lead", []),
    ("hierarchical", Beside(asked=1, heard=1), "hierarchical of 3 models, reviewed by a lead", []),
    (
        "hierarchical",
        Beside(asked=1, heard=1, roles=(lead(SPARE),)),
        "hierarchical of 3 models, reviewed by google/spare in place of anthropic/lead",
        [("substituted", 3)],
    ),
    ("hierarchical", Beside(roles=(lead(None),)), "hierarchical of 3 models, nothing to review", []),
    (
        "hierarchical",
        Beside(asked=1, roles=(lead(None, "exhausted"),)),
        "drafts of 3 models, united by rule: hierarchical was planned, its lead gave no usable answer",
        [("lead-lost", 3)],
    ),
    (
        "hierarchical",
        Beside(asked=1, roles=(lead(),)),
        "drafts of 3 models, united by rule: hierarchical was planned, its lead gave no usable answer",
        [("lead-lost", 3)],
    ),
    (
        "hierarchical",
        Beside(asked=1),
        "drafts of 3 models, united by rule: hierarchical was planned, its lead gave no usable answer",
        [("lead-lost", None)],
    ),
    (
        "hierarchical",
        Beside(),
        "drafts of 3 models, united by rule: hierarchical was planned, no lead could be asked",
        [("lead-lost", None)],
    ),
    ("competitive", Beside(), "competitive of 3 models, ranked by checks", []),
    ("competitive", Beside(winner=1), "competitive of 3 models, won by openai/mini, ranked by checks", []),
    (
        "competitive",
        Beside(asked=1, heard=1, roles=(judge(),), winner=0),
        "competitive of 3 models, won by openai/luna, ranked by checks and 1 judge",
        [],
    ),
    (
        "competitive",
        Beside(asked=2, heard=2, roles=(judge(), judge(SPARE, seat=4))),
        "competitive of 3 models, ranked by checks and 2 judges",
        [("substituted", 4)],
    ),
    (
        "competitive",
        Beside(asked=3, heard=1, roles=(judge(), judge(None, seat=4), judge(seat=5))),
        "competitive of 3 models, ranked by checks and 1 of 3 judges",
        [("judge-lost", 4), ("judge-lost", None)],
    ),
    (
        "competitive",
        Beside(asked=1, roles=(judge(None),)),
        "competitive of 3 models, ranked by checks: its 1 judge gave no usable answer",
        [("judge-lost", 3)],
    ),
    (
        "competitive",
        Beside(asked=2),
        "competitive of 3 models, ranked by checks: its 2 judges gave no usable answer",
        [("judge-lost", None), ("judge-lost", None)],
    ),
    ("competitive", Beside(roles=(judge(None),)), "competitive of 3 models, ranked by checks", []),
]


@pytest.mark.parametrize(("ran", "beside", "expected", "lost"), BESIDE)
def test_a_label_says_what_there_was_beside_the_panel(
    ran: str, beside: Beside, expected: str, lost: list[tuple[str, int | None]]
) -> None:
    found = degradations(ALL, planned=ran, ran=ran, quorum=2, beside=beside)

    assert label(ALL, planned=ran, ran=ran, quorum=2, beside=beside) == expected
    assert [(one.code, one.seat) for one in found] == lost


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        (Beside(asked=1, roles=(lead(None, "late"),)), "anthropic/lead: late"),
        (Beside(asked=1, roles=(lead(None),)), "anthropic/lead: no answer"),
        (Beside(asked=1, roles=(lead(SPARE),)), "google/spare: no usable answer"),
        (Beside(asked=1), "the lead gave no usable answer, so the drafts were united by rule"),
        (Beside(), "no lead could be asked, so the drafts were united by rule"),
        (Beside(asked=1, heard=1, roles=(lead(SPARE),)), "anthropic/lead was asked as lead, google/spare answered"),
    ],
)
def test_the_details_say_which_lead_was_lost_and_why(beside: Beside, expected: str) -> None:
    (found,) = degradations(ALL, planned="hierarchical", ran="hierarchical", quorum=2, beside=beside)

    assert found.detail == expected


def test_drafts_that_were_not_planned_to_be_reviewed_are_not_said_to_have_been() -> None:
    found = label(ALL, planned="consensus", ran="hierarchical", quorum=2)

    assert found == "drafts of 3 models, united by rule: no lead could be asked, consensus was planned"


# Everything that can happen to a seat, to a plan, and beside the panel.
SEATS: Final = {
    "answered": (LUNA, ()),
    "lost": (None, ("seat-lost",)),
    "substituted": (SPARE, ("substituted",)),
    "built in": (RANK, ("substituted", "extractive")),
}
ROLES: Final[dict[str, dict[str, tuple[Beside, tuple[str, ...]]]]] = {
    "single": {"": (Beside(), ())},
    "consensus": {"": (Beside(), ())},
    "expertise": {"records": (Beside(recorded=2), ()), "none": (Beside(), ("unmeasured",))},
    "hierarchical": {
        "reviewed": (REVIEWED, ()),
        "reviewed by another": (Beside(asked=1, heard=1, roles=(lead(SPARE),)), ("substituted",)),
        "nothing to review": (Beside(roles=(lead(None),)), ()),
        "silent": (Beside(asked=1, roles=(lead(None),)), ("lead-lost",)),
        "unusable": (Beside(asked=1, roles=(lead(),)), ("lead-lost",)),
        "none to be had": (Beside(), ("lead-lost",)),
    },
    "competitive": {
        "no judges": (Beside(winner=1), ()),
        "judged": (Beside(asked=1, heard=1, roles=(judge(),), winner=1), ()),
        "one lost": (
            Beside(asked=2, heard=1, roles=(judge(), judge(None, seat=4)), winner=1),
            ("judge-lost",),
        ),
        "all lost": (Beside(asked=1, roles=(judge(None),), winner=1), ("judge-lost",)),
    },
}
CHEAPER: Final = "87 % of the month's budget is used"


def processes() -> Iterator[tuple[str, str, str, str, int, str | None]]:
    """Each combination: the first two seats' ends, what was run, what there was beside it, the quorum, the economy."""
    for ran in STRATEGIES:
        yield from product(SEATS, SEATS, [ran], ROLES[ran], [1, 3], [None, CHEAPER])


def outcome(
    first: str, second: str, ran: str, role: str, quorum: int, cheaper: str | None
) -> tuple[str, list[str], list[str]]:
    """The label of a process, the codes of its degradations, and those that there should be."""
    facts = seats(SEATS[first][0], SEATS[second][0] if second != "answered" else MINI, OPUS)
    beside, lost_beside = ROLES[ran][role]
    # One seat always answers; planned was what was run, unless fewer answered than any but single needs.
    answered = sum(fact.answered for fact in facts)
    planned = "consensus" if ran == "single" else ran
    expected = [
        *SEATS[first][1],
        *SEATS[second][1],
        *lost_beside,
        *(["strategy-downgraded"] if planned != ran else []),
        *(["quorum-partial"] if answered < quorum else []),
        *(["cheaper-plan"] if cheaper else []),
    ]
    told = label(facts, planned=planned, ran=ran, quorum=quorum, cheaper=cheaper, beside=beside)
    lost = degradations(facts, planned=planned, ran=ran, quorum=quorum, cheaper=cheaper, beside=beside)
    return told, [one.code for one in lost], expected


@pytest.mark.parametrize("ran", STRATEGIES)
def test_every_loss_under_every_strategy_has_its_degradation_and_there_is_no_other(ran: str) -> None:
    for process in processes():
        if process[2] == ran:
            _label, codes, expected = outcome(*process)

            assert sorted(codes) == sorted(expected), process


def told_alike(first: str, second: str, ran: str, role: str, quorum: int, cheaper: str | None) -> tuple[object, ...]:
    """What of a process a label tells: how many seats ended how, but not which; degradations tell that."""
    served = [SEATS[first][0], SEATS[second][0] if second != "answered" else MINI, OPUS]
    answered = [target for target in served if target]
    return (
        ran,
        answered[0] if ran == "single" else sum(target == RANK for target in answered),
        len(answered),
        sum(end in ("substituted", "built in") for end in (first, second)),
        "unheard" if role in ("silent", "unusable") else role,
        served[1] if ran == "competitive" else None,
        quorum if len(answered) < quorum else None,
        cheaper,
    )


def test_two_processes_have_the_same_label_only_if_they_are_the_same_to_a_reader() -> None:
    labels: dict[str, set[tuple[object, ...]]] = {}
    for process in processes():
        labels.setdefault(outcome(*process)[0], set()).add(told_alike(*process))

    assert {found: told for found, told in labels.items() if len(told) > 1} == {}
    assert len(labels) == len({told_alike(*process) for process in processes()})

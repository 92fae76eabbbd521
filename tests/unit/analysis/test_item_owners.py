"""An owner is somebody who was there or was named, or nobody."""

import pytest

from orchestrator.analysis.items import Owner
from orchestrator.analysis.owners import Names
from orchestrator.analysis.quotes import Concordance
from tests.unit.analysis.samples import meeting

TALK = meeting(
    "Ann: Annika and Dr. Who will do it, says everyone.",
    "Bo Berg: I ask Zoe.",
    "Sam Fox: Yes.",
    "Sam Elk: Planning is done.",
)
ANN = Owner(name="Ann Lee", id="u1")
BOSS = Owner(name="Prof. Ida Kahn", id="u2")
KIM = [Owner(name="Kim Li", id="u3"), Owner(name="Kim Wu", id="u4")]
PEOPLE = [(ANN, ("Annie", "The Chair")), (BOSS, ()), (KIM[0], ("Shared",)), (KIM[1], ("Shared",))]
NAMES = Names(PEOPLE, [utterance.speaker for utterance in TALK.utterances], Concordance(TALK))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ann Lee", ANN),
        (" ann  LEE. ", ANN),
        ("Annie", ANN),
        ("the chair", ANN),
        ("Ann", ANN),
        ("@Ann", ANN),
        ("Ida", BOSS),
        ("Ida Kahn", None),
        ("Kim", None),
        ("Kim Wu", KIM[1]),
        ("Shared", None),
        ("Bo Berg", Owner(name="Bo Berg")),
        ("bo", Owner(name="Bo Berg")),
        ("Sam", None),
        ("sam elk", Owner(name="Sam Elk")),
        ("annika", Owner(name="Annika")),
        ("Dr. Who", Owner(name="Dr. Who")),
        ("Zoe", Owner(name="Zoe")),
        ("Plan", None),
        ("I", None),
        ("everyone", None),
        ("Annika and Dr. Who will", None),
        ("Mallory", None),
        ("", None),
        ("?", None),
    ],
)
def test_a_name_means_one_person_or_nobody(name: str, expected: Owner | None) -> None:
    assert NAMES.resolve(name, range(4)) == expected


def test_a_name_that_was_said_elsewhere_does_not_count() -> None:
    assert NAMES.resolve("Zoe", [0, 2]) is None


@pytest.mark.parametrize(
    ("owner", "places", "expected"),
    [
        (ANN, [0], True),
        (ANN, [1, 2], False),
        (Owner(name="Zoe"), [1], True),
        (Owner(name="Zoe"), [2], False),
        (Owner(name="Bo Berg"), [0, 1], True),
        (BOSS, range(4), False),
    ],
)
def test_an_owner_takes_part_by_speaking_or_being_named(owner: Owner, places: list[int], expected: bool) -> None:
    assert NAMES.take_part(owner, places) == expected


def test_without_speakers_only_what_is_said_counts() -> None:
    talk = meeting(": Ann will do it.")

    names = Names([], [utterance.speaker for utterance in talk.utterances], Concordance(talk))

    assert names.resolve("Ann", [0]) == Owner(name="Ann")
    assert names.resolve("Bo", [0]) is None

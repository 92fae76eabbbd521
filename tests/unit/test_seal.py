"""The seal on messages: what it covers, and what it does not let through."""

import pytest

from orchestrator.seal import SEAL, Seal
from providers.calls import JsonObject

MINE = Seal("a pepper for tests alone")
SAID: dict[str, str | int] = {"job": "job_1", "seat": 2, "epoch": 0, "schema": 2}


def test_what_was_sealed_fits() -> None:
    sealed: JsonObject = {**MINE.on("ask", SAID)}

    assert MINE.fits("ask", sealed)
    assert {name: value for name, value in sealed.items() if name != SEAL} == SAID


def test_the_order_of_the_arguments_does_not_matter() -> None:
    sealed = MINE.on("ask", SAID)

    assert MINE.fits("ask", dict(reversed(sealed.items())))


@pytest.mark.parametrize(
    "changed",
    [{"job": "job_2"}, {"seat": 1}, {"epoch": 1}, {"schema": 3}, {"more": 1}, {SEAL: ""}, {SEAL: None}, {SEAL: "é"}],
)
def test_a_changed_argument_does_not(changed: JsonObject) -> None:
    assert not MINE.fits("ask", {**MINE.on("ask", SAID), **changed})


def test_an_argument_that_is_missing_is_missed() -> None:
    sealed = MINE.on("ask", SAID)

    assert not MINE.fits("ask", {name: value for name, value in sealed.items() if name != "epoch"})
    assert not MINE.fits("ask", {name: value for name, value in sealed.items() if name != SEAL})


def test_a_seal_for_one_task_is_none_for_another_nor_one_of_another_house() -> None:
    sealed: JsonObject = {**MINE.on("ask", SAID)}

    assert not MINE.fits("synthesize", sealed)
    assert not Seal("another pepper of tests").fits("ask", sealed)


def test_it_shows_nothing_of_its_key() -> None:
    assert "pepper" not in repr(MINE)
    assert "pepper" not in str(MINE.on("ask", SAID))

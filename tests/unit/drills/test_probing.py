"""Which answers are held against the API while PostgreSQL is away, and what is a good one."""

import pytest

from ops.drills.storm.plan import Fault, Kind
from ops.drills.storm.probing import Answer, Probe
from ops.drills.storm.recovery import Away, Struck
from tests.unit.drills.witnesses import at

GONE = Away("PostgreSQL kill -9", at(10.0), at(14.0))


def answer(began: float, took_s: float = 0.1, status: int | None = 503, retry_after: str | None = "2") -> Answer:
    return Answer("/v1/jobs", at(began), took_s, status, retry_after)


def held(*answers: Answer, struck: tuple[Struck, ...] = ()) -> list[Answer]:
    found = Probe("", "", [*answers]).while_away([GONE], struck)
    return [one for _, one in found.while_away]


def test_answers_count_that_began_while_it_was_away_and_were_due_before_its_return() -> None:
    before, within, last, close, after = (answer(when, took_s=1.0) for when in (9.9, 10.0, 13.0, 13.1, 14.0))

    assert held(before, within, last, close, after) == [within, last]


def test_an_answer_that_ended_before_its_return_counts_however_short_it_was_away() -> None:
    quick, close = answer(13.8, took_s=0.1), answer(13.8, took_s=0.3)

    assert held(quick, close) == [quick]


def test_whatever_came_back_and_was_neither_an_answer_nor_503_with_its_time_is_wrong() -> None:
    fine = [answer(1.0, status=200), answer(2.0), answer(3.0, status=None)]
    wrong = [answer(4.0, status=500), answer(5.0, status=503, retry_after=None)]

    assert Probe("", "", [*fine, *wrong]).wrong() == wrong


def test_an_answer_that_came_after_its_return_counts_if_it_was_due_before() -> None:
    late = answer(11.0, took_s=8.0, status=200)

    assert held(late) == [late]


@pytest.mark.parametrize(("kind", "since", "for_s"), [(Kind.KILL, 9.0, 0.0), (Kind.FREEZE, 1.0, 11.0)])
def test_an_api_that_is_itself_struck_is_not_blamed_for_its_silence(kind: Kind, since: float, for_s: float) -> None:
    struck = Struck(Fault(since, kind, "api-1", for_s), at(since))

    assert held(answer(12.0, status=None), struck=(struck,)) == []
    assert len(held(answer(12.0), struck=(Struck(Fault(9.0, kind, "ask-1"), at(9.0)),))) == 1


@pytest.mark.parametrize(
    ("one", "is_fine"),
    [
        (answer(1.0), True),
        (answer(1.0, took_s=1.01), False),
        (answer(1.0, status=200), False),
        (answer(1.0, status=500), False),
        (answer(1.0, status=None), False),
        (answer(1.0, retry_after=None), False),
    ],
)
def test_a_good_answer_is_503_soon_with_the_time_to_come_back(one: Answer, *, is_fine: bool) -> None:
    assert one.is_fine is is_fine

"""Over which seats a replay goes, with which quorum, and which it is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.errors import InvalidRequest, NotReplayable, PanelTooSmall, UnknownStrategy
from orchestrator.routing.replays import ReplayPlan, ReplayRequest, Source, plan
from orchestrator.routing.request import MAX_PANEL
from orchestrator.synthesis import STRATEGIES
from orchestrator.work.jobs import OPEN, JobStatus


def source(*answered: int, panel: tuple[int, ...] = (0, 1, 2), quorum: int = 2, **changed: object) -> Source:
    made = Source(id="job_1", status=JobStatus.SUCCEEDED, quorum=quorum, panel=panel, answered=answered)
    return made.model_copy(update=changed)


def wish(strategy: str = "consensus", **fields: object) -> ReplayRequest:
    return ReplayRequest(strategy=strategy, **fields)  # type: ignore[arg-type]


def refusal(asked: ReplayRequest, of: Source) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        plan(asked, of)
    return caught.value


def test_without_seats_it_is_of_the_whole_panel_and_the_seats_that_were_lost_are_kept() -> None:
    assert plan(wish(), source(0, 2)) == ReplayPlan(
        strategy="consensus",
        reason="as asked, over the stored answers of job_1",
        seats=(0, 1, 2),
        answered=(0, 2),
        quorum=2,
    )


def test_named_seats_are_a_panel_of_themselves_in_their_order() -> None:
    assert plan(wish(seats=(2, 0)), source(0, 2, quorum=3)) == ReplayPlan(
        strategy="consensus",
        reason="as asked, over seats 0 and 2 of the stored answers of job_1",
        seats=(0, 2),
        answered=(0, 2),
        quorum=2,
    )
    assert (
        plan(wish("single", seats=(2,)), source(0, 2)).reason == "as asked, over seat 2 of the stored answers of job_1"
    )


@pytest.mark.parametrize(
    ("asked", "of", "quorum"),
    [
        (wish(), source(0, 1, 2, quorum=1), 1),
        (wish(), source(0, 1, 2, quorum=3), 3),
        (wish(), source(0, 1, quorum=3), 2),
        (wish(quorum=2), source(0, 1, 2, quorum=3), 2),
        (wish("single"), source(0, quorum=3), 1),
        (wish(seats=(0, 1, 2)), source(0, 1, 2, quorum=3), 2),
        (wish(seats=(0, 1, 2), quorum=3), source(0, 1, 2, quorum=1), 3),
    ],
)
def test_the_quorum_is_the_wished_for_one_or_what_can_be_reached(asked: ReplayRequest, of: Source, quorum: int) -> None:
    assert plan(asked, of).quorum == quorum


@pytest.mark.parametrize(
    ("of", "said"),
    [
        *((source(0, status=status), f"job_1 is still {status}") for status in sorted(OPEN)),
        (source(0, status=JobStatus.CANCELED), "job_1 was canceled"),
        (source(status=JobStatus.FAILED), "No seat of job_1 has a stored answer"),
    ],
)
def test_a_job_without_an_end_or_without_answers_is_not_replayed(of: Source, said: str) -> None:
    with pytest.raises(NotReplayable, match=said):
        plan(wish("single"), of)


@pytest.mark.parametrize("status", [JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.EXPIRED])
def test_a_job_that_ended_with_an_answer_is_replayed_however_it_ended(status: JobStatus) -> None:
    assert plan(wish("single"), source(1, status=status)).answered == (1,)


@pytest.mark.parametrize(
    ("asked", "of", "kind", "pointer", "said"),
    [
        (wish("oracle"), source(0), UnknownStrategy, "/strategy", "There is no strategy 'oracle' to replay under"),
        (wish("auto"), source(0), UnknownStrategy, "/strategy", ", ".join(STRATEGIES)),
        (
            wish(seats=(0, 1)),
            source(0, 2),
            InvalidRequest,
            "/seats/1",
            "Seat 1 brought no answer; seats 0 and 2 of job_1",
        ),
        (wish(seats=(0, 9)), source(0), InvalidRequest, "/seats/1", "Seat 9 brought no answer; seat 0 of job_1 did."),
        (wish(seats=(0, 2, 0)), source(0, 1, 2), InvalidRequest, "/seats/2", "Seat 0 is named twice."),
        (
            wish(),
            source(0),
            PanelTooSmall,
            "/seats",
            "consensus needs at least 2 seats that brought an answer; here it is 1.",
        ),
        (wish(seats=(1,)), source(0, 1), PanelTooSmall, "/seats", "here it is 1"),
        (wish(quorum=3), source(0, 2), PanelTooSmall, "/quorum", "3 seats cannot have answered: of these it is 2."),
        (wish(seats=(0, 1), quorum=3), source(0, 1, 2), PanelTooSmall, "/quorum", "of these it is 2"),
    ],
)
def test_a_wish_that_does_not_fit_is_refused_with_its_place(
    asked: ReplayRequest, of: Source, kind: type[InvalidRequest], pointer: str, said: str
) -> None:
    refused = refusal(asked, of)

    assert (type(refused), refused.pointer) == (kind, pointer)
    assert said in refused.message


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"strategy": "single", "seats": []}',
        '{"strategy": "single", "seats": [-1]}',
        f'{{"strategy": "single", "seats": [{MAX_PANEL}]}}',
        '{"strategy": "single", "seats": ["0"]}',
        '{"strategy": "single", "quorum": 0}',
        '{"strategy": "single", "policy": "quality"}',
        '{"strategy": "single", "allow_calls": "yes"}',
        '{"strategy": "single", "max_cost_usd": "-1"}',
    ],
)
def test_a_body_of_another_shape_is_refused(body: str) -> None:
    with pytest.raises(ValidationError):
        ReplayRequest.model_validate_json(body, strict=True)


def test_the_schema_names_every_strategy() -> None:
    assert ReplayRequest.model_json_schema()["properties"]["strategy"]["enum"] == list(STRATEGIES)


_SEATS = st.sets(st.integers(0, MAX_PANEL - 1), min_size=1)


@given(
    panel=_SEATS,
    answered=_SEATS,
    seats=st.none() | _SEATS,
    quorum=st.none() | st.integers(1, MAX_PANEL),
    own=st.integers(1, MAX_PANEL),
    strategy=st.sampled_from(sorted(STRATEGIES)),
)
def test_what_is_planned_can_be_carried_out(
    panel: set[int], answered: set[int], seats: set[int] | None, quorum: int | None, own: int, strategy: str
) -> None:
    """Nothing that is let in fails later for want of seats, and nothing is planned that is not there."""
    of = source(*sorted(panel & answered), panel=tuple(sorted(panel)), quorum=own)
    asked = wish(strategy, seats=None if seats is None else tuple(sorted(seats)), quorum=quorum)
    try:
        made = plan(asked, of)
    except (InvalidRequest, NotReplayable):
        return

    assert set(made.answered) <= set(of.answered)
    assert set(made.answered) <= set(made.seats) <= set(of.panel)
    assert STRATEGIES[strategy].min_seats <= len(made.answered)
    assert 1 <= made.quorum <= len(made.answered)

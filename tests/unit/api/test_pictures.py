"""The geometry of the report's pictures."""

from hypothesis import given
from hypothesis import strategies as st

from api import pictures
from api.wording import KIND_TITLES
from tests.unit.api.meetings import BEGUN, after, analysis, item

MOMENTS = st.floats(min_value=-5, max_value=50, allow_nan=False)


def stage(start_s: float, end_s: float | None) -> pictures.Stage:
    return pictures.Stage(
        label="seat 0",
        detail="",
        state="answered",
        tone="good",
        started_at=after(start_s),
        ended_at=None if end_s is None else after(end_s),
    )


@given(st.lists(st.tuples(MOMENTS, MOMENTS), max_size=8), st.floats(min_value=0, max_value=20))
def test_every_bar_lies_on_the_time_line_and_can_be_seen(spans: list[tuple[float, float]], end_s: float) -> None:
    bars = pictures.waterfall([stage(*span) for span in spans], BEGUN, after(end_s))

    assert all(bar.width >= pictures.MIN_BAR_UNITS for bar in bars)
    assert all(0 <= bar.x <= pictures.BAR_UNITS - bar.width for bar in bars)


def test_bars_keep_their_share_of_the_time() -> None:
    bars = pictures.waterfall([stage(5, 7.5), stage(0, 5)], BEGUN, after(10))

    assert [(bar.x, bar.width) for bar in bars] == [(0, 500), (500, 250)]


def test_a_call_that_still_runs_reaches_to_the_end() -> None:
    (bar,) = pictures.waterfall([stage(4, None)], BEGUN, after(10))

    assert (bar.x, bar.width, bar.length_s) == (400, 600, 6.0)


def test_a_full_cell_is_a_seat_that_named_the_item() -> None:
    blocks = pictures.agreement(analysis(), (0, 1), KIND_TITLES)

    assert [block.title for block in blocks] == ["Action items", "Decisions"]
    assert [[cell.named for cell in column.cells] for column in blocks[0].columns] == [[False, True], [True, True]]
    assert blocks[0].alt == "Action items: 2 items, 2 seats; 3 of 4 cells are full."


def test_many_items_are_cut_into_blocks_that_fit_a_telephone() -> None:
    many = tuple(item(f"risk {n}", ("u1",), "Shall we") for n in range(35))

    blocks = pictures.agreement(analysis(decisions=(), action_items=(), risks=many), (0, 1), KIND_TITLES)

    assert [len(block.columns) for block in blocks] == [16, 16, 3]
    assert [block.title for block in blocks] == ["Risks", "Risks, from 17", "Risks, from 33"]
    assert blocks[1].columns[0].title == "17. risk 16"
    assert all(block.width_px < 350 for block in blocks)


def test_items_of_more_than_one_seat_are_counted_as_shared() -> None:
    assert pictures.shared_items(analysis()) == (2, 3)

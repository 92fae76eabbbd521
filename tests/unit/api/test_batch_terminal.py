"""A batch for people."""

import pytest

from api import batch_terminal
from api.batch_schemas import BatchPage, BatchView, LineErrorView
from tests.unit.api.test_batch_client import batch
from tests.unit.api.test_terminal import printed


@pytest.mark.parametrize(
    ("view", "told"),
    [
        (batch(queued=5, succeeded=5), "[############............]  50%  5 of 10 jobs  $0.250000  about 2 min left"),
        (batch("paused", queued=1), "[############............]  50%  0 of 1 jobs  $0.250000  paused"),
        (
            batch(eta_s=None, queued=1, failed=2, refused=3),
            "[############............]  50%  2 of 3 jobs, 2 failed, 3 refused  $0.250000",
        ),
    ],
)
def test_a_line_says_how_far_it_is(view: BatchView, told: str) -> None:
    assert batch_terminal.line(view) == told


def test_the_end_says_what_it_came_to() -> None:
    good = batch("finished", succeeded=3)
    some = batch("canceled", succeeded=1, canceled=2, refused=1)

    assert batch_terminal.end(good) == "bat_01 is finished: 3 of 3 succeeded. Cost: $0.250000"
    assert batch_terminal.end(some) == "bat_01 is canceled: 1 of 4 succeeded, 2 canceled, 1 refused. Cost: $0.250000"
    assert batch_terminal.succeeded(good)
    assert not batch_terminal.succeeded(some)
    assert not batch_terminal.succeeded(batch("finished", succeeded=1, refused=1))


def test_how_it_stands_is_said_of_one_under_way_and_of_one_that_has_ended() -> None:
    assert batch_terminal.standing(batch("paused", queued=1)).startswith("bat_01 is paused: [####")
    assert batch_terminal.standing(batch("finished", succeeded=1)).startswith("bat_01 is finished: 1 of 1 succeeded")


def test_a_page_has_a_row_for_each_and_says_how_to_go_on() -> None:
    shown = BatchPage(data=(batch(queued=5, succeeded=5), batch("finished", succeeded=2, refused=1)), next_cursor="c1")

    lines = printed(batch_terminal.batches(shown)).splitlines()

    assert [line.split()[:2] for line in lines if "bat_01" in line] == [
        ["bat_01", "running"],
        ["bat_01", "finished"],
    ]
    assert any("finished" in line and "2 of 3" in line for line in lines)
    assert lines[-1] == "More: meetingmind batches list --cursor c1"
    assert "no batches" in printed(batch_terminal.batches(BatchPage(data=(), next_cursor=None)))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            LineErrorView(line=3, custom_id="tue", error={"detail": "no\x1b words"}),
            "Line 3 (tue) was refused: no words",
        ),
        (LineErrorView(line=4, custom_id=None, error={"title": "Not JSON"}), "Line 4 was refused: Not JSON"),
    ],
)
def test_a_refused_line_says_why(error: LineErrorView, told: str) -> None:
    assert batch_terminal.refusal(error) == told


@pytest.mark.parametrize(("seconds", "told"), [(0.4, "0 s"), (59.0, "59 s"), (150.0, "2 min"), (5_400.0, "1.5 h")])
def test_a_duration_is_told_in_the_unit_that_fits(seconds: float, told: str) -> None:
    assert batch_terminal.duration(seconds) == told

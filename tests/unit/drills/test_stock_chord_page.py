"""The command line and the page of the stock drill."""

import pytest

from ops.drills import stock_chord, stock_chord_report
from ops.drills.stock_chord_course import Course, Played
from ops.drills.stock_chord_faults import Kind
from ops.drills.stock_chord_verdict import Body, HandedIn, Paid, Strike, judge


def test_without_arguments_it_is_the_run_that_stands_beside_our_report() -> None:
    course, report = stock_chord.asked([])

    assert (course.jobs, course.faults, course.every_s, course.settle_s, report) == (3_000, 1_000, 1.5, 45.0, None)


def test_a_longer_visibility_timeout_is_waited_for_unless_told_otherwise() -> None:
    assert stock_chord.asked(["--visibility-timeout", "60"])[0].settle_s == 145.0
    assert stock_chord.asked(["--visibility-timeout", "60", "--settle", "5"])[0].settle_s == 5.0


@pytest.mark.parametrize("given", [["--jobs", "0"], ["--every", "0"], ["--kinds", "flood"], ["--pool", "gevent"]])
def test_what_cannot_be_played_is_refused_before_anything_starts(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        stock_chord.asked(given)

    assert given[0] in capsys.readouterr().err


def test_the_page_says_what_was_played_and_what_was_found() -> None:
    handed_in = [HandedIn("a", 0.0, accepted=True), HandedIn("b", 0.0, accepted=True)]
    paid = [Paid(("a", 0), 7, 0.1), Paid(("a", 0), 7, 0.2), Paid(("b", 0), 5, 0.3)]
    verdict = judge(
        handed_in, [Body("a", (0, 1, 2), 0.5)], paid, [Strike(Kind.KILL, 0.2, 0.2)], seats=3, patience_s=10.0
    )
    played = Played(verdict, ended_workers=4, left={"unacked": 2}, settled=True, took_s=60.0)

    page = stock_chord_report.page(Course(2, 1, 1.5, shares={Kind.KILL: 1}), played, "the command")

    assert "`the command`" in page
    assert "kill -9 of a worker and all its children (100 %)" in page
    assert "| accepted jobs whose body never ran | 1 | 50.00 % |" in page
    assert "| header calls paid twice or more (the most: 2) | 1 | 16.67 % |" in page
    assert "19 micro-dollars: 7 of them for repetitions, 5 for accepted jobs" in page
    assert "2 in `unacked`" in page
    assert "| kill -9 of a worker and all its children | 1 | 1 | 0 | 0 | 1 |" in page

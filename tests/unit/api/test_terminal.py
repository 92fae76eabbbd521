"""What is printed in a terminal."""

import io

import pytest
from rich.console import Console

from api import terminal
from api.client import Problem
from api.schemas import DegradationView, JobPage
from orchestrator.analysis.items import Missed
from tests.unit.api.meetings import analysis, item, job, seat


def printed(*what: object, width: int = 100, in_terminal: bool = False) -> str:
    file = io.StringIO()
    console = Console(
        file=file,
        markup=False,
        emoji=False,
        highlight=False,
        width=width,
        force_terminal=in_terminal,
        color_system=None,
    )
    console.print(*what)
    return file.getvalue()


def words(*what: object) -> str:
    return " ".join(printed(*what).split())


def test_an_analysis_shows_label_items_owner_due_quote_time_cost_and_timing() -> None:
    text = words(terminal.analysis(job()))

    assert "Label: consensus of 2" in text
    assert "The release goes out on Friday." in text
    assert "1. Write the notes Owner: Ann Due: by Thursday (2026-11-26)" in text
    assert "“I will write the notes by Thursday”" in text
    assert "Cost: $0.00842 (the plan could not have passed $0.081)" in text
    assert "Time: queued 80 ms, slowest seat 1.9 s, from request to result 2.9 s" in text


def test_a_quote_with_a_time_says_when() -> None:
    timed = item("Ship", ("u2",), "let us ship")
    evidence = (timed.evidence[0].model_copy(update={"start_s": 61.5}),)

    text = words(terminal.analysis(job(result=analysis(decisions=(timed.model_copy(update={"evidence": evidence}),)))))

    assert "[1:01] “let us ship”" in text


def test_what_may_have_been_missed_and_what_is_not_verified_are_shown_as_such() -> None:
    missed = (Missed(cue="I'll send", utterances=("u9",), quote="I'll send [bold] it."),)

    text = words(terminal.analysis(job(result=analysis(possibly_missed=missed))))

    assert "Possibly missed (1) - “I'll send [bold] it.” (I'll send; u9)" in text
    assert "NOT VERIFIED" in text
    assert "Possibly missed" not in words(terminal.analysis(job()))


def test_what_was_lost_stands_under_the_label() -> None:
    lost = DegradationView(code="seat-lost", detail="overloaded", seat=1)

    text = words(terminal.analysis(job(degraded=True, label="single of 2", degradations=(lost,))))

    assert "Label: single of 2 less than asked for: seat 1: overloaded" in text


def test_a_failed_job_says_why() -> None:
    failed = job(status="failed", result=None, label=None, error={"title": "No quorum", "detail": "1 of 2"})

    text = words(terminal.analysis(failed))

    assert "Label: failed No quorum: 1 of 2" in text
    assert "Summary" not in text


@pytest.mark.parametrize("text", ["\x1b[31mred", "\x1b]0;title\x07", "a\u202eb", "\x9b2J"])
def test_words_from_a_meeting_cannot_steer_the_terminal(text: str) -> None:
    hostile = analysis(decisions=(item(text, ("u1",), text, owner=text),))

    shown = printed(terminal.analysis(job(result=hostile, label=text, reference=text)))

    assert not set(shown) & set("\x1b\x07\x9b\u202e")


def test_square_brackets_and_colons_stay_what_was_said() -> None:
    said = analysis(decisions=(item("[bold]x[/bold] :smile: [link=http://x]", ("u1",), "[red]"),))

    text = words(terminal.analysis(job(result=said)))

    assert "[bold]x[/bold] :smile: [link=http://x]" in text
    assert "“[red]”" in text


def test_a_page_of_jobs_names_the_next_cursor() -> None:
    text = words(terminal.jobs(JobPage(data=(job(result=None),), next_cursor="c2")))

    assert "job_1 succeeded 2026-11-20 12:00:00 $0.00842 crm-4711" in text
    assert "More: --cursor c2" in text


def test_a_replay_in_a_page_names_its_job() -> None:
    text = words(terminal.jobs(JobPage(data=(job(id="job_2", reference=None, replay_of="job_1"),), next_cursor=None)))

    assert "job_2 succeeded 2026-11-20 12:00:00 $0.00842 replay of job_1" in text


def test_an_empty_page_is_a_sentence() -> None:
    assert printed(terminal.jobs(JobPage(data=(), next_cursor=None))) == "There are no jobs that fit.\n"


def test_a_problem_shows_where_it_lies() -> None:
    document = Problem(
        {
            "title": "The transcript cannot be read",
            "detail": "no time line",
            "line": 12,
            "bound_usd": "0.081000",
            "errors": [{"pointer": "/transcript", "message": "bad"}, {"pointer": "", "message": "all of it"}],
            "request_id": "req_1",
        },
        status=422,
    )

    text = words(terminal.problem(document))

    assert text == (
        "The transcript cannot be read: no time line /transcript: bad (whole body): all of it"
        " line 12 the plan may cost up to $0.081 request req_1"
    )


def test_a_problem_with_a_budget_says_when_it_begins_anew() -> None:
    spent = Problem({"title": "A budget is used up", "resets_at": "2026-12-01T00:00:00.000Z"}, status=402)

    assert words(terminal.problem(spent)) == ("A budget is used up the budget begins anew at 2026-12-01T00:00:00.000Z")


def test_outside_a_terminal_each_change_of_a_seat_is_one_plain_line() -> None:
    file = io.StringIO()
    asking = job(status="running", seats=(seat(0, "running"), seat(1, "pending")), result=None)
    lost = job(status="failed", seats=(seat(0), seat(1, "failed", reason="overloaded")), result=None)

    with terminal.Watch(Console(file=file, width=200)) as watch:
        watch.see(asking)
        watch.see(asking)
        watch.see(lost)

    assert file.getvalue().splitlines() == [
        "job: asking the panel",
        "seat 0: asking acme/model-0, attempt 1",
        "seat 0: acme/model-0 answered in 1.9 s",
        "seat 1: acme/model-1 failed (overloaded)",
        "job: failed",
    ]


def test_of_several_jobs_each_line_says_which_and_none_is_lost() -> None:
    file = io.StringIO()
    asking = job(status="running", seats=(seat(0, "running"),), result=None)

    with terminal.Watch(Console(file=file, width=200)) as watch:
        watch.see(asking, "a.vtt")
        watch.see(asking.model_copy(update={"id": "job_2"}), "b\x1b[2J.vtt")

    assert file.getvalue().splitlines() == [
        "a.vtt: job: asking the panel",
        "a.vtt: seat 0: asking acme/model-0, attempt 1",
        "b[2J.vtt: job: asking the panel",
        "b[2J.vtt: seat 0: asking acme/model-0, attempt 1",
    ]


def test_a_seat_that_is_asked_in_parts_says_how_far_it_has_come() -> None:
    under_way = job(
        status="running",
        seats=(seat(0, "running").model_copy(update={"parts": 4, "parts_answered": 1}), seat(1, "running")),
    )

    assert "running, 1 of 4 parts" in words(terminal.seats(under_way))
    assert [*terminal.progress_lines(under_way)][1:] == [
        "seat 0: asking acme/model-0, attempt 1, part 2 of 4",
        "seat 1: asking acme/model-1, attempt 1",
    ]


def test_in_a_terminal_a_table_of_the_seats_moves_and_goes_away() -> None:
    file = io.StringIO()
    asking = job(status="running", seats=(seat(0, "running"), seat(1, "pending")), result=None)

    now_s = [10.0]
    console = Console(file=file, width=80, force_terminal=True, color_system=None)

    with terminal.Watch(console, lambda: now_s[0]) as watch:
        watch.see(asking)
        watch.pause()
        now_s[0] = 14.0
        watch.see(job())

    assert "job_1: asking the panel, 0 s" in file.getvalue()
    assert "job_1: finished, 4 s" in file.getvalue()
    assert "\x1b[2K" in file.getvalue()


def test_a_terminal_that_cannot_move_its_cursor_gets_lines() -> None:
    file = io.StringIO()
    dumb = Console(file=file, width=80, force_terminal=True, color_system=None, _environ={"TERM": "dumb"})

    with terminal.Watch(dumb) as watch:
        watch.see(job(status="running", seats=(seat(0, "running"),), result=None))

    assert file.getvalue().splitlines()[0] == "job: asking the panel"


def test_a_meeting_without_a_title_goes_by_the_name_it_is_given() -> None:
    nameless = job(context=job().context.model_copy(update={"title": None}))

    assert printed(terminal.analysis(nameless, "weekly.vtt")).startswith("weekly.vtt\n")


def test_nothing_is_wider_than_a_narrow_terminal() -> None:
    shown = printed(terminal.analysis(job()), width=40)

    assert max(len(line) for line in shown.splitlines()) <= 40


def test_a_model_that_stood_in_for_another_is_named_with_it() -> None:
    stand_in = seat(0, failovers=1).model_copy(update={"served": "other/model"})

    text = words(terminal.seats(job(seats=(stand_in,))))

    assert "0 other/model (instead of acme/model-0) answered, 1 failover 1.9 s $0.00421" in text


def test_a_wide_terminal_is_not_used_to_its_edges() -> None:
    assert terminal.console(io.StringIO()).width <= 100


def test_a_job_for_later_says_so_and_its_times_count_from_its_moment() -> None:
    done = job()
    later = job(not_before=done.started_at)
    queued = job(status="queued", started_at=None, finished_at=None, result=None, not_before="2026-12-01T02:00:00.000Z")

    assert "Not before: 2026-12-01T02:00:00.000Z" in words(terminal.analysis(queued))
    assert next(iter(terminal.progress_lines(queued))).endswith(", not before 2026-12-01T02:00:00.000Z")
    assert terminal.times(done) != terminal.times(later)
    assert "Not before" not in words(terminal.analysis(done))

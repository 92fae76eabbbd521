"""What came of a drill, from jobs and the emulator's log to figures, a verdict and a page."""

import json
from dataclasses import replace

import pytest

from api import drill_report
from api.drill_report import WIDTH, Figures, Outcome, Play, Stand, Traffic, read, shown
from api.schemas import JobView
from providers.calls import JsonObject
from tests.unit.api.meetings import after, job, seat, written

KEYS = {"drill-key-0001": "acme", "drill-key-0002": "openai"}
PLAY = Play("truncated", "Answers break off.", [Stand("acme", "breaks off"), Stand("openai", "works")], ["Two jobs."])


def call(told: JsonObject | None = None, *, key: str = "***0001") -> JsonObject:
    line: JsonObject = {
        "endpoint": "chat",
        "key": key,
        "status": 200,
        "fault": None,
        "client_gone": False,
        "billed_micro_usd": 4_210,
    }
    return line | (told or {})


def outcomes(*jobs: JobView) -> list[Outcome]:
    return [Outcome(job=one) for one in jobs]


def sound(**changed: object) -> Figures:
    """Two jobs that went well."""
    figures = read(outcomes(job(), job()), [call() for _ in range(4)], KEYS)
    return replace(figures, **changed)  # type: ignore[arg-type]  # the fields that a test names


def verdict(figures: Figures) -> str:
    return " ".join(shown(figures, PLAY).split("Verdict\n")[1].split())


def test_jobs_that_went_well_are_counted_and_the_books_agree() -> None:
    figures = sound()

    assert (figures.jobs, figures.statuses, figures.labels) == (2, {"succeeded": 2}, {"consensus of 2": 2})
    assert figures.traffic["acme"] == Traffic(calls=4, answered=4, seats=4, billed=16_840)
    assert figures.traffic["openai"] == Traffic()
    assert (figures.booked, figures.billed) == (16_840, 16_840)
    assert figures.seconds == (2.9, 2.9)
    assert figures.is_sound
    assert figures.is_well


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, (1, 0, 0)),
        ({"status": 201}, (1, 0, 0)),
        ({"status": 503, "fault": "503"}, (0, 1, 0)),
        ({"status": 429}, (0, 1, 0)),
        ({"fault": "error_in_200"}, (0, 1, 0)),
        ({"fault": "truncated"}, (0, 0, 1)),
        ({"fault": "drip"}, (0, 0, 1)),
        ({"status": None, "fault": "close"}, (0, 0, 1)),
        ({"status": None}, (0, 0, 1)),
        ({"client_gone": True}, (0, 0, 1)),
    ],
)
def test_a_call_was_answered_or_refused_or_broke_off(told: JsonObject, expected: tuple[int, int, int]) -> None:
    traffic = read([], [call(told)], KEYS).traffic["acme"]

    assert (traffic.answered, traffic.refused, traffic.broke_off) == expected
    assert traffic.calls == 1


def test_looks_at_the_list_of_models_are_no_calls() -> None:
    assert read([], [call({"endpoint": "models"})], KEYS).traffic["acme"].calls == 0


def test_calls_belong_to_the_provider_whose_key_they_bore() -> None:
    traffic = read([], [call(), call(key="***0002"), call(key="***0002")], KEYS).traffic

    assert (traffic["acme"].calls, traffic["openai"].calls) == (1, 2)


def test_seats_of_built_in_models_and_of_nobody_are_counted_apart() -> None:
    builtin = seat(0).model_copy(update={"provider": "extractive"})
    silent = seat(1, "failed", failovers=3)

    figures = read(outcomes(job(degraded=True, seats=(builtin, silent))), [], KEYS)

    assert (figures.builtin_seats, figures.unanswered_seats, figures.failovers, figures.degraded) == (1, 1, 3, 1)


def test_a_job_that_has_not_ended_is_lost() -> None:
    figures = read(outcomes(job(status="running", finished_at=None, label=None)), [], KEYS)

    assert (figures.lost, figures.seconds, figures.labels) == (1, (), {})
    assert not figures.is_sound


def test_a_job_that_was_turned_away_is_not_lost_but_not_sound() -> None:
    figures = read([Outcome(trouble="Too many requests")], [], KEYS)

    assert (figures.lost, figures.troubles) == (0, ("Too many requests",))
    assert not figures.is_sound


@pytest.mark.parametrize(
    ("booked", "broke_off", "holds"),
    [
        (16_840, 0, True),
        (16_840, 2, True),
        (16_841, 0, False),
        (16_841, 1, True),
        (16_839, 0, False),
        (16_839, 1, False),
    ],
)
def test_more_may_be_booked_than_billed_only_where_calls_broke_off(booked: int, broke_off: int, *, holds: bool) -> None:
    traffic = {"acme": Traffic(calls=4, answered=4 - broke_off, broke_off=broke_off, billed=16_840)}

    figures = sound(booked=booked, traffic=traffic)

    assert figures.books_hold is holds
    assert figures.is_sound is holds
    assert ("NOT SOUND" in verdict(figures)) is not holds


def test_the_verdict_on_a_good_end_is_two_sentences() -> None:
    assert verdict(sound()) == "Sound. Every job succeeded. The books agree to the micro-dollar."


def test_jobs_without_a_result_are_a_finding_and_no_breach() -> None:
    figures = sound(statuses={"succeeded": 1, "failed": 1})

    assert figures.is_sound
    assert not figures.is_well
    assert verdict(figures).startswith("Sound, but 1 of 2 jobs brought no result: this outage is too much")


def test_the_verdict_counts_what_was_turned_away_and_what_has_not_ended() -> None:
    figures = sound(jobs=4, statuses={"succeeded": 1, "running": 2}, troubles=("no",))

    assert verdict(figures).startswith("NOT SOUND: jobs turned away: 1, jobs that have not ended: 2.")


def test_the_verdict_says_what_was_billed_and_not_booked() -> None:
    assert "0.000040 dollars were billed that were not booked." in verdict(sound(booked=16_800))


def test_the_verdict_says_what_was_booked_for_nothing() -> None:
    said = verdict(sound(booked=16_850))

    assert "0.000010 dollars were booked that nobody billed, though no call broke off." in said


def test_the_verdict_explains_the_worst_case_of_calls_that_broke_off() -> None:
    traffic = {"acme": Traffic(calls=3, broke_off=3, billed=1_000)}

    said = verdict(sound(traffic=traffic, booked=3_000))

    assert said.startswith("Sound. Every job succeeded. 0.002000 dollars are booked above the bill")
    assert "(3)" in said


def test_the_page_is_plain_and_always_in_the_same_order() -> None:
    page = shown(sound(), PLAY)

    assert page == (
        "Drill: truncated\n"
        "Answers break off.\n"
        "  acme              breaks off\n"
        "  openai            works\n"
        "\n"
        "Two jobs.\n"
        "\n"
        "What your users would have seen\n"
        "  succeeded         2 of 2 jobs, 0 degraded\n"
        "  labelled          2 x consensus of 2\n"
        "  time to the end   half within 2.9 s, 95 % within 2.9 s, all within 2.9 s\n"
        "\n"
        "What your providers would have been asked\n"
        "                         calls  answered   refused broke off     seats    billed\n"
        "  acme                       4         4         0         0         4  0.016840\n"
        "  openai                     0         0         0         0         0  0.000000\n"
        "  built-in models            -         -         -         -         0  0.000000\n"
        "  nobody                     -         -         -         -         0         -\n"
        "  Times that a seat went on to another model: 0.\n"
        "\n"
        "What it would have cost, in US dollars\n"
        "  booked here         0.016840\n"
        "  billed              0.016840\n"
        "\n"
        "Verdict\n"
        "Sound. Every job succeeded.\n"
        "The books agree to the micro-dollar.\n"
    )


def test_the_page_fits_a_terminal_whatever_is_said() -> None:
    long = "a label of very many words " * 9
    told = [Outcome(trouble=f"Refused \x1b[31m{number}: {long}") for number in range(5)]
    figures = read([*told, *outcomes(job(label=long, status="failed"))], [call({"status": None})], KEYS)

    page = shown(figures, replace(PLAY, notes=[long]))

    assert max(map(len, page.splitlines())) <= WIDTH
    assert page.count("turned away  ") == 3
    assert "failed            1 of 6 jobs" in page
    assert "\x1b" not in page


def test_times_are_told_by_shares_of_the_jobs() -> None:
    ends = [job(created_at=written(after(0)), finished_at=written(after(second))) for second in range(20, 0, -1)]

    page = shown(read(outcomes(*ends), [], KEYS), PLAY)

    assert "half within 10.0 s, 95 % within 19.0 s, all within 20.0 s" in page


def test_without_any_ended_job_no_time_is_told() -> None:
    assert "time to the end" not in shown(read([Outcome(trouble="no")], [], KEYS), PLAY)


def test_a_line_says_the_same_to_programs() -> None:
    figures = read(outcomes(job(), job(status="failed", label=None)), [], KEYS)

    told = json.loads(drill_report.line(figures, PLAY))

    assert told["drill"]["name"] == "truncated"
    assert told["figures"]["statuses"] == {"succeeded": 1, "failed": 1}
    assert told["figures"]["labels"] == {"consensus of 2": 1}
    assert told["verdict"] == {"sound": figures.is_sound, "well": False, "books_hold": figures.books_hold}

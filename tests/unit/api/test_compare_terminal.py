"""Several strategies side by side in a terminal."""

import pytest

from api import compare_terminal
from api.comparing import Comparison
from orchestrator.analysis.items import Due, Item, Owner
from tests.unit.api.meetings import analysis, item, job
from tests.unit.api.test_comparing import TOO_SMALL, Service, compared, replay
from tests.unit.api.test_terminal import words

NOTES = analysis().action_items[0]
HIRE = item("Hire two testers", ("u1", "u9"), "hire two")


def shown(found: Comparison) -> str:
    return words(compare_terminal.comparison(found))


def single(*action_items: Item, decisions: tuple[Item, ...] = analysis().decisions) -> Comparison:
    result = analysis(action_items=action_items, decisions=decisions)
    return compared(Service(job(), single=[replay("single", result)]), "single")


def test_the_figures_of_all_stand_side_by_side() -> None:
    own, other = job(), replay("single", analysis(decisions=()), cost=job().cost.model_copy(update={"spent_usd": "0"}))

    told = shown(
        compared(Service(own, consensus=[replay("consensus", own.result)], single=[other]), "consensus", "single")
    )

    assert "the job consensus single" in told
    assert "Action items 2 2 2" in told
    assert "Decisions 1 1 0" in told
    assert "Evidence 100% 100% 100%" in told
    assert "Agreement 74% 74% 74%" in told
    assert "Quality 91 91 91" in told
    assert "Cost $0.00842 $0.00842 $0.00" in told
    assert "the job: consensus of 2" in told
    assert "single: single of 2 (job_single)" in told


def test_the_same_bytes_are_told_as_such() -> None:
    told = shown(compared(Service(job(), consensus=[replay("consensus", analysis())]), "consensus"))

    assert "consensus, beside the job's own consensus = the same result, byte for byte" in told


def test_the_same_items_with_other_figures_are_told_as_such() -> None:
    moved = tuple(one.model_copy(update={"confidence": 0.1}) for one in analysis().action_items)

    assert "= the same 3 items; proof and figures differ" in shown(single(*moved))


def test_items_that_come_and_go_are_marked() -> None:
    told = shown(single(decisions=(HIRE,)))

    assert "Tell the others (nobody named; no date said) - decision: Ship on Friday + decision" in told
    assert "+ decision: Hire two testers" in told
    assert "- action item: Write the notes (Ann; by Thursday (2026-11-26))" in told
    assert "- action item: Tell the others (nobody named; no date said)" in told
    assert "0 items alike" in told


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"text": "Write all notes"}, "~ action item: Write the notes now: Write all notes"),
        ({"owner": Owner(name="Ben")}, "~ action item: Write the notes owner: Ann, now Ben"),
        ({"owner": None}, "owner: Ann, now nobody named"),
        ({"due": Due(text="soon")}, "due: by Thursday (2026-11-26), now soon"),
        ({"due": None}, "due: by Thursday (2026-11-26), now no date said"),
    ],
)
def test_what_reads_differently_is_told_part_by_part(changed: dict[str, object], told: str) -> None:
    found = single(NOTES.model_copy(update=changed), analysis().action_items[1])

    assert told in shown(found)
    assert "2 items alike" in shown(found)


def test_what_was_said_cannot_command_the_terminal() -> None:
    told = shown(single(NOTES.model_copy(update={"text": "\x1b[2J[bold]Write[/bold]"})))

    assert "\x1b" not in told
    assert "[bold]Write[/bold]" in told


def test_a_strategy_that_does_not_fit_or_failed_says_why() -> None:
    failed = replay("single", None, status="failed", error={"detail": "It never ended."})

    told = shown(compared(Service(job(), expertise=[TOO_SMALL], single=[failed]), "expertise", "single"))

    assert "expertise: not possible: expertise needs at least 2 seats." in told
    assert "single: failed: It never ended. (job_single)" in told
    assert "beside" not in told


def test_a_job_that_failed_says_so_and_has_no_figures() -> None:
    own = job(status="failed", result=None, label=None)

    told = shown(compared(Service(own, single=[replay("single", analysis())]), "single"))

    assert "the job: failed" in told
    assert "Action items 2" in told
    assert "beside" not in told


def test_the_means_are_of_the_jobs_that_a_strategy_could_be_run_on() -> None:
    both = compared(Service(job(), expertise=[TOO_SMALL], single=[replay("single", analysis())]), "expertise", "single")
    fewer = replay("single", analysis(action_items=(NOTES,)))
    other = compared(Service(job(), expertise=[replay("expertise", analysis())], single=[fewer]), "expertise", "single")

    told = words(compare_terminal.means([both, other]))

    assert "Means over 2 jobs the jobs expertise single" in told
    assert "Jobs 2 1 2" in told
    assert "Action items 2 2 1.5" in told

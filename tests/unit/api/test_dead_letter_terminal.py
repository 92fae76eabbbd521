"""What is printed of jobs that ended badly."""

from api import dead_letter_terminal
from api.dead_letter_schemas import DeadLetterPage, DeadLetterView, RequeueBody, RequeueView
from tests.unit.api.test_aftermath_client import example
from tests.unit.api.test_terminal import words

PAGE = DeadLetterPage.model_validate(example(DeadLetterPage).model_dump())
DONE = RequeueView.model_validate(example(RequeueView).model_dump())


def test_a_page_tells_how_many_there_are_and_what_each_lost() -> None:
    found = words(dead_letter_terminal.page(PAGE))

    assert "1 failed: quorum-not-reached job_" in found
    assert "quorum-not-reached: 2 seats without an answer (exhausted, poison), 7 calls" in found
    assert "More" not in found


def test_a_page_that_goes_on_and_was_not_counted_whole_says_so() -> None:
    letter = PAGE.data[0].model_copy(update={"lost": (), "attempts": 1, "erased_at": "2026-11-28T09:30:00.000Z"})
    update = {"data": (letter,), "counted_all": False, "next_cursor": "c.1"}
    found = words(dead_letter_terminal.page(PAGE.model_copy(update=update)))

    assert "quorum-not-reached (of the newest)" in found
    assert "0 seats without an answer, 1 call; erased" in found
    assert found.endswith("More: --cursor c.1")


def test_where_nothing_ended_badly_that_is_said() -> None:
    assert words(dead_letter_terminal.page(PAGE.model_copy(update={"data": ()}))) == "No job that fits ended badly."


def test_what_was_requeued_is_counted_and_what_was_refused_told_with_its_reason() -> None:
    found = words(dead_letter_terminal.requeued(DONE))

    assert found.startswith("1 go on, 0 stay as they are, 1 are refused")
    assert "erased: What was said in this job has been erased." in found


def test_a_dry_run_says_what_would_go_on_and_that_there_are_more() -> None:
    would = DONE.data[0].model_copy(update={"outcome": "would-requeue"})
    found = words(
        dead_letter_terminal.requeued(DONE.model_copy(update={"dry_run": True, "data": (would,), "more": True}))
    )

    assert found.startswith("1 would go on")
    assert found.endswith("There are more: give the command again.")


def test_the_contracts_shapes_are_of_one_mind() -> None:
    assert isinstance(PAGE.data[0], DeadLetterView)
    assert RequeueBody.model_validate({"filter": {}}).filter is not None

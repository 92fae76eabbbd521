"""What documents draw or print: pictures, states, and the lines of a comparison."""

import re

import pytest

from api import compare_terminal
from orchestrator.analysis.items import Due
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from tests.documents.commands import is_command
from tests.documents.pages import Block, of
from tests.documents.shell import pattern
from tests.house.checkout import files
from tests.unit.api.meetings import analysis, item, job
from tests.unit.api.test_comparing import Service, compared, replay
from tests.unit.api.test_terminal import printed

STATES = {"job": set(JobStatus), "seat": set(SeatStatus), "attempt": set(AttemptState)}


@pytest.mark.parametrize("block", of("text drawing"), ids=str)
def test_a_drawing_holds_no_command_and_names_files_that_exist(block: Block) -> None:
    named = set(re.findall(r"\b[\w/]+/\w+\.\w+\b", block.text))

    assert [line for line in block.text.splitlines() if line.startswith("$ ") or is_command(line.strip())] == []
    assert named <= set(files())


@pytest.mark.parametrize("block", of("text states"), ids=str)
def test_the_states_are_those_of_the_machine(block: Block) -> None:
    """All are there, and an arrow or a bar joins no word that is none."""
    rows = re.findall(r"^(\w+) +(.+(?:\n +.+)*)", block.text, re.MULTILINE)
    assert {name for name, _ in rows} == STATES.keys()

    for name, row in rows:
        joined = set(re.findall(r"(?:->|\|) (\w+)", row)) | set(re.findall(r"(\w+) (?:<?->|\|)", row))
        assert joined - {"three"} == STATES[name]


@pytest.mark.parametrize("block", of("text differences"), ids=str)
def test_differences_are_printed_as_they_are_shown(block: Block) -> None:
    """With the words of the example in the two results; what stands on the right explains."""
    ship = item("We ship on Friday", ("u1",), "ship on Friday")
    send = item("Send the report", ("u2",), "let us ship", owner="Ann")
    call = item("Call the supplier", ("u3",), "write the notes", owner="Bob", due=Due(text="by Friday"))
    own = analysis(decisions=(ship,), action_items=(send,))
    other = analysis(decisions=(), action_items=(send.model_copy(update={"owner": None}), call))
    found = compared(Service(job(result=own), single=[replay("single", other)]), "single")

    lines = printed(compare_terminal.comparison(found)).splitlines()
    for shown in block.text.splitlines():
        form = pattern(re.split(r" {3,}", shown.strip())[0])
        assert any(form.fullmatch(line.strip()) for line in lines), shown

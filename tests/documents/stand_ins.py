"""The commands of README and handbook that no test runs as they stand: why not, and what is tested in their place.

An entry that no document shows any more fails, and so does one whose test is gone. What a parser can judge is judged
all the same. To add one: the command as the document has it, the reason, and the test that comes closest.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class StandIn:
    """`test` is the node of pytest that does in earnest what can be done."""

    reason: str
    test: str


STAND_INS: Final = {
    # --- in blocks
    "./meetingmind demo": StandIn(
        "starts a stack of its own beside the one of the examples",
        "tests/acceptance/test_cli.py::test_the_demo_shows_everything_and_leaves_nothing_running",
    ),
    "./meetingmind test": StandIn("is what runs this test", "tests/house/test_examples.py::test_a_command_is_taken"),
    # --- in the prose
    "python3 -m venv .venv": StandIn("would set this checkout up anew", "tests/house/test_examples.py::test_by_hand"),
    ".venv/bin/pip install --require-hashes -r requirements.lock": StandIn(
        "would set this checkout up anew", "tests/house/test_examples.py::test_by_hand"
    ),
    "PYTHONPATH=. .venv/bin/python -P -m api.cli demo": StandIn(
        "starts a stack of its own",
        "tests/acceptance/test_cli.py::test_the_demo_shows_everything_and_leaves_nothing_running",
    ),
    "apt install chromium": StandIn(
        "needs root and a network", "tests/house/test_examples.py::test_the_browser_that_is_installed_is_looked_for"
    ),
    "cp ops/env.example .env": StandIn(
        "would write into the checkout",
        "tests/house/test_compose.py::test_a_default_of_compose_is_the_default_of_the_house",
    ),
    "psql -h <its unix_socket_directories> -U meetingmind meetingmind": StandIn(
        "asks for the folder of a running embedded stack",
        "tests/house/test_examples.py::test_the_embedded_database_is_reached_as_the_handbook_says",
    ),
}

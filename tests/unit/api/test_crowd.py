"""One connection more than there may be: who has to go."""

import subprocess
import sys
from dataclasses import dataclass, field

import pytest
import structlog

from api.crowd import OWN_FILES, TOLD_EVERY_S, Crowd


@dataclass(eq=False)
class Idle:
    name: str
    gone: list[str] = field(repr=False)

    def give_way(self) -> None:
        self.gone.append(self.name)


def test_who_has_waited_longest_gives_way_and_who_is_at_work_does_not() -> None:
    crowd, gone = Crowd(2, lambda: 0.0), list[str]()
    first, second, third = (Idle(name, gone) for name in ("first", "second", "third"))
    for one in (first, second, third):
        crowd.waits(one)
    crowd.works(first)

    crowd.make_room(2)
    crowd.make_room(3)
    crowd.waits(first)  # its answer is out: it waits since now
    crowd.waits(third)  # as before
    crowd.make_room(3)

    assert gone == ["second", "third"]


def test_a_newcomer_itself_goes_when_all_others_are_at_work() -> None:
    crowd, gone = Crowd(1, lambda: 0.0), list[str]()

    crowd.waits(Idle("newcomer", gone))
    crowd.make_room(2)
    crowd.make_room(2)

    assert gone == ["newcomer"]


def test_a_flood_of_connections_is_no_flood_of_log_lines() -> None:
    now, gone = [0.0], list[str]()
    crowd = Crowd(1, lambda: now[0])

    with structlog.testing.capture_logs() as lines:
        for at in (0.0, 1.0, 2.0, TOLD_EVERY_S):
            now[0] = at
            crowd.waits(Idle("newcomer", gone))
            crowd.make_room(2)

    assert [(line["event"], line["closed"]) for line in lines] == [("api.crowded", 1), ("api.crowded", 3)]


@pytest.mark.parametrize(
    ("soft", "hard", "wished", "expected"),
    [
        (300, 300, 100, "100 300"),  # fits
        (300, 300, 4_000, f"{300 - OWN_FILES - 24} 300"),
        (160, 300, 100, f"100 {100 + OWN_FILES + 24}"),  # raised, as far as is needed
        (100, 100, 4_000, "16 100"),
    ],
)
def test_a_process_takes_as_many_connections_as_it_has_files_for(
    soft: int, hard: int, wished: int, expected: str
) -> None:
    script = (
        "import resource; from api.crowd import fitting\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\n"
        f"fit = fitting({wished}, 12)\n"
        "print(fit, resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.splitlines()[-1] == expected
    assert ("api.few_files" in done.stdout + done.stderr) == (not expected.startswith("100"))

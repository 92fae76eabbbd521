"""What is said of jobs that go on without the command."""

from pathlib import Path

import pytest

from api.cli.leaving import sentences
from api.cli.options import Where
from api.cli.work import Left

BOTH = ((Path("a.vtt"), "job_1"), (Path("b.vtt"), "job_2"))


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (Left(jobs=()), []),
        (
            Left(jobs=BOTH[:1]),
            [
                "job_1 (a.vtt) goes on. Its result: meetingmind show --wait job_1",
                "To stop it instead: meetingmind cancel job_1",
            ],
        ),
        (
            Left(jobs=BOTH, unsent=(Path("x/d.vtt"), Path("e.vtt")), unsure=Path("c.vtt")),
            [
                "job_1 (a.vtt) goes on. Its result: meetingmind show --wait job_1",
                "job_2 (b.vtt) goes on. Its result: meetingmind show --wait job_2",
                "To stop it instead: meetingmind cancel ID",
                "c.vtt was just being handed in; whether it was: meetingmind jobs",
                "Not handed in: d.vtt, e.vtt",
            ],
        ),
    ],
)
def test_each_thing_that_is_left_has_its_line(left: Left, expected: list[str]) -> None:
    assert list(sentences(Where(), left)) == expected


def test_the_service_is_named_as_it_was_and_the_key_is_not_shown() -> None:
    where = Where("http://host/a b", "mm_dev_secret", Path("data dir"))

    first, second = sentences(where, Left(jobs=BOTH[:1]))

    assert first.endswith("show --wait job_1 --url 'http://host/a b' --key ... --data-dir 'data dir'")
    assert "secret" not in first + second

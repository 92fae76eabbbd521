"""ops/docker/Dockerfile: what it copies exists, what it runs starts, nobody is root in it. Every check bites."""

import re
import shlex
from collections.abc import Callable, Iterator
from json import loads
from typing import NamedTuple

import pytest

from tests.house import compose
from tests.house.checkout import PACKAGES, ROOT, files
from tests.house.compose import PINNED, is_taken
from tests.house.test_dependencies import locked

TEXT = (ROOT / "ops/docker/Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text()


class Step(NamedTuple):
    stage: int
    word: str
    rest: str


def steps(text: str) -> Iterator[Step]:
    stage = -1
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    for line in filter(None, joined.splitlines()):
        word, rest = line.split(maxsplit=1)
        stage += word == "FROM"
        yield Step(stage, word, rest)


def last_stage(text: str) -> list[Step]:
    found = list(steps(text))
    return [step for step in found if step.stage == found[-1].stage]


def loose_bases(text: str) -> list[str]:
    return [step.rest for step in steps(text) if step.word == "FROM" and not PINNED.fullmatch(step.rest.split()[0])]


def missing_sources(text: str) -> list[str]:
    """What is copied and is not in git, or that .dockerignore keeps out."""
    sources = [
        source
        for step in steps(text)
        if step.word in {"COPY", "ADD"} and "--from=" not in step.rest
        for source in shlex.split(step.rest)[:-1]
    ]
    present = [source for source in sources if any(path == source or path.startswith(f"{source}/") for path in files())]
    return sorted(set(sources) - {source for source in present if f"!{source}" in IGNORED.splitlines()})


def missing_packages(text: str) -> list[str]:
    copied = {shlex.split(step.rest)[0] for step in last_stage(text) if step.word == "COPY"}
    return sorted(set(PACKAGES) - copied)


def rooted(text: str) -> list[str]:
    """The user that the image ends with, if that is root or nobody said."""
    users = [step.rest for step in last_stage(text) if step.word == "USER"]
    return [] if users and re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]) else users[-1:] or ["root"]


def unmade_folders(text: str) -> list[str]:
    """Where a volume of ours is mounted and the image has no folder of its user: an engine would give it to root."""
    user = next((step.rest for step in last_stage(text) if step.word == "USER"), "root")
    made = {
        place
        for step in last_stage(text)
        for owner, group, place in re.findall(r"install --directory --owner (\d+) --group (\d+) .*?(/\S+)", step.rest)
        if f"{owner}:{group}" == user
    }
    services = compose.read((ROOT / "docker-compose.yml").read_text()).services.values()
    mounted = {mount.split(":")[1] for one in services if one.is_ours for mount in one.volumes}
    return sorted(mounted - made)


def loose_installs(text: str) -> list[str]:
    """Installations that do not insist on hashes and wheels, and any at all in the stage that is shipped."""
    runs = [step for step in steps(text) if step.word == "RUN" and re.search(r"\b(pip|apt-get|curl|wget)\b", step.rest)]
    strict = ("--require-hashes", "--only-binary :all:", "--no-deps")
    shipped = [step.rest for step in runs if step in last_stage(text)]
    return shipped + [
        step.rest for step in runs if "pip" in step.rest and not all(flag in step.rest for flag in strict)
    ]


def refused_commands(text: str) -> list[str]:
    commands = [step.rest for step in last_stage(text) if step.word == "CMD"]
    return [] if commands and is_taken(loads(commands[-1])) else commands or ["none"]


CHECKS: tuple[Callable[[str], list[str]], ...] = (
    loose_bases,
    missing_sources,
    missing_packages,
    rooted,
    unmade_folders,
    loose_installs,
    refused_commands,
)

MUTATIONS = [
    (loose_bases, "python:3.11.15-slim-bookworm AS", "python:3 AS"),
    (missing_sources, "COPY requirements.lock", "COPY requirements.txt"),
    (missing_sources, "COPY api api", "COPY README.md api"),
    (missing_packages, "COPY tasks tasks\n", ""),
    (rooted, "USER 10001:10001\n", ""),
    (rooted, "USER 10001:10001", "USER root"),
    (rooted, "USER 10001:10001", "USER 10001:10001\nUSER 0:0"),
    (unmade_folders, "/var/lib/meetingmind/spool", "/var/lib/meetingmind"),
    (unmade_folders, "--owner 10001", "--owner 0"),
    (loose_installs, "--require-hashes ", ""),
    (loose_installs, "--only-binary :all: ", ""),
    (loose_installs, "RUN python -m compileall", "RUN apt-get install -y gcc && python -m compileall"),
    (refused_commands, '"-m", "api"', '"-m", "apis"'),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_file_passes(check: Callable[[str], list[str]]) -> None:
    assert check(TEXT) == []


@pytest.mark.parametrize(
    ("check", "old", "new"), MUTATIONS, ids=[f"{row[0].__name__}: {row[2][:30]}" for row in MUTATIONS]
)
def test_a_damaged_copy_is_complained_of(check: Callable[[str], list[str]], old: str, new: str) -> None:
    assert old in TEXT

    assert check(TEXT.replace(old, new))


def test_every_check_has_a_copy_that_it_complains_of() -> None:
    assert {check for check, _, _ in MUTATIONS} == set(CHECKS)


def test_everything_is_ignored_but_what_is_named() -> None:
    rules = [line for line in IGNORED.splitlines() if line and not line.startswith("#")]

    assert rules[0] == "*"
    assert {rule for rule in rules if rule.startswith("!")} == {
        "!requirements.lock",
        *(f"!{name}" for name in PACKAGES),
    }


def test_what_is_left_out_of_the_image_is_in_the_lock() -> None:
    removed = re.search(r"uninstall --yes (.+)", TEXT)

    assert removed
    assert set(removed[1].split()) <= set(locked("requirements.lock"))

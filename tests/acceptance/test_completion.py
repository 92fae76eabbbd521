"""A TAB in a shell: the script that `completion` prints, run by the shells that are there."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli.completing import SCRIPTS
from tests.acceptance.test_cli import environment, run

SHELLS = [shell for shell in SCRIPTS if shutil.which(shell)]  # bash at least
PRESS = """
source "$SCRIPT"
complete -p meetingmind >/dev/null || exit 9
press() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _meetingmind "$1" "${@: -1}" "${@: -2:1}"
    printf '%s\\n' "${COMPREPLY[@]}"
}
"""
TYPED = [
    (("re",), {"retry", "replay"}),
    (("analyze", "--str"), {"--strategy"}),
    (("analyze", "--strategy", "co"), {"consensus", "competitive"}),
    (("analyze", "one.vtt", "--policy", ""), {"aggressive", "balanced", "quality"}),
    (("submit", "--priority", "i"), {"interactive"}),
    (("plan", "--routing", "p"), {"preference", "performance"}),
    (("plan", "--unverified", ""), {"drop", "mark"}),
    (("budgets", ""), {"set", "remove", "resume"}),
    (("budgets", "set", "tenant", "--period", ""), {"day", "month"}),
    (("compare", "--strategies", "single,h"), {"single,hierarchical"}),
    (("compare", "--strategies", "a"), {"all"}),
    (("replay", "job_1", "--strategy", "s"), {"single"}),
    (("jobs", "--status", "ca"), {"canceled"}),
    (("export", "job_1", "--format", ""), {"md", "csv", "ics", "vtt", "json"}),
    (("feedback", "job_1", "wr"), {"wrong"}),
    (("templates", "show", "stand"), {"standup"}),
    (("providers", "open"), {"openai", "openrouter"}),
    (("drill", "storm"), {"storm-529"}),
    (("completion", ""), set(SCRIPTS)),
    (("analyze", "one"), set()),  # so that the shell offers files
    (("nonsense", "--st"), set()),
]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command line under its name, as somebody has it on PATH or in a checkout."""
    path = tmp_path_factory.mktemp("bin") / "meetingmind"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m api.cli "$@"\n')
    path.chmod(0o700)
    return path


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("script") / "bash"
    path.write_text(run("completion", "bash").stdout)
    return path


def offered(command: Path, **asked: str) -> str:
    done = subprocess.run(
        [command], env=environment() | asked, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize(("typed", "expected"), TYPED)
def test_bash_offers_what_fits(command: Path, script: Path, typed: tuple[str, ...], expected: set[str]) -> None:
    done = subprocess.run(
        ["bash", "--norc", "-c", f'{PRESS}press "$@"', "bash", str(command), *typed],
        env=environment() | {"SCRIPT": str(script)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.split()) == expected


def test_bash_asks_the_command_that_was_typed_and_falls_back_on_files(command: Path, script: Path) -> None:
    code = f"{PRESS}press '~/meetingmind' sub; complete -p meetingmind"

    done = subprocess.run(
        ["bash", "--norc", "-c", code],
        env=environment() | {"SCRIPT": str(script), "HOME": str(command.parent), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )

    assert done.stdout.splitlines() == ["submit", "complete -o default -F _meetingmind meetingmind"]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_in_the_shells_own_language(shell: str, tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_text(run("completion", shell).stdout)

    done = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_zsh_and_fish_are_answered_with_words_and_their_meaning(command: Path) -> None:
    zsh = offered(command, _MEETINGMIND_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="./meetingmind budgets re")
    fish = offered(
        command,
        _MEETINGMIND_COMPLETE="complete_fish",
        _TYPER_COMPLETE_ARGS="./meetingmind budgets re",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
    )

    assert zsh.startswith('_arguments \'*: :(("remove":"Take a limit away')
    assert [line.split("\t")[0] for line in fish.splitlines()] == ["remove", "resume"]
    for shell, action in (("zsh", "complete_zsh"), ("fish", "complete_fish")):
        assert f"_MEETINGMIND_COMPLETE={action}" in SCRIPTS[shell]


def test_a_shell_without_a_script_is_a_usage_error() -> None:
    done = run("completion", "tcsh")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "There is no completion for 'tcsh'; there is for bash, zsh, fish.\n"

"""Shell examples as statements and words, with what stands for something else filled in. Pure."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

# What an example may write for something that only its reader knows. Longer ones first: they hold shorter ones.
PLACEHOLDERS: Final = {
    "https://hooks.example.com/meetingmind": "an address that takes webhooks",
    "http://127.0.0.1:8787": "the address of the service",
    "mm_dev_...": "an API key",
    "whsec_...": "a webhook's secret",
    "job_...": "a job that has succeeded",
    "bat_...": "a batch that has finished",
    "whk_...": "a webhook",
    "dlv_...": "a delivery of it",
    "ten_...": "the tenant",
    "key_...": "the row of an API key",
    "JOB...": "jobs",
    "FILE...": "transcripts",
    "DIR": "a folder of transcripts",
    "FILE": "a transcript",
    "JOB": "a job that has succeeded",
    "SCENARIO": "one of `./meetingmind drill`",
    "PROFILE": "a kind of worker",
    "PROVIDER": "a provider's id",
    "TOOL": "a tool of the development set-up",
    "FOLDER": "a folder",
    "NAME": "one of the names that exist",
    "PATH": "a file that is written",
    "SEED": "a number",
    "N": "a number",
}
ASSIGNMENT: Final = re.compile(r"(?:export\s+)?[A-Z][A-Z0-9_]*=")


def statements(text: str) -> Iterator[str]:
    """The statements of a script, each whole; comments that stand alone are left out."""
    gathered = ""
    for line in text.splitlines():
        gathered = f"{gathered}\n{line}" if gathered else line
        if is_whole(gathered):
            if words(gathered):
                yield _uncommented(gathered.strip())
            gathered = ""
    if gathered:
        yield gathered


def _uncommented(statement: str) -> str:
    """Without the comment at its end; a # within quotes begins none."""
    for hit in re.finditer(r"\s+#", statement):
        with suppress(ValueError):
            if shlex.split(statement[: hit.start()]) == words(statement):
                return statement[: hit.start()]
    return statement


def is_whole(text: str) -> bool:
    """Whether a shell would not wait for more."""
    try:
        words(text)
    except ValueError:
        return False
    return not text.endswith("\\")


def words(statement: str) -> list[str]:
    """Raises ValueError: a quote is open."""
    return shlex.split(statement, comments=True)


def sets_variables(statement: str) -> bool:
    """Whether it does nothing else, as in `URL=... KEY=...`."""
    found = words(statement.removeprefix("export "))
    return all(ASSIGNMENT.match(word) for word in found)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with each placeholder replaced; letters of a longer word are none."""
    names = sorted(values, key=len, reverse=True)
    found = "|".join(rf"(?<![\w$]){re.escape(name)}(?!\w)" if name[-1].isalnum() else re.escape(name) for name in names)
    return re.sub(found, lambda hit: values[hit[0]], text) if names else text


def spelled_out(synopsis: str) -> Iterator[list[str]]:
    """The command lines that a synopsis stands for: `[X]` with and without, `a|b` as each of both."""
    found: list[list[str]] = [[]]
    for word in words(synopsis):
        choices: Sequence[str | None] = word.strip("[]").split("|")
        if word.startswith("[") and word.endswith("]"):
            choices = [None, *choices]
        found = [[*line, *([choice] if choice else [])] for line in found for choice in choices]
    yield from found


def pattern(shown: str) -> "re.Pattern[str]":
    """What output must look like to be that which is shown: ids and numbers may differ, and `...` is anything."""
    rest = re.escape(" ".join(shown.split()))
    rest = rest.replace(re.escape("..."), ".*?")
    rest = re.sub(r"\d+(?:(?:\\[.,:-]|[.,:-])\d+)*", r"[\\d.,:-]+", rest)
    return re.compile(rest.replace(r"\ ", r"\s+"), re.DOTALL)

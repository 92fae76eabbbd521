"""The commands that talk to a service: submit, analyze, jobs, show, cancel, retry."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import NoReturn

from rich.console import ConsoleRenderable

from api import partial_terminal, terminal
from api.cli import following, inputs, leaving, scheduling, work
from api.cli.exits import FAILED, USAGE, Told, tell
from api.cli.options import Where, Wishes
from api.cli.servers import Link, connected
from api.client import Client, Filter, Problem, Trouble
from api.schemas import JobView


def submit(path: Path, wishes: Wishes, where: Where, *, as_json: bool) -> None:
    """Hand in one file and print the job's id, or the whole job."""
    file, wishes = inputs.read(path), scheduling.scheduled(wishes, datetime.now(UTC))
    with connected(where, start=False) as link:
        try:
            job = link.client.submit(inputs.request(file, wishes))
        except Trouble as trouble:
            give_up(trouble)
    print_line(work.Ended(path, job).line if as_json else job.id)


def analyze(paths: Sequence[Path], wishes: Wishes, where: Where, *, report: Path | None, as_json: bool) -> None:
    """Hand in the files, wait, and print each end in order."""
    files, wishes = [inputs.read(path) for path in paths], scheduling.scheduled(wishes, datetime.now(UTC))
    if report is not None:
        _check_report_path(report, several=len(files) > 1)
    succeeded = True
    with ExitStack() as stack:
        link = stack.enter_context(connected(where, start=True))
        watch = None if as_json else stack.enter_context(terminal.Watch(terminal.console(sys.stderr)))
        wait = watching(link, watch, several=len(files) > 1) if watch else None
        leave = leaving.leave(link, where)
        for ended in stack.enter_context(closing(work.analyze(link.client, files, wishes, wait=wait, leave=leave))):
            if watch:
                watch.pause()
            print_end(ended, as_json=as_json)
            if report is not None and isinstance(ended.outcome, JobView):
                write_report(link.client, ended.outcome, _report_path(report, ended, several=len(files) > 1))
            succeeded = succeeded and ended.succeeded
    if not succeeded:
        sys.exit(FAILED)


def watching(link: Link, watch: terminal.Watch, *, several: bool = False) -> work.Wait:
    """Waits for jobs and shows them meanwhile, each with the name of its file if there are several."""

    def wait(path: Path, job_id: str, timeout_s: float) -> JobView:
        found = following.Found(link.client)

        def see(job: JobView) -> None:
            watch.see(job, path.name if several else "", found.words(job))

        return following.wait(link.client, job_id, timeout_s, see, following.listening(link.another))

    return wait


def jobs(filters: Mapping[str, Filter], where: Where, *, as_json: bool) -> None:
    """Print a page of jobs, one a line."""
    with connected(where, start=False) as link:
        try:
            page = link.client.jobs(**filters)
        except Trouble as trouble:
            give_up(trouble)
    if as_json:
        for job in page.data:
            print_line(work.Ended(Path(), job).line)
        return
    terminal.console(sys.stdout).print(terminal.jobs(page))


def show(job_id: str, where: Where, *, wait: bool, as_json: bool) -> None:
    """Print one job, at once or when it has ended; then with 1 unless it succeeded."""
    with connected(where, start=False) as link:
        try:
            job = _ended(link, job_id, as_json=as_json) if wait else link.client.get(job_id)
        except Trouble as trouble:
            give_up(trouble)
    ended = work.Ended(Path(), job)
    print_end(ended, as_json=as_json)
    if wait and not ended.succeeded:
        sys.exit(FAILED)


def show_partial(job_id: str, where: Where, *, as_json: bool) -> None:
    """Print what the seats of one job have found so far; the job itself once it has succeeded."""
    with connected(where, start=False) as link:
        try:
            found = link.client.partial(job_id)
        except Trouble as trouble:
            give_up(trouble)
    if isinstance(found, JobView):
        print_end(work.Ended(Path(), found), as_json=as_json)
    elif as_json:
        print_line(work.as_line(found))
    else:
        terminal.console(sys.stdout).print(partial_terminal.partial(found))


def _ended(link: Link, job_id: str, *, as_json: bool) -> JobView:
    if as_json:
        return link.client.wait(job_id, inf)
    with terminal.Watch(terminal.console(sys.stderr)) as watch:
        return watching(link, watch)(Path(), job_id, inf)


def cancel(job_id: str, where: Where, *, as_json: bool) -> None:
    """Stop one job."""
    with connected(where, start=False) as link:
        try:
            job = link.client.cancel(job_id)
        except Trouble as trouble:
            give_up(trouble)
    print_line(work.as_line(job) if as_json else f"{job.id}: {job.status}")


def retry(job_id: str, where: Where, *, as_json: bool) -> None:
    """Have one ended job go on."""
    with connected(where, start=False) as link:
        try:
            job = link.client.retry(job_id)
        except Trouble as trouble:
            give_up(trouble)
    print_line(work.as_line(job) if as_json else f"{job.id}: {job.status}")


def write_report(client: Client, job: JobView, path: Path) -> None:
    """Fetch the job's page and put it at `path`, saying so.

    Raises:
        Told: the page cannot be had, or not be written.
    """
    try:
        page = client.report(job.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except Trouble as trouble:
        give_up(trouble)
    except OSError as error:
        raise Told(f"The report cannot be written to {path}: {error.strerror}.") from None
    tell(f"Report: {path.resolve()}")


def _check_report_path(report: Path, *, several: bool) -> None:
    """Refuse before any money is spent."""
    if several and report.exists() and not report.is_dir():
        raise Told(f"{report} is a file; several reports need a folder.", code=USAGE)
    if not several and report.is_dir():
        raise Told(f"{report} is a folder; name the file for the report.", code=USAGE)


def _report_path(report: Path, ended: work.Ended, *, several: bool) -> Path:
    if not several or not isinstance(ended.outcome, JobView):
        return report
    return report / f"{ended.path.stem}-{ended.outcome.id}.html"


def print_end(ended: work.Ended, *, as_json: bool) -> None:
    """Print one file's end: on stdout if it is a job, on stderr if it is trouble and people read it."""
    if as_json:
        print_line(ended.line)
    elif isinstance(ended.outcome, JobView):
        terminal.console(sys.stdout).print(terminal.analysis(ended.outcome, ended.path.name or "Analysis"), "")
    else:
        out = terminal.console(sys.stderr)
        out.print(terminal.said(f"{ended.path}: not analyzed"))
        out.print(_words(ended.outcome))


def _words(trouble: Trouble) -> ConsoleRenderable:
    return terminal.problem(trouble) if isinstance(trouble, Problem) else terminal.said(str(trouble))


def print_line(line: str) -> None:
    """One line of UTF-8 on stdout, whatever the locale: it is for programs."""
    sys.stdout.flush()
    sys.stdout.buffer.write(line.encode("utf-8") + b"\n")
    sys.stdout.buffer.flush()


def give_up(trouble: Trouble) -> NoReturn:
    """Say what is wrong and end the command."""
    terminal.console(sys.stderr).print(_words(trouble))
    sys.exit(FAILED)

"""The commands and their options. What a command does is imported when it runs: `--help` has no use for it."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from api.cli import money_commands
from api.cli.exits import USAGE, Told, plainly
from api.cli.options import DataDir, Json, Key, Url, Where, Wishes

JobIdArgument: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="The job, as in job_...")]
Files: TypeAlias = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Transcripts: VTT, SRT, JSON or text.")]
Strategy: TypeAlias = Annotated[str | None, typer.Option(help="auto, single, consensus ...")]
Policy: TypeAlias = Annotated[str | None, typer.Option(help="aggressive, balanced or quality.")]
Models: TypeAlias = Annotated[str | None, typer.Option(help="provider/model, several with commas.")]
Size: TypeAlias = Annotated[int | None, typer.Option("--panel-size", help="How many seats.")]
Quorum: TypeAlias = Annotated[int | None, typer.Option(help="How many seats must answer.")]
Deadline: TypeAlias = Annotated[float | None, typer.Option("--deadline", help="Seconds until a job gives up.")]
MaxCost: TypeAlias = Annotated[str | None, typer.Option("--max-cost", help="US dollars, such as 0.50.")]
Priority: TypeAlias = Annotated[str | None, typer.Option(help="interactive, standard or bulk.")]
Title: TypeAlias = Annotated[str | None, typer.Option(help="Title of the meeting.")]
Reference: TypeAlias = Annotated[str | None, typer.Option(help="Your own name for the job.")]
Project: TypeAlias = Annotated[str | None, typer.Option(help="The project whose budgets it counts in, too.")]
Tags: TypeAlias = Annotated[list[str] | None, typer.Option("--tag", help="A tag; may be given several times.")]

app = typer.Typer(
    name="meetingmind",
    help="Turns meeting transcripts into checked, multi-model analyses.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command that was typed."""
    with plainly():
        app(prog_name="meetingmind")


@app.command()
def demo(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE...]", help="Your own transcripts.")] = None,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Analyze the meeting that ships with us, or files, and show all."""
    from api.cli import demonstration  # noqa: PLC0415  see the head

    demonstration.run(files or [], Where(url, key, data_dir))


@app.command()
def up(
    *,
    data_dir: DataDir = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port of the API; free one if not given.")] = None,
    json: Json = False,
) -> None:
    """Run the whole stack here until Ctrl-C."""
    from api.cli import local  # noqa: PLC0415  see the head

    local.up(data_dir, port, as_json=json)


@app.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def test() -> None:
    """Run all tests (the script ./meetingmind does this)."""
    raise Told("The tests are run by the script in the root of the checkout: ./meetingmind test", code=USAGE)


@app.command()
def submit(  # noqa: PLR0913  typer makes an option of each argument
    file: Annotated[Path, typer.Argument(help="A transcript: VTT, SRT, JSON or text.")],
    *,
    json: Json = False,
    strategy: Strategy = None,
    policy: Policy = None,
    models: Models = None,
    panel_size: Size = None,
    quorum: Quorum = None,
    deadline: Deadline = None,
    max_cost: MaxCost = None,
    priority: Priority = None,
    title: Title = None,
    reference: Reference = None,
    project: Project = None,
    tag: Tags = None,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Hand in one transcript and print the job's id."""
    from api.cli import errands  # noqa: PLC0415  see the head

    wishes = Wishes(
        strategy,
        policy,
        _list(models),
        panel_size,
        quorum,
        deadline,
        max_cost,
        priority,
        title,
        reference,
        _tags(tag),
        project=project,
    )
    errands.submit(file, wishes, Where(url, key, data_dir), as_json=json)


@app.command()
def analyze(  # noqa: PLR0913  typer makes an option of each argument
    files: Files,
    *,
    json: Json = False,
    report: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Write the HTML report here; a folder if there are several.")
    ] = None,
    strategy: Strategy = None,
    policy: Policy = None,
    models: Models = None,
    panel_size: Size = None,
    quorum: Quorum = None,
    deadline: Deadline = None,
    max_cost: MaxCost = None,
    priority: Priority = None,
    title: Title = None,
    reference: Reference = None,
    project: Project = None,
    tag: Tags = None,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Hand in transcripts, wait, and print the analyses.

    Without a running service, a stack is started for it and stopped again.
    """
    from api.cli import errands  # noqa: PLC0415  see the head

    wishes = Wishes(
        strategy,
        policy,
        _list(models),
        panel_size,
        quorum,
        deadline,
        max_cost,
        priority,
        title,
        reference,
        _tags(tag),
        project=project,
    )
    errands.analyze(files, wishes, Where(url, key, data_dir), report=report, as_json=json)


@app.command()
def plan(  # noqa: PLR0913  typer makes an option of each argument
    file: Annotated[Path, typer.Argument(help="A transcript: VTT, SRT, JSON or text.")],
    *,
    json: Json = False,
    every: Annotated[bool, typer.Option("--all", help="List every model that was not asked.")] = False,
    strategy: Strategy = None,
    policy: Policy = None,
    models: Models = None,
    panel_size: Size = None,
    quorum: Quorum = None,
    deadline: Deadline = None,
    max_cost: MaxCost = None,
    priority: Priority = None,
    project: Project = None,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Show what a job of this file would be and cost, without running it.

    Without a running service, a stack is started for it and stopped again.
    """
    from api.cli import planning  # noqa: PLC0415  see the head

    wishes = Wishes(
        strategy,
        policy,
        _list(models),
        panel_size,
        quorum,
        deadline,
        max_cost,
        priority,
        project=project,
    )
    planning.plan(file, wishes, Where(url, key, data_dir), every=every, as_json=json)


@app.command()
def jobs(  # noqa: PLR0913  typer makes an option of each argument
    *,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    status: Annotated[str | None, typer.Option(help="Only jobs that stand so.")] = None,
    reference: Annotated[str | None, typer.Option(help="Only jobs with this reference.")] = None,
    tag: Annotated[str | None, typer.Option(help="Only jobs with this tag.")] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """List jobs, newest first."""
    from api.cli import errands  # noqa: PLC0415  see the head

    filters = {"limit": limit, "cursor": cursor, "status": status, "reference": reference, "tag": tag}
    errands.jobs(filters, Where(url, key, data_dir), as_json=json)


@app.command()
def show(
    job_id: JobIdArgument, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None
) -> None:
    """Show one job with all that is known of it."""
    from api.cli import errands  # noqa: PLC0415  see the head

    errands.show(job_id, Where(url, key, data_dir), as_json=json)


@app.command()
def cancel(job_id: JobIdArgument, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Stop a job: no new paid call starts after this."""
    from api.cli import errands  # noqa: PLC0415  see the head

    errands.cancel(job_id, Where(url, key, data_dir))


@app.command()
def retry(job_id: JobIdArgument, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Have a job that failed, expired or was canceled go on: only the seats without an answer are asked."""
    from api.cli import errands  # noqa: PLC0415  see the head

    errands.retry(job_id, Where(url, key, data_dir))


app.command()(money_commands.costs)
app.add_typer(money_commands.budgets, name="budgets")


@app.command()
def drill(
    scenario: Annotated[str, typer.Argument(help="What goes wrong; without one, the scenarios are listed.")] = "",
    *,
    jobs: Annotated[int, typer.Option(min=1, max=500, help="How many jobs are played.")] = 12,
    deadline: Annotated[float, typer.Option(min=5, max=600, help="Seconds that each job has.")] = 60,
    policy: Annotated[str, typer.Option(help="aggressive, balanced or quality.")] = "balanced",
    extractive: Annotated[bool, typer.Option(help="Whether built-in models may stand in.")] = True,
) -> None:
    """Play an outage of your providers to your own configuration."""
    from api.cli import drill as room  # noqa: PLC0415  see the head

    room.run(scenario, Wishes(policy=policy, deadline_s=deadline, extractive=extractive), jobs=jobs)


@app.command()
def emulator(
    *,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port on loopback; 0 takes a free one.")] = 0,
    latency_ms: Annotated[float, typer.Option(min=0, help="Median time to the first byte of an answer.")] = 0,
) -> None:
    """Run the emulated providers until Ctrl-C; prints their address."""
    from api.cli import local  # noqa: PLC0415  see the head

    local.emulator(port, latency_ms)


@app.command()
def doctor(url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Say what is installed, set and running here."""
    from api.cli import doctor as room  # noqa: PLC0415  see the head

    room.examine(Where(url, key, data_dir))


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _tags(tags: list[str] | None) -> tuple[str, ...]:
    return tuple(tags or ())

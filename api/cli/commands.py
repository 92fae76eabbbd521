"""The commands and their options. What a command does is imported when it runs: `--help` has no use for it."""

from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer
from typer._completion_classes import completion_init

from api.cli import (
    aftermath_commands,
    audit_commands,
    batch_command,
    batches_commands,
    choices,
    compare_command,
    completion_command,
    dead_letter_commands,
    event_commands,
    export_command,
    key_commands,
    money_commands,
    provider_commands,
    replay_command,
    submit_commands,
    template_commands,
    webhook_commands,
)
from api.cli.exits import USAGE, Told, plainly
from api.cli.options import DataDir, Json, Key, Url, Where, Wishes

JobIdArgument: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="The job, as in job_...")]

EXIT_CODES: Final = (
    "Exit codes: 0 all is well; 1 a job failed, or something was refused or cannot be reached; 2 the command was wrong;"
    " 130 Ctrl-C, 143 SIGTERM."
)

app = typer.Typer(
    name="meetingmind",
    help="Turns meeting transcripts into checked, multi-model analyses.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command that was typed."""
    completion_init()
    with plainly():
        app(prog_name="meetingmind")


@app.command()
def demo(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE...]", help="Your own transcripts.")] = None,
    *,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Analyze the meeting that ships with us, or files, and show all."""
    from api.cli import demonstration  # noqa: PLC0415  see the head

    demonstration.run(files or [], Where(url, key, data_dir), as_json=json)


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


app.command()(submit_commands.submit)
app.command()(submit_commands.analyze)
app.command()(submit_commands.plan)


@app.command()
def jobs(  # noqa: PLR0913  typer makes an option of each argument
    *,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    status: Annotated[
        str | None, typer.Option(help="Only jobs that stand so.", autocompletion=choices.statuses)
    ] = None,
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
    job_id: JobIdArgument,
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Until it has ended; then exit with 1 unless it succeeded.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Only what its seats have found so far, before anything is decided.")
    ] = False,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Show one job with all that is known of it."""
    from api.cli import errands  # noqa: PLC0415  see the head

    if partial and wait:
        raise Told("--partial shows what there is by now, --wait what there is in the end: choose one.", code=USAGE)
    if partial:
        errands.show_partial(job_id, Where(url, key, data_dir), as_json=json)
    else:
        errands.show(job_id, Where(url, key, data_dir), wait=wait, as_json=json)


@app.command()
def cancel(
    job_id: JobIdArgument, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None
) -> None:
    """Stop a job: no new paid call starts after this."""
    from api.cli import errands  # noqa: PLC0415  see the head

    errands.cancel(job_id, Where(url, key, data_dir), as_json=json)


@app.command()
def retry(
    job_id: JobIdArgument, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None
) -> None:
    """Have a job that failed, expired or was canceled go on: only the seats without an answer are asked."""
    from api.cli import errands  # noqa: PLC0415  see the head

    errands.retry(job_id, Where(url, key, data_dir), as_json=json)


app.command()(replay_command.replay)
app.command()(batch_command.batch)
app.command()(compare_command.compare)
app.command()(event_commands.events)
app.command()(aftermath_commands.erase)
app.command()(aftermath_commands.feedback)
app.command()(provider_commands.providers)
app.command()(export_command.export)
app.command()(completion_command.completion)
app.command()(money_commands.costs)
app.add_typer(audit_commands.audit, name="audit")
app.add_typer(batches_commands.batches, name="batches")
app.add_typer(dead_letter_commands.dead_letters, name="dead-letters")
app.add_typer(key_commands.keys, name="keys")
app.add_typer(money_commands.budgets, name="budgets")
app.add_typer(template_commands.templates, name="templates")
app.add_typer(webhook_commands.webhooks, name="webhooks")


@app.command()
def drill(
    scenario: Annotated[
        str,
        typer.Argument(
            help="What goes wrong; without one, the scenarios are listed.", autocompletion=choices.scenarios
        ),
    ] = "",
    *,
    jobs: Annotated[int, typer.Option(min=1, max=500, help="How many jobs are played.")] = 12,
    deadline: Annotated[float, typer.Option(min=5, max=600, help="Seconds that each job has.")] = 60,
    policy: Annotated[
        str, typer.Option(help="aggressive, balanced or quality.", autocompletion=choices.policies)
    ] = "balanced",
    extractive: Annotated[bool, typer.Option(help="Whether built-in models may stand in.")] = True,
    json: Json = False,
) -> None:
    """Play an outage of your providers to your own configuration."""
    from api.cli import drill as room  # noqa: PLC0415  see the head

    room.run(scenario, Wishes(policy=policy, deadline_s=deadline, extractive=extractive), jobs=jobs, as_json=json)


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
def doctor(*, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Say what is installed, set and running here."""
    from api.cli import doctor as room  # noqa: PLC0415  see the head

    room.examine(Where(url, key, data_dir), as_json=json)

"""The commands about jobs that ended badly and their options. What they do is imported late, as in `commands.py`."""

from typing import Annotated, TypeAlias

import typer

from api.cli import choices
from api.cli.exits import USAGE, Told
from api.cli.options import DataDir, Json, Key, Url, Where

Status: TypeAlias = Annotated[
    str | None, typer.Option(help="failed, expired or canceled [the first two].", autocompletion=choices.bad_ends)
]
Reason: TypeAlias = Annotated[str | None, typer.Option(help="Only those with this code, such as quorum-not-reached.")]
SeatReason: TypeAlias = Annotated[
    str | None, typer.Option(help="Only those with a seat that was lost so, such as poison.")
]
Reference: TypeAlias = Annotated[str | None, typer.Option(help="Only jobs with this reference.")]
Tag: TypeAlias = Annotated[str | None, typer.Option(help="Only jobs with this tag.")]
Batch: TypeAlias = Annotated[str | None, typer.Option(help="Only jobs of this batch.")]
After: TypeAlias = Annotated[str | None, typer.Option(help="Only jobs made after that, as 2026-11-28T09:30:00Z.")]
Before: TypeAlias = Annotated[str | None, typer.Option(help="Only jobs made before that.")]

dead_letters = typer.Typer(
    help="List jobs that ended badly, with reasons, and have them go on.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@dead_letters.callback()
def page(  # noqa: PLR0913  typer makes an option of each argument
    context: typer.Context,
    *,
    status: Status = None,
    reason: Reason = None,
    seat_reason: SeatReason = None,
    reference: Reference = None,
    tag: Tag = None,
    batch: Batch = None,
    after: After = None,
    before: Before = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """List jobs that ended badly, newest first, with reasons."""
    from api.cli import dead_lettering  # noqa: PLC0415  see the head

    filters = _filters(status, reason, seat_reason, reference, tag, batch, after, before)
    if context.invoked_subcommand is None:
        dead_lettering.page({**filters, "limit": limit, "cursor": cursor}, Where(url, key, data_dir), as_json=json)
    elif filters or json or url or key or data_dir:
        # They would be lost, and more jobs be requeued than were meant.
        raise Told(f"Put the options behind `dead-letters {context.invoked_subcommand}`.", code=USAGE)


@dead_letters.command()
def requeue(  # noqa: PLR0913  typer makes an option of each argument
    jobs: Annotated[list[str] | None, typer.Argument(metavar="[JOB...]", help="Without any, by the options.")] = None,
    *,
    status: Status = None,
    reason: Reason = None,
    seat_reason: SeatReason = None,
    reference: Reference = None,
    tag: Tag = None,
    batch: Batch = None,
    after: After = None,
    before: Before = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many at most, the oldest first.")] = 100,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which would go on, and change nothing.")] = False,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Have failed and expired jobs go on: only the seats without an answer are asked. Safe to repeat."""
    from api.cli import dead_lettering  # noqa: PLC0415  see the head

    filters = _filters(status, reason, seat_reason, reference, tag, batch, after, before)
    if jobs and filters:
        raise Told("Name either jobs, or what they have in common.", code=USAGE)
    wanted = dead_lettering.Wanted(tuple(jobs or ()), filters, limit, dry_run)
    dead_lettering.requeue(wanted, Where(url, key, data_dir), as_json=json)


def _filters(
    status: str | None,
    reason: str | None,
    seat_reason: str | None,
    reference: str | None,
    tag: str | None,
    batch: str | None,
    after: str | None,
    before: str | None,
) -> dict[str, str]:
    said = {"status": status, "reason": reason, "seat_reason": seat_reason, "reference": reference, "tag": tag}
    said |= {"batch_id": batch, "created_after": after, "created_before": before}
    return {name: value for name, value in said.items() if value is not None}

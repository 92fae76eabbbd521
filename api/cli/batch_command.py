"""The command `batch` and its options. What it does is imported when it runs, as in `commands.py`."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from api.cli import choices
from api.cli.options import At, DataDir, In, Json, Key, Url, Where, Wishes

Source: TypeAlias = Annotated[
    Path, typer.Argument(metavar="DIR|FILE", help="A folder of transcripts, or NDJSON with one job a line.")
]
Output: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="PATH", help="Results as NDJSON [NAME.results.ndjson here].", show_default=False
    ),
]


def batch(  # noqa: PLR0913  typer makes an option of each argument
    source: Source,
    *,
    output: Output = None,
    atomic: Annotated[bool, typer.Option(help="Take in all jobs, or none.")] = False,
    json: Json = False,
    strategy: Annotated[
        str | None, typer.Option(help="auto, single, consensus ...", autocompletion=choices.asked_strategies)
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="aggressive, balanced or quality.", autocompletion=choices.policies)
    ] = None,
    models: Annotated[str | None, typer.Option(help="provider/model, several with commas.")] = None,
    panel_size: Annotated[int | None, typer.Option("--panel-size", help="How many seats.")] = None,
    quorum: Annotated[int | None, typer.Option(help="How many seats must answer.")] = None,
    deadline: Annotated[float | None, typer.Option("--deadline", help="Seconds until a job gives up [a day].")] = None,
    max_cost: Annotated[str | None, typer.Option("--max-cost", help="US dollars for each job, such as 0.50.")] = None,
    priority: Annotated[
        str | None, typer.Option(help="interactive, standard or bulk [bulk].", autocompletion=choices.priorities)
    ] = None,
    reference: Annotated[str | None, typer.Option(help="Your own name for the jobs.")] = None,
    project: Annotated[str | None, typer.Option(help="The project whose budgets they count in, too.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag; may be given several times.")] = None,
    at: At = None,
    in_: In = None,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Analyze many transcripts at low priority, and write the results in order.

    After Ctrl-C the same command goes on where it was: a file beside the output remembers the batch. Without a running
    service, a stack is started for it and stopped again.
    """
    from api.cli import batching  # noqa: PLC0415  see the head

    wishes = Wishes(
        strategy=strategy,
        policy=policy,
        models=tuple(part.strip() for part in (models or "").split(",") if part.strip()),
        size=panel_size,
        quorum=quorum,
        deadline_s=deadline,
        max_cost_usd=max_cost,
        priority=priority,
        reference=reference,
        tags=tuple(tag or ()),
        project=project,
        at=at,
        delay=in_,
    )
    batching.run(source, wishes, Where(url, key, data_dir), output=output, atomic=atomic, as_json=json)

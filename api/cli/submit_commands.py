"""The commands that hand in a transcript, or would, and their options. What they do is imported when they run, as in
`commands.py`.
"""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from api.cli import choices
from api.cli.options import At, DataDir, In, Json, Key, Url, Where, Wishes

Files: TypeAlias = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Transcripts: VTT, SRT, JSON or text.")]
Strategy: TypeAlias = Annotated[
    str | None, typer.Option(help="auto, single, consensus ...", autocompletion=choices.asked_strategies)
]
Policy: TypeAlias = Annotated[
    str | None, typer.Option(help="aggressive, balanced or quality.", autocompletion=choices.policies)
]
Models: TypeAlias = Annotated[str | None, typer.Option(help="provider/model, several with commas.")]
Size: TypeAlias = Annotated[int | None, typer.Option("--panel-size", help="How many seats.")]
Quorum: TypeAlias = Annotated[int | None, typer.Option(help="How many seats must answer.")]
Deadline: TypeAlias = Annotated[float | None, typer.Option("--deadline", help="Seconds until a job gives up.")]
MaxCost: TypeAlias = Annotated[str | None, typer.Option("--max-cost", help="US dollars, such as 0.50.")]
Priority: TypeAlias = Annotated[
    str | None, typer.Option(help="interactive, standard or bulk.", autocompletion=choices.priorities)
]
Title: TypeAlias = Annotated[str | None, typer.Option(help="Title of the meeting.")]
Reference: TypeAlias = Annotated[str | None, typer.Option(help="Your own name for the job.")]
Project: TypeAlias = Annotated[str | None, typer.Option(help="The project whose budgets it counts in, too.")]
Tags: TypeAlias = Annotated[list[str] | None, typer.Option("--tag", help="A tag; may be given several times.")]
Unverified: TypeAlias = Annotated[
    str | None, typer.Option(help="Items without proof: drop (as a rule) or mark.", autocompletion=choices.unverified)
]
Routing: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="How models are chosen: preference, performance, cost or round-robin.", autocompletion=choices.routings
    ),
]
Regions: TypeAlias = Annotated[
    str | None, typer.Option(help="Only providers that handle it there: eu,us ... with commas.")
]
ZeroRetention: TypeAlias = Annotated[
    bool, typer.Option("--zero-retention", help="Only providers that keep nothing of it.")
]
Prefer: TypeAlias = Annotated[
    str | None, typer.Option(help="The provider whose models go first.", autocompletion=choices.providers)
]
Pinned: TypeAlias = Annotated[
    bool, typer.Option("--pinned", help="Replace a model that fails in the house's order, whatever the price.")
]

Redact: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="What models must not see: email, phone, person ... with commas.", autocompletion=choices.redactions
    ),
]
RedactTerms: TypeAlias = Annotated[
    list[str] | None, typer.Option("--redact-term", help="A term that they must not see; may be given several times.")
]


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
    unverified: Unverified = None,
    routing: Routing = None,
    regions: Regions = None,
    zero_retention: ZeroRetention = False,
    prefer: Prefer = None,
    pinned: Pinned = False,
    at: At = None,
    in_: In = None,
    redact: Redact = None,
    redact_term: RedactTerms = None,
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
        unverified=unverified,
        routing=routing,
        regions=_list(regions),
        zero_retention=zero_retention,
        preferred_provider=prefer,
        pinned=pinned,
        at=at,
        delay=in_,
        redact=_list(redact),
        redact_terms=_tags(redact_term),
    )
    errands.submit(file, wishes, Where(url, key, data_dir), as_json=json)


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
    unverified: Unverified = None,
    routing: Routing = None,
    regions: Regions = None,
    zero_retention: ZeroRetention = False,
    prefer: Prefer = None,
    pinned: Pinned = False,
    at: At = None,
    in_: In = None,
    redact: Redact = None,
    redact_term: RedactTerms = None,
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
        unverified=unverified,
        routing=routing,
        regions=_list(regions),
        zero_retention=zero_retention,
        preferred_provider=prefer,
        pinned=pinned,
        at=at,
        delay=in_,
        redact=_list(redact),
        redact_terms=_tags(redact_term),
    )
    errands.analyze(files, wishes, Where(url, key, data_dir), report=report, as_json=json)


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
    unverified: Unverified = None,
    routing: Routing = None,
    regions: Regions = None,
    zero_retention: ZeroRetention = False,
    prefer: Prefer = None,
    pinned: Pinned = False,
    redact: Redact = None,
    redact_term: RedactTerms = None,
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
        unverified=unverified,
        routing=routing,
        regions=_list(regions),
        zero_retention=zero_retention,
        preferred_provider=prefer,
        pinned=pinned,
        redact=_list(redact),
        redact_terms=_tags(redact_term),
    )
    planning.plan(file, wishes, Where(url, key, data_dir), every=every, as_json=json)


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _tags(tags: list[str] | None) -> tuple[str, ...]:
    return tuple(tags or ())

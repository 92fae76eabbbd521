"""What the options of a command say, None where they are silent. Light: `--help` imports it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Url: TypeAlias = Annotated[str | None, typer.Option(help="Address of a running service. [env: MEETINGMIND_URL]")]
Key: TypeAlias = Annotated[str | None, typer.Option(help="API key for it. [env: MEETINGMIND_API_KEY]")]
DataDir: TypeAlias = Annotated[
    Path | None, typer.Option(help="Folder of the local stack. [env: MEETINGMIND_DATA_DIR]", show_default=False)
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, one line each, and nothing else.")]
AllowCalls: TypeAlias = Annotated[
    bool, typer.Option("--allow-calls", help="A strategy that wants a lead or judges may ask and pay them.")
]


At: TypeAlias = Annotated[
    str | None, typer.Option("--at", help="Not before that moment, such as 2026-12-01T02:00:00Z.")
]
In: TypeAlias = Annotated[
    str | None, typer.Option("--in", help="Not before so long from now: 90s, 30m, 2h, 3d, 1d12h.")
]


@dataclass(frozen=True)
class Where:
    """Which service to talk to."""

    url: str | None = None
    key: str | None = None
    data_dir: Path | None = None


@dataclass(frozen=True)
class Wishes:
    """How the job shall be done. The service judges them: there is one place that knows what is allowed.

    `at`: the moment before which nothing begins; `delay`: how long from now that is. See `scheduling.scheduled`.
    """

    strategy: str | None = None
    policy: str | None = None
    models: tuple[str, ...] = ()
    size: int | None = None
    quorum: int | None = None
    deadline_s: float | None = None
    max_cost_usd: str | None = None
    priority: str | None = None
    title: str | None = None
    reference: str | None = None
    tags: tuple[str, ...] = ()
    extractive: bool | None = None
    project: str | None = None
    unverified: str | None = None
    routing: str | None = None
    regions: tuple[str, ...] = ()
    zero_retention: bool = False
    preferred_provider: str | None = None
    pinned: bool = False
    at: str | None = None
    delay: str | None = None
    redact: tuple[str, ...] = ()
    redact_terms: tuple[str, ...] = ()

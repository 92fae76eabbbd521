"""The commands `erase` and `feedback` and their options. What they do is imported late, as in `commands.py`."""

from typing import Annotated

import typer

from api.cli import choices
from api.cli.options import DataDir, Json, Key, Url, Where


def erase(
    job_id: Annotated[str, typer.Argument(metavar="JOB", help="The job, as in job_...")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; there is no way back.")] = False,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Forget what was said in a job's meeting: transcript, answers, result, names. What was paid stays known."""
    from api.cli import aftermath  # noqa: PLC0415  see the head

    aftermath.erase(job_id, Where(url, key, data_dir), sure=yes, as_json=json)


def feedback(  # noqa: PLR0913  typer makes an option of each argument
    job_id: Annotated[str, typer.Argument(metavar="JOB", help="The job, as in job_...")],
    verdict: Annotated[
        str, typer.Argument(metavar="VERDICT", help="right, wrong, edited or missing.", autocompletion=choices.verdicts)
    ],
    *,
    item: Annotated[str | None, typer.Option(help="The item, as in itm_...; without one, the whole result.")] = None,
    text: Annotated[str | None, typer.Option(help="How it should be; needed with edited and missing.")] = None,
    score: Annotated[float | None, typer.Option(min=0, max=1, help="What it is worth, from 0 to 1.")] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Say what was right or wrong in a result. Said again, it replaces what was said before."""
    from api.cli import aftermath  # noqa: PLC0415  see the head

    said = aftermath.Said(job_id, verdict, item, text, score)
    aftermath.feedback(said, Where(url, key, data_dir), as_json=json)

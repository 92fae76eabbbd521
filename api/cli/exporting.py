"""What the command `export` does: a job's items as a file for another tool."""

import sys
from pathlib import Path
from typing import Final, get_args

from api.cli.errands import give_up
from api.cli.exits import USAGE, Told, tell
from api.cli.options import Where
from api.cli.servers import connected
from api.client import Trouble
from api.schemas import ExportFormat

_FORMATS: Final[dict[str, ExportFormat]] = {name: name for name in get_args(ExportFormat)}


def run(job_id: str, wanted: str | None, output: Path | None, where: Where) -> None:
    """Fetch it, and put it at `output` or on stdout.

    Raises:
        Told: there is no such format, or the file cannot be written.
    """
    format_ = chosen(wanted, output)
    with connected(where, start=False) as link:
        try:
            data = link.client.export(job_id, format_)
        except Trouble as trouble:
            give_up(trouble)
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        _write(data, output)


def chosen(wanted: str | None, output: Path | None) -> ExportFormat:
    """The format that was named, or else the one that the file's name tells.

    Raises:
        Told: there is none, or no such one.
    """
    word = wanted or (output.suffix.removeprefix(".").lower() if output else "")
    if word not in _FORMATS:
        told = f"There is no format {word!r}" if word else "Say which format"
        raise Told(f"{told}: --format {', '.join(_FORMATS)}.", code=USAGE)
    return _FORMATS[word]


def _write(data: bytes, output: Path) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(data)
    except OSError as error:
        raise Told(f"The export cannot be written to {output}: {error.strerror}.") from None
    tell(f"Export: {output.resolve()}")

"""A folder as the reader of an example has it: transcripts, jobs, and `./meetingmind`."""

import json
import os
import sys
from pathlib import Path
from typing import Final

from tests.house.checkout import ROOT

TRANSCRIPT: Final = """WEBVTT

00:00:01.000 --> 00:00:05.000
<v Ann>We will ship on Friday, that is decided.</v>

00:00:05.000 --> 00:00:09.000
<v Bob>I will write the notes by Thursday.</v>

00:00:09.000 --> 00:00:14.000
<v Ann>And who calls the supplier? One risk is that the case does not fit.</v>
"""


def furnish(folder: Path) -> Path:
    """Put there what examples may name."""
    (folder / "standup.vtt").write_text(TRANSCRIPT, "utf-8")
    (folder / "meetings").mkdir()
    for name in ("monday", "tuesday"):
        (folder / "meetings" / f"{name}.vtt").write_text(TRANSCRIPT, "utf-8")
    jobs = [{"transcript": {"content": f"Ann: I will send draft {number} by Friday."}} for number in (1, 2)]
    (folder / "jobs.ndjson").write_text("".join(json.dumps(job) + "\n" for job in jobs), "utf-8")
    _stand_in(folder / "meetingmind")
    return folder


def _stand_in(script: Path) -> None:
    """The checkout's own script, in the reader's folder."""
    script.write_text(f'#!/bin/sh\nexec "{ROOT}/meetingmind" "$@"\n', "utf-8")
    script.chmod(0o755)


def searched(path: str) -> str:
    """PATH with `python` being the one that runs the tests, as in a container of ours."""
    return os.pathsep.join([str(Path(sys.executable).parent), path])

"""Real meetings of different length and format through `analyze --json`: what comes out can be believed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orchestrator.meeting.decoding import decode
from orchestrator.meeting.reading import read
from orchestrator.meeting.speakers import merged
from tests.shared_data import shared

KINDS = ("topics", "decisions", "action_items", "risks", "questions")
# 800, 9,900 and 23,700 words as JSON, and one meeting as SubRip and as WebVTT.
FILES = (
    "transcripts/ami-es2005a.json",
    "transcripts/ami-ts3005d.json",
    "transcripts/qmsum-covid-1.json",
    "formats/rendered/speakers.srt",
    "formats/rendered/teams.vtt",
)


@pytest.fixture
def jobs(environment: dict[str, str], tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Each file's job, from one call of the command line that starts its own stack."""
    command = [sys.executable, "-P", "-m", "api.cli", "analyze", "--json", *(str(shared(file)) for file in FILES)]
    done = subprocess.run(
        command,
        env={**environment, "MEETINGMIND_DATA_DIR": str(tmp_path)},
        capture_output=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    lines = done.stdout.decode().splitlines()
    assert len(lines) == len(FILES)
    return dict(zip(FILES, map(json.loads, lines), strict=True))


def test_every_quote_is_verbatim_and_meetings_with_tasks_have_tasks(jobs: dict[str, dict[str, Any]]) -> None:
    for file, job in jobs.items():
        assert job["status"] == "succeeded", file
        assert "no language model was used" in job["label"]
        utterances = merged(read(decode(shared(file).read_bytes()), "auto")).utterances
        said, speakers = {u.id: u.text for u in utterances}, {u.speaker for u in utterances}
        for item in (item for kind in KINDS for item in job["result"][kind]):
            assert item["verified"]
            assert item["evidence"], (file, item)
            for piece in item["evidence"]:
                assert piece["quote"] in " ".join(said[name] for name in piece["utterances"]), (file, piece)
            owner = item["owner"]
            assert owner is None or _is_named(owner["name"], item, said, speakers), (file, item)

    for file in ("transcripts/ami-es2005a.json", "transcripts/ami-ts3005d.json", *FILES[3:]):
        assert jobs[file]["result"]["action_items"] or jobs[file]["result"]["decisions"], file
    for file in FILES:
        assert jobs[file]["result"]["summary"]["text"], file


def _is_named(owner: str, item: dict[str, Any], said: dict[str, str], speakers: set[str | None]) -> bool:
    """Whether the owner is somebody who spoke, or a name that stands in the item's evidence."""
    words = " ".join(said[name] for piece in item["evidence"] for name in piece["utterances"])
    return owner in speakers or owner.casefold() in words.casefold()

"""What the longest meetings cost in memory and time, from the file to the result, in every process of the product.

    python -P -m ops.bench.longest [FOLDER] [--crowd 105] [--each 3] [--strategies consensus,...]

FOLDER holds NAME.json transcripts; by default the shared data beside the checkout. The longest of them is posted as it
is, and once more dealt out by turns to `--crowd` speakers, `--each` times per strategy, to the emulator's models and to
the built-in ones. The figure of a process is the most that it has ever held (VmHWM of proc_pid_status(5)), so a job
cannot hide behind a later one. Exit status: 0; 1 if a job did not succeed or a worker passed `LIMIT_MB`.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from api.client import Client, Trouble
from api.schemas import JobView
from ops.bench import slice_meters
from ops.bench.slice_load import MODELS
from ops.bench.slice_rig import CHECKOUT, NoRig, Rig, rigged
from orchestrator.meeting import reading
from orchestrator.meeting.transcript import Transcript
from orchestrator.routing.request import AnalysisRequest, PanelWish, PostedTranscript, PostedUtterance
from orchestrator.synthesis import STRATEGIES
from providers.errors import ProviderError

DEFAULT_FOLDER: Final = CHECKOUT / "../shared/data/transcripts"
LIMIT_MB: Final = 300.0
JOB_S: Final = 120.0
BUILT_IN: Final = ("extractive/cue-rules", "extractive/central-sentences", "extractive/lead-position")
WORKERS: Final = frozenset(("ask", "ask-interactive", "synthesis", "delivery", "maintenance"))


class Meeting(NamedTuple):
    name: str
    transcript: Transcript


def main() -> int:
    """Run the bench; returns the exit status."""
    given = _parser().parse_args()
    meetings = list(_meetings(given.folder, given.crowd))
    strategies = given.strategies.split(",") if given.strategies else [name for name in STRATEGIES if name != "single"]
    try:
        with rigged(50.0, None) as rig:
            return _report(rig, meetings, strategies, given.each)
    except (NoRig, Trouble, ProviderError) as error:
        print(f"longest: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _report(rig: Rig, meetings: list[Meeting], strategies: list[str], each: int) -> int:
    failed = 0
    with closing(Client(rig.product.url, rig.product.key)) as client:
        for meeting in meetings:
            voices = len(meeting.transcript.speakers)
            print(f"{meeting.name}: {meeting.transcript.words} words, {voices} speakers")
            for strategy in strategies:
                for models in (MODELS, BUILT_IN):
                    took, ended = _run(client, meeting, strategy, models, each)
                    failed += sum(job.status != "succeeded" for job in ended)
                    print(f"  {strategy:13} {took * 1_000:6.0f} ms a job  {ended[-1].status}  {ended[-1].label}")
    return 1 if _memory(rig) or failed else 0


def _run(
    client: Client, meeting: Meeting, strategy: str, models: tuple[str, ...], each: int
) -> tuple[float, list[JobView]]:
    """Seconds per job, and the jobs, one after the other."""
    request = AnalysisRequest(
        transcript=PostedTranscript(utterances=tuple(_posted(meeting.transcript))),
        strategy=strategy,
        panel=PanelWish(models=models),
    )
    began = time.perf_counter()
    ended = [client.wait(client.submit(request).id, JOB_S) for _ in range(each)]
    return (time.perf_counter() - began) / each, ended


def _memory(rig: Rig) -> int:
    """Prints the peak of each process of the stack; returns how many workers passed the limit."""
    if rig.product.pid is None:
        print("The service is not ours: its memory is not seen here.")
        return 0
    over = 0
    for name, peak_mb in sorted(slice_meters.peak_mb(rig.product.pid).items()):
        passed = name in WORKERS and peak_mb > LIMIT_MB
        over += passed
        print(f"{name:16} {peak_mb:6.0f} MB{'  above the limit' if passed else ''}")
    return over


def _meetings(folder: Path, crowd: int) -> Iterator[Meeting]:
    longest = max(map(_read, sorted(folder.glob("*-*.json"))), key=lambda one: one.transcript.words)
    yield longest
    spoken = (
        one.model_copy(update={"speaker": f"Delegate {place % crowd + 1}"})
        for place, one in enumerate(longest.transcript.utterances)
    )
    yield Meeting(f"{longest.name}, dealt out", Transcript(utterances=tuple(spoken)))


def _read(path: Path) -> Meeting:
    text = path.read_text("utf-8")
    if "segments" not in json.loads(text):
        return Meeting(path.stem, reading.read("nobody spoke", "text"))
    return Meeting(path.stem, reading.read(text, "json"))


def _posted(transcript: Transcript) -> Iterator[PostedUtterance]:
    for one in transcript.utterances:
        yield PostedUtterance(id=one.id, speaker=one.speaker, start_s=one.start_s, end_s=one.end_s, text=one.text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ops.bench.longest")
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--crowd", type=int, default=105)
    parser.add_argument("--each", type=int, default=3)
    parser.add_argument("--strategies", default="")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""Several files through the service at once, answered in their order."""

import json
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from pydantic import BaseModel

from api.cli.exits import Stopped, tell
from api.cli.inputs import TranscriptFile, request
from api.cli.options import Wishes
from api.client import Client, NotInTime, Problem, Trouble
from api.schemas import JobView
from providers.calls import JsonObject

WINDOW: Final = 16  # jobs under way at once: enough to keep a panel busy, few enough to cancel in a moment
DEADLINE_S: Final = 300.0  # what the contract grants when the request does not say
GRACE_S: Final = 30.0  # a job that has passed its deadline is ended by the service within this
# Two letters that JSON allows and that many programs take for the end of a line.
_LINE_ENDS: Final = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}

TOO_MANY_REQUESTS: Final = 429

See: TypeAlias = Callable[[JobView], None]


@dataclass(frozen=True)
class Sent:
    """A file on its way: its job, or why it has none."""

    path: Path
    outcome: JobView | Trouble


@dataclass(frozen=True)
class Ended:
    """How one file's job ended: as a job, or as the trouble that kept it from being one."""

    path: Path
    outcome: JobView | Trouble

    @property
    def succeeded(self) -> bool:
        return isinstance(self.outcome, JobView) and self.outcome.status == "succeeded"

    @property
    def line(self) -> str:
        """The job, or the problem, as one line of JSON."""
        if isinstance(self.outcome, JobView):
            return as_line(self.outcome)
        return json.dumps(_document(self.outcome), ensure_ascii=False).translate(_LINE_ENDS)


def as_line(shown: BaseModel) -> str:
    """An answer of the service as one line of JSON."""
    return shown.model_dump_json().translate(_LINE_ENDS)


def analyze(
    client: Client, files: Iterable[TranscriptFile], wishes: Wishes, see: See | None = None
) -> Generator[Ended, None, None]:
    """Submit the files, a window of them at a time, and give their ends in order; `see` watches the one next in line.

    Close the generator when leaving early: the jobs that are still under way are then canceled.
    """
    under_way: deque[Sent] = deque()
    try:
        for file in files:
            if len(under_way) >= WINDOW:
                yield _finish(client, under_way, wishes, see)
            sent = _submit(client, file, wishes)
            while _asks_for_patience(sent) and under_way:
                yield _finish(client, under_way, wishes, see)
                sent = _submit(client, file, wishes)
            under_way.append(sent)
        while under_way:
            yield _finish(client, under_way, wishes, see)
    except (GeneratorExit, Stopped):
        _cancel(client, under_way)
        raise


def _submit(client: Client, file: TranscriptFile, wishes: Wishes) -> Sent:
    try:
        return Sent(file.path, client.submit(request(file, wishes)))
    except Trouble as trouble:
        return Sent(file.path, trouble)


def _asks_for_patience(sent: Sent) -> bool:
    return isinstance(sent.outcome, Problem) and sent.outcome.status == TOO_MANY_REQUESTS


def _finish(client: Client, under_way: deque[Sent], wishes: Wishes, see: See | None) -> Ended:
    """Wait for the oldest. It leaves the queue when it has ended, so that a signal in between finds it there."""
    outcome = under_way[0].outcome
    if isinstance(outcome, JobView):
        try:
            outcome = client.wait(outcome.id, (wishes.deadline_s or DEADLINE_S) + GRACE_S, see)
        except Trouble as trouble:
            outcome = trouble
    return Ended(under_way.popleft().path, outcome)


def _cancel(client: Client, under_way: Iterable[Sent]) -> None:
    for sent in under_way:
        if isinstance(sent.outcome, JobView):
            with suppress(Trouble):
                client.cancel(sent.outcome.id)
                tell(f"Canceled {sent.outcome.id}.")


def _document(trouble: Trouble) -> JsonObject:
    """A problem object for the trouble; the service's own where there is one."""
    if isinstance(trouble, Problem):
        return trouble.document
    code = "not-in-time" if isinstance(trouble, NotInTime) else "unreachable"
    return {
        "type": f"urn:meetingmind:problem:{code}",
        "title": "No result in time" if isinstance(trouble, NotInTime) else "No answer from the service",
        "status": 504,
        "detail": str(trouble),
        "code": code,
    }

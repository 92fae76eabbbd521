"""Several files through the service at once, answered in their order."""

import json
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
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
GRACE_S: Final = 30.0  # a job that has passed its deadline is ended by the service within this
# Two letters that JSON allows and that many programs take for the end of a line.
_LINE_ENDS: Final = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}

TOO_MANY_REQUESTS: Final = 429


@dataclass(frozen=True)
class Sent:
    """A file on its way: its job, or why it has none."""

    path: Path
    outcome: JobView | Trouble


@dataclass(frozen=True)
class Left:
    """What is not done when it is left early: jobs under way, with their files; files that were not handed in; and the
    one, if any, of which nobody knows, since it was just being handed in.
    """

    jobs: tuple[tuple[Path, str], ...]
    unsent: tuple[Path, ...] = ()
    unsure: Path | None = None


Wait: TypeAlias = Callable[[Path, str, float], JobView]  # a file, its job, and for how many seconds
Leave: TypeAlias = Callable[[Left], None]


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
    client: Client,
    files: Iterable[TranscriptFile],
    wishes: Wishes,
    *,
    wait: Wait | None = None,
    leave: Leave | None = None,
) -> Generator[Ended, None, None]:
    """Submit the files, a window of them at a time, and give their ends in order.

    Close the generator when leaving early.

    Args:
        wait: waits for the one next in line; in silence if not given.
        leave: is told what is not done when this is left early; if not given, the jobs under way are canceled.
    """
    desk = _Desk(client, deque(files), wishes, wait or (lambda _path, job_id, s: client.wait(job_id, s)))
    try:
        yield from desk.ends()
    except (GeneratorExit, Stopped):
        (leave or canceling(client))(desk.left())
        raise


def canceling(client: Client) -> Leave:
    """Cancels the jobs that are left, and says so."""

    def cancel(left: Left) -> None:
        for _, job_id in left.jobs:
            with suppress(Trouble):
                client.cancel(job_id)
                tell(f"Canceled {job_id}.")

    return cancel


@dataclass
class _Desk:
    """The files that have not ended: each stands in `waiting`, then in `under_way`."""

    client: Client
    waiting: deque[TranscriptFile]
    wishes: Wishes
    wait: Wait
    under_way: deque[Sent] = field(default_factory=deque)
    handing_in: bool = False

    def ends(self) -> Generator[Ended, None, None]:
        while self.waiting:
            if len(self.under_way) >= WINDOW:
                yield self._finish()
            while not self._hand_in():
                yield self._finish()
        while self.under_way:
            yield self._finish()

    def left(self) -> Left:
        files = [file.path for file in self.waiting]
        return Left(
            jobs=tuple((sent.path, sent.outcome.id) for sent in self.under_way if isinstance(sent.outcome, JobView)),
            unsent=tuple(files[self.handing_in :]),
            unsure=files[0] if self.handing_in else None,
        )

    def _hand_in(self) -> bool:
        """False: the service has no room for it until one of ours has ended."""
        self.handing_in = True
        sent = _submit(self.client, self.waiting[0], self.wishes)
        has_room = not (self.under_way and _asks_for_patience(sent))
        if has_room:
            self.under_way.append(sent)
            self.waiting.popleft()
        self.handing_in = False
        return has_room

    def _finish(self) -> Ended:
        """Wait for the oldest. It leaves the queue when it has ended, so that a signal in between finds it there."""
        sent = self.under_way[0]
        outcome = sent.outcome
        if isinstance(outcome, JobView):
            try:
                outcome = self.wait(sent.path, outcome.id, _given_s(outcome) + GRACE_S)
            except Trouble as trouble:
                outcome = trouble
        return Ended(self.under_way.popleft().path, outcome)


def _given_s(job: JobView) -> float:
    """How long a new job has until its deadline; one that was handed in for later has that later."""
    return (datetime.fromisoformat(job.deadline_at) - datetime.fromisoformat(job.created_at)).total_seconds()


def _submit(client: Client, file: TranscriptFile, wishes: Wishes) -> Sent:
    try:
        return Sent(file.path, client.submit(request(file, wishes)))
    except Trouble as trouble:
        return Sent(file.path, trouble)


def _asks_for_patience(sent: Sent) -> bool:
    return isinstance(sent.outcome, Problem) and sent.outcome.status == TOO_MANY_REQUESTS


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

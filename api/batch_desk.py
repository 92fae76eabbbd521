"""What is done with an uploaded batch in a thread: its begin, lines read and taken in by turns, its end."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from api.batch_bodies import LineReader, Words, defaults_of, first_line_defaults
from api.batch_lines import RawLine
from api.digests import digest
from api.problems import TooLarge
from orchestrator.batches.amending import Amending
from orchestrator.batches.taking import Begun, PostedLine, Taking, numbered
from orchestrator.dispatch import Dispatch
from orchestrator.errors import BatchRefused, InvalidRequest
from orchestrator.routing.request import AnalysisRequest
from orchestrator.work.batches import MOST_LINES
from providers.calls import JsonObject

MOST_TOLD: Final = 50  # bad lines of an atomic batch that its caller is shown


@dataclass(frozen=True)
class Taken:
    """The batch. `replayed`: an earlier call had made it whole already."""

    batch_id: str
    replayed: bool


@dataclass
class Desk:
    """One upload. `key` is its Idempotency-Key; `as_lines`: it is NDJSON, whose first line may speak for all."""

    dispatch: Dispatch
    tenant: str
    atomic: bool
    key: str | None
    words: Words
    as_lines: bool
    defaults: JsonObject = field(default_factory=lambda: defaults_of({}))
    begun: Begun | None = None
    _first: int | None = None
    _last: int = 0
    _count: int = 0

    @property
    def taking(self) -> Taking:
        return Taking(self.dispatch, self.words.of)

    @property
    def amending(self) -> Amending:
        return Amending(self.dispatch)

    def problems(self, turn: Sequence[RawLine], seen: set[str]) -> list[JsonObject]:
        """Those of a turn's lines, if they came in now; nothing is stored."""
        return self.taking.check(self.tenant, self._posted(turn), seen)

    def take(self, turn: Sequence[RawLine]) -> None:
        """Take in what is new of a turn's lines.

        Raises:
            BatchRefused: the batch is atomic and one of them was good a moment ago. It is canceled; no job of it ran.
            TooLarge: there are too many in all.
        """
        posted = self._posted(turn)
        if posted:
            begun = self.begin(next((line.request for line in posted if line.request is not None), None))
            kept = self.taking.take(self.tenant, begun.batch_id, posted)
            self._last = posted[-1].number
            refused = [numbered(one.line, one.custom_id, one.error) for one in kept if one.error is not None]
            if self.atomic and refused:
                self.cancel()
                raise BatchRefused("Its jobs were canceled, and none of them had run.", lines=refused[:MOST_TOLD])

    def count_again(self) -> None:
        """The same lines are brought once more."""
        self._count = 0

    def begin(self, first: AnalysisRequest | None, *said: JsonObject) -> Begun:
        """Make the batch, or find that of an earlier call; once. `said`: what an earlier call must have said, too."""
        if self.begun is None:
            self.begun = self.taking.begin(
                self.tenant,
                atomic=self.atomic,
                first=first,
                idempotency_key=self.key,
                digest=digest("batch", json.dumps([self.atomic, self.defaults, said])),
            )
        return self.begun

    def finish(self, last: int | None = None) -> Taken:
        """All lines were brought, up to `last`.

        Raises:
            InvalidRequest: there was none.
        """
        if self.begun is None:
            raise InvalidRequest("A batch has at least one job.")
        batch_id = self.begun.batch_id
        whole = self.taking.receive(self.tenant, batch_id, self._last if last is None else last)
        self.amending.settle(self.tenant, batch_id)
        return Taken(batch_id, replayed=self.begun.known and whole)

    def cancel(self) -> None:
        """Its caller is refused: what was taken in shall not run."""
        if self.begun is not None:
            self.amending.cancel(self.tenant, self.begun.batch_id)

    def leave(self) -> None:
        """Its caller is gone. Without a key nobody can go on with it: it is what was taken in."""
        if self.begun is not None and self.key is None:
            self.amending.close(self.tenant, self.begun.batch_id)

    def _posted(self, turn: Sequence[RawLine]) -> tuple[PostedLine, ...]:
        if not turn:
            return ()
        if self._first is None:
            self._first = turn[0].number
        if self.as_lines and turn[0].number == self._first:
            said = first_line_defaults(turn[0])
            if said is not None:
                self.defaults = defaults_of(said)
                turn = turn[1:]
        self._count += len(turn)
        if self._count > MOST_LINES:
            raise too_many()
        reader = LineReader(self.defaults, self.words)
        return tuple(reader.read(line) for line in turn)


def too_many() -> TooLarge:
    return TooLarge(f"A batch may have at most {MOST_LINES} jobs.")

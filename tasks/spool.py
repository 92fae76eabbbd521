"""A folder of sealed answers, one file each, that several processes of one machine write and replay.

A file is listed when it is whole and on the disk, and stays until whoever took it is done with it. What is handed out
can be handed out again: a process may die after its commit and before the file is gone. So replay what may be repeated.

The folder must be on a local disk that outlives the process, since locks and fsync mean little elsewhere.

SpoolError
├── SpoolFull      the disk, or this process's share of it, has no room: free some
└── SpoolBroken    the folder is missing, read-only or somebody else's, or the disk fails: mend it
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from pathlib import Path
from secrets import token_hex
from typing import Final

import structlog

from providers.calls import JsonObject
from tasks.sealing import Label, Unsealable, seal, unseal

log = structlog.get_logger()

SEALED: Final = ".sealed"
UNFINISHED: Final = ".tmp"
# EFBIG: the file is larger than this process may write (RLIMIT_FSIZE), which a service manager can set.
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class SpoolError(Exception):
    """Base. The message is for the operator."""


class SpoolFull(SpoolError):
    pass


class SpoolBroken(SpoolError):
    pass


class Spool:
    """Safe to use from many threads and processes at once."""

    def __init__(self, folder: Path, pepper: str) -> None:
        """Make the folder if need be, private to this user, remove what dead writers left, and try a write.

        Raises:
            SpoolFull, SpoolBroken: better said now than when an answer is at stake.
        """
        self._folder = folder
        self._rejected = folder / "rejected"
        self._pepper = pepper
        with _own_errors(self._folder):
            _make(self._folder)
            _make(self._rejected)
            self._clean()
            self._rehearse()

    def put(self, *, tenant: str, job: str, attempt: str, document: JsonObject) -> None:
        """Keep a document. On return it is on the disk; it replaces one that waits under the same attempt.

        Raises:
            SpoolFull: it is not kept, and nothing of it is left.
            SpoolBroken: the same; but if the folder's own fsync failed, the whole file may be there.
        """
        sealed = seal(Label(tenant=tenant, job=job, attempt=attempt), document, self._pepper)
        with _own_errors(self._folder), _locked_folder(self._folder, fcntl.LOCK_SH), _unfinished(self._folder) as fresh:
            _write(fresh, sealed)
            fresh.replace(self._folder / f"{attempt}{SEALED}")
            _sync(self._folder)

    def waiting(self) -> list[str]:
        """The names to `take`, oldest attempt first. Raises SpoolBroken."""
        with _own_errors(self._folder):
            return sorted(place.name for place in self._folder.iterdir() if place.suffix == SEALED)

    @contextmanager
    def take(self, name: str) -> Iterator[JsonObject | None]:
        """Hold one file for the block, which is handed its document; the file goes when the block ends well.

        An exception of the block passes through and keeps the file. None: somebody else has the file, or it is gone,
        or it could not be unsealed and lies in `rejected` now. Such a file is complained of and never deleted: with the
        right pepper it can be moved back.

        Raises:
            SpoolBroken: it cannot be read or moved; or, at the end, not removed, so it will be handed out again.
        """
        place = self._folder / name
        with _held(place) as file:
            document = None if file is None else self._unsealed(place, file)
            yield document
            if file is not None and document is not None:
                _remove(place, file)

    def _unsealed(self, place: Path, file: FileIO) -> JsonObject | None:
        with _own_errors(self._folder):
            sealed = file.read()
        try:
            return unseal(sealed, self._pepper)
        except Unsealable as error:
            self._reject(place, error.why)
            return None

    def _reject(self, place: Path, why: str) -> None:
        # An earlier file of this name may lie there: it is not written over.
        kept = self._rejected / f"{place.stem}.{token_hex(4)}{SEALED}"
        with _own_errors(self._folder):
            place.rename(kept)
            _sync(self._rejected)
            _sync(self._folder)
        log.error("spool.rejected", file=place.name, why=why, moved_to=str(kept))

    def _clean(self) -> None:
        """Remove files that nobody will finish. A writer shares the folder's lock, so alone means that none writes."""
        with suppress(BlockingIOError), _locked_folder(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            for place in self._folder.glob(f".*{UNFINISHED}"):
                place.unlink()

    def _rehearse(self) -> None:
        with _locked_folder(self._folder, fcntl.LOCK_SH), _unfinished(self._folder) as fresh:
            _write(fresh, b"Can be removed.\n")


def refusal(error: OSError, folder: Path) -> SpoolFull | SpoolBroken:
    """The operating system's error as ours."""
    kind = SpoolFull if error.errno in NO_ROOM else SpoolBroken
    return kind(f"The spool in {folder} cannot be used: {error.strerror or type(error).__name__}.")


@contextmanager
def _held(place: Path) -> Iterator[FileIO | None]:
    """The file, open and locked; the kernel lets go when this process ends, however it ends."""
    with ExitStack() as held:
        with _own_errors(place.parent):
            file = _open(place)
            if file is not None and not _lock(place, held.enter_context(file)):
                file = None
        yield file


def _open(place: Path) -> FileIO | None:
    try:
        return place.open("r+b", buffering=0)
    except FileNotFoundError:
        return None


def _lock(place: Path, file: FileIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    # Between opening and locking another may have replayed it: then this is a file without a name.
    return _is_at(place, file)


def _remove(place: Path, file: FileIO) -> None:
    """Unless a newer file has taken the name meanwhile."""
    with _own_errors(place.parent):
        if _is_at(place, file):
            place.unlink()
            _sync(place.parent)


def _is_at(place: Path, file: FileIO) -> bool:
    try:
        return os.path.samestat(place.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A name for a file in the making, that no list shows. If it was not renamed it is removed."""
    fresh = folder / f".{token_hex(8)}{UNFINISHED}"
    try:
        yield fresh
    finally:
        with suppress(OSError):
            fresh.unlink()


def _write(fresh: Path, content: bytes) -> None:
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _locked_folder(folder: Path, how: int) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    """Put the folder's names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(folder: Path) -> None:
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
        _sync(folder.parent)


@contextmanager
def _own_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise refusal(error, folder) from error

"""A document that lies in a file: what was looked at does not stay in memory."""

import os
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path

import pytest

from api.batch_intake import MAPPED_BYTES, Pages
from api.batch_lines import cut
from ops.drills.batches.memory import forget_peak, peak_mb

JOBS, JOB_BYTES = 1_000, 64 * 1024  # eight times of what may stay


@pytest.fixture
def document(tmp_path: Path) -> Iterator[mmap]:
    job = b'{"transcript": "' + b"x" * (JOB_BYTES - 18) + b'"}'
    path = tmp_path / "document"
    path.write_bytes(b'{"jobs": [' + b",".join([job] * JOBS) + b"]}")
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as found:
        yield found


def peak_bytes(document: mmap, *, gives_back: bool) -> int:
    """The most that was resident while the jobs of a document were found, above what was before."""
    pages = Pages(document)
    forget_peak(os.getpid())
    before_mb = peak_mb(os.getpid())
    found = cut(document, JOBS, pages.passed) if gives_back else cut(document, JOBS)
    assert found.jobs is not None
    assert len(found.jobs) == JOBS
    return int(1e6 * (peak_mb(os.getpid()) - before_mb))


def test_pages_that_were_looked_at_are_given_back(document: mmap) -> None:
    flat = peak_bytes(document, gives_back=True)
    whole = peak_bytes(document, gives_back=False)

    assert flat < 2 * MAPPED_BYTES
    assert whole > 4 * MAPPED_BYTES


def test_what_was_given_back_can_be_looked_at_again(document: mmap) -> None:
    pages = Pages(document)

    found = cut(document, JOBS, pages.passed)

    assert found.jobs is not None
    pages.passed(0)
    assert {document[begin:end][:16] for begin, end in found.jobs} == {b'{"transcript": "'}

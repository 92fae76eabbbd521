"""Can a caller tell by the time an answer takes whether a job is another's or nobody's, or how much of a key is right?

    python -P -m ops.bench.enumeration [--samples 10000] [--seed 1]

Starts the embedded stack and ends it. Over one connection each comparison asks its two sides by turns, which of them
first by lot, --samples times each; `ops/bench/ranks.py` says whether the times of the one are the longer. Two
comparisons are for the bench itself: the same against the same must not differ, and a job of one's own, which is read
and shown, must. Exit status 1: something can be told apart that must not be, or the bench could not have seen it.

job      GET /v1/jobs/{id}: of another tenant, who has as many jobs as ids are tried, and of nobody
erased   DELETE /v1/jobs/{id}: likewise
key      a key that begins as a good one does, and one of nobody
"""

import argparse
import random
import socket
import string
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import text

from api.client import Client, Trouble
from ops.bench import ranks, slice_meters
from ops.bench.slice_meters import Meters
from ops.bench.slice_rig import NoRig, Product, rigged
from ops.drills import crowd
from ops.drills.keys import REQUEST
from orchestrator.ids import new_id
from orchestrator.storage import jobs

IDS: Final = 2_000  # more than a cache of pages or plans would single out
WARM_UPS: Final = 500
CLEAR: Final = 0.001  # of the two that must not differ, one run in five hundred differs so by chance
BEYOND_DOUBT: Final = 1e-9
CHANGED: Final = 12  # characters at the end of a key that begins like a good one
PATIENCE_S: Final = 10.0

# So that no worker turns to them meanwhile.
_PAUSE: Final = text("UPDATE jobs SET paused_at = clock_timestamp() WHERE tenant_id = :tenant")


@dataclass(frozen=True)
class Comparison:
    """`one` and `other` make the next request of each side; `differs`: whether they must be told apart."""

    name: str
    one: Callable[[], bytes]
    other: Callable[[], bytes]
    status: int
    differs: bool = False
    own: int | None = None  # the status of `one`, where it is another


class Line:
    """One connection, kept. Requests are bytes; an answer has a length."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[int, int]:
        """Status, and nanoseconds from the first byte out to the last byte in. Raises NoRig: the line was cut."""
        began = time.perf_counter_ns()
        self._socket.sendall(request)
        seen = self._socket.recv(65_536)
        while not _is_whole(seen):
            more = self._socket.recv(65_536)
            if not more:
                raise NoRig("The API closed the connection.")
            seen += more
        return int(seen[9:12]), time.perf_counter_ns() - began

    def close(self) -> None:
        self._socket.close()


def _is_whole(seen: bytes) -> bool:
    head, split, body = seen.partition(b"\r\n\r\n")
    _, _, length = head.lower().partition(b"content-length: ")
    return bool(split) and len(body) >= int(length.split(b"\r\n")[0])


def request(key: str, path: str, method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


def measure(line: Line, comparison: Comparison, samples: int, lot: random.Random) -> tuple[list[int], list[int]]:
    """The nanoseconds of each side. Raises NoRig: an answer was another than it should be."""
    took: tuple[list[int], list[int]] = ([], [])
    wanted = (comparison.own or comparison.status, comparison.status)
    for number in range(-WARM_UPS, samples):
        sides = [0, 1] if lot.random() < 0.5 else [1, 0]
        for side in sides:
            status, ns = line.ask((comparison.one, comparison.other)[side]())
            if status != wanted[side]:
                raise NoRig(f"{comparison.name}: {status} in place of {wanted[side]}")
            if number >= 0:
                took[side].append(ns)
    return took


def comparisons(product: Product, own: str, foreign: Sequence[str], lot: random.Random) -> Iterator[Comparison]:
    key = product.key
    nobodys = [new_id("job") for _ in foreign]

    def job(ids: Sequence[str], method: str = "GET") -> Callable[[], bytes]:
        return lambda: request(key, f"/v1/jobs/{lot.choice(ids)}", method)

    def beginning(length: int) -> Callable[[], bytes]:
        return lambda: request(_like(key, length, lot), "/v1/jobs")

    yield Comparison("the same: nobody's, nobody's", job(nobodys), job(nobodys), 404)
    yield Comparison("job: another's, nobody's", job(foreign), job(nobodys), 404)
    yield Comparison("erased: another's, nobody's", job(foreign, "DELETE"), job(nobodys, "DELETE"), 404)
    yield Comparison("key: begins well, nobody's", beginning(len(key) - CHANGED), beginning(len("mm_")), 401)
    yield Comparison("the eye: one's own, nobody's", job([own]), job(nobodys), 404, differs=True, own=200)


def _like(key: str, kept: int, lot: random.Random) -> str:
    """A key of the same shape, of which only the beginning is the same."""
    return key[:kept] + "".join(
        char if char == "_" else lot.choice(string.ascii_letters + string.digits) for char in key[kept:]
    )


def told(comparison: Comparison, took: tuple[list[int], list[int]]) -> bool:
    """Print the comparison; whether it came out as it must."""
    verdict = ranks.compare(*took)
    one, other = (median(side) / 1e6 for side in took)
    print(
        f"{comparison.name:<30} median {one:7.3f} ms {other:7.3f} ms   longer {100 * verdict.share:5.1f} %"
        f"   z {verdict.z:+7.2f}   p {verdict.p:.2g}",
        flush=True,
    )
    return verdict.p < BEYOND_DOUBT if comparison.differs else verdict.p >= CLEAR


@contextmanager
def _foreign(product: Product, meters: Meters) -> Iterator[tuple[str, list[str]]]:
    """A job of one's own that has ended, and those of another tenant."""
    with closing(Client(product.url, product.key)) as client:
        own = client.submit(REQUEST).id
        client.wait(own, PATIENCE_S)
    with meters.database.system() as connection:
        tenant = crowd.add_tenant(connection, "another")
        crowd.add(connection, own, tenant, "bulk", IDS)
        connection.execute(_PAUSE, {"tenant": tenant})
    with meters.database.tenant(tenant) as connection:
        ids = [row.id for row in jobs.page(connection, [], IDS)]
    yield own, ids


def course(product: Product, meters: Meters, given: argparse.Namespace) -> bool:
    lot = random.Random(given.seed)  # noqa: S311 - a lot, not a secret
    with _foreign(product, meters) as (own, ids), closing(Line(product.url)) as line:
        print(f"{given.samples} samples a side, {len(ids)} ids of another tenant")
        found = [
            told(comparison, measure(line, comparison, given.samples, lot))
            for comparison in comparisons(product, own, ids, lot)
        ]
    return all(found)


def main(arguments: list[str]) -> int:
    """Run the bench; its exit code."""
    parser = argparse.ArgumentParser(prog="python -P -m ops.bench.enumeration", description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    try:
        with rigged(50.0, None) as rig, slice_meters.opened(rig.product.pid, None) as meters:
            if meters is None:
                print("enumeration: this system has no /proc, by which the stack's rows are found.", file=sys.stderr)
                return 1
            return 0 if course(rig.product, meters, given) else 1
    except (NoRig, Trouble, OSError) as error:
        print(f"enumeration: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

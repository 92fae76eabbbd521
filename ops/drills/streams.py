"""Many event streams whose links are reset at random, while the API is killed: does everybody see the whole story?

    python -P -m ops.drills.streams [--streams 500] [--jobs 50] [--think-ms 2500] [--cut 0.3:4] [--kills 1] [--seed 1]
                                      [--over sse|websocket]

Starts the embedded stack with the emulator as its only provider, and ends both. All jobs are posted, then followed by
all readers at once; each connection is reset after a time drawn from --cut seconds. The API is killed --kills times,
after --kill-after seconds each, and comes back as its supervisor brings it. Then each reader's story is compared
with the rows, and the feed is read from its beginning. Exit status 1: a promise broke.

Promises: every reader sees each event of its job once and in order, and the stream ends with the job; the API never
holds more connections to PostgreSQL than its pool; the feed has no gap and every event of every job.
"""

import argparse
import asyncio
import math
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from sqlalchemy import text

from api.client import Client
from ops.bench import slice_load, slice_meters
from ops.bench.slice_meters import Meters
from ops.bench.slice_rig import NoRig, Product, rigged
from ops.drills.socket_readers import SocketReaders
from ops.drills.stream_readers import Readers, Told
from orchestrator.routing.request import AnalysisRequest, PanelWish, PostedTranscript

POOL: Final = 24  # the API may open twice its pool of 12, see storage/engine.py
BESIDE: Final = 2  # its heartbeat to PostgreSQL, which is not of the pool, and one that is being replaced
LOOK_S: Final = 0.05
LIMIT_S: Final = 240.0
CROWDS: Final[dict[str, type[Readers]]] = {"sse": Readers, "websocket": SocketReaders}
_HELD: Final = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'meetingmind api'")
_STORIES: Final = text("SELECT job_id, count(*) AS events FROM events WHERE job_id = ANY(:jobs) GROUP BY job_id")


class Watch:
    """Counts the API's connections to PostgreSQL again and again, and kills the API when it is due."""

    def __init__(self, meters: Meters, stack: int, kills: int, every_s: float) -> None:
        self._meters, self._stack, self._kills, self._every_s = meters, stack, kills, every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.most = 0
        self.killed = 0

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(5)

    def _run(self) -> None:
        due_at = time.monotonic() + self._every_s
        while not self._over.wait(LOOK_S):
            with self._meters.database.system() as connection:
                self.most = max(self.most, connection.execute(_HELD).scalar_one())
            if self.killed < self._kills and time.monotonic() >= due_at:
                os.kill(slice_meters.programs(self._stack)["api"], signal.SIGKILL)
                self.killed, due_at = self.killed + 1, time.monotonic() + self._every_s


def course(product: Product, meters: Meters | None, given: argparse.Namespace) -> bool:
    """Raises NoRig: the stack is not ours to kill and to look into."""
    stack = product.pid
    if stack is None or meters is None:
        raise NoRig("This drill kills the API and reads the rows: it wants a stack of its own, and a /proc.")
    jobs = _post(product, given.jobs)
    wanted = [jobs[place % len(jobs)] for place in range(given.streams)]
    readers = CROWDS[given.over](product.url, product.key, seed=given.seed, cut_after_s=given.cut)
    began = time.monotonic()
    with Watch(meters, stack, given.kills, given.kill_after) as watch:
        told = asyncio.run(readers.follow_all(wanted, LIMIT_S))
    took_s = time.monotonic() - began
    return _judge(told, _stories(meters, jobs), watch, took_s, given) & _judge_feed(product, jobs)


def _post(product: Product, count: int) -> list[str]:
    request = AnalysisRequest(
        transcript=PostedTranscript(content=next(slice_load.transcripts())),
        panel=PanelWish(models=slice_load.MODELS),
        strategy="consensus",
    )
    with closing(Client(product.url, product.key)) as client:
        return [client.submit(request, f"streams-{place}").id for place in range(count)]


def _stories(meters: Meters, jobs: Sequence[str]) -> dict[str, int]:
    with meters.database.system() as connection:
        return {row.job_id: row.events for row in connection.execute(_STORIES, {"jobs": list(jobs)})}


def _judge(
    told: Sequence[Told], stories: dict[str, int], watch: Watch, took_s: float, given: argparse.Namespace
) -> bool:
    whole = sum(one.is_whole and len(one.versions) == stories[one.job] for one in told)
    again = sum(len(one.versions) - len(set(one.versions)) for one in told)
    print(f"{given.streams} readers of {given.jobs} jobs over {given.over}, {took_s:.1f} s, seed {given.seed}")
    print(f"connections {sum(one.connections for one in told)}, reset by readers {sum(one.resets for one in told)},")
    print(f"refused with 503 {sum(one.refused for one in told)}, API killed {watch.killed} times")
    print(f"events told {sum(len(one.versions) for one in told)}, told twice {again}")
    print(f"readers that saw the whole story once and its end: {whole} of {given.streams}")
    print(f"connections of the API to PostgreSQL: at most {watch.most} (pool {POOL})")
    odd = Counter(word for one in told for word in one.odd)
    if odd:
        print(f"odd answers: {dict(odd)}")
    return whole == given.streams and watch.most <= POOL + BESIDE and watch.killed == given.kills


def _judge_feed(product: Product, jobs: Sequence[str]) -> bool:
    with closing(Client(product.url, product.key)) as client:
        found = list(client.events())
        ends = {one.job_id: one.version for one in found if one.job_id in set(jobs)}
        versions = {job: client.get(job).version for job in jobs}
    straight = [one.sequence for one in found] == list(range(1, len(found) + 1))
    print(f"the feed: {len(found)} events, {'without a gap' if straight else 'WITH GAPS'}")
    return straight and ends == versions


def main(arguments: list[str]) -> int:
    """Run the drill; its exit code."""
    given = _parser().parse_args(arguments)
    try:
        with rigged(given.think_ms, None) as rig, slice_meters.opened(rig.product.pid, None) as meters:
            return 0 if course(rig.product, meters, given) else 1
    except NoRig as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -P -m ops.drills.streams", description=__doc__)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--think-ms", type=float, default=2_500)
    parser.add_argument("--cut", type=_bounds, default=(0.3, 4.0), metavar="LEAST:MOST", help="seconds")
    parser.add_argument("--kills", type=int, default=1)
    parser.add_argument("--kill-after", type=float, default=4.0, help="seconds from one to the next")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--over", choices=sorted(CROWDS), default="sse")
    return parser


def _bounds(text_: str) -> tuple[float, float]:
    least, _, most = text_.partition(":")
    found = float(least), float(most)
    if not (0 < found[0] <= found[1] < math.inf):
        raise argparse.ArgumentTypeError("as 0.3:4")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Many clients that post the same jobs under the same keys, while the API is killed: is each job made once?

    python -P -m ops.drills.keys [--clients 50] [--keys 200] [--kills 20] [--kill-every 3] [--seed 1]

Starts the embedded stack, whose built-in models answer, and ends it. Every client posts a job under every key, each in
its own order, and repeats what got no answer, or 503, until the service has answered with 202; so each key is posted by
--clients callers, some of them at once. The API is killed --kills times, --kill-every seconds apart, and comes back as
its supervisor brings it. Exit status 1: a promise broke.

Promises: as many jobs as keys; every client is told the same job for a key; no answer but 202 and 503; each job ends.
"""

import argparse
import os
import random
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import text

from api.client import Client, Problem, Trouble, Unreachable
from ops.bench import slice_meters
from ops.bench.slice_meters import Meters
from ops.bench.slice_rig import NoRig, Product, rigged
from orchestrator.routing.request import AnalysisRequest, PanelWish, PostedTranscript

REQUEST: Final = AnalysisRequest(
    transcript=PostedTranscript(content="Ann: We will ship on Friday.\nBob: I will write the notes by Thursday."),
    panel=PanelWish(models=("extractive/cue-rules",)),
    strategy="single",
)
AGAIN_S: Final = 0.2
LIMIT_S: Final = 900.0
PATIENCE_S: Final = 300.0
_JOBS: Final = text("SELECT count(*) FROM jobs")


@dataclass
class Told:
    """What all clients were told. `jobs`: by key, each job that anybody was named."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    jobs: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    answers: Counter[str] = field(default_factory=Counter)

    def note(self, answer: str, key: str | None = None, job: str | None = None) -> None:
        with self.lock:
            self.answers[answer] += 1
            if key is not None and job is not None:
                self.jobs[key].add(job)


def post_all(product: Product, keys: list[str], told: Told, ends_at: float) -> None:
    """One client's work: each key until it is answered for good, or the time is up."""
    with closing(Client(product.url, product.key)) as client:
        for key in keys:
            while time.monotonic() < ends_at:
                try:
                    told.note("202", key, client.submit(REQUEST, key).id)
                    break
                except Problem as problem:
                    told.note(f"{problem.status} {problem.code}")
                    if problem.status != 503:
                        break
                except Unreachable:
                    told.note("nothing came back")
                time.sleep(AGAIN_S)


def course(product: Product, meters: Meters, given: argparse.Namespace) -> bool:
    """Raises NoRig: the stack is not ours to kill."""
    if product.pid is None:
        raise NoRig("This drill kills the API: it wants a stack of its own.")
    keys, told = [f"key-{given.seed}-{number}" for number in range(given.keys)], Told()
    chance, ends_at = random.Random(given.seed), time.monotonic() + LIMIT_S  # noqa: S311 - a die, not a secret
    orders = [chance.sample(keys, len(keys)) for _ in range(given.clients)]
    threads = [threading.Thread(target=post_all, args=(product, order, told, ends_at), daemon=True) for order in orders]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    kills = _strike(product.pid, given.kills, given.kill_every, threads)
    for thread in threads:
        thread.join()
    print(f"{given.clients} clients, {given.keys} keys, {time.monotonic() - began:.0f} s, API killed {kills} times")
    return _judge(product, meters, told, given) and kills == given.kills


def _strike(stack: int, kills: int, every_s: float, threads: list[threading.Thread]) -> int:
    """Kill the API again and again, as long as somebody posts."""
    done, due_at = 0, time.monotonic() + every_s
    while done < kills and any(thread.is_alive() for thread in threads):
        if time.monotonic() >= due_at and (pid := slice_meters.programs(stack).get("api")) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                done += 1
            due_at = time.monotonic() + every_s
        time.sleep(0.05)
    return done


def _judge(product: Product, meters: Meters, told: Told, given: argparse.Namespace) -> bool:
    with meters.database.system() as connection:
        made = connection.execute(_JOBS).scalar_one()
    twice = sum(len(jobs) > 1 for jobs in told.jobs.values())
    odd = {answer for answer in told.answers if answer not in {"202", "nothing came back"} and answer[:3] != "503"}
    with closing(Client(product.url, product.key)) as client:
        ends = Counter(client.wait(job, PATIENCE_S).status for jobs in told.jobs.values() for job in jobs)
    print(f"answers: {', '.join(f'{count} x {answer}' for answer, count in sorted(told.answers.items()))}")
    print(f"jobs {made}, keys that were told two jobs {twice}, ends {dict(ends)}")
    whole = len(told.jobs) == given.keys and told.answers["202"] == given.keys * given.clients
    return whole and made == given.keys and not twice and not odd and set(ends) == {"succeeded"}


def main(arguments: list[str]) -> int:
    """Run the drill; its exit code."""
    given = _parser().parse_args(arguments)
    try:
        with rigged(50.0, None) as rig, slice_meters.opened(rig.product.pid, None) as meters:
            if meters is None:
                print("keys: this system has no /proc, by which the stack's rows are found.", file=sys.stderr)
                return 1
            return 0 if course(rig.product, meters, given) else 1
    except (NoRig, Trouble) as error:
        print(f"keys: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -P -m ops.drills.keys", description="Idempotency under fire.")
    parser.add_argument("--clients", type=int, choices=range(1, 201), metavar="N", default=50)
    parser.add_argument("--keys", type=int, choices=range(1, 2_001), metavar="N", default=200)
    parser.add_argument("--kills", type=int, choices=range(201), metavar="N", default=20)
    parser.add_argument("--kill-every", type=float, default=3.0, help="seconds from one kill to the next")
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

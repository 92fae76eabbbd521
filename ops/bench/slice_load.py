"""The jobs of the bench of the slice: what is posted, and the two ways of posting it.

One after the other shows what a job takes by itself. In the open loop jobs are due at fixed times, whatever has become
of those before, and each is timed from when it was due: a slow answer cannot hide the wait of those behind it.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import count, islice
from queue import LifoQueue
from typing import Final

from pydantic import SecretStr

from api.client import Client
from ops.bench import slice_figures
from ops.bench.slice_figures import Ran, Times
from ops.bench.slice_rig import CHECKOUT, Emulator, Product
from orchestrator.analysis import prompts
from orchestrator.meeting import reading
from orchestrator.routing.request import AnalysisRequest, PanelWish, PostedTranscript
from providers.calls import Call, Target
from providers.catalog import load
from providers.client import Client as ProviderClient
from providers.client import ProviderAccess
from providers.sockets import Cancel

SAMPLE: Final = CHECKOUT / "api" / "samples" / "ami-es2005a.vtt"
TRANSCRIPT_BYTES: Final = 10_000
DIFFER: Final = 17  # utterances between the beginnings of two transcripts
MODELS: Final = ("openai/gpt-6-luna", "openai/gpt-6.1-terra", "openai/gpt-5.6-luna")
IDEAL_ROUNDS: Final = 12
JOB_S: Final = 30.0  # a job that takes longer has failed, as far as this bench goes
MOST_CLIENTS: Final = 64  # far above rate x latency; above it sends are late, and their wait is counted


def transcripts() -> Iterator[str]:
    """Without end, different each, the same in every run: the sample's talk from another place on, round and round."""
    utterances = reading.read(SAMPLE.read_text("utf-8"), "vtt").utterances
    lines = [f"{one.speaker}: {one.text}" for one in utterances]
    for number in count():
        first = number * DIFFER % len(lines)
        text = "\n".join((lines[first:] + lines[:first]) * 2).encode()[:TRANSCRIPT_BYTES]
        yield text.decode("utf-8", "ignore").rpartition("\n")[0]


def one_by_one(product: Product, texts: Iterator[str], jobs: int) -> list[Ran]:
    with closing(Client(product.url, product.key)) as client:
        return [_one(client, text, time.perf_counter()) for text in islice(texts, jobs)]


def open_loop(product: Product, texts: Iterator[str], jobs: int, rate: float) -> list[Ran]:
    """Send `rate` jobs a second, as they are due."""
    most, posted = min(jobs, MOST_CLIENTS), list(islice(texts, jobs))
    with _clients(product, most) as idle, ThreadPoolExecutor(max_workers=max(1, most)) as pool:
        begin = time.perf_counter() + 0.1

        def send(number: int, text: str) -> Ran:
            due = begin + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            client = idle.get()
            try:
                return _one(client, text, due)
            finally:
                idle.put(client)

        return list(pool.map(send, range(jobs), posted))


def bare(emulator: Emulator, text: str) -> Times:
    """The ideal as this machine can have it: the same three calls at once, without product, until the last answers."""
    access = ProviderAccess(
        provider="openai", base_url=emulator.base_url, keys=(SecretStr("bench-key"),), timeout_s=JOB_S
    )
    shown = prompts.messages(reading.read(text, "text"), "bench")
    targets = [Target.parse(model) for model in MODELS]

    def ask(target: Target) -> None:
        call = Call(
            call_id=f"bench-{target.model}",
            messages=shown,
            max_output_tokens=8_000,
            timeout_s=JOB_S,
            schema_name=prompts.SCHEMA_NAME,
            json_schema=prompts.SCHEMA,
        )
        client.ask(target, call, cancel=Cancel())

    measured = []
    with (
        closing(ProviderClient({"openai": access}, load())) as client,
        ThreadPoolExecutor(max_workers=len(MODELS)) as pool,
    ):
        for _ in range(IDEAL_ROUNDS):
            began_s = time.perf_counter()
            list(pool.map(ask, targets))
            measured.append((time.perf_counter() - began_s) * slice_figures.MS)
    return slice_figures.times(measured[2:])  # the first ones connect


@contextmanager
def _clients(product: Product, count: int) -> Iterator["LifoQueue[Client]"]:
    """Clients that stand connected: an upstream service keeps its own, too."""
    made = [Client(product.url, product.key) for _ in range(count)]
    idle: LifoQueue[Client] = LifoQueue()
    try:
        for client in made:
            client.ready()
            idle.put(client)
        yield idle
    finally:
        for client in made:
            client.close()


def _one(client: Client, text: str, began_s: float) -> Ran:
    request = AnalysisRequest(
        transcript=PostedTranscript(format="text", content=text),
        panel=PanelWish(models=MODELS),
        # Another provider's answer would be a failure hidden, and with a real key in the environment a paid one.
        allow_substitution=False,
        allow_extractive=False,
    )
    posted = client.submit(request)
    posted_s = time.perf_counter()
    job = client.wait(posted.id, JOB_S)
    return Ran(
        posted_ms=(posted_s - began_s) * slice_figures.MS,
        seen_ms=(time.perf_counter() - began_s) * slice_figures.MS,
        seen_at=datetime.now(UTC),
        job=job,
    )

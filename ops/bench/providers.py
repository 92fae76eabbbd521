"""What our client adds to a call: the same exchange over bare sockets and through `client.ask`, side by side.

    python -m ops.bench.providers [--threads 1 50 200] [--seconds 10] [--think-ms 100] [--rate 250]

The provider is a process of its own on loopback that thinks for a while and answers. Prints, for each number of
threads, the time over the thinking (p50, p99, in ms), the calls per second, the CPU of this process for a call, and
what the client adds to p50 and CPU.

Threads that ask again at once would demand more than one process can do, and the row would tell how long they queue for
it. So the provider thinks, for both sides, as long as it takes for all threads together to demand `--rate` calls a
second, and never less than `--think-ms`; the head says what part that is of what the client asks for without any
thinking. The threads begin at random moments, the same for both sides: in step they would collide at every call.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import socket
import statistics
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final, NamedTuple

from pydantic import SecretStr

from providers.calls import Call, Message, Target
from providers.catalog import load
from providers.client import Client, ProviderAccess
from providers.sockets import Cancel

CAPACITY_THREADS: Final = 4  # more of them only fight for the interpreter's lock
TARGET = Target.parse("openai/gpt-6-luna")
BODY = json.dumps(
    {
        "model": "gpt-6-luna",
        "choices": [{"finish_reason": "stop", "message": {"content": "word " * 1_000}}],
        "usage": {"prompt_tokens": 16_000, "completion_tokens": 1_000},
    }
).encode()
ANSWER = f"HTTP/1.1 200 OK\r\ncontent-length: {len(BODY)}\r\n\r\n".encode() + BODY
CALL = Call(
    call_id="bench",
    messages=(Message(role="user", text="u1 00:00:01 Ann: hello there everybody\n" * 400),),  # an hour's meeting is 4x
    max_output_tokens=1_000,
    timeout_s=30,
)
REQUEST_BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": CALL.messages[0].text}]}).encode()
REQUEST = f"POST /v1 HTTP/1.1\r\ncontent-length: {len(REQUEST_BODY)}\r\n\r\n".encode() + REQUEST_BODY


class Figures(NamedTuple):
    p50_ms: float
    p99_ms: float
    calls_per_s: float
    cpu_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 50, 200])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--think-ms", type=float, default=100)
    parser.add_argument("--rate", type=float, default=250)
    options = parser.parse_args()
    most = run(through_the_client, CAPACITY_THREADS, options.seconds / 4, 0).calls_per_s
    print(f"load average {os.getloadavg()[0]:.2f}; without thinking the client asks {most:.0f} times a second")
    print(f"demanded: at most {options.rate:.0f} calls a second, {options.rate / most:.0%} of that")
    print(f"{'':10}{'threads':>8}{'think ms':>9}{'p50 ms':>9}{'p99 ms':>9}{'calls/s':>9}{'CPU ms':>8}")
    for threads in options.threads:
        think_s = max(options.think_ms / 1000, threads / options.rate)
        sides = [run(side, threads, options.seconds, think_s) for side in (over_sockets, through_the_client)]
        for name, row in zip(("sockets", "ask"), sides, strict=True):
            figures = f"{row.p50_ms:>9.2f}{row.p99_ms:>9.2f}{row.calls_per_s:>9.0f}{row.cpu_ms:>8.2f}"
            print(f"{name:10}{threads:>8}{think_s * 1000:>9.0f}{figures}")
        bare, ours = sides
        print(f"{'added':10}{'':17}{ours.p50_ms - bare.p50_ms:>9.2f}{'':18}{ours.cpu_ms - bare.cpu_ms:>8.2f}")


def run(side: Callable[[int], Callable[[], None]], threads: int, seconds: float, think_s: float) -> Figures:
    """Measure one side against a provider of its own."""
    ours, theirs = multiprocessing.Pipe()
    provider = multiprocessing.Process(target=serve, args=(theirs, think_s), daemon=True)
    provider.start()
    try:
        return measure(side(ours.recv()), threads, seconds, think_s)
    finally:
        provider.terminate()
        provider.join()


def measure(exchange: Callable[[], None], threads: int, seconds: float, think_s: float) -> Figures:
    """Run the exchange in a closed loop. What is measured begins when every thread is well under way."""
    took_ms: list[list[float]] = [[] for _ in range(threads)]
    starts_at = 0.0

    def begin() -> None:
        nonlocal starts_at
        starts_at = time.monotonic() + 2 * think_s

    ready = threading.Barrier(threads + 1, action=begin)

    def loop(mine: list[float], offset_s: float) -> None:
        try:
            exchange()  # connects
        except BaseException:
            ready.abort()  # or all others would wait for this one for ever
            raise
        ready.wait()
        time.sleep(offset_s)
        while (began := time.monotonic()) < starts_at + seconds:
            exchange()
            if began >= starts_at:
                mine.append((time.monotonic() - began - think_s) * 1000)

    chance = random.Random(1)  # noqa: S311  the same moments for both sides
    workers = [threading.Thread(target=loop, args=(mine, chance.uniform(0, think_s))) for mine in took_ms]
    for worker in workers:
        worker.start()
    ready.wait()
    time.sleep(max(0, starts_at - time.monotonic()))
    cpu_s = time.process_time()
    for worker in workers:
        worker.join()
    all_ms = [one for mine in took_ms for one in mine]
    shares, count = statistics.quantiles(all_ms, n=100), len(all_ms)
    spent_s = time.process_time() - cpu_s
    return Figures(shares[49], shares[98], count / seconds, spent_s * 1000 / count)


def through_the_client(port: int) -> Callable[[], None]:
    access = ProviderAccess(
        provider="openai", base_url=f"http://127.0.0.1:{port}/v1", keys=(SecretStr("bench-key"),), timeout_s=30
    )
    client = Client({"openai": access}, load())

    def exchange() -> None:
        client.ask(TARGET, CALL, cancel=Cancel())

    return exchange


def over_sockets(port: int) -> Callable[[], None]:
    own = threading.local()

    def exchange() -> None:
        if not hasattr(own, "socket"):
            own.socket = socket.create_connection(("127.0.0.1", port))
            own.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        own.socket.sendall(REQUEST)
        left = len(ANSWER)
        while left:
            left -= len(own.socket.recv(left))

    return exchange


def serve(pipe: Connection, think_s: float) -> None:
    """The provider: reads a request, thinks, answers."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
                await reader.readexactly(int(length))
                await asyncio.sleep(think_s)
                writer.write(ANSWER)
        except asyncio.IncompleteReadError:
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=1_000_000, backlog=512)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


if __name__ == "__main__":
    main()

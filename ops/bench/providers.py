"""What our client adds to a call: the same exchange over bare sockets and through `client.ask`, side by side.

    python -m ops.bench.providers [--threads 1 50 200] [--seconds 5] [--think-ms 100]

The provider is a process of its own on loopback that thinks for a while and answers. Prints, for each number of
threads, the time over the thinking (p50, p99, in ms), the calls per second and the CPU of this process for a call.
"""

import argparse
import asyncio
import json
import multiprocessing
import socket
import statistics
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from pydantic import SecretStr

from providers.calls import Call, Message, Target
from providers.catalog import load
from providers.client import Client, ProviderAccess
from providers.sockets import Cancel

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 50, 200])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--think-ms", type=float, default=100)
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    provider = multiprocessing.Process(target=serve, args=(theirs, options.think_ms / 1000), daemon=True)
    provider.start()
    port: int = ours.recv()
    print(f"{'':10}{'threads':>8}{'p50 ms':>9}{'p99 ms':>9}{'calls/s':>9}{'CPU ms':>8}   (over {options.think_ms} ms)")
    for threads in options.threads:
        for name, worker in (("sockets", over_sockets), ("ask", through_the_client)):
            figures = measure(worker(port), threads, options.seconds, options.think_ms)
            print(f"{name:10}{threads:>8}{figures[0]:>9.2f}{figures[1]:>9.2f}{figures[2]:>9.0f}{figures[3]:>8.2f}")
    provider.terminate()
    provider.join()


def measure(
    exchange: Callable[[], None], threads: int, seconds: float, think_ms: float
) -> tuple[float, float, float, float]:
    """Run the exchange in a closed loop; p50 and p99 over the thinking in ms, calls per second, CPU ms a call."""
    took: list[list[float]] = [[] for _ in range(threads)]
    ends_at = 0.0

    def begin() -> None:
        nonlocal ends_at
        ends_at = time.monotonic() + seconds

    ready = threading.Barrier(threads + 1, action=begin)

    def loop(mine: list[float]) -> None:
        try:
            exchange()  # connects
        except BaseException:
            ready.abort()  # or all others would wait for this one for ever
            raise
        ready.wait()
        while time.monotonic() < ends_at:
            began = time.perf_counter()
            exchange()
            mine.append((time.perf_counter() - began) * 1000 - think_ms)

    workers = [threading.Thread(target=loop, args=(mine,)) for mine in took]
    for worker in workers:
        worker.start()
    ready.wait()
    cpu, began = time.process_time(), time.monotonic()
    for worker in workers:
        worker.join()
    all_of_them = [one for mine in took for one in mine]
    share = statistics.quantiles(all_of_them, n=100)
    count = len(all_of_them)
    return share[49], share[98], count / (time.monotonic() - began), (time.process_time() - cpu) * 1000 / count


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

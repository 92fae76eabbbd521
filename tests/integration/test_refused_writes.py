"""A Redis that takes no writes, since its disk refused, is waited for like one that is away."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis._parsers.base import BaseParser
from redis.exceptions import ConnectionError as RedisConnectionError

from orchestrator import broker
from providers import catalog as catalogs
from providers.gate.outage import Outage
from tasks.rewriting import Rewriter
from tests.acceptance.processes import until
from workers.servers import _valkey_program


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """The socket and the data folder of a server of its own, which saves snapshots beside its append-only file."""
    folder = tmp_path_factory.mktemp("refuses")
    place = folder.parent / f"{folder.name}.sock"  # a socket's path may have 107 bytes
    words = ("--port", "0", "--unixsocket", str(place), "--dir", str(folder), "--save", "3600 1", "--appendonly", "yes")
    process = subprocess.Popen([str(_valkey_program()), *words], stdout=subprocess.DEVNULL)
    try:
        until(place.exists, "it listens", 10.0)
        yield place, folder
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def waited_for() -> Iterator[None]:
    """As in a worker."""
    broker.take_refused_writes_for_absence()
    yield
    BaseParser.EXCEPTION_CLASSES.pop("MISCONF")


@pytest.mark.usefixtures("waited_for")
def test_a_refused_write_is_an_absence_to_the_broker_and_to_the_gate(server: tuple[Path, Path]) -> None:
    place, folder = server
    app = broker.build(f"redis+socket://{place}", "", catalogs.load(), task_events=False)
    with Redis(unix_socket_path=str(place)) as redis:
        redis.set("before", 1)
        shutil.rmtree(folder)
        redis.bgsave()
        until(lambda: redis.info("persistence")["rdb_last_bgsave_status"] == "err", "its snapshot failed", 10.0)

        with pytest.raises(RedisConnectionError) as refused:
            redis.set("after", 1)
        with app.connection_for_read() as connection:
            recoverable = connection.connection_errors
        alone = Outage(lambda: 0.0).ask(lambda: redis.set("after", 1))

    assert isinstance(refused.value, broker.WritesRefused)
    assert isinstance(refused.value, recoverable)
    assert alone is None


def test_a_redis_that_is_well_is_left_alone(server: tuple[Path, Path]) -> None:
    place, _ = server
    with Redis(unix_socket_path=str(place)) as redis:
        asked = redis.info("commandstats").get("cmdstat_info", {"calls": 0})["calls"]
        rewriter = Rewriter(redis, every_s=0.01)
        rewriter.start()
        until(lambda: redis.info("commandstats")["cmdstat_info"]["calls"] > asked + 20, "it has looked", 10.0)
        rewriter.stop()

        assert redis.info("persistence")["aof_rewrites"] == 0

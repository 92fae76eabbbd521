"""Runs Lua scripts: a question in JSON, an answer in JSON.

EVALSHA first; a server that has forgotten the script (SCRIPT FLUSH, a restart) is given it and asked again. The scripts
may be repeated, see their heads.

A script may want to know which run of the server it is in, since a restart may have taken what it wrote last. Asking
INFO costs more than most scripts do. So the run is written into its text when the server is given it: as a server that
restarts forgets all scripts (since Redis 7.0), the text of an earlier run is never met in a later one.
"""

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Final, NamedTuple, TypeAlias, TypeVar

from pydantic_core import from_json, to_json
from redis import Redis
from redis.connection import AbstractConnection
from redis.exceptions import NoScriptError, ResponseError

from providers.calls import JsonObject

NowMs: TypeAlias = Callable[[], int]  # a clock in place of Redis' own, for tests that drive time

RUN_OF_SERVER: Final = "<run of the server>"  # stands in a script's text for the run that it is in
OLDEST: Final = 7  # Redis; older ones keep scripts in their file

_Told = TypeVar("_Told")


class Question(NamedTuple):
    """What a script is asked: its KEYS, and the JSON that it takes."""

    keys: tuple[str, ...]
    ask: JsonObject

    @property
    def text(self) -> bytes:
        return to_json(self.ask)


def source(package: str, name: str) -> str:
    """The text of a script that lies in this package."""
    return files(package).joinpath(name).read_text("utf-8")


class Script:
    """One Lua script on one server. Any number of threads may share one."""

    def __init__(self, redis: Redis, text: str) -> None:
        self._redis = redis
        self._text = text
        self._sha = ""

    def run(self, keys: Sequence[str], *args: str | bytes) -> list[JsonObject | None]:
        """Ask a script that answers with a list of JSON texts; None where one is empty.

        Raises:
            RedisError: the server did not answer, or the script failed.
        """
        told = self._known(lambda sha: self._redis.evalsha(sha, len(keys), *keys, *args))
        return [_read(one) if one else None for one in told]

    def ask(self, keys: Sequence[str], text: bytes) -> JsonObject:
        """Ask a script that takes one JSON text and answers with one. Raises as `run`."""
        return _read(self._known(lambda sha: self._redis.evalsha(sha, len(keys), *keys, text)))

    def ask_all(self, questions: Sequence[Question]) -> list[JsonObject]:
        """Ask many in one trip; each is atomic, all together are not. Raises as `run`."""
        if not questions:
            return []
        return self._known(lambda sha: self._in_one_trip(sha, questions))

    def _in_one_trip(self, sha: str, questions: Sequence[Question]) -> list[JsonObject]:
        with self._redis.pipeline(transaction=False) as pipeline:
            for question in questions:
                pipeline.evalsha(sha, len(question.keys), *question.keys, question.text)
            return [_read(answer) for answer in pipeline.execute()]

    def _known(self, ask: Callable[[str], _Told]) -> _Told:
        """Ask by the script's digest; give the server the script if it does not know it."""
        if self._sha:
            try:
                return ask(self._sha)
            except NoScriptError:
                pass
        self._sha = self._given()
        return ask(self._sha)

    def _given(self) -> str:
        if RUN_OF_SERVER not in self._text:
            return str(self._redis.script_load(self._text))
        # One connection, and nothing repeated on another: what is read of a run must be loaded into the same.
        pool = self._redis.connection_pool
        connection = pool.get_connection()
        try:
            return _loaded(connection, self._text)
        finally:
            pool.release(connection)


def _loaded(connection: AbstractConnection, text: str) -> str:
    run = run_of(_asked(connection, "INFO", "server"))
    return _asked(connection, "SCRIPT", "LOAD", text.replace(RUN_OF_SERVER, run)).decode()


def _asked(connection: AbstractConnection, *command: str) -> bytes:
    connection.send_command(*command)  # type: ignore[no-untyped-call]
    told = connection.read_response(disable_decoding=True)
    return told if isinstance(told, bytes) else bytes(told, "utf-8")


def run_of(told: bytes) -> str:
    """Which run of the server this is, by its answer to INFO.

    Raises:
        ResponseError: it is a server that keeps its scripts over a restart.
    """
    fields = dict(line.split(":", 1) for line in told.decode().splitlines() if ":" in line)
    if int(fields["redis_version"].split(".")[0]) < OLDEST:
        raise ResponseError(f"Redis {fields['redis_version']} is too old: {OLDEST}.0 is the oldest that can be used")
    return fields["run_id"]


def _read(answer: str | bytes) -> JsonObject:
    read: JsonObject = from_json(answer)
    return read

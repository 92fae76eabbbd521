"""Runs the Lua scripts that lie beside this module: a question in JSON, an answer in JSON.

EVALSHA first; a server that has forgotten the script (SCRIPT FLUSH, a restart) is given it and asked again. The scripts
may be repeated, see their heads.
"""

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import NamedTuple, TypeAlias

from redis import Redis
from redis.exceptions import NoScriptError

from providers.calls import JsonObject

NowMs: TypeAlias = Callable[[], int]  # a clock in place of Redis' own, for tests that drive time


class Question(NamedTuple):
    """What a script is asked: its KEYS, and the JSON that it takes."""

    keys: tuple[str, ...]
    ask: JsonObject

    @property
    def text(self) -> str:
        return json.dumps(self.ask, separators=(",", ":"))


def source(name: str) -> str:
    """The text of a script of this package."""
    return files("providers.gate").joinpath(name).read_text("utf-8")


class Script:
    """One Lua script on one server."""

    def __init__(self, redis: Redis, text: str) -> None:
        self._redis = redis
        self._script = redis.register_script(text)

    def run(self, keys: Sequence[str], *args: str) -> JsonObject:
        """Ask once.

        Raises:
            RedisError: the server did not answer, or the script failed.
        """
        return _read(self._script(keys=list(keys), args=list(args)))

    def ask(self, question: Question) -> JsonObject:
        """Ask a question that is the script's only argument."""
        return self.run(question.keys, question.text)

    def ask_all(self, questions: Sequence[Question]) -> list[JsonObject]:
        """Ask many in one trip; each is atomic, all together are not."""
        if not questions:
            return []
        try:
            return self._in_one_trip(questions)
        except NoScriptError:
            self._redis.script_load(self._script.script)
            return self._in_one_trip(questions)

    def _in_one_trip(self, questions: Sequence[Question]) -> list[JsonObject]:
        with self._redis.pipeline(transaction=False) as pipeline:
            for question in questions:
                pipeline.evalsha(self._script.sha, len(question.keys), *question.keys, question.text)
            return [_read(answer) for answer in pipeline.execute()]


def _read(answer: str | bytes) -> JsonObject:
    read: JsonObject = json.loads(answer)
    return read

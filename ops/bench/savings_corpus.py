"""The meetings that the savings bench prices: the prompt that we would send, and how long an answer is assumed to be.

Prompts are the real ones: read by the product's reader, framed by its prompt, the schema beside them. What a paid model
would answer cannot be known for nothing; so its answer is assumed to be as long as the longer of those that the two
built-in models give to the same transcript.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from orchestrator.analysis import prompts
from orchestrator.meeting import reading
from providers.calls import Call, Message
from providers.extractive.answering import MODELS, answer
from providers.pricing import estimate_tokens

DEFAULT_FOLDER: Final = Path(__file__).resolve().parents[2] / "../shared/data/transcripts"
_NO_TRANSCRIPTS: Final = ("index.json",)
_BOUNDARY: Final = "bench-0123456789abcdef"  # as long as a job's own, and the same in every run


class Meeting(NamedTuple):
    """Tokens are those of a vocabulary of 100 percent (`ModelCard.tokens_percent`).

    `text_tokens` are those of system and transcript, which seats may share in a cache; `schema_tokens` come on top.
    """

    name: str
    messages: tuple[Message, ...]
    text_tokens: int
    schema_tokens: int
    answer_tokens: int


class NoTranscripts(Exception):
    """The folder is not there, or holds none."""


def read(folder: Path, answer_tokens: int | None = None) -> list[Meeting]:
    """All transcripts that lie in the folder itself, by name.

    Args:
        answer_tokens: for every meeting, in place of what the built-in models write.

    Raises:
        NoTranscripts: there is nothing to price.
    """
    found = [_meeting(path, answer_tokens) for path in _paths(folder)]
    if not found:
        raise NoTranscripts(f"There are no transcripts in {folder}, so that there is nothing to price.")
    return found


def _paths(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob("*.json")):
        if path.name not in _NO_TRANSCRIPTS and not path.name.endswith(".gold.json"):
            yield path


def _meeting(path: Path, answer_tokens: int | None) -> Meeting:
    messages = prompts.messages(reading.read(path.read_text("utf-8"), "json"), _BOUNDARY)
    return Meeting(
        name=path.stem,
        messages=messages,
        text_tokens=sum(estimate_tokens(message.text) for message in messages),
        schema_tokens=estimate_tokens(json.dumps(prompts.SCHEMA, separators=(",", ":"))),
        answer_tokens=_answer_tokens(messages) if answer_tokens is None else answer_tokens,
    )


def _answer_tokens(messages: tuple[Message, ...]) -> int:
    call = Call(call_id="bench", messages=messages, max_output_tokens=8_000, timeout_s=60)
    return max(estimate_tokens(answer(call, model).text) for model in MODELS)

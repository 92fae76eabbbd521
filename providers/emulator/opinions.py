"""How an emulated model reviews drafts and ranks candidates that stand in a prompt. Pure.

    <<<drafts BOUNDARY>>>                                        <<<candidates BOUNDARY>>>
    {"cluster":1,"kind":"decisions","drafts":2,"wordings":[...]}     {"candidate":1,"items":9,"summary":"..."}
    {"summary":1,"text":"..."}                                   {"candidate":1,"kind":"decisions","text":"..."}
    {"bullet":1,"bullet":"..."}                                  <<<end BOUNDARY>>>
    <<<end BOUNDARY>>>

Written from that layout (the docstring of orchestrator/analysis/showing.py); shares no code with its author. A lead
keeps what several drafts have and, of the rest, what its own draw likes; a judge likes candidates with more proved
items, and draws for the rest, so that judges differ as real ones do.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import JsonValue

from providers.emulator.draws import fraction

_FRAME: Final = re.compile(
    r"^<<<(?P<title>drafts|candidates) (?P<boundary>[^\n>]+)>>>\n(?P<lines>.*?)^<<<end (?P=boundary)>>>$", re.M | re.S
)
KEEP_LONE: Final = 0.6  # a lead's chance to keep what one draft alone has
MOST_BULLETS: Final = 5


def find(texts: Iterable[str], model: str, seed: int) -> dict[str, JsonValue] | None:
    """The opinion that a prompt asks for, under the names of its schema; None: it asks for none."""
    for text in texts:
        if frame := _FRAME.search(text):
            shown = [dict(line) for line in _lines(frame["lines"])]
            return _review(shown, model, seed) if frame["title"] == "drafts" else _ranking(shown, model, seed)
    return None


def _lines(text: str) -> Iterator[dict[str, JsonValue]]:
    for line in text.splitlines():
        read = json.loads(line)
        if isinstance(read, dict):
            yield read


def _review(shown: list[dict[str, JsonValue]], model: str, seed: int) -> dict[str, JsonValue]:
    clusters = [line for line in shown if "cluster" in line]
    decisions: list[JsonValue] = [
        {"cluster": line["cluster"], "decision": _decision(line, model, seed), "wording": 1, "into": 0}
        for line in clusters
    ]
    bullets: list[JsonValue] = [line["bullet"] for line in shown if "bullet" in line][:MOST_BULLETS]
    return {"decisions": decisions, "summary": 1, "bullets": bullets}


def _decision(line: dict[str, JsonValue], model: str, seed: int) -> str:
    several = isinstance(line.get("drafts"), int) and line["drafts"] != 1
    liked = fraction(seed, model, json.dumps(line.get("wordings"), sort_keys=True)) < KEEP_LONE
    return "keep" if several or liked else "drop"


def _ranking(shown: list[dict[str, JsonValue]], model: str, seed: int) -> dict[str, JsonValue]:
    items = Counter(str(line["candidate"]) for line in shown if "kind" in line)
    numbers = dict.fromkeys(str(line["candidate"]) for line in shown if "candidate" in line)
    ranked = sorted(numbers, key=lambda number: (-items[number], fraction(seed, model, number)))
    return {"ranking": [int(number) for number in ranked]}

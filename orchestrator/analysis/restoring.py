"""Between what models are shown and what was said: tokens of `meeting/redaction.py` in questions and answers. Pure.

An answer is turned back before anything of it is believed, so evidence, owners and dues are checked against the true
transcript. A token that stands for nothing is taken out of texts and counted, as any other invention is (`foreign.py`);
in a quote, an owner or a due it stays, and is found nowhere.

A question to a lead or judge shows checked items of true words, one JSON object a line. There all strings are hidden,
and no word of ours is touched.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import JsonValue

from orchestrator.analysis.foreign import REMOVED
from orchestrator.analysis.items import KINDS
from orchestrator.analysis.replies import RawAction, RawCandidate, RawItem, RawSummary
from orchestrator.analysis.showing import line
from orchestrator.meeting.redaction import Redaction
from providers.calls import Message

_DATA: Final = "{"  # what a line begins with that `showing.line` made; no instruction does


def restored(raw: RawCandidate, redaction: Redaction) -> RawCandidate:
    """The answer in true words; `invented` counts the tokens in its texts that stood for nothing."""
    reader = _Reader(redaction)
    lists: dict[str, object] = {kind: tuple(map(reader.item, getattr(raw, kind))) for kind in KINDS}
    summary = RawSummary(text=reader.text(raw.summary.text), bullets=tuple(map(reader.text, raw.summary.bullets)))
    changed: dict[str, object] = {"summary": summary, "invented": reader.invented, **lists}
    return raw.model_copy(update=changed)


def hidden(messages: Iterable[Message], redaction: Redaction) -> tuple[Message, ...]:
    """A question as a model is shown it."""
    return tuple(one.model_copy(update={"text": _lines(one.text.split("\n"), redaction)}) for one in messages)


class _Reader:
    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self.invented = 0

    def text(self, text: str) -> str:
        found = self._redaction.restore(text, mark=REMOVED)
        self.invented += found.invented
        return found.text

    def item(self, raw: RawItem) -> RawItem:
        plain = self._redaction.restore
        evidence = tuple(one.model_copy(update={"quote": plain(one.quote).text}) for one in raw.evidence)
        changed = {"text": self.text(raw.text), "evidence": evidence}
        if isinstance(raw, RawAction):
            changed |= {name: plain(getattr(raw, name)).text for name in ("owner", "due_text", "due_date")}
        return raw.model_copy(update=changed)


def _lines(lines: Sequence[str], redaction: Redaction) -> str:
    return "\n".join(line(_object(one, redaction)) if one.startswith(_DATA) else one for one in lines)


def _object(text: str, redaction: Redaction) -> dict[str, JsonValue]:
    shown: dict[str, JsonValue] = json.loads(text)
    return {name: _value(value, redaction) for name, value in shown.items()}


def _value(value: JsonValue, redaction: Redaction) -> JsonValue:
    match value:
        case str():
            return redaction.hide_quoted(value)
        case list():
            return [_value(one, redaction) for one in value]
        case dict():
            return {name: _value(one, redaction) for name, one in value.items()}
        case _:
            return value

"""What a built-in model found, and how it is written down in the answer's schema. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from pydantic import JsonValue

from providers.calls import JsonObject
from providers.extractive import dues, tidy, words
from providers.extractive.conversation import Part, Statement

Kind: TypeAlias = Literal["topics", "decisions", "action_items", "risks", "questions"]

MAX_ITEMS: Final = 50  # what the prompt allows a list to hold


@dataclass(frozen=True, slots=True)
class Finding:
    """One item: a sentence of the transcript's words and the parts that it was copied from."""

    text: str
    evidence: tuple[Part, ...]
    owner: str = ""
    due: dues.Due = dues.NONE


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything one model answers. `summary` and `bullets` are sentences, in the order of the meeting."""

    language: str
    summary: tuple[str, ...]
    bullets: tuple[str, ...]
    items: dict[Kind, tuple[Finding, ...]] = field(default_factory=dict)


def plain(statement: Statement) -> Finding:
    """The statement itself as an item."""
    return Finding(tidy.sentence(statement.text), statement.quotes)


def distinct(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Drop items without words, and items that repeat an earlier one's content words; at most `MAX_ITEMS` stay."""
    kept: list[Finding] = []
    seen: set[frozenset[str]] = set()
    for finding in found:
        content = frozenset(words.tokens(finding.text))
        if content and content not in seen:
            seen.add(content)
            kept.append(finding)
    return tuple(kept[:MAX_ITEMS])


def write(findings: Findings) -> str:
    """The answer as JSON, every field of the schema present."""
    answer: JsonObject = {
        "language": findings.language,
        "summary": {"text": _join(findings.summary), "bullets": list(findings.bullets)},
        "topics": _plain_items(findings.items.get("topics", ())),
        "decisions": _plain_items(findings.items.get("decisions", ())),
        "action_items": [_action_item(item) for item in findings.items.get("action_items", ())],
        "risks": _plain_items(findings.items.get("risks", ())),
        "questions": _plain_items(findings.items.get("questions", ())),
    }
    return json.dumps(answer, ensure_ascii=False)


def _plain_items(found: Sequence[Finding]) -> list[JsonValue]:
    return [{"text": item.text, "evidence": _evidence(item)} for item in found]


def _action_item(item: Finding) -> JsonValue:
    return {
        "text": item.text,
        "owner": item.owner,
        "due_text": item.due.text,
        "due_date": item.due.day,
        "evidence": _evidence(item),
    }


def _evidence(item: Finding) -> list[JsonValue]:
    return [{"utterance": part.name, "quote": part.text} for part in item.evidence]


def _join(sentences: Sequence[str]) -> str:
    spaceless = sum(sentence.endswith("。") for sentence in sentences) * 2 > len(sentences)
    return ("" if spaceless else " ").join(sentences)

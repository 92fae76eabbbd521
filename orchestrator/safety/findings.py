"""What a check found, and how rules come to it. Pure.

A rule is a row in a table: which fact it looks at, which values are safe, and what to tell whoever has another one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, Literal, TypeAlias, TypeVar

Facts = TypeVar("Facts")

UNREAD: Final = "cannot be read"
Store: TypeAlias = Literal["PostgreSQL", "Redis"]

_STEMS: Final[dict[Store, str]] = {"PostgreSQL": "postgres", "Redis": "redis"}  # of its checks' names


class Verdict(StrEnum):
    """What a finding means for a start."""

    OK = "ok"
    WARNS = "warns"  # it starts and says so
    UNSAFE = "unsafe"  # it does not start
    AWAY = "away"  # the store did not answer, so nobody knows: it starts, since processes wait for their stores
    UNASKED = "not asked"  # there is no such store here


@dataclass(frozen=True)
class Finding:
    """One check. `found` is what `setting` says; `wrong` and `remedy` are a sentence each, empty where all is well."""

    name: str
    verdict: Verdict
    setting: str
    found: str
    wrong: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Rule(Generic[Facts]):
    """One check before it is made.

    Args:
        setting: the name under which an operator finds it.
        value: what the facts say of it; None: it could not be read.
        is_safe: asked only where there is a value.
        wrong: a sentence in which `{found}` stands for the value.
        verdict: of a value that is not safe.
    """

    name: str
    setting: str
    value: Callable[[Facts], object]
    is_safe: Callable[[Facts], bool]
    wrong: str
    remedy: str
    verdict: Verdict = Verdict.UNSAFE


def judge(rules: Sequence[Rule[Facts]], facts: Facts) -> tuple[Finding, ...]:
    """A finding for each rule, in the order of the table."""
    return tuple(_judged(rule, facts) for rule in rules)


def away(store: Store, variable: str, why: str) -> Finding:
    """A store that did not answer, or whose address leads nowhere."""
    return Finding(
        name=f"{_STEMS[store]}-away",
        verdict=Verdict.AWAY,
        setting=variable,
        found=why,
        wrong=f"{store} could not be asked for its settings: {why}.",
        remedy=f"Bring {store} up, or mend {variable}, and check again with `./meetingmind doctor`.",
    )


def unasked(store: Store, variable: str) -> Finding:
    """A store that nobody named and that does not run here."""
    return Finding(_STEMS[store], Verdict.UNASKED, variable, "not set, and no stack runs here")


def of(verdict: Verdict, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.verdict is verdict)


def is_healthy(findings: Iterable[Finding]) -> bool:
    """Whether nothing is unsafe and no store is away."""
    return not any(finding.verdict in {Verdict.UNSAFE, Verdict.AWAY} for finding in findings)


def _judged(rule: Rule[Facts], facts: Facts) -> Finding:
    value = rule.value(facts)
    if value is None:
        return _unread(rule)
    found = shown(value)
    if rule.is_safe(facts):
        return Finding(rule.name, Verdict.OK, rule.setting, found)
    return Finding(rule.name, rule.verdict, rule.setting, found, rule.wrong.format(found=found), rule.remedy)


def _unread(rule: Rule[Facts]) -> Finding:
    """Who may not know is warned, never refused: managed stores hide settings that may be well."""
    return Finding(
        rule.name,
        Verdict.WARNS,
        rule.setting,
        UNREAD,
        f"Whether {rule.setting} is safe could not be read: the server does not tell it to our login.",
        f"Look at it as the server's administrator. If it is unsafe: {rule.remedy}",
    )


def shown(value: object) -> str:
    """A value as an operator reads it: on and off, lists with commas."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)

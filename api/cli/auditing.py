"""What the commands about the audit log do: list it, and check it here, from the service or from a file."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from api.audit_schemas import AuditEntryView
from api.cli.errands import give_up, print_line
from api.cli.exits import FAILED, USAGE, Told
from api.cli.options import Where
from api.cli.servers import connected
from api.cli.work import as_line
from api.client import Trouble
from orchestrator.tenancy import chain
from orchestrator.tenancy.chain import Anchor, Entry, Verdict
from providers.calls import JsonObject

STANDARD_INPUT: Final = Path("-")
_KNOWN: Final = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")
_WITHOUT_ANCHOR: Final = (
    "Whether entries are missing at the end, or all were written anew, no chain can tell."
    " Keep this line elsewhere, and check with --known another time:"
)


def show(after: int, action: str | None, about: str | None, where: Where, *, house: bool, as_json: bool) -> None:
    """Print the log from there on."""
    with connected(where, start=False) as link:
        try:
            for entry in link.client.every_audit_entry(after, action=action, about=about, house=house):
                print_line(as_line(entry) if as_json else line(entry))
        except Trouble as trouble:
            give_up(trouble)


def verify(file: Path | None, known: str | None, where: Where, *, house: bool, as_json: bool) -> None:
    """Check all of it, print what was found, and exit with 1 if something is wrong."""
    anchor = None if known is None else _anchor(known)
    if file is None:
        with connected(where, start=False) as link:
            try:
                verdict = link.client.verify_audit(anchor, house=house)
            except Trouble as trouble:
                give_up(trouble)
    else:
        verdict = chain.verify(_entries(file), anchor)
    if as_json:
        print_line(as_line(verdict))
    elif verdict.fault is None:
        for told in words(verdict, known=anchor is not None):
            print_line(told)
    if verdict.fault is not None:
        raise Told(f"Entry {verdict.fault.sequence} is wrong: {verdict.fault.why}.", code=FAILED)


def line(entry: AuditEntryView) -> str:
    """One entry in words: number, time, who, what, to what, and what is different now."""
    different = _different(entry.before or {}, entry.after or {})
    about = [entry.actor, entry.action, entry.object, *different]
    return f"{entry.sequence:>5}  {entry.at}  {'  '.join(about)}"


def words(verdict: Verdict, *, known: bool) -> list[str]:
    """What a check that found no fault came to. `known`: a digest that was noted before was held against it."""
    if verdict.last is None:
        return ["The log has no entries."]
    whole = f"{verdict.entries} entries, none changed, moved or taken from the middle."
    anchor = f"{verdict.last.sequence}:{verdict.last.hash}"
    return [whole, "It goes on from what was noted. The newest entry is now:" if known else _WITHOUT_ANCHOR, anchor]


def _different(before: JsonObject, after: JsonObject) -> list[str]:
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return [f"{name}={_short(after.get(name))}" for name in names if not name.endswith("_sha256")]


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _anchor(text: str) -> Anchor:
    found = _KNOWN.fullmatch(text)
    if found is None:
        raise Told("--known is the number and the digest of an entry, as N:HASH.", code=USAGE)
    return Anchor(sequence=int(found[1]), hash=found[2])


def _entries(file: Path) -> Iterator[Entry]:
    """One entry a line, as they were printed. A log may be long: it is never in memory as a whole."""
    for number, one in enumerate(_lines(file), start=1):
        try:
            yield Entry.model_validate_json(one)
        except ValidationError:
            told = f"Line {number} of {file} is no entry as `audit list --json` prints them."
            raise Told(told, code=USAGE) from None


def _lines(file: Path) -> Iterator[bytes]:
    if file == STANDARD_INPUT:
        yield from sys.stdin.buffer
        return
    try:
        with file.open("rb") as opened:
            yield from opened
    except OSError as error:
        raise Told(f"{file} cannot be read: {error.strerror}.", code=USAGE) from None

"""The chain of a tenant's audit entries: each holds the digest of the one before it. Pure.

The digest of an entry is the SHA-256 of its fields but `hash`, as JSON in the canonical form of RFC 8785: names in
order, no blanks, UTF-8. There are no numbers but integers in it, so any language's JSON can write these bytes. The
first entry follows 64 zeros.

What a chain proves to whoever has all of it: no entry was changed, taken from the middle, put in or moved. What it
cannot prove: that nothing is missing at its end, or that all of it was not written anew. Only a digest that was noted
somewhere else tells that (`Anchor`).
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Final

from providers.calls import JsonObject, Value

START: Final = "0" * 64


class Content(Value):
    """What an entry says. `at`: RFC 3339 in UTC, milliseconds. `tenant_id` "": the house."""

    tenant_id: str
    sequence: int
    at: str
    actor: str
    action: str
    object: str
    before: JsonObject | None
    after: JsonObject | None
    request_id: str | None
    previous: str


class Entry(Content):
    """An entry in its place."""

    hash: str


class Anchor(Value):
    """A digest that was noted outside: what the entry of this number had when somebody looked."""

    sequence: int
    hash: str


class Fault(Value):
    """The first entry that is not as it was written, or is missing, and what is wrong with it."""

    sequence: int
    why: str


class Verdict(Value):
    """`last`: the newest entry up to which all is well; None: there is none. `fault` None: all is well."""

    entries: int
    last: Anchor | None
    fault: Fault | None


def sealed(content: Content) -> Entry:
    """The entry with its digest."""
    return Entry(**content.model_dump(), hash=digest(content))


def digest(content: Content) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(canonical(content)).hexdigest()


def canonical(content: Content) -> bytes:
    """The bytes that are hashed.

    Raises:
        TypeError: a field holds a fraction, which JSON has many spellings for.
    """
    fields = content.model_dump(include=set(Content.model_fields))
    _refuse_fractions(fields)
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def verify(entries: Iterable[Entry], known: Anchor | None = None) -> Verdict:
    """Walk the chain from its first entry on, to the first that is wrong.

    Args:
        entries: all of one tenant's, in the order in which they were given out.
        known: what was noted of one of them before.
    """
    good: Entry | None = None
    for entry in entries:
        why = _wrong(entry, good, known)
        if why is not None:
            wanted = 1 if good is None else good.sequence + 1
            return _verdict(good, Fault(sequence=wanted, why=why))
        good = entry
    last = 0 if good is None else good.sequence
    if known is not None and known.sequence > last:
        missing = f"entry {known.sequence} was there when its digest was noted: the end is missing"
        return _verdict(good, Fault(sequence=last + 1, why=missing))
    return _verdict(good, None)


def _wrong(entry: Entry, before: Entry | None, known: Anchor | None) -> str | None:
    wanted = 1 if before is None else before.sequence + 1
    if entry.sequence != wanted:
        return f"entry {entry.sequence} stands in the place of {wanted}"
    if before is not None and entry.tenant_id != before.tenant_id:
        return "it is another tenant's"
    if entry.hash != digest(entry):
        return "its digest is not that of what it says"
    if entry.previous != (START if before is None else before.hash):
        return "it does not follow the entry before it"
    if known is not None and known.sequence == entry.sequence and known.hash != entry.hash:
        return "its digest is not the one that was noted"
    return None


def _verdict(good: Entry | None, fault: Fault | None) -> Verdict:
    last = None if good is None else Anchor(sequence=good.sequence, hash=good.hash)
    return Verdict(entries=0 if good is None else good.sequence, last=last, fault=fault)


def _refuse_fractions(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("an audit entry holds no fraction: write it as text")
    inside: Iterable[object] = ()
    if isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, list | tuple):
        inside = value
    for one in inside:
        _refuse_fractions(one)

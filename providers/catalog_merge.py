"""Two catalog documents made one: what ships, and what a house adds by configuration alone. Pure.

    a model with a `base`        takes from that model whatever it does not say itself
    an entry with a known name   changes, of the entry that ships, what it says
    any other                    is new; a new provider stands behind those that ship

Documents are what TOML reads: plain tables, unchecked. What they mean is checked by `providers/catalog.py`.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from pydantic import ValidationError

Table: TypeAlias = dict[str, object]

# What names an entry, by the list it stands in.
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "providers": ("id",),
    "models": ("provider", "id"),
    "aliases": ("name",),
}
_SETTINGS: Final = ("version", "failover_order", "reference")

# What a model owes to its seller and not to itself: its dates there, and what the seller's wire takes. From a base at
# another provider none of this comes along.
_OF_THE_SELLER: Final = frozenset(
    {
        *("available_from", "retires_on", "replaced_by"),
        *("extra_body", "efforts", "reasoning_effort", "cache_min_tokens", "flex_percent", "json_output"),
    }
)


class CatalogError(ValueError):
    """A catalog document does not fit; the message names the entry and the field."""


def read(text: str) -> Table:
    """The document that a text is.

    Raises:
        CatalogError: it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"this is no TOML: {error}") from None


def merged(shipped: Table, extra: Table) -> Table:
    """The shipped document with the extra one on top. `version` tells that there was one, or which.

    Raises:
        CatalogError: an entry has no name, or is no table, or the document holds something unknown.
    """
    unknown = sorted(set(extra) - {*_NAMES, *_SETTINGS})
    if unknown:
        raise CatalogError(f"{unknown[0]}: there is no such part; there are {', '.join((*_NAMES, *_SETTINGS))}")
    parts: Table = {part: _merged_part(part, _entries(shipped, part), _entries(extra, part)) for part in _NAMES}
    return {**shipped, **extra, **parts, "version": f"{shipped.get('version')}+{extra.get('version', 'own')}"}


def with_bases(document: Table) -> Table:
    """The document with every model complete: what it did not say, its base said.

    Raises:
        CatalogError: a base is not in the document, or leads back to the model itself.
    """
    models = {name_of("models", entry): entry for entry in _entries(document, "models")}
    complete = [_complete(name_of("models", entry), models, ()) for entry in _entries(document, "models")]
    return document | {"models": complete}


def in_order(document: Table, failover_order: Sequence[str]) -> Table:
    """The document with the named providers in front, in that order; the others follow as they stood.

    An empty order leaves the document to its own `failover_order`.

    Raises:
        CatalogError: the order names something else than a provider, or one twice.
    """
    wanted = list(failover_order) or document.get("failover_order", [])
    if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
        raise CatalogError("failover_order: must be a list of provider ids")
    providers = {name_of("providers", entry): entry for entry in _entries(document, "providers")}
    wrong = [one for place, one in enumerate(wanted) if one not in providers or one in wanted[:place]]
    if wrong:
        raise CatalogError(f"failover_order: {wrong[0]!r} is no provider, or stands there twice")
    rest = [one for one in providers if one not in wanted]
    return document | {"failover_order": wanted, "providers": [providers[one] for one in (*wanted, *rest)]}


def told(error: ValidationError, document: Table) -> str:
    """What does not fit, each problem with the name of its entry."""
    return "; ".join(_told(error, document))


def name_of(part: str, entry: Mapping[str, object]) -> str:
    """What an entry is called: a model by its target, the others by their one name."""
    return "/".join(str(entry.get(field)) for field in _NAMES[part])


def _merged_part(part: str, shipped: list[Table], extra: list[Table]) -> list[Table]:
    merged: dict[str, Table] = {name_of(part, entry): entry for entry in shipped}
    seen: set[str] = set()
    for entry in extra:
        name = name_of(part, entry)
        if name in seen:
            raise CatalogError(f"{part}: {name} stands there twice")
        seen.add(name)
        merged[name] = entry if "base" in entry else {**merged.get(name, {}), **entry}
    return list(merged.values())


def _entries(document: Table, part: str) -> list[Table]:
    found = document.get(part, [])
    if not isinstance(found, list):
        raise CatalogError(f"{part}: must be a list, each entry headed [[{part}]]")
    for place, entry in enumerate(found, start=1):
        if not isinstance(entry, dict):
            raise CatalogError(f"{part}: entry {place} must be a table")
        for field in _NAMES[part]:
            if not isinstance(entry.get(field), str) or not entry[field]:
                raise CatalogError(f"{part}: entry {place}: {field} is missing or no text")
    return found


def _complete(name: str, models: Mapping[str, Table], trail: tuple[str, ...]) -> Table:
    entry = models[name]
    base = entry.get("base")
    if not base:
        return entry
    if not isinstance(base, str) or base not in models:
        raise CatalogError(f"models: {name}: base: there is no model {base!r}")
    if base in (*trail, name):
        raise CatalogError(f"models: {name}: base: leads back to {base}")
    below = _complete(base, models, (*trail, name))
    is_of_the_same_seller = below["provider"] == entry["provider"]
    taken = {field: value for field, value in below.items() if is_of_the_same_seller or field not in _OF_THE_SELLER}
    return {**taken, **entry, "base": below.get("base") or base}


def _told(error: ValidationError, document: Table) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_context=False):
        part, *path = problem["loc"] or ("",)
        if path and part in _NAMES:
            path[0] = name_of(str(part), _entries(document, str(part))[int(path[0])])
        words = (part, *path, problem["msg"].removeprefix("Value error, "))
        yield ": ".join(str(word) for word in words if word != "")

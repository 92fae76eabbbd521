"""Which methods a path has, by our own document: what a 405 says in `Allow`.

Each route answers for itself alone, so that of two routes on one path each would name its own method; and a path that
is written out belongs to itself, whatever path with a variable it would fit, too.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from starlette.types import Scope

Document: TypeAlias = Mapping[str, Any]

_METHODS: Final = ("delete", "get", "patch", "post", "put")
_VARIABLE: Final = re.compile(r"\{[^{}]+\}")


class Paths:
    """The paths of a document. Pure."""

    def __init__(self, document: Document) -> None:
        found = {path: frozenset(name.upper() for name in item if name in _METHODS) for path, item in document.items()}
        self._written_out = {path: own for path, own in found.items() if not _VARIABLE.search(path)}
        self._others = [
            (re.compile(_VARIABLE.sub("[^/]+", path)), own) for path, own in found.items() if _VARIABLE.search(path)
        ]

    def written_out(self, path: str) -> frozenset[str] | None:
        """Its methods, if it is declared just so."""
        return self._written_out.get(path)

    def of(self, path: str) -> frozenset[str]:
        """Its methods; none: it is no path of the document."""
        own = self.written_out(path)
        return own or next((each for shape, each in self._others if shape.fullmatch(path)), frozenset())


def allow(scope: Scope) -> str | None:
    """What `Allow` says of the path that was asked for; None: the document does not know it."""
    return listed(scope["app"].state.paths.of(scope["path"])) or None


def listed(methods: Iterable[str]) -> str:
    return ", ".join(sorted(methods))

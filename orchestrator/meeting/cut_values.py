"""Makes whole again what a quote was cut in, so that half a value is found like a whole one. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

_LEAST: Final = 4  # characters of a value; fewer tell nothing, and stand at the end of many texts
_CUT: Final = "…"


class Cuts:
    """Values by how they begin and end."""

    def __init__(self, values: Iterable[str]) -> None:
        self._beginning: defaultdict[str, list[str]] = defaultdict(list)
        self._ending: defaultdict[str, list[str]] = defaultdict(list)
        self._longest = 0
        for value in values:
            if len(value) > _LEAST:
                self._beginning[value[:_LEAST]].append(value)
                self._ending[value[-_LEAST:]].append(value)
                self._longest = max(self._longest, len(value))

    def completed(self, text: str) -> str:
        """The text with the rest of a value that it ends within, and with the start of one that it begins within."""
        return self._with_start(self._with_rest(text))

    def _with_rest(self, text: str) -> str:
        cut = text.removesuffix(_CUT)
        for place in range(max(0, len(cut) - self._longest), len(cut) - _LEAST + 1):
            for value in self._beginning.get(cut[place : place + _LEAST], ()):
                if len(cut) - place < len(value) and value.startswith(cut[place:]):
                    return cut[:place] + value
        return text

    def _with_start(self, text: str) -> str:
        for place in range(min(len(text), self._longest), _LEAST - 1, -1):
            for value in self._ending.get(text[place - _LEAST : place], ()):
                if place < len(value) and value.endswith(text[:place]):
                    return value + text[place:]
        return text

"""What Google keeps for a caller, each thing until its time is over: files, uploads on their way, cached prompts.

Times are those of the emulator's clock. Source: shared design page providers.md, sections 3.3 (files) and 4 (caches).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from providers.emulator.gemini_models import Gemini, storage_micro_usd
from providers.emulator.gemini_prompt import CachedPrompt


@dataclass(frozen=True)
class GoogleFile:
    """A file. `generated`: the vendor wrote it, and only such a one can be downloaded."""

    id: str
    display_name: str
    mime_type: str
    made_at: datetime
    until: datetime
    content: bytes
    generated: bool = False


@dataclass(frozen=True)
class Upload:
    """A file that is still coming in. `file_id` is empty when the caller did not choose one."""

    id: str
    owner: str
    file_id: str
    display_name: str
    mime_type: str
    announced_bytes: int | None
    chunks: tuple[bytes, ...] = ()

    @property
    def received_bytes(self) -> int:
        """How much has come by now."""
        return sum(len(chunk) for chunk in self.chunks)


@dataclass(frozen=True)
class CachedContent:
    """A prompt that a caller pays to keep. `call_id` is that of the request which made it."""

    prompt: CachedPrompt
    model: Gemini
    display_name: str
    made_at: datetime
    updated_at: datetime
    until: datetime
    call_id: str

    def storage_micro_usd(self, at: datetime) -> int:
        """What it has cost by then to keep it."""
        kept_s = (min(at, self.until) - self.made_at).total_seconds()
        return storage_micro_usd(self.prompt.tokens, self.model, kept_s)


Item = TypeVar("Item")


@dataclass(frozen=True)
class _Row(Generic[Item]):
    owner: str
    item: Item
    until: datetime


class Shelf(Generic[Item]):
    """Things by name; nobody sees those of another key, and nobody those whose time is over."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row[Item]] = {}
        self._names: set[str] = set()

    def put(self, name: str, owner: str, item: Item, until: datetime) -> Item:
        """Keep it, in place of what had this name."""
        self._rows[name] = _Row(owner, item, until)
        self._names.add(name)
        return item

    def find(self, name: str, owner: str, at: datetime) -> Item | None:
        """The thing of that name, if this key may see it."""
        row = self._rows.get(name)
        return row.item if row and row.owner == owner and row.until > at else None

    def of(self, owner: str, at: datetime) -> list[Item]:
        """The things of a key, the newest first."""
        return [row.item for row in self._rows.values() if row.owner == owner and row.until > at][::-1]

    def remove(self, name: str) -> None:
        """Forget it; harmless for what is not there."""
        self._rows.pop(name, None)

    def has_known(self, name: str) -> bool:
        """Whether anything ever had this name, and be it gone by now."""
        return name in self._names

    def take_expired(self, at: datetime) -> list[Item]:
        """Forget what is over by then, and say what it was."""
        over = {name: row.item for name, row in self._rows.items() if row.until <= at}
        for name in over:
            del self._rows[name]
        return list(over.values())


class GoogleStore:
    """All of it."""

    def __init__(self) -> None:
        self.files: Shelf[GoogleFile] = Shelf()
        self.uploads: Shelf[Upload] = Shelf()
        self.caches: Shelf[CachedContent] = Shelf()

"""Files that callers have uploaded and that batches have written: what `POST /files` takes and `GET /files` gives.

Source: shared design page providers.md, section 3.1; the form is that of RFC 7578.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.I)
_NAME = re.compile(rb'\bname="([^"]*)"')
_FILENAME = re.compile(rb'\bfilename="([^"]*)"')
_MAX_FILE_BYTES: Final = 200 << 20


@dataclass(frozen=True)
class Part:
    """One field of a form. `filename` is empty for a plain value."""

    content: bytes
    filename: str


@dataclass(frozen=True)
class File:
    """A file of the key `owner`. `read` gives its bytes, for results that are worked out when somebody looks."""

    id: str
    owner: str
    filename: str
    purpose: str
    made_at: datetime
    read: Callable[[], bytes]

    def described(self) -> dict[str, JsonValue]:
        """The vendor's file object."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.read()),
            "created_at": int(self.made_at.timestamp()),
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
        }


class FileStore:
    """All files of the running emulator; nobody sees those of another key."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}

    def add(self, file: File) -> File:
        self._files[file.id] = file
        return file

    def find(self, owner: str, file_id: str) -> File | None:
        """The file of that id, if this key may see it."""
        file = self._files.get(file_id)
        return file if file and file.owner == owner else None

    def of(self, owner: str) -> list[File]:
        """The files of a key, the newest first."""
        return [file for file in self._files.values() if file.owner == owner][::-1]

    def remove(self, file: File) -> None:
        del self._files[file.id]


def is_too_large(content: bytes) -> bool:
    """Whether a batch may not be so large."""
    return len(content) > _MAX_FILE_BYTES


def form(content_type: str, body: bytes) -> dict[str, Part]:
    """The fields of a multipart/form-data body by name; empty when it is none."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None or not content_type.lower().startswith("multipart/form-data"):
        return {}
    sections = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())
    return dict(filter(None, map(_field, sections[1:-1])))


def _field(section: bytes) -> tuple[str, Part] | None:
    head, _, content = section.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    name, filename = _NAME.search(head), _FILENAME.search(head)
    if name is None:
        return None
    return name[1].decode("utf-8", "replace"), Part(content, filename[1].decode("utf-8", "replace") if filename else "")

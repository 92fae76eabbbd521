"""How a word of the environment is read before its field judges it: trimmed, split, or none at all. Pure."""

from pathlib import Path


def file_or_none(value: object) -> object:
    if not isinstance(value, str):
        return value
    return Path(value).expanduser() if value.strip() else None


def word_or_none(value: object) -> object:
    return value.strip() or None if isinstance(value, str) else value


def address(value: object) -> object:
    return value.strip().rstrip("/") if isinstance(value, str) else value


def words(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

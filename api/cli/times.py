"""Times as people write them on a command line."""

from datetime import UTC, datetime

from api.cli.exits import USAGE, Told


def moment(text: str | None, option: str) -> datetime | None:
    """A day is its first moment; without a zone it is UTC.

    Raises:
        Told: it is no time.
    """
    try:
        found = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise Told(f"{option} wants a day or a time, such as 2026-12-01 or 2026-12-01T09:00Z.", code=USAGE) from None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found

"""Jobs that are not to begin before a moment of their own: which moments there are, and how many may wait. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Final

from orchestrator.errors import InvalidRequest, QueueFull

# What a job asks for, prices and models among it, changes over months; a service that plans ahead asks again by then.
FURTHEST: Final = timedelta(days=30)

RETRY_AFTER_S: Final = 600.0  # some of those that wait may be due by then


def due(not_before: datetime | None, now: datetime) -> datetime | None:
    """The moment before which a job must not begin; None: it may begin now, as one that has passed means now."""
    return not_before if not_before is not None and not_before > now else None


def require_near(not_before: datetime | None, now: datetime) -> None:
    """Raises InvalidRequest: the moment is further away than anybody may plan."""
    if not_before is not None and not_before > now + FURTHEST:
        raise InvalidRequest(f"This is more than {FURTHEST.days} days ahead.", pointer="/not_before")


def refusal(own: int, most: int) -> QueueFull | None:
    """Why a tenant that has `own` jobs waiting for their moments may not have one more; None: it may."""
    if own < most:
        return None
    return QueueFull(f"{own} of your jobs wait for their moments already.", retry_after_s=RETRY_AFTER_S)


def told(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z, as callers are told of all times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""What one key may give another: never more than it has, and for no longer than it lasts itself. Pure.

An end that is None never comes.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final

from orchestrator.errors import BeyondOwnKey, InvalidRequest
from orchestrator.tenancy.scopes import in_order

LONGEST_S: Final = 315_360_000  # ten years: what is meant to be longer is meant to have no end

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def check_scopes(own: Collection[str], wanted: Collection[str]) -> None:
    """Raises BeyondOwnKey: some of the wanted scopes are not the caller's own."""
    lacking = in_order(scope for scope in wanted if scope not in own)
    if lacking:
        raise BeyondOwnKey(f"Your key cannot do this for a key with {', '.join(lacking)}, which it has not itself.")


def wished_end(now: datetime, at: datetime | None, in_s: int | None) -> datetime | None:
    """When a key shall end, of the two ways to say so; None: nothing was said.

    Raises:
        InvalidRequest: both were said, the time has no zone, has passed, or is further away than `LONGEST_S`.
    """
    if at is not None and in_s is not None:
        raise InvalidRequest("say expires_at or expires_in_s, not both", pointer="/expires_in_s")
    if in_s is not None:
        return now + timedelta(seconds=in_s)
    if at is not None and at.tzinfo is None:
        raise InvalidRequest("a time needs a zone, such as Z", pointer="/expires_at")
    if at is not None and not now < at <= now + timedelta(seconds=LONGEST_S):
        raise InvalidRequest("must lie ahead, by ten years at most; null: it has no end", pointer="/expires_at")
    return at


def end_of_made(wished: datetime | None, usual: datetime | None, own: datetime | None) -> datetime | None:
    """When a key that is made ends: as wished; without a wish as usual, or with its maker if that is sooner.

    Raises:
        BeyondOwnKey: it would outlast its maker.
    """
    if wished is None:
        return earlier(usual, own)
    _check_end(own, wished)
    return wished


def check_change(own: datetime | None, before: datetime | None, after: datetime | None) -> bool:
    """Whether a key lasts longer by a change of its end, which then is no later than the caller's own.

    Raises:
        BeyondOwnKey: it would be.
    """
    is_longer = _time(after) > _time(before)
    if is_longer:
        _check_end(own, after)
    return is_longer


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The first of two ends."""
    return min((one, other), key=_time)


def _check_end(own: datetime | None, wanted: datetime | None) -> None:
    if own is not None and _time(wanted) > own:
        raise BeyondOwnKey(f"Your key ends at {own.isoformat()}, and can give no key a later end.")


def _time(end: datetime | None) -> datetime:
    return _NEVER if end is None else end

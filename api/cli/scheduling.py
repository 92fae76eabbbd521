"""From "in two hours" to a moment. Pure."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from api.cli.exits import USAGE, Told
from api.cli.options import Wishes

_LENGTH: Final = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s)?")


def scheduled(wishes: Wishes, now: datetime) -> Wishes:
    """The wishes with the moment that they mean, if any; the service judges it.

    Raises:
        Told: both a moment and a length were given, or what was given is no length; a usage error.
    """
    if wishes.delay is None:
        return wishes
    if wishes.at is not None:
        raise Told("Give either --at or --in.", code=USAGE)
    moment = (now + _length(wishes.delay)).astimezone(UTC).replace(microsecond=0)
    return replace(wishes, at=moment.isoformat().replace("+00:00", "Z"), delay=None)


def _length(said: str) -> timedelta:
    found = _LENGTH.fullmatch(said.strip().lower())
    if found is None or not any(found.groups()):
        raise Told(f"{said} is no length of time. Write it as in 90s, 30m, 2h, 3d or 1d12h.", code=USAGE)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

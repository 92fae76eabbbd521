"""`python -m tests.faults.lying_clock SECONDS PROFILE`: a worker on a machine whose wall clock is off by so much.

What Python asks for the time lies from before the first import of ours: kombu's stamps and log lines as much as our
own. Durations stay true, as they do on such a machine.
"""

import datetime
import sys
import time
from typing import Any

_true_s, _true_ns = time.time, time.time_ns
_true: Any = datetime.datetime
_off = datetime.timedelta(seconds=float(sys.argv[1]))


class _AnyDatetime(type):
    """What others make is a datetime, too."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _true)


class _Lying(_true, metaclass=_AnyDatetime):  # type: ignore[misc]  # the true one, kept before it is replaced
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return _true.now(tz) + _off

    @classmethod
    def utcnow(cls) -> Any:
        return _true.now(datetime.UTC).replace(tzinfo=None) + _off


if __name__ == "__main__":
    time.time = lambda: _true_s() + _off.total_seconds()
    time.time_ns = lambda: _true_ns() + int(_off.total_seconds() * 1e9)
    datetime.datetime = _Lying  # type: ignore[misc]

    from workers.__main__ import main  # only now: whoever is imported earlier keeps the true one

    sys.exit(main(sys.argv[2:]))

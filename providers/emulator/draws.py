"""Chance that can be repeated: every draw is a hash of what it is about. Pure.

A shared random generator would make an answer depend on which request came first; hashing does not.
"""

import hashlib
from collections.abc import Sequence
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")

_STEPS = 1 << 53  # the whole numbers that a float holds exactly, so that 1.0 itself is never drawn
_NORMAL = NormalDist()


def digest(*parts: object) -> str:
    """Sixteen hexadecimal digits that name these parts, in this order."""
    text = "\x1f".join(map(str, parts))
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def fraction(*parts: object) -> float:
    """A number in 0..1 (1 excluded), spread evenly over different parts."""
    return (int(digest(*parts), 16) >> 11) / _STEPS


def pick(options: Sequence[T], *parts: object) -> T:
    """One of the options, which must not be empty."""
    return options[int(fraction(*parts) * len(options))]


def bell(*parts: object) -> float:
    """A draw from the standard normal distribution."""
    return _NORMAL.inv_cdf(max(fraction(*parts), 1 / _STEPS))

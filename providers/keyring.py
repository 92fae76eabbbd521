"""The keys of a provider: how they are read, named without being shown, and recognised in what others write. Pure."""

import hmac
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Final

from pydantic import SecretStr

_NAME_DIGITS: Final = 8  # enough to tell a handful of keys apart, far too few to find one again
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_MIN_CODED: Final = 8  # a shorter piece of base64 stands in texts by chance


def key_name(provider: str, key: SecretStr) -> str:
    """A name that can stand in logs and stores: the same for the same key, of no use to who reads it.

    Equal keys of two providers have different names.
    """
    return hmac.new(provider.encode(), key.get_secret_value().encode(), "sha256").hexdigest()[:_NAME_DIGITS]


def split_keys(text: str) -> tuple[str, ...]:
    """The keys in one variable, separated by commas or white space; each once, in the order of the text."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def spellings(key: str) -> tuple[str, ...]:
    """The ways in which a provider may echo a key: as it is, URL-quoted, in base64; the longest first."""
    found = {key, *_quoted(key), *_coded(key)} if key else set()
    return tuple(sorted(found, key=lambda one: (-len(one), one)))


def _quoted(key: str) -> Iterator[str]:
    """With the slash kept or not, in capital and in small hex digits, once or, by two hands, twice."""
    for kept in (_UNRESERVED, _UNRESERVED | {"/"}):
        for form in ("%{:02X}", "%{:02x}"):
            once = "".join(sign if sign in kept else form.format(ord(sign)) for sign in key)
            yield once
            yield once.replace("%", "%25")


def _coded(key: str) -> Iterator[str]:
    """Whole, and as the piece that it leaves within a longer text (`user:key`, `Bearer key`), at each of the offsets.

    Six bits make a sign: what stands before and behind the key decides the signs on its edges, which are left out.
    """
    raw = key.encode()
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(raw).decode()
        for before in range(3):
            first, behind = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
            piece = encode(bytes(before) + raw + bytes(3))[first:behind].decode()
            if len(piece) >= _MIN_CODED:
                yield piece

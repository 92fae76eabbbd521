"""Small secrets of a tenant as they lie in rows: AES-256-GCM under a key of the tenant's own, bound to their thing.

A stolen dump opens nothing, as the pepper is not in it; a row that is copied to another tenant or thing opens nothing
either. What is kept is 12 bytes of nonce, the ciphertext and its 16 bytes of tag.
"""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE: Final = b"meetingmind secrets in rows 1"  # keeps these keys apart from all else that the pepper is used for
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12  # random: NIST SP 800-38D, section 8.3, allows 2^32 of them under one key


class Unreadable(Exception):
    """It was sealed under another pepper, for another thing, or was changed since."""


class Vault:
    """Safe to use from many threads."""

    def __init__(self, pepper: str) -> None:
        self._pepper = pepper.encode()

    def seal(self, tenant: str, thing: str, secret: bytes) -> bytes:
        """`thing` is the id of what the secret belongs to."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._key(tenant)).encrypt(nonce, secret, thing.encode())

    def unseal(self, tenant: str, thing: str, sealed: bytes) -> bytes:
        """Raises Unreadable."""
        try:
            return AESGCM(self._key(tenant)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], thing.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: too short for a nonce
            raise Unreadable(f"the secret of {thing} cannot be read: was MEETINGMIND_KEY_PEPPER changed?") from error

    def _key(self, tenant: str) -> bytes:
        """By HKDF-SHA256 (RFC 5869), without salt: the pepper is random already."""
        info = _PURPOSE + b"\x00" + tenant.encode()
        return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(self._pepper)

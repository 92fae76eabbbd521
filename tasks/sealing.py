"""Seals a document for the disk: AES-256-GCM under a key of the tenant's own, bound to its job and attempt.

A sealed file is one line of JSON in clear (version, tenant, job, attempt), 12 bytes of nonce, the ciphertext and its
16 bytes of tag. The line is what the tag also vouches for: under another line the rest does not open.
"""

import json
import secrets
from typing import Annotated, Final, Literal, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, ValidationError

from providers.calls import JsonObject, Value

_PURPOSE: Final = b"meetingmind spool 1"  # keeps these keys apart from all else that is derived from the pepper
_KEY_BYTES: Final = 32
# Drawn at random, as no counter outlives a process. NIST SP 800-38D, section 8.3, allows 2^32 files under one key.
_NONCE_BYTES: Final = 12

# No word of a meeting fits in: what stands in clear, and in file names, are ids.
Id: TypeAlias = Annotated[str, Field(pattern=r"^[a-z]{3}_[0-9a-z]{1,40}$")]


class Unsealable(Exception):
    """The file was sealed with another key, or is damaged. `why` says it without a word of its content."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Label(Value):
    """Whose answer it is."""

    tenant: Id
    job: Id
    attempt: Id


class _Header(Label):
    version: Literal[1] = 1


def seal(label: Label, document: JsonObject, pepper: str) -> bytes:
    """The whole file."""
    header = _Header(**label.model_dump()).model_dump_json().encode()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    plain = json.dumps(document, separators=(",", ":")).encode("ascii")  # escaped: half a surrogate pair survives
    return header + b"\n" + nonce + AESGCM(tenant_key(pepper, label.tenant)).encrypt(nonce, plain, header)


def unseal(sealed: bytes, pepper: str) -> JsonObject:
    """The document that `seal` was given.

    Raises:
        Unsealable: another pepper, another version, or any byte was changed.
    """
    header, _, body = sealed.partition(b"\n")
    tenant = _tenant_of(header)
    nonce, ciphertext = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
    try:
        plain = AESGCM(tenant_key(pepper, tenant)).decrypt(nonce, ciphertext, header)
    except (InvalidTag, ValueError) as error:  # ValueError: too short for a nonce
        raise Unsealable("it was sealed with another key, or changed since") from error
    document: JsonObject = json.loads(plain)
    return document


def tenant_key(pepper: str, tenant: str) -> bytes:
    """32 bytes for one tenant's files, by HKDF-SHA256 (RFC 5869). Needs no salt: the pepper is random already."""
    info = _PURPOSE + b"\x00" + tenant.encode()
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(pepper.encode())


def _tenant_of(header: bytes) -> str:
    try:
        return _Header.model_validate_json(header).tenant
    except ValidationError:
        raise Unsealable("its first line is none of version 1") from None  # the cause would quote the line

"""Links that open the result of one job, without a key, until a time.

Whoever has one has the right, so it is nowhere kept and in no log: the signature stands in the query, which this house
writes down nowhere. It is HMAC-SHA256 over tenant, job and time, under a key of the tenant's own that is derived from
the pepper: no row holds a secret, any API process knows a link of any other, and of a changed pepper none is left.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from orchestrator.settings import Settings
from providers.calls import Value

PATH: Final = "/v1/results"
FEWEST_S: Final = 60.0  # a link that is dead before anybody has clicked on it is of no use
_PURPOSE: Final = b"meetingmind links to results 1"  # keeps these keys apart from all else that the pepper is used for
_KEY_BYTES: Final = 32


class Link(Value):
    """What a link says. `until`: seconds since 1970, from which on it opens nothing."""

    tenant: str
    job: str
    until: int


class ResultLinks:
    """Safe to use from many threads.

    Args:
        base: what comes before the path: the address by which the outside reaches the API, without a slash at its end.
            "": links are paths, like all others.
        lasts_s: how long one opens its result, at most.
    """

    def __init__(self, pepper: str, *, base: str = "", lasts_s: float) -> None:
        self._pepper = pepper.encode()
        self._base = base
        self.lasts_s = lasts_s

    def until(self, at: datetime, lasts_s: float | None = None) -> datetime:
        """When a link that is made at that time ends, on a whole second."""
        ends = at + timedelta(seconds=min(lasts_s or self.lasts_s, self.lasts_s))
        return ends.astimezone(UTC).replace(microsecond=0)

    def url(self, tenant: str, job: str, until: datetime) -> str:
        """The link; always the same for the same."""
        link = Link(tenant=tenant, job=job, until=int(until.timestamp()))
        return f"{self._base}{PATH}?{urlencode({**link.model_dump(), 'signature': self._signature(link)})}"

    def is_ours(self, link: Link, signature: str) -> bool:
        """Whether the signature is of this link. How long that takes tells nothing of the right one."""
        return hmac.compare_digest(signature.encode("utf-8", "replace"), self._signature(link).encode())

    def _signature(self, link: Link) -> str:
        signed = f"{link.tenant}\n{link.job}\n{link.until}".encode("utf-8", "replace")
        digest = hmac.new(self._key(link.tenant), signed, hashlib.sha256).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")

    def _key(self, tenant: str) -> bytes:
        """By HKDF-SHA256 (RFC 5869), without salt: the pepper is random already."""
        info = _PURPOSE + b"\x00" + tenant.encode("utf-8", "replace")
        return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(self._pepper)


def result_links(settings: Settings) -> ResultLinks:
    """The house's."""
    return ResultLinks(settings.key_pepper.get_secret_value(), base=settings.public_url, lasts_s=settings.result_link_s)

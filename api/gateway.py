"""Callers whom a gateway of the house has checked already: their tenant and scopes come in headers of its own.

Off unless both halves are set. The headers count only if they name the secret and come from an address of the gateway:
a secret that leaks is of no use elsewhere, and whoever reaches an address without it is nobody. A request that has any
of them is judged by them alone; it is never tried by its API key, too.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

import structlog
from pydantic import SecretStr
from sqlalchemy import Connection, select
from starlette.requests import HTTPConnection

from orchestrator.delivery.addresses import Network
from orchestrator.storage.tables import tenants
from orchestrator.tenancy.keys import BadKey, Principal
from orchestrator.tenancy.scopes import SCOPES

log = structlog.get_logger()

PROOF: Final = "x-meetingmind-gateway"
TENANT: Final = "x-meetingmind-tenant"
SCOPES_HEADER: Final = "x-meetingmind-scopes"
HEADERS: Final = (PROOF, TENANT, SCOPES_HEADER)
_TENANT_ID: Final = re.compile(r"ten_[0-9a-z]{26}")


@dataclass(frozen=True)
class Gateway:
    """Args:
    secret: what the gateway and this house share.
    networks: the addresses from which the gateway connects, as this process sees its peer.
    """

    secret: SecretStr
    networks: tuple[Network, ...]

    def speaks(self, asked: HTTPConnection) -> bool:
        """Whether the request is to be judged by the gateway's headers."""
        return any(name in asked.headers for name in HEADERS)

    def claimed(self, asked: HTTPConnection) -> Principal:
        """Who it is by the gateway's word. Whether there is such a tenant, only rows can tell.

        Raises:
            BadKey: it is not the gateway's word, or says not what it must.
        """
        given = {name: asked.headers.getlist(name) for name in HEADERS}
        why = self._wrong(given, asked.client.host if asked.client else "")
        if why:
            log.warning("gateway.refused", why=why)
            raise BadKey("The gateway's headers are missing, wrong, or not the gateway's.")
        tenant, scopes = given[TENANT][0], given[SCOPES_HEADER][0].split()
        name = f"gateway:{tenant}"
        return Principal(tenant=tenant, key_id=name, scopes=frozenset(scopes), environment="live", expires_at=None)

    def _wrong(self, given: Mapping[str, Sequence[str]], peer: str) -> str:
        """Empty: nothing is. All is looked at, so that the time does not tell what was wrong."""
        secret = hmac.compare_digest(
            "".join(given[PROOF]).encode("utf-8", "surrogateescape"), self.secret.get_secret_value().encode()
        )
        words = {
            "address": not self._is_inside(peer),
            "secret": not secret,
            "headers": any(len(values) != 1 for values in given.values()),
            "tenant": not _TENANT_ID.fullmatch("".join(given[TENANT])),
            "scopes": not set(" ".join(given[SCOPES_HEADER]).split()) <= set(SCOPES),
        }
        return ", ".join(name for name, wrong in words.items() if wrong)

    def _is_inside(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self.networks)


def is_tenant(connection: Connection) -> bool:
    """Whether the tenant of this transaction exists."""
    return connection.execute(select(tenants.c.id)).first() is not None


def gateway(secret: SecretStr | None, networks: tuple[Network, ...]) -> Gateway | None:
    """None: the house has no gateway."""
    return None if secret is None else Gateway(secret, networks)

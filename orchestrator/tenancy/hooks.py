"""The endpoints that jobs name themselves: one for each URL of a tenant, with a secret of its own."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from orchestrator.delivery import signing
from orchestrator.delivery.addresses import Network
from orchestrator.delivery.endpoints import endpoint
from orchestrator.errors import TooMany
from orchestrator.ids import new_id
from orchestrator.routing.request import WebhookWish
from orchestrator.storage import job_endpoints
from orchestrator.tenancy.vault import Vault
from providers.calls import JsonObject


@dataclass(frozen=True)
class Hooks:
    """`networks`: those into which an operator lets webhooks go."""

    vault: Vault
    networks: Collection[Network] = ()

    def check(self, wish: WebhookWish | None) -> None:
        """Raises InvalidRequest: nothing is sent to that URL."""
        if wish is not None:
            endpoint(wish.url, self.networks, pointer="/webhook/url")

    def of_job(self, connection: Connection, tenant: str, wish: WebhookWish | None) -> JsonObject | None:
        """What is kept with a job, its endpoint made if need be, in the job's transaction and before its first row.

        Raises:
            InvalidRequest: nothing is sent to that URL.
            TooMany: jobs name so many others that there is no room for it now.
        """
        if wish is None:
            return None
        self.check(wish)
        kept = self._of_url(connection, tenant, wish.url)
        manner = wish.model_dump(include={"payload", "result_url"}, exclude_defaults=True)
        return {"id": kept, "url": wish.url, "events": [str(event) for event in sorted(set(wish.events))], **manner}

    def renew(self, connection: Connection, tenant: str, job_id: str) -> None:
        """Make the endpoint anew that a job named, if it was dropped since: the job goes on.

        Raises:
            TooMany: as above.
        """
        named = job_endpoints.named_by(connection, job_id)
        url = None if named is None else named.get("url")
        if named is not None and isinstance(url, str):
            job_endpoints.rename(connection, job_id, {**named, "id": self._of_url(connection, tenant, url)})

    def _of_url(self, connection: Connection, tenant: str, url: str) -> str:
        known = job_endpoints.of_url(connection, url)
        if known is not None:
            return known
        if not job_endpoints.has_room(connection):
            raise TooMany(
                f"There are {job_endpoints.MOST} endpoints of jobs, none of them idle. Name one URL in all jobs, tell"
                " them apart by reference, delete endpoints that are done with, or come back later."
            )
        webhook_id = new_id("whk")
        secret = self.vault.seal(tenant, webhook_id, secrets.token_bytes(signing.SECRET_BYTES))
        return job_endpoints.add(connection, webhook_id, url, secret)

"""The part of the client that asks how the service itself is."""

from api import client_answers
from api.client_calls import Calls
from api.client_verbs import Verb
from api.health_schemas import HealthView
from providers.calls import JsonObject


class HealthCalls(Calls):
    """Needs no key. Raises (each method): Problem, it is up but cannot work; Unreachable."""

    @Verb
    async def live(self) -> JsonObject:
        """That the process answers, whatever becomes of its stores."""
        return client_answers.body(await self._get("/health/live")) or {}

    @Verb
    async def health(self) -> HealthView:
        """How the service, its stores and the providers are."""
        return await self._ask(HealthView, "/health")

    @Verb
    async def metrics(self) -> str:
        """What Prometheus reads."""
        return (await self._get("/metrics")).body.decode()

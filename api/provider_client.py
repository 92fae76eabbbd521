"""The part of the client that asks how providers fare."""

from api.client_answers import place
from api.client_calls import Calls
from api.client_verbs import Verb
from api.provider_schemas import CircuitsView, ModelsView, ProvidersView, ProviderView, ResetView


class ProviderCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def providers(self) -> ProvidersView:
        """How all fare, in the order in which failover prefers them."""
        return await self._ask(ProvidersView, "/v1/providers")

    @Verb
    async def provider(self, provider_id: str) -> ProviderView:
        """How one fares."""
        return await self._ask(ProviderView, place("providers", provider_id))

    @Verb
    async def models(self, provider_id: str) -> ModelsView:
        """What it offers, with prices."""
        return await self._ask(ModelsView, place("providers", provider_id, "models"))

    @Verb
    async def circuits(self) -> CircuitsView:
        """Whether calls to each model are let through. Needs the scope `admin` or `ops`."""
        return await self._ask(CircuitsView, "/v1/circuits")

    @Verb
    async def reset_circuits(self, provider_id: str) -> ResetView:
        """Let calls to all models of a provider through again. Needs `admin` and `ops`; safe to repeat."""
        return await self._tell(ResetView, "POST", place("circuits", provider_id, "reset"), {})

"""`/v1/providers`: how those fare whom seats may be asked at, and what they offer. Answered in an outage, too."""

from fastapi import APIRouter, Depends

from api import provider_views
from api.auth import may
from api.dependencies import Here, House
from api.provider_schemas import ModelsView, ProvidersView, ProviderView
from orchestrator.errors import NotFound
from providers.catalog import ProviderCard

router = APIRouter(prefix="/v1/providers", tags=["providers"], dependencies=[Depends(may("read"))])


@router.get("", response_model=ProvidersView, summary="How all providers fare")
def page(here: Here) -> ProvidersView:
    """State, circuit, errors, latency, limits and queue of each. While Redis is away their state is `unknown`."""
    now, catalog = here.standings.look(), here.standings.catalog
    shown = (
        provider_views.provider(card, catalog, now, reachable=here.standings.reaches(card))
        for card in catalog.providers
    )
    return ProvidersView(data=tuple(shown))


@router.get("/{provider_id}", response_model=ProviderView, summary="How one provider fares")
def read(provider_id: str, here: Here) -> ProviderView:
    """The same of one."""
    card = _card(here, provider_id)
    now = here.standings.look()
    return provider_views.provider(card, here.standings.catalog, now, reachable=here.standings.reaches(card))


@router.get("/{provider_id}/models", response_model=ModelsView, summary="What a provider offers")
def models(provider_id: str, here: Here) -> ModelsView:
    """Its models with prices, window, tier, where they stand in their life, and how they fare."""
    card = _card(here, provider_id)
    return provider_views.models(card.id, here.standings.catalog, here.standings.look(), here.clock.now())


def _card(here: House, provider_id: str) -> ProviderCard:
    found = next((card for card in here.standings.catalog.providers if card.id == provider_id), None)
    if found is None:
        raise NotFound("There is no such provider.")
    return found

"""`/v1/circuits`: whether calls to each model are let through, for all workers, and a way to let them through again."""

from fastapi import APIRouter, Depends

from api import provider_views
from api.auth import Admin, may
from api.dependencies import Here
from api.provider_schemas import CircuitsView, ResetView

router = APIRouter(prefix="/v1/circuits", tags=["providers"])


@router.get(
    "",
    response_model=CircuitsView,
    summary="All circuits that were used of late",
    dependencies=[Depends(may("admin"))],
)
def page(here: Here) -> CircuitsView:
    """They are the house's, shared by all workers and tenants."""
    return provider_views.circuits(here.standings.look().gate)


@router.post("/{provider_id}/reset", response_model=ResetView, summary="Close the circuits of a provider")
def reset(provider_id: str, caller: Admin, here: Here) -> ResetView:
    """From now on calls to all of its models are let through; a model that still fails is held back again soon.

    Tells what was changed, and is logged with the key that asked. Twice is the same as once.
    """
    return provider_views.reset(provider_id, here.standings.close_circuits(provider_id, caller.key_id))

"""`/v1/circuits`: whether calls to each model are let through, for all workers, and a way to let them through again."""

from fastapi import APIRouter, Depends

from api import provider_views
from api.auth import By, Operator, either
from api.dependencies import Here
from api.provider_schemas import CircuitsView, ResetView
from orchestrator.tenancy import audit
from orchestrator.tenancy.audit import Act, Action
from providers.calls import JsonObject
from providers.gate.passes import CircuitState

router = APIRouter(prefix="/v1/circuits", tags=["providers"])


@router.get(
    "",
    response_model=CircuitsView,
    summary="All circuits that were used of late",
    dependencies=[Depends(either("admin", "ops"))],
)
def page(here: Here) -> CircuitsView:
    """They are the house's, shared by all workers and tenants."""
    return provider_views.circuits(here.standings.look().gate)


@router.post("/{provider_id}/reset", response_model=ResetView, summary="Close the circuits of a provider")
def reset(provider_id: str, caller: Operator, by: By, here: Here) -> ResetView:
    """From now on calls to all of its models are let through; a model that still fails is held back again soon.

    Tells what was changed. It touches all tenants' calls, and so needs `admin` and `ops`, and stands in your audit log
    and in the house's. Twice is the same as once.
    """
    found = here.standings.circuits_of(provider_id)
    before: JsonObject = {str(one.target): one.state.value for one in found if one.state is not CircuitState.CLOSED}
    # Written first: an entry of a reset that failed may be there, and no reset without an entry.
    with here.database.system() as connection:
        act = Act(action=Action.CIRCUITS_RESET, object=f"circuits/{provider_id}", before=before)
        audit.record_for_all(connection, by, act)
    return provider_views.reset(provider_id, here.standings.close_circuits(provider_id, caller.key_id))

"""What may be asked for a job now: the same gate as when it was planned, with what house and request demand today."""

from orchestrator.analysis import prompts
from orchestrator.routing.constraints import Constraints
from orchestrator.routing.market import Market
from orchestrator.routing.request import RoutingWish
from orchestrator.storage.jobs import JobRow
from providers.calls import Message, Target
from tasks import resources


def market(job: JobRow, messages: tuple[Message, ...]) -> Market:
    """For the prompt that its seats are shown."""
    here = resources.current()
    return Market(
        here.catalog,
        here.dispatch.reachable,
        here.dispatch.now(),
        messages,
        _constraints(job),
        with_type=prompts.asks_type(job.prompt_version),
    )


def why_forbidden(job: JobRow, target: Target) -> str | None:
    """Which promise the target's provider lacks; None: none, or the catalog does not know the target any more."""
    catalog = resources.current().catalog
    if not catalog.knows(target):
        return None
    return _constraints(job).why_not(catalog.provider(target.provider))


def _constraints(job: JobRow) -> Constraints:
    wish = RoutingWish.model_validate(job.context.get("routing") or {}, strict=False)
    return resources.current().dispatch.steering.constraints.and_those_of(wish)

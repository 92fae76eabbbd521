"""The part of the client that has jobs analysed anew."""

from collections.abc import Sequence
from typing import Final

from pydantic import AliasPath, BaseModel, Field

from api.client_answers import place
from api.client_calls import Calls
from api.client_verbs import Verb
from api.schemas import JobView
from providers.calls import JsonObject

_STRATEGIES: Final = AliasPath("components", "schemas", "ReplayRequest", "properties", "strategy", "enum")


class ReplayCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def replay(
        self,
        job_id: str,
        strategy: str,
        *,
        seats: Sequence[int] | None = None,
        quorum: int | None = None,
        allow_calls: bool = False,
        max_cost_usd: str | None = None,
        idempotency_key: str | None = None,
    ) -> JobView:
        """Have the stored answers of a job analysed anew: a job of its own, which asks nobody and costs nothing.

        Args:
            allow_calls: a strategy that wants a lead or judges may ask and pay them.
            max_cost_usd: what they may cost at most, in US dollars.

        Raises:
            Problem: `not-replayable`, the job has not ended or has no answers; or strategy and seats do not fit it; or
                calls were allowed and there is no money for them.
        """
        wishes: JsonObject = {
            "seats": None if seats is None else [*seats],
            "quorum": quorum,
            "allow_calls": allow_calls or None,
            "max_cost_usd": max_cost_usd,
        }
        body: JsonObject = {"strategy": strategy, **{name: one for name, one in wishes.items() if one is not None}}
        return await self._tell(JobView, "POST", place("jobs", job_id, "replay"), body, idempotency_key)

    @Verb
    async def strategies(self) -> tuple[str, ...]:
        """Those that the service can replay a job under, by its own description of itself."""
        return (await self._ask(_Described, "/openapi.json")).strategies


class _Described(BaseModel):
    """As much of an OpenAPI document as is looked at."""

    strategies: tuple[str, ...] = Field(validation_alias=_STRATEGIES, min_length=1)

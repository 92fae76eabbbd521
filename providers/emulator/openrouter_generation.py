"""OpenRouter's `GET /generation?id=`: what an earlier answer has cost, as the bank has it.

Source: shared design page providers.md, section 1.5, which names the address; of the fields, those are told that the
log knows, under the names of general knowledge.
"""

from providers.emulator.admission import check_caller
from providers.emulator.chat_answers import JsonObject
from providers.emulator.exchange import refuse, tell
from providers.emulator.log import Entry, mask
from providers.emulator.models import find_routed
from providers.emulator.openrouter import GENERATION, generation_id, upstream
from providers.emulator.parcels import Parcel
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.visits import Visit


async def tell_cost(visit: Visit) -> Parcel:
    """Answer it. Nobody sees the answers of another key."""
    try:
        check_caller(visit)
        document = _generation(visit, visit.request.query_params.get("id", ""))
    except Refusal as refusal:
        return refuse(visit, refusal.reason)
    return tell(visit, {"data": document})


def _generation(visit: Visit, name: str) -> JsonObject:
    request_id = f"req_{name.removeprefix(GENERATION)}"
    entry = visit.log.find(request_id) if name.startswith(GENERATION) else None
    if entry is None or not _may_see(visit, entry):
        raise Refusal(Reason(404, f"Generation {name} not found"))
    served = find_routed(entry.model_served or "")
    cost_usd = visit.bank.charged(request_id) / 1_000_000
    return {
        "id": generation_id(request_id),
        "model": entry.model_served,
        "provider_name": upstream(served) if served else None,
        "created_at": entry.arrived_at,
        "streamed": entry.stream,
        "generation_time": entry.duration_ms,
        "tokens_prompt": entry.prompt_tokens,
        "tokens_completion": entry.completion_tokens,
        "native_tokens_prompt": entry.prompt_tokens,
        "native_tokens_completion": entry.completion_tokens,
        "is_byok": False,
        "usage": cost_usd,
        "total_cost": cost_usd,
    }


def _may_see(visit: Visit, entry: Entry) -> bool:
    mine = entry.persona == visit.persona.name and entry.key == mask(visit.caller.key)
    return mine and entry.model_served is not None

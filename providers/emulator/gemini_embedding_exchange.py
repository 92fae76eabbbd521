"""One request for Google's embeddings, from its arrival to its parcel."""

import asyncio

from providers.emulator import gemini_refusals as refusals
from providers.emulator.endings import admit
from providers.emulator.gemini_embeddings import check, whole
from providers.emulator.gemini_exchange import Used, body_of, enter, refuse, sell
from providers.emulator.gemini_models import GeminiTokens
from providers.emulator.parcels import Parcel
from providers.emulator.refusals import Refusal
from providers.emulator.visits import Visit


async def embed(visit: Visit, *, one: bool) -> Parcel:
    """Answer `:embedContent` (`one`) and `:batchEmbedContents`."""
    visit.log.waiting += 1
    try:
        admit(visit, refusals.SCRIPTED, refusals.MISSING_KEY)
        request = check(body_of(visit), visit.caller.model, one=one)
        enter(visit, request.tokens)
        await asyncio.sleep(visit.script.wait_s(request.embedder.id, visit.number))
        used = Used(request.embedder, GeminiTokens(request.tokens), request.cost_micro_usd)
        return sell(visit, whole(request, visit.opening.seed), used, request)
    except Refusal as refusal:
        return refuse(visit, refusal.reason)
    finally:
        visit.log.waiting -= 1

"""One request for embeddings, from its arrival to its parcel."""

import asyncio

from providers.emulator import distortions, embeddings
from providers.emulator.admission import check_caller, let_in_or_refuse
from providers.emulator.bank import cost_micro_usd
from providers.emulator.chat_answers import dump
from providers.emulator.endings import delivered
from providers.emulator.exchange import headers, refuse
from providers.emulator.parcels import Parcel, parcel
from providers.emulator.refusals import Refusal
from providers.emulator.visits import Ending, Visit, record


async def embed(visit: Visit) -> Parcel:
    """Answer an embeddings request."""
    visit.log.waiting += 1
    try:
        check_caller(visit)
        request = embeddings.check(visit.body)
        used = embeddings.used(request)
        standing = let_in_or_refuse(visit, used.tokens.prompt)
    except Refusal as refusal:
        return refuse(visit, refusal.reason)
    finally:
        visit.log.waiting -= 1
    await asyncio.sleep(visit.script.wait_s(used.model_served.id, visit.number))
    written = embeddings.whole(request, visit.opening.seed)
    change = distortions.BODIES.get(visit.fault)
    document = change(written, visit.args) if change else written
    lines = headers(visit) | visit.persona.limit_headers(standing)
    sent = delivered(visit, parcel(visit.persona.success_status, lines, dump(document)))
    cost = cost_micro_usd(used.tokens, used.model_served, visit.arrived.date())
    visit.bank.charge(visit.request_id, visit.caller.call_id, cost)
    record(visit, Ending(sent.status, request, used, billed_micro_usd=cost))
    return sent

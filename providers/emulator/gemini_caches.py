"""Google's explicit caches: a prompt that the caller pays to keep, and names in later requests.

Making one costs what reading it once would cost; keeping it costs by the hour, and is booked when it ends. Source:
shared design page providers.md, section 4. That it is kept for an hour unless asked otherwise, and that a request which
names it may have no system instruction and tools of its own, is general knowledge.
"""

import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from providers.emulator import gemini_exchange as exchange
from providers.emulator import gemini_refusals as refusals
from providers.emulator.chat_answers import JsonObject
from providers.emulator.endings import admit
from providers.emulator.gemini_exchange import Used, attend, body_of, sell, today
from providers.emulator.gemini_generate import find_model
from providers.emulator.gemini_models import Gemini, GeminiTokens, cost_micro_usd
from providers.emulator.gemini_pages import page, time
from providers.emulator.gemini_prompt import CachedPrompt, read
from providers.emulator.gemini_shapes import shape
from providers.emulator.gemini_store import CachedContent
from providers.emulator.parcels import Parcel
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.visits import Visit

_TTL: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")
_HOUR: Final = timedelta(hours=1)


def create(visit: Visit) -> Parcel:
    """Answer `POST /cachedContents`."""
    try:
        admit(visit, refusals.SCRIPTED, refusals.MISSING_KEY)
        made = _made(visit, shape(body_of(visit), "cachedContent", "cached_content"))
    except Refusal as refusal:
        return exchange.refuse(visit, refusal.reason)
    _keep(visit, made)
    tokens = GeminiTokens(made.prompt.tokens)
    return sell(visit, _shown(made), Used(made.model, tokens, cost_micro_usd(tokens, made.model, today(visit))))


def list_all(visit: Visit) -> Parcel:
    """Answer `GET /cachedContents`."""
    mine = visit.google.caches.of(visit.caller.key, visit.arrived)
    return attend(visit, lambda: page(visit, "cachedContents", [_shown(cached) for cached in mine]))


def show(visit: Visit) -> Parcel:
    """Answer `GET /cachedContents/ID`."""
    return attend(visit, lambda: _shown(_find(visit)))


def prolong(visit: Visit) -> Parcel:
    """Answer `PATCH /cachedContents/ID`: nothing but the end can be changed."""

    def prolonged() -> JsonObject:
        asked = shape(body_of(visit), "cachedContentTime", "cached_content")
        changed = replace(_find(visit), updated_at=visit.arrived, until=_until(asked, visit.arrived))
        return _shown(_keep(visit, changed))

    return attend(visit, prolonged)


def delete(visit: Visit) -> Parcel:
    """Answer `DELETE /cachedContents/ID`; what it has cost to keep it is booked now."""
    try:
        admit(visit, refusals.SCRIPTED, refusals.MISSING_KEY)
        cached = _find(visit)
    except Refusal as refusal:
        return exchange.refuse(visit, refusal.reason)
    visit.google.caches.remove(cached.prompt.name)
    return sell(visit, {}, Used(cached.model, GeminiTokens(0), cached.storage_micro_usd(visit.arrived)))


def _made(visit: Visit, asked: JsonObject) -> CachedContent:
    name = asked.get("model")
    model = find_model(name if isinstance(name, str) else "", today(visit))
    texts, pieces = read(asked)
    prompt = CachedPrompt(f"cachedContents/{secrets.token_hex(14)}", model.id, texts, pieces, asked)
    _check_size(prompt.tokens, model)
    return CachedContent(
        prompt=prompt,
        model=model,
        display_name=str(asked.get("displayName") or ""),
        made_at=visit.arrived,
        updated_at=visit.arrived,
        until=_until(asked, visit.arrived),
        call_id=visit.caller.call_id,
    )


def _check_size(tokens: int, model: Gemini) -> None:
    if tokens < model.cache_min_tokens:
        raise refusals.invalid(
            f"Cached content is too small. total_token_count={tokens}, min_total_token_count={model.cache_min_tokens}"
        )
    if tokens > model.window_tokens:
        raise refusals.too_long(tokens, model.window_tokens)


def _until(asked: JsonObject, now: datetime) -> datetime:
    ttl, end = asked.get("ttl"), asked.get("expireTime")
    if ttl is not None and end is not None:
        raise refusals.invalid("Only one of ttl and expire_time can be set.")
    until = now + _HOUR if ttl is None and end is None else _at(end) if ttl is None else now + _span(ttl)
    if until <= now:
        raise refusals.invalid("expire_time must be in the future.")
    return until


def _span(ttl: JsonValue) -> timedelta:
    found = _TTL.fullmatch(ttl) if isinstance(ttl, str) else None
    if found is None:
        raise refusals.invalid("Invalid value at 'ttl': a duration ends with s, such as 3600s.")
    return timedelta(seconds=float(found[1]))


def _at(end: JsonValue) -> datetime:
    try:
        until = datetime.fromisoformat(end if isinstance(end, str) else "")
    except ValueError as error:
        raise refusals.invalid("Invalid value at 'expire_time'.") from error
    if until.tzinfo is None:
        raise refusals.invalid("Invalid value at 'expire_time': it has no zone.")
    return until


def _keep(visit: Visit, cached: CachedContent) -> CachedContent:
    return visit.google.caches.put(cached.prompt.name, visit.caller.key, cached, cached.until)


def _find(visit: Visit) -> CachedContent:
    name = f"cachedContents/{visit.request.path_params['cache']}"
    cached = visit.google.caches.find(name, visit.caller.key, visit.arrived)
    if cached is None:
        raise Refusal(Reason(403, "CachedContent not found (or permission denied)"))
    return cached


def _shown(cached: CachedContent) -> JsonObject:
    return {
        "name": cached.prompt.name,
        "model": f"models/{cached.prompt.model_id}",
        "displayName": cached.display_name,
        "usageMetadata": {"totalTokenCount": cached.prompt.tokens},
        "createTime": time(cached.made_at),
        "updateTime": time(cached.updated_at),
        "expireTime": time(cached.until),
    }

"""From one look at the providers to the HTTP contract. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from api.provider_schemas import (
    ChangeView,
    CircuitsView,
    CircuitView,
    CircuitWord,
    Fares,
    KeyLimitView,
    Lifecycle,
    ModelsView,
    ModelView,
    PriceView,
    ProviderLinks,
    ProviderView,
    QueueView,
    ResetView,
)
from api.standings import Standing
from api.views import usd
from orchestrator.routing.live import Vitals
from providers import health
from providers.catalog import Catalog, ModelCard, Price, ProviderCard, is_alive
from providers.gate.passes import CircuitReading, CircuitState, GateStates, LimitState, Transition
from providers.health import Health

# From best to worst; the worst of its models' is a provider's.
_RANK: Final = (CircuitState.CLOSED, CircuitState.RAMP, CircuitState.HALF_OPEN, CircuitState.OPEN)
_DIGITS: Final = 3


def provider(card: ProviderCard, catalog: Catalog, now: Standing, *, reachable: bool) -> ProviderView:
    vitals = {target: one for target, one in now.live.vitals.items() if target.provider == card.id}
    fares = _by_rows(vitals.values()) if now.gate is None else _by_gate(card.id, now.gate)
    return ProviderView(
        **fares.model_dump(),
        id=card.id,
        name=card.name,
        known_by="rows" if now.gate is None else "gate",
        reachable=reachable,
        limits=() if now.gate is None else tuple(_limit(one) for one in now.gate.limits if one.provider == card.id),
        queue=QueueView(waiting=now.waiting.get(card.id), in_flight=sum(one.in_flight for one in vitals.values())),
        regions=card.regions,
        retains=card.retains,
        trains=card.trains,
        resells=card.resells,
        models=sum(model.provider == card.id for model in catalog.models),
        links=ProviderLinks(self=f"/v1/providers/{card.id}", models=f"/v1/providers/{card.id}/models"),
    )


def models(provider_id: str, catalog: Catalog, now: Standing, at: datetime) -> ModelsView:
    cards = [card for card in catalog.models if card.provider == provider_id]
    return ModelsView(provider=provider_id, data=tuple(_model(card, now, at) for card in cards))


def circuits(states: GateStates | None) -> CircuitsView:
    if states is None:
        return CircuitsView(known=False, data=())
    ordered = sorted(states.circuits, key=lambda reading: str(reading.target))
    return CircuitsView(known=True, data=tuple(map(_circuit, ordered)))


def reset(provider_id: str, changed: Sequence[Transition]) -> ResetView:
    return ResetView(
        provider=provider_id,
        changed=tuple(
            ChangeView(target=str(one.target), before=one.before.value, after=one.after.value) for one in changed
        ),
    )


def _by_gate(provider_id: str, states: GateStates) -> Fares:
    readings = [reading for reading in states.circuits if reading.target.provider == provider_id]
    return _fares(health.of_provider(provider_id, states), _worst(readings))


def _by_rows(vitals: Iterable[Vitals]) -> Fares:
    """Nobody knows whether a call would be let through: the state is open, the figures are what was booked."""
    known = tuple(vitals)
    calls, faults = sum(one.calls for one in known), sum(one.faults for one in known)
    latencies = [one.latency_s for one in known if one.latency_s is not None]
    return Fares(
        state="unknown",
        reasons=("Redis is away: circuits and limits are not known.",),
        circuit="unknown",
        calls=calls,
        error_rate=round(faults / calls, _DIGITS) if calls else None,
        latency_s=round(sum(latencies) / len(latencies), _DIGITS) if latencies else None,
    )


def _fares(found: Health, circuit: CircuitWord) -> Fares:
    return Fares(
        state=found.state.value,
        reasons=found.reasons,
        circuit=circuit,
        calls=found.calls,
        error_rate=None if found.success_share is None else round(1 - found.success_share, _DIGITS),
        latency_s=None if found.latency_s is None else round(found.latency_s, _DIGITS),
    )


def _worst(readings: Sequence[CircuitReading]) -> CircuitWord:
    return max((reading.state for reading in readings), key=_RANK.index, default=CircuitState.CLOSED).value


def _limit(state: LimitState) -> KeyLimitView:
    return KeyLimitView(
        key=state.key_name,
        permits=round(state.permits, _DIGITS),
        in_flight=state.in_flight,
        requests_left=state.requests,
        tokens_left=state.tokens,
        paused_s=state.paused_s,
        parked_s=state.parked_s,
        parked_because=state.parked_why or None,
    )


def _model(card: ModelCard, now: Standing, at: datetime) -> ModelView:
    return ModelView(
        **_fares_of(card, now).model_dump(),
        id=card.id,
        target=str(card.target),
        tier=card.tier,
        lifecycle=_lifecycle(card, at),
        available_from=_day(card.available_from),
        retires_on=_day(card.retires_on),
        replaced_by=card.replaced_by or None,
        window_tokens=card.window_tokens,
        max_output_tokens=card.max_output_tokens,
        prices=tuple(map(_price, _in_force(card, at.date()))),
        takes=tuple(sorted(card.takes)),
    )


def _fares_of(card: ModelCard, now: Standing) -> Fares:
    if now.gate is None:
        return _by_rows([now.live.of(card.target)])
    reading = next((one for one in now.gate.circuits if one.target == card.target), None)
    if reading is None:
        return Fares(state="unknown", reasons=(), circuit="closed", calls=0, error_rate=None, latency_s=None)
    return _fares(health.of_model(reading), reading.state.value)


def _lifecycle(card: ModelCard, at: datetime) -> Lifecycle:
    if card.available_from is not None and at.date() < card.available_from:
        return "announced"
    if not is_alive(card, at):
        return "retired"
    return "retiring" if card.replaced_by or card.retires_on else "active"


def _in_force(card: ModelCard, today: date) -> list[Price]:
    """The newest list that holds; of a model that is only announced, its first."""
    dates = sorted({row.since for row in card.prices})
    newest = max((since for since in dates if since <= today), default=dates[0])
    return sorted((row for row in card.prices if row.since == newest), key=lambda row: row.over_prompt_tokens)


def _price(row: Price) -> PriceView:
    return PriceView(
        since=row.since.isoformat(),
        over_prompt_tokens=row.over_prompt_tokens,
        input_usd_per_million=usd(row.input_micro_usd),
        cached_input_usd_per_million=usd(row.cached_input_micro_usd),
        cache_write_usd_per_million=usd(row.cache_write_micro_usd),
        output_usd_per_million=usd(row.output_micro_usd),
    )


def _circuit(reading: CircuitReading) -> CircuitView:
    return CircuitView(
        target=str(reading.target),
        provider=reading.target.provider,
        state=reading.state.value,
        retry_after_s=reading.wait_s,
        probing=reading.probing,
        openings=reading.openings,
        calls=reading.calls,
        faults=reading.faults,
        last_fault=reading.last_fault or None,
    )


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

"""A circuit in plain Python, the same as `circuit.lua`: for a process that stands alone. Pure: states in, states out.

What the two must agree on is tested side by side, by random histories (tests/integration/test_circuit.py).
"""

from hashlib import sha1
from typing import Final

from providers.calls import Target, Value
from providers.gate.passes import Admission, CircuitState, Transition
from providers.gate.rules import CircuitRules, Evidence

SLOTS: Final = 10  # of the rolling window, as in circuit.lua
_MOST_DOUBLINGS: Final = 30  # beyond, the cap has long won, and a float would overflow some day


class Slot(Value):
    """A tenth of the rolling window; `number` counts tenths since the clock's beginning."""

    number: int
    calls: int = 0
    faults: int = 0
    weight: int = 0


class Circuit(Value):
    """A circuit's state. The fields mean what they do in `circuit.lua`."""

    target: Target
    state: CircuitState = CircuitState.CLOSED
    era: int = 0
    openings: int = 0
    until_ms: int = 0
    probe: str = ""
    probe_until_ms: int = 0
    step: int = 1
    offered: int = 0
    passed: int = 0
    slots: tuple[Slot, ...] = ()


def admit(
    circuit: Circuit, rules: CircuitRules, call_id: str, *, now_ms: int, ttl_ms: int
) -> tuple[Circuit, Admission]:
    """Let a call through, or not. A probe's place is free again after `ttl_ms`."""
    if circuit.state is CircuitState.CLOSED:
        return circuit, _admission(circuit, circuit, rules, now_ms, admitted=True)
    if circuit.state is CircuitState.RAMP:
        percent = rules.ramp[circuit.step - 1] if circuit.step <= len(rules.ramp) else 100
        after = circuit.model_copy(update={"offered": circuit.offered + 1})
        admitted = circuit.offered * percent % 100 < percent
        return after, _admission(circuit, after, rules, now_ms, admitted=admitted)
    if circuit.state is CircuitState.OPEN:
        free = now_ms >= circuit.until_ms
    else:
        free = circuit.probe in {"", call_id} or circuit.probe_until_ms <= now_ms
    if not free:
        return circuit, _admission(circuit, circuit, rules, now_ms, admitted=False)
    lent = {"state": CircuitState.HALF_OPEN, "probe": call_id, "probe_until_ms": now_ms + ttl_ms}
    after = circuit.model_copy(update=lent)
    return after, _admission(circuit, after, rules, now_ms, admitted=True)


def report(
    circuit: Circuit, rules: CircuitRules, call_id: str, seen: Evidence, *, era: int, now_ms: int
) -> tuple[Circuit, Transition | None]:
    """Learn from a call that was admitted in `era`."""
    if era != circuit.era:
        return circuit, None
    counts = seen.weight > 0 or seen.alive
    if counts and circuit.state is not CircuitState.OPEN:
        circuit = circuit.model_copy(update={"slots": _counted(circuit.slots, seen, _slot(now_ms, rules))})
    if circuit.state is CircuitState.CLOSED:
        return _learn_in_traffic(circuit, rules, seen, now_ms)
    if circuit.state is CircuitState.RAMP:
        return _learn_in_ramp(circuit, rules, seen, now_ms)
    if circuit.state is CircuitState.HALF_OPEN and circuit.probe == call_id:
        return _learn_from_probe(circuit, rules, seen, now_ms)
    return circuit, None


def undo(circuit: Circuit, call_id: str) -> Circuit:
    """Take an admission back: the call does not go out after all."""
    if circuit.state is CircuitState.HALF_OPEN and circuit.probe == call_id:
        return circuit.model_copy(update={"state": CircuitState.OPEN, "probe": "", "probe_until_ms": 0})
    if circuit.state is CircuitState.RAMP and circuit.offered:
        return circuit.model_copy(update={"offered": circuit.offered - 1})
    return circuit


def wait_s(circuit: Circuit, rules: CircuitRules, now_ms: int) -> float:
    """How long a caller that was refused had better wait."""
    if circuit.state is CircuitState.OPEN:
        return max(0, circuit.until_ms - now_ms) / 1000
    return 0.0 if circuit.state is CircuitState.CLOSED else rules.recheck_s


def _admission(before: Circuit, after: Circuit, rules: CircuitRules, now_ms: int, *, admitted: bool) -> Admission:
    changed = before.state is not after.state
    return Admission(
        admitted=admitted,
        state=after.state,
        era=after.era,
        probe=admitted and after.state is CircuitState.HALF_OPEN,
        wait_s=wait_s(after, rules, now_ms),
        transition=_transition(before, after.state, "its time is over") if changed else None,
    )


def _learn_in_traffic(
    circuit: Circuit, rules: CircuitRules, seen: Evidence, now_ms: int
) -> tuple[Circuit, Transition | None]:
    if not seen.weight:
        return circuit, None
    oldest = _slot(now_ms, rules) - SLOTS
    live = [slot for slot in circuit.slots if slot.number > oldest]
    calls, faults, weight = (sum(getattr(slot, part) for slot in live) for part in ("calls", "faults", "weight"))
    if weight < rules.min_faults or faults * 100 < calls * rules.fault_percent:
        return circuit, None
    return _opened(circuit, rules, now_ms, f"{faults} of {calls} calls failed, last: {seen.code}")


def _learn_in_ramp(
    circuit: Circuit, rules: CircuitRules, seen: Evidence, now_ms: int
) -> tuple[Circuit, Transition | None]:
    if seen.weight:
        return _opened(circuit, rules, now_ms, f"a fault while traffic returned: {seen.code}")
    passed = circuit.passed + seen.alive
    if passed >= rules.ramp_successes:
        return _at_step(circuit, rules, circuit.step + 1, "traffic returned in steps")
    return circuit.model_copy(update={"passed": passed}), None


def _learn_from_probe(
    circuit: Circuit, rules: CircuitRules, seen: Evidence, now_ms: int
) -> tuple[Circuit, Transition | None]:
    if seen.weight:
        return _opened(circuit, rules, now_ms, f"the probe failed: {seen.code}")
    if seen.alive:
        return _at_step(circuit, rules, 1, "the probe succeeded")
    return circuit.model_copy(update={"probe": "", "probe_until_ms": 0}), None


def _opened(circuit: Circuit, rules: CircuitRules, now_ms: int, why: str) -> tuple[Circuit, Transition]:
    openings = circuit.openings + 1
    open_ms = min(_ms(rules.open_cap_s), _ms(rules.open_s) * 2 ** min(openings - 1, _MOST_DOUBLINGS))
    until_ms = now_ms + int(open_ms * (1 + rules.jitter_percent / 100 * _lot(circuit.target, openings)))
    opened = {
        "state": CircuitState.OPEN,
        "era": circuit.era + 1,
        "openings": openings,
        "until_ms": until_ms,
        "probe": "",
        "probe_until_ms": 0,
    }
    return circuit.model_copy(update=opened), _transition(circuit, CircuitState.OPEN, why)


def _at_step(circuit: Circuit, rules: CircuitRules, step: int, why: str) -> tuple[Circuit, Transition | None]:
    if step > len(rules.ramp):
        return Circuit(target=circuit.target, era=circuit.era), _transition(circuit, CircuitState.CLOSED, why)
    begun = {"step": step, "offered": 0, "passed": 0, "probe": "", "probe_until_ms": 0, "state": CircuitState.RAMP}
    told = None if circuit.state is CircuitState.RAMP else _transition(circuit, CircuitState.RAMP, why)
    return circuit.model_copy(update=begun), told


def _transition(before: Circuit, after: CircuitState, why: str) -> Transition:
    return Transition(target=before.target, before=before.state, after=after, why=why)


def _counted(slots: tuple[Slot, ...], seen: Evidence, number: int) -> tuple[Slot, ...]:
    now = next((slot for slot in slots if slot.number == number), Slot(number=number))
    counted = Slot(
        number=number,
        calls=now.calls + 1,
        faults=now.faults + (seen.weight > 0),
        weight=now.weight + seen.weight,
    )
    return (*(slot for slot in slots if number - SLOTS < slot.number < number), counted)


def _slot(now_ms: int, rules: CircuitRules) -> int:
    return now_ms * SLOTS // _ms(rules.window_s)


def _lot(target: Target, openings: int) -> float:
    """In [0, 1): the target's own, so that circuits which opened together do not probe together. No secret in it."""
    digest = sha1(f"{target}:{openings}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) / 2**32


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

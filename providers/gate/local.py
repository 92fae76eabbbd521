"""The gate of one process, for as long as Redis is away: circuits by the same rules, and a few permits a provider.

It begins with what the shared gate last said, so that an open circuit stays open and a parked key parked.
"""

import threading
from collections.abc import Callable, Sequence

from providers.calls import Target
from providers.errors import CircuitOpen, KeyParked, Saturated
from providers.gate import machine
from providers.gate.machine import Circuit
from providers.gate.passes import Admission, CircuitReading, CircuitState, Pass, Transition
from providers.gate.rules import CircuitRules, Evidence, LimitRules, Settlement


class Local:
    """Any number of threads may share one. `clock` gives seconds that never go back."""

    def __init__(self, circuit_rules: CircuitRules, limit_rules: LimitRules, clock: Callable[[], float]) -> None:
        self._circuit_rules = circuit_rules
        self._limit_rules = limit_rules
        self._clock = clock
        self._lock = threading.Lock()
        self._circuits: dict[Target, Circuit] = {}
        self._permits: dict[str, dict[str, float]] = {}
        self._resting: dict[tuple[str, str], tuple[float, str]] = {}
        self._turns: dict[str, int] = {}

    def enter(self, target: Target, key_names: Sequence[str], call_id: str, *, ttl_s: float) -> Pass:
        """Give a pass of this process alone.

        Raises:
            CircuitOpen, Saturated, KeyParked: as the shared gate would, by what this process knows.
        """
        with self._lock:
            key = self._key(target.provider, key_names)
            self._require_room(target.provider, call_id)
            admission = self._admit(target, call_id, ttl_s)
            self._permits[target.provider][call_id] = self._clock() + ttl_s
        changed = () if admission.transition is None else (admission.transition,)
        return Pass(
            target=target,
            key=key,
            key_name=key_names[key],
            call_id=call_id,
            probe=admission.probe,
            era=admission.era,
            alone=True,
            transitions=changed,
        )

    def leave(self, given: Pass, seen: Evidence, settled: Settlement) -> Transition | None:
        """Take a pass back and learn from it. A pass of the shared gate teaches as well; a second time is not heard."""
        with self._lock:
            held = self._permits.get(given.target.provider, {}).pop(given.call_id, None)
            if given.alone and held is None:
                return None
            self._rest(given.target.provider, given.key_name, settled)
            circuit = self._circuit(given.target)
            era = given.era if given.alone else circuit.era
            after, transition = machine.report(
                circuit, self._circuit_rules, given.call_id, seen, era=era, now_ms=self._now_ms()
            )
            self._circuits[given.target] = after
            return transition

    def renew(self, given: Pass, ttl_s: float) -> bool:
        """Keep a pass of this process alive; False: it was not held."""
        with self._lock:
            held = self._permits.get(given.target.provider, {})
            if given.call_id in held:
                held[given.call_id] = self._clock() + ttl_s
            return given.call_id in held

    def learn(self, target: Target, state: CircuitState, *, openings: int, step: int, wait_s: float) -> None:
        """Take over what the shared circuit said. Half-open there means that somebody probes: here it is open."""
        with self._lock:
            if state is CircuitState.CLOSED:
                self._circuits.pop(target, None)
                return
            kept = CircuitState.RAMP if state is CircuitState.RAMP else CircuitState.OPEN
            self._circuits[target] = Circuit(
                target=target,
                state=kept,
                era=self._circuit(target).era,
                openings=openings,
                step=step,
                until_ms=self._now_ms() + round(wait_s * 1000),
            )

    def rest(self, provider: str, key_name: str, settled: Settlement) -> None:
        """Remember a pause or a parked key."""
        with self._lock:
            self._rest(provider, key_name, settled)

    def wake(self, provider: str, key_name: str) -> None:
        """Forget that a key rests."""
        with self._lock:
            self._resting.pop((provider, key_name), None)

    def forget(self, target: Target) -> None:
        """Close this process' circuit of a target."""
        with self._lock:
            self._circuits.pop(target, None)

    def readings(self) -> tuple[CircuitReading, ...]:
        """The circuits that are not closed, as this process sees them."""
        with self._lock:
            now_ms = self._now_ms()
            return tuple(_reading(circuit, self._circuit_rules, now_ms) for circuit in self._circuits.values())

    def _admit(self, target: Target, call_id: str, ttl_s: float) -> Admission:
        circuit, admission = machine.admit(
            self._circuit(target),
            self._circuit_rules,
            call_id,
            now_ms=self._now_ms(),
            ttl_ms=round(ttl_s * 1000),
        )
        self._circuits[target] = circuit
        if not admission.admitted:
            raise CircuitOpen(
                f"the circuit of {target} is {admission.state}",
                reason=admission.state,
                retry_after_s=admission.wait_s,
                provider=target.provider,
            )
        return admission

    def _require_room(self, provider: str, call_id: str) -> None:
        now = self._clock()
        held = {call: until for call, until in self._permits.get(provider, {}).items() if until > now}
        self._permits[provider] = held
        if call_id not in held and len(held) >= self._limit_rules.alone_permits:
            raise Saturated(
                f"{provider} has {len(held)} calls under way from this process, which stands alone",
                reason="permits",
                retry_after_s=self._limit_rules.permit_wait_s,
                provider=provider,
            )

    def _key(self, provider: str, key_names: Sequence[str]) -> int:
        """The next key in turn that does not rest."""
        now = self._clock()
        turn = self._turns.get(provider, 0)
        places = [(turn + place) % len(key_names) for place in range(len(key_names))]
        waits = {place: self._resting.get((provider, key_names[place]), (0.0, "")) for place in places}
        awake = [place for place in places if waits[place][0] <= now]
        if awake:
            self._turns[provider] = awake[0] + 1
            return awake[0]
        until, why = min(waits.values())
        refusal = KeyParked if all(why for _, why in waits.values()) else Saturated
        raise refusal(
            f"no key of {provider} can be used: {why or 'paused'}",
            reason=why or "paused",
            retry_after_s=until - now,
            provider=provider,
        )

    def _rest(self, provider: str, key_name: str, settled: Settlement) -> None:
        if settled.kind == "park":
            self._resting[provider, key_name] = (self._clock() + settled.park_s, settled.why)
        elif settled.kind == "rate_limit":
            pause_s = self._limit_rules.pause_s if settled.told_s is None else settled.told_s
            until = self._clock() + min(pause_s, self._limit_rules.pause_cap_s)
            if until > self._resting.get((provider, key_name), (0.0, ""))[0]:
                self._resting[provider, key_name] = (until, "")

    def _circuit(self, target: Target) -> Circuit:
        return self._circuits.get(target) or Circuit(target=target)

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


def _reading(circuit: Circuit, rules: CircuitRules, now_ms: int) -> CircuitReading:
    return CircuitReading(
        target=circuit.target,
        state=circuit.state,
        openings=circuit.openings,
        wait_s=machine.wait_s(circuit, rules, now_ms),
        probing=bool(circuit.probe),
        calls=sum(slot.calls for slot in circuit.slots),
        faults=sum(slot.faults for slot in circuit.slots),
        successes=0,
        failures=0,
        latency_s=None,
        success_ago_s=None,
        fault_ago_s=None,
        last_fault="",
    )

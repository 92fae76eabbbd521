"""The gate as a task sees it: enter before a call, leave after it. One trip to Redis each, shared by all workers.

While Redis is away a process goes by what it knows itself (`local.py`): nothing stands still, and nobody waits longer
than the socket's timeout. Redis may be flushed at any time: the gate then starts afresh.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from providers.calls import JsonObject, Reply, Target
from providers.catalog import Catalog, ProviderCard
from providers.errors import CircuitOpen, KeyParked, NotAdmitted, Saturated
from providers.gate import circuit, limits
from providers.gate.circuit import CircuitQuestions, Circuits
from providers.gate.limits import LimitQuestions, Limits
from providers.gate.local import Local
from providers.gate.outage import Outage
from providers.gate.passes import Companion, GateStates, NotAgreed, Pass, Shortfall, Transition
from providers.gate.rules import CircuitRules, LimitRules, Outcome, evidence, settlement
from providers.scripts import NowMs, Question, Script, source

KEYLESS: Final = "none"  # the name under which a server of our own, which wants no key, has its limits


def joined(companion_source: str = "") -> str:
    """The scripts as functions, and what joins them: one script, as only one is atomic."""
    return "\n".join(
        (
            f"local function circuit(KEYS, ARGV)\n{source('providers.gate', 'circuit.lua')}\nend",
            f"local function limits(KEYS, ARGV)\n{source('providers.gate', 'limits.lua')}\nend",
            f"local function companion(KEYS, ARGV)\n{companion_source}\nend",
            source("providers.gate", "gate.lua"),
        )
    )


def connect(url: str, *, timeout_s: float = 0.5) -> Redis:
    """A client as the gate wants it: a stale connection is tried once more, then the gate stands alone.

    redis-py's own default repeats a command ten times, with growing pauses, while a seat waits.
    """
    once_more = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    return Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=once_more)


class Gate:
    """Any number of threads may share one; build it after a fork, on a client from `connect`.

    Args:
        prefix: of every key in Redis.
        companion_source: a Lua script of the caller's, asked together with the gate's own (see `enter`).
        clock: seconds that never go back; times this process' own gate and its looks for Redis.
        now_ms: for tests alone, which drive time with it. Redis' own clock counts otherwise.
    """

    def __init__(
        self,
        redis: Redis,
        prefix: str,
        catalog: Catalog,
        *,
        circuit_rules: CircuitRules | None = None,
        limit_rules: LimitRules | None = None,
        companion_source: str = "",
        clock: Callable[[], float] = time.monotonic,
        now_ms: NowMs | None = None,
    ) -> None:
        circuit_rules, limit_rules = circuit_rules or CircuitRules(), limit_rules or LimitRules()
        self._redis = redis
        self._now_ms = now_ms
        self._catalog = catalog
        self._limit_rules = limit_rules
        self._circuit_questions = CircuitQuestions(prefix, circuit_rules, now_ms)
        self._limit_questions = LimitQuestions(prefix, limit_rules, now_ms)
        self._circuits = Circuits(redis, self._circuit_questions)
        self._limits = Limits(redis, self._limit_questions)
        self._joined = Script(redis, joined(companion_source))
        self._local = Local(circuit_rules, limit_rules, clock)
        self._outage = Outage(clock)

    def enter(
        self,
        target: Target,
        key_names: Sequence[str],
        call_id: str,
        *,
        tokens: int,
        ttl_s: float,
        companion: Companion | None = None,
    ) -> Pass:
        """Ask leave to send one call. Safe to repeat with the same `call_id`: it never counts twice.

        Args:
            key_names: the keys that could be used; the gate chooses. None: the provider wants none.
            tokens: what the call may use at most, prompt and answer.
            ttl_s: after this the permit is free again, unless renewed; a killed worker blocks nothing for longer.
            companion: asked last, and nothing is taken where it does not agree; with it nobody goes alone.

        Raises:
            NotAgreed: the companion did not, or Redis is away and it could not be asked.
            CircuitOpen: the target is out of order.
            Saturated: no permit, request or token is left with any key, or all of them pause.
            KeyParked: all keys are parked.
        """
        names = tuple(key_names) or (KEYLESS,)
        card = self._catalog.provider(target.provider)
        admit = self._circuit_questions.admit(target, call_id, ttl_s)
        take = self._limit_questions.take(card, names, call_id, tokens, ttl_s)
        told = self._ask_all("enter", call_id, admit, take, companion)
        if told is None and companion is not None:
            raise NotAgreed(None)
        if told is None:
            return self._local.enter(target, names, call_id, ttl_s=ttl_s)
        of_circuit, of_limits, of_companion = told
        admission = circuit.Answer.model_validate(of_circuit)
        self._note(target, admission)
        if not admission.admitted:
            raise _circuit_open(target, admission)
        answer = limits.Answer.model_validate(of_limits)
        taken = answer.take()
        if isinstance(taken, Shortfall):
            raise _no_key(target, taken)
        if companion is not None and (of_companion is None or not of_companion.get("agreed")):
            raise NotAgreed(of_companion)
        changed = admission.transition(target)
        return Pass(
            target=target,
            key=taken.key,
            key_name=names[taken.key],
            call_id=call_id,
            probe=admission.probe,
            era=admission.era,
            tokens=tokens,
            entered_at_ms=answer.now_ms,
            transitions=() if changed is None else (changed,),
            told=of_companion,
        )

    def leave(self, given: Pass, outcome: Outcome, *, companion: Companion | None = None) -> tuple[Transition, ...]:
        """Hand a pass back with what came of it; returns how circuits changed. The second time nothing is heard.

        The companion is asked every time, if Redis is there.
        """
        seen = evidence(outcome)
        settled = settlement(outcome, tokens=given.tokens, rules=self._limit_rules)
        if given.alone:
            return _just(self._local.leave(given, seen, settled))
        card = self._catalog.provider(given.target.provider)
        entered_at_ms = given.entered_at_ms if isinstance(outcome, Reply) else None
        report = self._circuit_questions.report(
            given.target, given.call_id, seen, era=given.era, entered_at_ms=entered_at_ms
        )
        settle = self._limit_questions.settle(card, given.key_name, given.call_id, settled)
        told = self._ask_all("leave", given.call_id, report, settle, companion)
        if told is None:
            return _just(self._local.leave(given, seen, settled))
        self._local.rest(given.target.provider, given.key_name, settled)
        of_circuit = told[0]
        if of_circuit is None:
            return ()
        answer = circuit.Answer.model_validate(of_circuit)
        self._note(given.target, answer)
        return _just(answer.transition(given.target))

    def renew(self, passes: Sequence[Pass], *, ttl_s: float) -> frozenset[str]:
        """Keep passes alive for `ttl_s` from now; returns the call ids of those that are.

        The others were handed back, or lie too long, or Redis is away; their calls may go on all the same.
        """
        kept = {given.call_id for given in passes if given.alone and self._local.renew(given, ttl_s)}
        shared = [given for given in passes if not given.alone]
        held = self._outage.ask(lambda: self._renew_shared(shared, ttl_s)) if shared else None
        return frozenset(kept | (held or set()))

    def states(self) -> GateStates:
        """All that the gate knows, for health and operators. Two or three trips."""
        states = self._outage.ask(self._shared_states)
        return states or GateStates(circuits=self._local.readings(), alone=True)

    def half_open(self, target: Target, why: str) -> Transition | None:
        """End an open circuit's time: whoever enters next is the probe.

        Raises:
            RedisError: Redis is away.
        """
        return self._circuits.half_open(target, why)

    def reset(self, target: Target) -> Transition | None:
        """Close a circuit at once, as an operator may.

        Raises:
            RedisError: Redis is away.
        """
        self._local.forget(target)
        return self._circuits.reset(target, "reset by an operator")

    def reset_key(self, provider: str, key_name: str) -> None:
        """Forget what was learnt of a key: it is neither parked nor paused any more.

        Raises:
            RedisError: Redis is away.
        """
        self._local.wake(provider, key_name)
        self._limits.reset(self._catalog.provider(provider), key_name)

    def _ask_all(
        self, op: str, call_id: str, of_circuit: Question, of_limits: Question, companion: Companion | None
    ) -> list[JsonObject | None] | None:
        """What the circuit, the limits and the companion answered, see `gate.lua`. None: Redis is away."""
        beside = companion or Companion((), b"")
        keys = (*of_circuit.keys, *of_limits.keys, *beside.keys)
        now = "" if self._now_ms is None else str(self._now_ms())
        arguments = (of_circuit.text, of_limits.text, str(len(beside.keys)), beside.text, call_id, now)
        return self._outage.ask(lambda: self._joined.run(keys, op, *arguments))

    def _note(self, target: Target, answer: circuit.Answer) -> None:
        self._local.learn(
            target, answer.state, openings=answer.openings, step=answer.step, wait_s=answer.wait_ms / 1000
        )

    def _renew_shared(self, passes: Sequence[Pass], ttl_s: float) -> set[str]:
        permits = [(self._catalog.provider(given.target.provider), given.key_name, given.call_id) for given in passes]
        held = self._limits.renew_all(permits, ttl_s=ttl_s)
        for given in passes:
            if given.probe:
                self._circuits.renew(given.target, given.call_id, ttl_s=ttl_s)
        return {given.call_id for given, is_held in zip(passes, held, strict=True) if is_held}

    def _shared_states(self) -> GateStates:
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.zrange(self._circuit_questions.index, 0, -1)
            pipeline.zrange(self._limit_questions.index, 0, -1)
            targets, names = ([_text(name) for name in found] for found in pipeline.execute())
        return GateStates(
            circuits=self._circuits.look([Target.parse(target) for target in targets]),
            limits=self._limits.look(self._known_keys(names)),
        )

    def _known_keys(self, names: Sequence[str]) -> list[tuple[ProviderCard, str]]:
        """Those whose provider is still in the catalog; another release may have known others."""
        cards = {card.id: card for card in self._catalog.providers}
        split = [name.partition("/") for name in names]
        return [(cards[provider], key_name) for provider, _, key_name in split if provider in cards]


def _circuit_open(target: Target, admission: circuit.Answer) -> CircuitOpen:
    return CircuitOpen(
        f"the circuit of {target} is {admission.state}",
        reason=admission.state,
        retry_after_s=admission.wait_ms / 1000,
        provider=target.provider,
    )


def _no_key(target: Target, short: Shortfall) -> NotAdmitted:
    if short.why == "parked":
        return KeyParked(
            f"all keys of {target.provider} are parked: {short.parked_why}",
            reason=short.parked_why,
            retry_after_s=short.wait_s,
            provider=target.provider,
        )
    return Saturated(
        f"{target.provider} takes no more for now: {short.why}",
        reason=short.why,
        retry_after_s=short.wait_s,
        provider=target.provider,
    )


def _just(transition: Transition | None) -> tuple[Transition, ...]:
    return () if transition is None else (transition,)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value

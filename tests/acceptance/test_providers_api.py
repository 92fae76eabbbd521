"""`/v1/providers`, `/v1/circuits` and `/health` over HTTP: in good hours, after faults, and while Redis is away."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from redis import Redis

from api.provider_schemas import CircuitsView, ModelsView, ProvidersView, ProviderView, ResetView
from orchestrator.broker import redis_py_url
from providers import catalog as catalogs
from providers.calls import Target
from providers.errors import Overloaded
from providers.gate.gate import Gate, connect
from tests.acceptance.callers import Alone, Caller, api_alone
from tests.acceptance.test_cli import run
from tests.integration.gates import REPLY
from tests.integration.workers_in_test import Broker, broker_of_our_own
from tests.servers import Addresses

LUNA = Target(provider="openai", model="gpt-6-luna")
TERRA = Target(provider="openai", model="gpt-6.1-terra")
PREFIX = "of-providers:"


@dataclass(frozen=True)
class House:
    """The API alone, with a Redis of its own that a test may stop, and the gate that its workers would have."""

    alone: Alone
    broker: Broker
    gate: Gate


@pytest.fixture(scope="module")
def _house(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with ExitStack() as stack:
        broker = stack.enter_context(broker_of_our_own(tmp_path_factory.mktemp("redis")))
        broker.start()
        more = {
            "REDIS_URL": broker.url,
            "MEETINGMIND_REDIS_PREFIX": PREFIX,
            "OPENAI_API_KEY": "a-key-that-is-never-used",
        }
        alone = stack.enter_context(api_alone(addresses, template, tmp_path_factory.mktemp("api"), **more))
        yield House(alone, broker, Gate(connect(redis_py_url(broker.url)), PREFIX, catalogs.load()))


@pytest.fixture
def house(_house: House) -> House:
    """With nothing remembered."""
    with Redis.from_url(redis_py_url(_house.broker.url)) as redis:
        redis.flushall()
    return _house


@pytest.fixture
def operator(house: House) -> Caller:
    return house.alone.tenant("read", "admin", "ops")


def call(gate: Gate, target: Target, nth: int, *, fails: bool = False) -> None:
    given = gate.enter(target, ("k0",), f"call-{target.model}-{nth}", tokens=10, ttl_s=30)
    gate.leave(given, Overloaded("no room", provider=target.provider) if fails else REPLY)


def open_circuit(gate: Gate, target: Target) -> None:
    for nth in range(20):
        if _state(gate, target) == "open":
            return
        call(gate, target, nth, fails=True)
    raise AssertionError("twenty faults did not open the circuit")


def _state(gate: Gate, target: Target) -> str:
    return next((str(one.state) for one in gate.states().circuits if one.target == target), "closed")


def test_every_provider_of_the_catalog_is_listed_and_nobody_knows_how_it_fares(operator: Caller) -> None:
    view = ProvidersView.model_validate(operator.read("/v1/providers"))

    assert [one.id for one in view.data] == [card.id for card in catalogs.load().providers]
    assert {(one.state, one.circuit, one.known_by) for one in view.data} == {("unknown", "closed", "gate")}
    assert {one.id for one in view.data if one.reachable} == {"openai", "extractive"}
    assert {one.queue.waiting for one in view.data} == {0}


def test_calls_and_faults_are_told(house: House, operator: Caller) -> None:
    for nth in range(8):
        call(house.gate, LUNA, nth, fails=nth < 2)

    view = ProviderView.model_validate(operator.read("/v1/providers/openai"))
    models = ModelsView.model_validate(operator.read("/v1/providers/openai/models"))

    assert (view.state, view.circuit, view.calls, view.error_rate) == ("degraded", "closed", 8, 0.25)
    assert any("2 of the last 8 calls failed" in reason for reason in view.reasons)
    assert [limit.key for limit in view.limits] == ["k0"]
    luna = next(one for one in models.data if one.target == str(LUNA))
    assert (luna.state, luna.error_rate, luna.lifecycle) == ("degraded", 0.25, "active")
    assert float(luna.prices[0].input_usd_per_million) > 0
    assert {one.state for one in models.data if one.target != str(LUNA)} == {"unknown"}


def test_asks_that_stand_in_the_broker_are_counted_over_all_lanes(house: House, operator: Caller) -> None:
    with Redis.from_url(redis_py_url(house.broker.url)) as redis:
        redis.lpush(f"{PREFIX}ask.openai", "one", "two")
        redis.lpush(f"{PREFIX}ask.openai.bulk", "three")

    view = ProviderView.model_validate(operator.read("/v1/providers/openai"))

    assert view.queue.waiting == 3


def test_an_operator_closes_the_circuits_of_a_provider_and_of_no_other(house: House, operator: Caller) -> None:
    for target in (LUNA, TERRA):
        open_circuit(house.gate, target)
    opened = ProviderView.model_validate(operator.read("/v1/providers/openai"))
    listed = CircuitsView.model_validate(operator.read("/v1/circuits"))

    other = ResetView.model_validate(operator.ask("/v1/circuits/google/reset", "POST").json())
    first = ResetView.model_validate(operator.ask("/v1/circuits/openai/reset", "POST").json())
    second = ResetView.model_validate(operator.ask("/v1/circuits/openai/reset", "POST").json())

    assert (opened.state, opened.circuit) == ("down", "open")
    assert {one.target: one.state for one in listed.data} == {str(LUNA): "open", str(TERRA): "open"}
    assert other.changed == ()
    assert {(one.target, one.before, one.after) for one in first.changed} == {
        (str(LUNA), "open", "closed"),
        (str(TERRA), "open", "closed"),
    }
    assert second.changed == ()
    call(house.gate, LUNA, 99)
    assert '"event": "circuit.reset"' in house.alone.product.processes.log("api")


def test_circuits_are_seen_by_admins_and_closed_by_admins_of_the_house_alone(house: House) -> None:
    callers = [house.alone.tenant(*scopes) for scopes in (("read", "submit"), ("admin",), ("ops",), ("admin", "ops"))]

    seen = [caller.ask("/v1/circuits").status_code for caller in callers]
    closed = [caller.ask("/v1/circuits/openai/reset", "POST").status_code for caller in callers]

    assert seen == [403, 200, 200, 200]
    assert closed == [403, 403, 403, 200]


@pytest.mark.parametrize("path", ["/v1/providers/nobody", "/v1/providers/nobody/models", "/v1/providers/%00"])
def test_a_provider_that_is_not_there_is_not_found(operator: Caller, path: str) -> None:
    answer = operator.ask(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_a_reset_of_a_provider_that_is_not_there_is_not_found(operator: Caller) -> None:
    answer = operator.ask("/v1/circuits/nobody/reset", "POST")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_health_tells_of_stores_and_providers_and_needs_no_key(house: House, operator: Caller) -> None:
    well = house.alone.product.http.get("/health", headers={"Authorization": ""}).json()
    open_circuit(house.gate, LUNA)
    ill = operator.read("/health")

    assert (well["status"], well["dependencies"]["redis"]["ok"]) == ("ok", True)
    assert ill["status"] == "degraded"
    assert {one["id"]: one["state"] for one in ill["providers"]}["openai"] == "down"


def test_while_redis_is_away_all_of_it_is_answered_as_unknown(house: House, operator: Caller) -> None:
    house.broker.stop(signal.SIGTERM)
    try:
        providers = ProvidersView.model_validate(operator.read("/v1/providers"))
        models = ModelsView.model_validate(operator.read("/v1/providers/openai/models"))
        circuits = CircuitsView.model_validate(operator.read("/v1/circuits"))
        reset = operator.ask("/v1/circuits/openai/reset", "POST")
        health, ready = operator.ask("/health"), operator.ask("/health/ready")
    finally:
        house.broker.start()

    assert {(one.state, one.circuit, one.known_by) for one in providers.data} == {("unknown", "unknown", "rows")}
    assert {one.queue.waiting for one in providers.data} == {None}
    assert {one.state for one in models.data} == {"unknown"}
    assert (circuits.known, circuits.data) == (False, ())
    assert (reset.status_code, reset.json()["code"]) == (503, "unavailable")
    assert int(reset.headers["retry-after"]) >= 1
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    assert (ready.status_code, ready.json()["dependencies"]["redis"]["ok"]) == (200, False)
    assert "Traceback" not in house.alone.product.processes.log("api")


def test_the_command_line_shows_them(house: House, operator: Caller) -> None:
    at = ("--url", str(operator.http.base_url), "--key", operator.tenant.key)
    open_circuit(house.gate, LUNA)

    listed, one = run("providers", *at), run("providers", "openai", *at)
    lines = run("providers", "--json", *at).stdout.splitlines()
    reset = run("providers", "openai", "--reset", "--json", *at)
    nobody = run("providers", "nobody", *at)

    assert [done.returncode for done in (listed, one, reset, nobody)] == [0, 0, 0, 1]
    assert "openai" in listed.stdout
    assert "gpt-6-luna" in one.stdout
    assert [ProviderView.model_validate_json(line).id for line in lines] == [c.id for c in catalogs.load().providers]
    assert ProviderView.model_validate_json(reset.stdout.splitlines()[0]).circuit == "closed"
    assert "Not found" in nobody.stderr

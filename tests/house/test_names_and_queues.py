"""What the canvas and the beat send is what some worker is ready for: names, parameters, queues."""

import inspect
from collections.abc import Iterator
from itertools import product
from typing import Any, get_args

import pytest
from celery import Celery
from celery.canvas import Signature, _chain, _chord
from pydantic import SecretStr

from orchestrator import broker, names, queues
from orchestrator.canvas import Canvas
from orchestrator.queues import Profile
from orchestrator.seal import SEAL, Seal
from orchestrator.settings import Settings
from orchestrator.work.lanes import LANES
from orchestrator.work.seats import Bell
from providers import catalog as catalogs
from providers.catalog import Catalog
from tests.servers import PEPPER
from workers import app as worker_app
from workers import profiles, schedule

PROFILES: tuple[Profile, ...] = get_args(Profile)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings(
        database_url=SecretStr("postgresql://nobody@localhost/none"),
        redis_url=SecretStr("redis://localhost:1/0"),
        key_pepper=SecretStr("a pepper for tests alone"),
    )


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return catalogs.load()


@pytest.fixture(scope="module")
def worker(settings: Settings, catalog: Catalog) -> Celery:
    return worker_app.build(settings, catalog)


@pytest.fixture(scope="module")
def api(settings: Settings, catalog: Catalog) -> Celery:
    return broker.build(
        settings.redis_url.get_secret_value(), settings.redis_prefix, catalog, task_events=False, produces_only=True
    )


@pytest.fixture(scope="module")
def sent(api: Celery, catalog: Catalog) -> list[Any]:
    """Every signature that the canvas can build, taken apart into single tasks."""
    asked = enumerate(product((card.id for card in catalog.providers), LANES))
    bells = [Bell(job="job_0", seat=seat, provider=provider, lane=lane) for seat, (provider, lane) in asked]
    canvas = Canvas(api, Seal(PEPPER))
    built = [
        canvas.panel("job_0", bells),
        canvas.panel("job_0", bells[:1]),
        canvas.ending("job_0"),
        canvas.deliver("job_0"),
        *(canvas.repeated_ask(bell) for bell in bells),
    ]
    return [task for signature in built for task in singles(signature)]


def singles(signature: Signature) -> Iterator[Any]:
    """A signature's tasks, those of its chord's header and body too."""
    if isinstance(signature, _chord):
        for part in (*signature.tasks, signature.body):
            yield from singles(part)
    elif isinstance(signature, _chain):
        for part in signature.tasks:
            yield from singles(part)
    else:
        yield signature
        if signature.options.get("chord") is not None:
            yield from singles(signature.options["chord"])


def explicit(worker: Celery, name: str) -> set[str]:
    """The parameters that a task names; what it merely swallows for newer releases is not among them."""
    parameters = inspect.signature(worker.tasks[name].run).parameters.values()
    return {parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD}


def test_every_name_is_registered_and_every_registered_task_has_a_name(worker: Celery) -> None:
    registered = {name for name in worker.tasks if not name.startswith("celery.")}

    assert registered == set(names.ALL)


def test_every_name_of_the_room_is_in_its_list() -> None:
    constants = {
        value for key, value in vars(names).items() if key.isupper() and isinstance(value, str) and "." in value
    }

    assert constants == set(names.ALL)
    assert len(names.ALL) == len(set(names.ALL))


def test_the_canvas_sends_tasks_of_every_kind_but_the_beats(sent: list[Any]) -> None:
    assert {task.task for task in sent} == {names.ASK, names.SYNTHESIZE, names.DELIVER}


def test_every_signature_binds_to_the_parameters_of_its_task(sent: list[Any], worker: Celery) -> None:
    for task in sent:
        inspect.signature(worker.tasks[task.task].run).bind(*task.args, **task.kwargs)

        assert task.args == ()
        assert set(task.kwargs) - {SEAL} <= explicit(worker, task.task), task.task
        assert task.kwargs["schema"] == names.MESSAGE_SCHEMA


def test_a_misspelt_parameter_would_be_noticed(worker: Celery) -> None:
    assert not {"job", "seet"} <= explicit(worker, names.ASK)


def test_every_task_takes_messages_of_a_newer_release(worker: Celery) -> None:
    for name in names.ALL:
        signature = inspect.signature(worker.tasks[name].run)
        needed = dict.fromkeys(explicit(worker, name), 0)

        signature.bind(**needed, a_parameter_of_tomorrow=1)


def test_messages_carry_ids_and_numbers_alone(sent: list[Any]) -> None:
    values = {(key, type(value)) for task in sent for key, value in task.kwargs.items()}

    assert values == {("job", str), ("seat", int), ("epoch", int), ("schema", int), ("seal", str)}


def test_nothing_travels_from_task_to_task(sent: list[Any]) -> None:
    assert all(task.immutable for task in sent)


def test_every_signature_goes_to_a_queue_of_the_table(sent: list[Any], catalog: Catalog) -> None:
    assert {task.options["queue"] for task in sent} == set(queues.table(catalog)) - {queues.MAINTENANCE}


def test_what_events_show_of_a_message_holds_no_more_than_its_ids(sent: list[Any]) -> None:
    shown = {task.options["kwargsrepr"] for task in sent}

    assert all(task.options["argsrepr"] == "" for task in sent)
    assert all(words.split()[0] == "job_0" for words in shown)


def test_the_beat_sends_registered_tasks_with_parameters_that_bind(worker: Celery, settings: Settings) -> None:
    for entry in schedule.entries(settings).values():
        kwargs: Any = entry["kwargs"]

        assert entry["task"] in names.ALL
        assert set(kwargs) - {SEAL} <= explicit(worker, str(entry["task"]))


def test_the_beat_sends_to_queues_of_the_table(settings: Settings, catalog: Catalog) -> None:
    options: list[Any] = [entry["options"] for entry in schedule.entries(settings).values()]

    assert {each["queue"] for each in options} <= set(queues.table(catalog))


def test_every_queue_is_consumed_and_profiles_consume_nothing_else(settings: Settings, catalog: Catalog) -> None:
    consumed = {name for profile in PROFILES for name in profiles.kind(profile, settings, catalog).queues}

    assert consumed == set(queues.table(catalog))


def test_some_slots_listen_to_the_interactive_lane_alone_and_to_all_of_it(settings: Settings, catalog: Catalog) -> None:
    kept = profiles.kind("ask-interactive", settings, catalog)

    assert set(kept.queues) == {queues.of_provider(card.id, "interactive") for card in catalog.providers}
    assert kept.slots == settings.interactive_slots


def test_every_profile_has_work_and_hands(settings: Settings, catalog: Catalog) -> None:
    for profile in PROFILES:
        kind = profiles.kind(profile, settings, catalog)

        assert kind.queues
        assert kind.slots > 0


def test_every_provider_has_a_queue_of_its_own_in_every_lane(catalog: Catalog) -> None:
    asks = [queues.of_provider(card.id, lane) for card in catalog.providers for lane in LANES]

    assert len(set(asks)) == len(asks) == len(LANES) * len(catalog.providers)
    assert set(asks) <= set(queues.table(catalog))


def test_no_providers_name_looks_like_a_lane(catalog: Catalog) -> None:
    assert {queues.lane_of(queues.of_provider(card.id)) for card in catalog.providers} == {"standard"}


def test_what_has_no_route_goes_where_nobody_listens(settings: Settings, catalog: Catalog, worker: Celery) -> None:
    consumed = {name for profile in PROFILES for name in profiles.kind(profile, settings, catalog).queues}

    assert queues.UNROUTED not in consumed
    assert worker.conf.task_default_queue == queues.UNROUTED
    assert queues.UNROUTED in {queue.name for queue in queues.declared(catalog)}


def test_queues_exchanges_and_keys_agree(catalog: Catalog) -> None:
    declared = queues.declared(catalog)

    assert all(queue.name == queue.exchange.name == queue.routing_key for queue in declared)
    assert {queue.name for queue in declared} == {*queues.table(catalog), queues.UNROUTED}


@pytest.mark.parametrize(
    ("one", "other"),
    [pair for pair in product(PROFILES, PROFILES) if pair[0] < pair[1] and pair != ("ask", "ask-interactive")],
)
def test_two_profiles_share_no_queue_but_those_who_ask(one: Profile, other: Profile, catalog: Catalog) -> None:
    assert not set(queues.consumed_by(one, catalog)) & set(queues.consumed_by(other, catalog))

"""Every decision on Celery, as it is really set. Reasons stand beside the settings in orchestrator/broker.py."""

from typing import Any

import pytest
from celery import Celery

from orchestrator import broker
from orchestrator.settings import DEFAULT_PROVIDER_TIMEOUT_S
from providers import catalog as catalogs

DECIDED: dict[str, Any] = {
    "task_serializer": "json",
    "accept_content": ["json"],
    "result_accept_content": ["json"],
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "task_ignore_result": True,
    "task_store_errors_even_if_ignored": False,
    "result_backend": "orchestrator.chords:RowsBackend",
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "worker_soft_shutdown_timeout": 30.0,
    "worker_enable_soft_shutdown_on_idle": True,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "worker_hijack_root_logger": False,
    "task_create_missing_queues": False,
    "task_default_queue": "unrouted",
    "task_track_started": False,
    "enable_utc": True,
    "timezone": "UTC",
}

# Measured to break chords or to hide what production does.
NEVER_ON = ("result_backend_always_retry", "worker_deduplicate_successful_tasks", "task_always_eager")

TRANSPORT: dict[str, Any] = {
    "visibility_timeout": 3600.0,
    "socket_timeout": 5.0,
    "socket_connect_timeout": 2.0,
    "socket_keepalive": True,
    "health_check_interval": 30,
    "global_keyprefix": "mm:",
    "queue_order_strategy": "orchestrator.queues:LaneCycle",
    "priority_steps": [0],
}


def build(*, task_events: bool = True, produces_only: bool = False) -> Celery:
    return broker.build(
        "redis://localhost:1/0", "mm:", catalogs.load(), task_events=task_events, produces_only=produces_only
    )


@pytest.fixture(scope="module", params=[False, True], ids=["worker", "api"])
def app(request: pytest.FixtureRequest) -> Celery:
    return build(produces_only=request.param)


@pytest.mark.parametrize("setting", DECIDED)
def test_a_setting_is_as_decided_in_workers_and_in_the_api(app: Celery, setting: str) -> None:
    assert app.conf[setting] == DECIDED[setting]


@pytest.mark.parametrize("setting", NEVER_ON)
def test_a_dangerous_setting_is_off(app: Celery, setting: str) -> None:
    assert not app.conf[setting]


def test_a_message_can_never_become_code(app: Celery) -> None:
    serializers = {app.conf[key] for key in ("task_serializer", "result_serializer", "event_serializer")}

    assert serializers == {"json"}
    assert set(app.conf.accept_content) == set(app.conf.result_accept_content) == {"json"}


@pytest.mark.parametrize("option", TRANSPORT)
def test_the_transport_is_as_decided_in_workers(option: str) -> None:
    assert build().conf.broker_transport_options[option] == TRANSPORT[option]


def test_the_visibility_timeout_is_far_above_the_longest_call() -> None:
    assert broker.VISIBILITY_TIMEOUT_S >= 10 * DEFAULT_PROVIDER_TIMEOUT_S


def test_a_publish_of_the_api_gives_up_within_its_patience() -> None:
    options = build(produces_only=True).conf.broker_transport_options

    assert options["socket_timeout"] <= broker.PUBLISH_PATIENCE_S
    assert options["socket_connect_timeout"] <= broker.PUBLISH_PATIENCE_S
    assert options["connect_retries_timeout"] <= broker.PUBLISH_PATIENCE_S


def test_a_failed_publish_is_tried_once_more_at_most(app: Celery) -> None:
    assert app.conf.task_publish_retry_policy["max_retries"] <= 1


@pytest.mark.parametrize("wanted", [True, False])
def test_workers_send_events_as_they_are_told_and_the_api_never_does(wanted: bool) -> None:
    worker, api = build(task_events=wanted), build(task_events=wanted, produces_only=True)

    assert worker.conf.worker_send_task_events is wanted
    assert worker.conf.task_send_sent_event is wanted
    assert api.conf.task_send_sent_event is False

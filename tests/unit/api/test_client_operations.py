"""The client has a call for every operation of the document, in both manners: a new operation without a row fails."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import pytest
from pydantic import SecretStr

from api.app import build
from api.client import Problem
from orchestrator.settings import Settings
from tests.unit.api.test_both_clients import Ask, Either, Wire, awaiting, blocking

AT: Final = datetime(2026, 11, 28, 9, tzinfo=UTC)

# `x` is the id in each path.
CALLS: Final[dict[str, Callable[[Any], object]]] = {
    "POST /v1/jobs": lambda client: client.submit({}),
    "GET /v1/jobs": lambda client: client.jobs(),
    "GET /v1/jobs/{job_id}": lambda client: client.get("x"),
    "DELETE /v1/jobs/{job_id}": lambda client: client.erase("x"),
    "POST /v1/jobs/{job_id}/cancel": lambda client: client.cancel("x"),
    "POST /v1/jobs/{job_id}/retry": lambda client: client.retry("x"),
    "POST /v1/jobs/{job_id}/replay": lambda client: client.replay("x", "consensus"),
    "GET /v1/jobs/{job_id}/events": lambda client: client.stream("x"),
    "GET /v1/jobs/{job_id}/report": lambda client: client.report("x"),
    "GET /v1/jobs/{job_id}/timeline": lambda client: client.timeline("x"),
    "GET /v1/jobs/{job_id}/export": lambda client: client.export("x", "json"),
    "GET /v1/jobs/{job_id}/partial": lambda client: client.partial("x"),
    "POST /v1/jobs/{job_id}/result-url": lambda client: client.result_url("x"),
    "GET /v1/dead-letters": lambda client: client.dead_letters(),
    "POST /v1/dead-letters/requeue": lambda client: client.requeue(["x"]),
    "GET /v1/events": lambda client: client.feed(),
    "POST /v1/batches": lambda client: client.create_batch([{}]),
    "GET /v1/batches": lambda client: client.batches(),
    "GET /v1/batches/{batch_id}": lambda client: client.batch("x"),
    "GET /v1/batches/{batch_id}/errors": lambda client: client.batch_errors("x"),
    "GET /v1/batches/{batch_id}/results": lambda client: client.batch_results("x"),
    "POST /v1/batches/{batch_id}/pause": lambda client: client.pause_batch("x"),
    "POST /v1/batches/{batch_id}/resume": lambda client: client.resume_batch("x"),
    "POST /v1/batches/{batch_id}/cancel": lambda client: client.cancel_batch("x"),
    "POST /v1/batches/{batch_id}/retry": lambda client: client.retry_batch("x"),
    "POST /v1/feedback": lambda client: client.feedback("x", "right"),
    "GET /v1/feedback": lambda client: client.feedback_page(),
    "POST /v1/plans": lambda client: client.plan({}),
    "GET /v1/budgets": lambda client: client.budgets(),
    "PUT /v1/budgets/{scope}": lambda client: client.set_budget("x", "month", "5.00"),
    "POST /v1/budgets/resume": lambda client: client.resume(),
    "GET /v1/budgets/{scope}/versions": lambda client: client.budget_versions("x", "month"),
    "POST /v1/budgets/{scope}/versions/{version}/restore": lambda client: client.restore_budget("x", "month", "x"),
    "GET /v1/costs": lambda client: client.costs(),
    "GET /v1/analytics": lambda client: client.analytics(),
    "GET /v1/templates": lambda client: client.templates(),
    "POST /v1/templates/preview": lambda client: client.preview_template({}),
    "GET /v1/templates/{meeting_type}": lambda client: client.template("x"),
    "PUT /v1/templates/{meeting_type}": lambda client: client.set_template("x", "- risks"),
    "DELETE /v1/templates/{meeting_type}": lambda client: client.reset_template("x"),
    "GET /v1/templates/{meeting_type}/versions": lambda client: client.template_versions("x"),
    "POST /v1/templates/{meeting_type}/versions/{version}/restore": lambda client: client.restore_template("x", "x"),
    "GET /v1/audit": lambda client: client.audit(),
    "GET /v1/keys": lambda client: client.keys(),
    "POST /v1/keys": lambda client: client.create_key("x", ["read"]),
    "GET /v1/keys/{key_id}": lambda client: client.key("x"),
    "PATCH /v1/keys/{key_id}": lambda client: client.change_key("x", name="y"),
    "DELETE /v1/keys/{key_id}": lambda client: client.revoke_key("x"),
    "POST /v1/keys/{key_id}/rotate": lambda client: client.rotate_key("x"),
    "GET /v1/webhooks": lambda client: client.webhooks(),
    "POST /v1/webhooks": lambda client: client.add_webhook("https://hooks.example.com/", ["job.failed"]),
    "GET /v1/webhooks/{webhook_id}": lambda client: client.webhook("x"),
    "PATCH /v1/webhooks/{webhook_id}": lambda client: client.change_webhook("x", enabled=True),
    "DELETE /v1/webhooks/{webhook_id}": lambda client: client.delete_webhook("x"),
    "POST /v1/webhooks/{webhook_id}/rotate": lambda client: client.rotate_webhook("x"),
    "POST /v1/webhooks/{webhook_id}/test": lambda client: client.test_webhook("x"),
    "GET /v1/webhooks/{webhook_id}/deliveries": lambda client: client.deliveries("x"),
    "POST /v1/webhooks/{webhook_id}/redeliver": lambda client: client.redeliver_since("x", AT),
    "POST /v1/deliveries/{delivery_id}/redeliver": lambda client: client.redeliver("x"),
    "GET /v1/providers": lambda client: client.providers(),
    "GET /v1/providers/{provider_id}": lambda client: client.provider("x"),
    "GET /v1/providers/{provider_id}/models": lambda client: client.models("x"),
    "GET /v1/circuits": lambda client: client.circuits(),
    "POST /v1/circuits/{provider_id}/reset": lambda client: client.reset_circuits("x"),
    "GET /health/live": lambda client: client.live(),
    "GET /health/ready": lambda client: client.ready(),
    "GET /health": lambda client: client.health(),
    "GET /metrics": lambda client: client.metrics(),
}


# Opened by whoever has the link, with any browser.
WITHOUT_A_CALL: Final = {"GET /v1/results"}


def test_every_operation_has_a_row() -> None:
    nowhere = Settings(
        database_url=SecretStr("postgresql://nowhere/none"),
        redis_url=SecretStr("redis://nowhere"),
        key_pepper=SecretStr("a pepper for tests"),
    )
    paths: dict[str, dict[str, Any]] = build(nowhere).openapi()["paths"]

    assert {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods} == set(
        CALLS
    ) | WITHOUT_A_CALL


@pytest.mark.parametrize("manner", [blocking, awaiting])
@pytest.mark.parametrize("operation", CALLS)
def test_the_call_reaches_its_operation(manner: Ask, operation: str) -> None:
    wire = Wire(httpx.Response(404, json={"code": "not-found", "title": "Not found"}))
    call: Callable[[Either], object] = CALLS[operation]

    with pytest.raises(Problem):
        manner(wire, call)

    asked = wire.asked[0]
    method, path = operation.split(" ")
    assert asked.method == method
    assert [*asked.url.path.split("/")] == ["x" if part.startswith("{") else part for part in path.split("/")]

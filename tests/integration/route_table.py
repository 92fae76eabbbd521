"""What ids of a tenant's things each route takes, and where: one row a route. A new route without a row fails.

In a body or query, `{job_id}` stands for an id of that kind. Rows say nothing of names that every tenant has for itself
(a type of meeting, a scope of a budget) or that are the house's (a provider).
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from orchestrator.ids import Prefix

KINDS: Final[dict[str, Prefix]] = {
    "job_id": "job",
    "batch_id": "bat",
    "webhook_id": "whk",
    "delivery_id": "dlv",
    "transcript_id": "trn",
    "key_id": "key",
}

# End in `_id` and name nothing that another tenant could have: the caller's own words, a part of a job named beside it,
# and what is the house's.
NO_IDS: Final = frozenset({"custom_id", "item_id", "provider_id"})


class Takes(NamedTuple):
    """`fields`: the ids in query and body; those in the path are read from it."""

    fields: tuple[str, ...] = ()
    body: Any = None
    query: Mapping[str, str] | None = None
    content_type: str = "application/json"


NONE: Final = Takes()
MEETING: Final = {"transcript": {"transcript_id": "{transcript_id}"}}

ROUTES: Final[dict[str, Takes]] = {
    "POST /v1/jobs": Takes(("transcript_id",), MEETING),
    "GET /v1/jobs": Takes(("batch_id",), query={"batch_id": "{batch_id}"}),
    "GET /v1/jobs/{job_id}": NONE,
    "DELETE /v1/jobs/{job_id}": NONE,
    "POST /v1/jobs/{job_id}/cancel": NONE,
    "POST /v1/jobs/{job_id}/retry": NONE,
    "POST /v1/jobs/{job_id}/replay": Takes(body={"strategy": "consensus"}),
    "GET /v1/jobs/{job_id}/events": NONE,
    "GET /v1/jobs/{job_id}/report": NONE,
    "GET /v1/jobs/{job_id}/timeline": NONE,
    "GET /v1/jobs/{job_id}/export": Takes(query={"format": "json"}),
    "GET /v1/jobs/{job_id}/partial": NONE,
    "POST /v1/jobs/{job_id}/result-url": Takes(body={}),
    "GET /v1/results": NONE,
    "GET /v1/dead-letters": Takes(("batch_id",), query={"batch_id": "{batch_id}"}),
    "POST /v1/dead-letters/requeue": Takes(("batch_id",), {"filter": {"batch_id": "{batch_id}"}, "dry_run": True}),
    "GET /v1/events": NONE,
    "POST /v1/batches": Takes(("batch_id", "transcript_id"), {"jobs": [MEETING]}),
    "GET /v1/batches": NONE,
    "GET /v1/batches/{batch_id}": NONE,
    "GET /v1/batches/{batch_id}/errors": NONE,
    "GET /v1/batches/{batch_id}/results": NONE,
    "POST /v1/batches/{batch_id}/pause": NONE,
    "POST /v1/batches/{batch_id}/resume": NONE,
    "POST /v1/batches/{batch_id}/cancel": NONE,
    "POST /v1/batches/{batch_id}/retry": NONE,
    "POST /v1/feedback": Takes(("job_id",), {"job_id": "{job_id}", "verdict": "right"}),
    "GET /v1/feedback": Takes(("job_id",), query={"job_id": "{job_id}"}),
    "POST /v1/plans": Takes(("transcript_id",), MEETING),
    "GET /v1/budgets": NONE,
    "PUT /v1/budgets/{scope}": NONE,
    "POST /v1/budgets/resume": NONE,
    "GET /v1/budgets/{scope}/versions": NONE,
    "POST /v1/budgets/{scope}/versions/{version}/restore": NONE,
    "GET /v1/costs": NONE,
    "GET /v1/analytics": NONE,
    "GET /v1/templates": NONE,
    "POST /v1/templates/preview": Takes(("transcript_id",), MEETING),
    "GET /v1/templates/{meeting_type}": NONE,
    "PUT /v1/templates/{meeting_type}": NONE,
    "DELETE /v1/templates/{meeting_type}": NONE,
    "GET /v1/templates/{meeting_type}/versions": NONE,
    "POST /v1/templates/{meeting_type}/versions/{version}/restore": NONE,
    "GET /v1/audit": NONE,
    "GET /v1/keys": NONE,
    "POST /v1/keys": NONE,
    "GET /v1/keys/{key_id}": NONE,
    "PATCH /v1/keys/{key_id}": Takes(body={"name": "another"}),
    "DELETE /v1/keys/{key_id}": NONE,
    "POST /v1/keys/{key_id}/rotate": Takes(body={"overlap_s": 60}),
    "GET /v1/webhooks": NONE,
    "POST /v1/webhooks": NONE,
    "GET /v1/webhooks/{webhook_id}": NONE,
    "PATCH /v1/webhooks/{webhook_id}": Takes(body={"enabled": False}),
    "DELETE /v1/webhooks/{webhook_id}": NONE,
    "POST /v1/webhooks/{webhook_id}/rotate": NONE,
    "POST /v1/webhooks/{webhook_id}/test": NONE,
    "GET /v1/webhooks/{webhook_id}/deliveries": NONE,
    "POST /v1/webhooks/{webhook_id}/redeliver": Takes(body={"since": "2026-11-01T00:00:00Z"}),
    "POST /v1/deliveries/{delivery_id}/redeliver": NONE,
    "GET /v1/providers": NONE,
    "GET /v1/providers/{provider_id}": NONE,
    "GET /v1/providers/{provider_id}/models": NONE,
    "GET /v1/circuits": NONE,
    "POST /v1/circuits/{provider_id}/reset": NONE,
    "GET /health/live": NONE,
    "GET /health/ready": NONE,
    "GET /health": NONE,
    "GET /metrics": NONE,
}

# More ways to name a thing of a tenant in a route that has one in its row already.
MORE: Final[tuple[tuple[str, Takes], ...]] = (
    ("POST /v1/batches", Takes(("batch_id",), {"reprocess": {"batch_id": "{batch_id}"}})),
    ("POST /v1/batches", Takes(("transcript_id",), {"jobs": [MEETING]}, {"atomic": "true"})),
    ("POST /v1/dead-letters/requeue", Takes(("job_id",), {"job_ids": ["{job_id}"]})),
)

# Lists that go on by a cursor: how each is asked for one thing at a time. None: there is nothing of two in the scene.
LISTS: Final[dict[str, str]] = {
    "GET /v1/jobs": "/v1/jobs",
    "GET /v1/batches": "/v1/batches",
    "GET /v1/feedback": "/v1/feedback",
    "GET /v1/keys": "/v1/keys",
    "GET /v1/dead-letters": "/v1/dead-letters?status=canceled",
    "GET /v1/budgets/{scope}/versions": "/v1/budgets/tenant/versions",
    "GET /v1/templates/{meeting_type}/versions": "/v1/templates/standup/versions",
    "GET /v1/webhooks/{webhook_id}/deliveries": "/v1/webhooks/{webhook_id}/deliveries",
}

# Where a moment is taken: parameters of queries, and fields of bodies.
MOMENTS_IN_QUERIES: Final[dict[str, tuple[str, ...]]] = {
    "GET /v1/jobs": ("created_after",),
    "GET /v1/dead-letters": ("created_after", "created_before"),
}
MOMENTS_IN_BODIES: Final[dict[str, tuple[str, ...]]] = {
    "POST /v1/jobs": ("not_before",),
    "POST /v1/plans": ("not_before",),
    "POST /v1/batches": ("created_after", "created_before"),
    "POST /v1/dead-letters/requeue": ("created_after", "created_before"),
    "POST /v1/keys": ("expires_at",),
    "PATCH /v1/keys/{key_id}": ("expires_at",),
    "POST /v1/keys/{key_id}/rotate": ("expires_at",),
    "POST /v1/webhooks/{webhook_id}/redeliver": ("since", "until"),
    "PUT /v1/budgets/{scope}": ("override_until",),
}
# Named like moments and held elsewhere: a signed number of seconds, and what is refused line by line.
NO_MOMENTS: Final = {("GET /v1/results", "until"), ("POST /v1/batches", "not_before")}

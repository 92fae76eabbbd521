"""Which headers each answer of each route has, as the OpenAPI document words them. Pure; tests look at real answers."""

from collections.abc import Mapping
from typing import Final

from providers.calls import JsonObject


def _header(text: str, kind: str = "string") -> JsonObject:
    return {"description": text, "schema": {"type": kind}}


REQUEST_ID: Final = {"X-Request-Id": _header("names the request in our logs")}
_RETRY_AFTER: Final = {"Retry-After": _header("when to come back: seconds, or a date")}
RATE: Final = {
    "RateLimit-Policy": _header("how many requests the key may make in how many seconds"),
    "RateLimit": _header("how many are left of them, and the seconds until there are more"),
    "RateLimit-Limit": _header("the same three numbers in the older words: what the key may", "integer"),
    "RateLimit-Remaining": _header("what is left of it", "integer"),
    "RateLimit-Reset": _header("seconds until there is more", "integer"),
}
OF_STATUS: Final[Mapping[str, Mapping[str, JsonObject]]] = {
    "401": {"WWW-Authenticate": _header("`Bearer`")},
    "402": _RETRY_AFTER,
    "408": {"Connection": _header("`close`: the rest is not read")},
    "413": {"Connection": _header("`close`: the rest is not read")},
    "429": _RETRY_AFTER,
    "503": _RETRY_AFTER,
}
_MADE: Final = {
    "Location": _header("its address"),
    "Idempotent-Replayed": _header("`true`: it was made by an earlier call under the same key"),
}
_PAGE: Final = {
    "Content-Security-Policy": _header("the page shows itself and runs nothing"),
    "X-Content-Type-Options": _header("`nosniff`"),
    "Referrer-Policy": _header("`no-referrer`"),
}
_STREAM: Final = {
    "Cache-Control": _header("`no-store`"),
    "X-Accel-Buffering": _header("`no`: proxies hand on each event as it comes"),
}
# Of each answer of a route, good or bad.
OF_ROUTE: Final[Mapping[tuple[str, str], Mapping[str, JsonObject]]] = {
    ("get", "/v1/results"): {
        "Cache-Control": _header("`private, no-store`: who keeps the answer keeps the result"),
        "Referrer-Policy": _header("`no-referrer`: no other site is told of the link"),
        "X-Content-Type-Options": _header("`nosniff`"),
        "X-Robots-Tag": _header("`noindex`"),
    },
}
HEADERS: Final[Mapping[tuple[str, str, str], Mapping[str, JsonObject]]] = {
    ("post", "/v1/jobs/{job_id}/result-url", "200"): {"Cache-Control": _header("`private, no-store`")},
    ("post", "/v1/jobs", "202"): _MADE,
    ("post", "/v1/jobs/{job_id}/replay", "202"): _MADE,
    ("post", "/v1/batches", "202"): _MADE,
    ("get", "/v1/jobs/{job_id}/report", "200"): _PAGE,
    ("get", "/v1/jobs/{job_id}/export", "200"): {
        "Content-Disposition": _header("the name of the file"),
        "X-Content-Type-Options": _header("`nosniff`"),
    },
    ("post", "/v1/dead-letters/requeue", "200"): {
        "Idempotent-Replayed": _header("`true`: an earlier call under the same key meant the same jobs"),
    },
    **{
        ("post", path, "201"): {
            "Location": _header("the key's address"),
            "Idempotent-Replayed": _header("`true`: the key of an earlier call under the same Idempotency-Key"),
            "Cache-Control": _header("`no-store`: it holds a secret"),
        }
        for path in ("/v1/keys", "/v1/keys/{key_id}/rotate")
    },
    ("get", "/v1/jobs/{job_id}/events", "200"): _STREAM,
    ("get", "/v1/jobs/{job_id}/events", "204"): _STREAM,
    ("get", "/v1/jobs/{job_id}", "200"): {"ETag": _header("the job's version, for If-None-Match")},
    ("get", "/v1/jobs/{job_id}", "304"): {"ETag": _header("the job's version")},
    ("get", "/v1/jobs/{job_id}/partial", "200"): {"ETag": _header("the job's version, for If-None-Match")},
    ("get", "/v1/jobs/{job_id}/partial", "303"): {"Location": _header("the job's address")},
    ("get", "/v1/jobs/{job_id}/partial", "304"): {"ETag": _header("the job's version")},
}

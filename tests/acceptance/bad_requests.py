"""Bad inputs of addresses, headers, ids, policies, money and batches, with their exact answers."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, Final

from tests.acceptance.bad_inputs import BORNE, BROKEN, HEAD, MB, WRONG, Bad, body, get, post, wire

KEY_OF_SOMEBODY: Final = "mm_test_somebodysomebodysomebody"
MISSING: Final = (404, "not-found")
LINES: Final = {"Content-Type": "application/x-ndjson"}
NO_KEY: Final = (401, "unauthenticated")
TOO_LONG: Final = (431, "headers-too-large")
EVENTS: Final = "/v1/jobs/{job}/events"
OWN_HOST: Final = "{host}"  # of the API itself, as a caller reaches it


def hook(row: int, url: str, status: int = 422, code: str | None = "invalid-request", *, name: str = "") -> Bad:
    content = json.dumps({"url": url, "events": ["job.failed"]}).encode()
    holds = {"url": url} if status == 201 else {}
    return post(row, name or url, content, status, code, path="/v1/webhooks", holds=holds)


def hooks(row: int, *urls: str) -> tuple[Bad, ...]:
    return tuple(hook(row, url) for url in urls)


def budget(name: str, written: str, status: int = 422, code: str | None = "invalid-request") -> Bad:
    content = b'{"period": "day", "limit_usd": ' + written.encode() + b"}"
    path = "/v1/budgets/project:bad"
    return post(58, f"{name}: as a limit", content, status, code, method="PUT", path=path)


def batch(name: str, items: Sequence[Any], status: int, code: str | None, query: str = "", **holds: Any) -> Bad:
    content = json.dumps({"jobs": items}).encode()
    return post(61, name, content, status, code, path=f"/v1/batches{query}", holds=holds)


def keyed(name: str, key: str, status: int, code: str | None, **more: Any) -> Bad:
    return post(46, name, body(), status, code, headers={"Idempotency-Key": key}, **more)


WEBHOOKS: Final = (
    hook(34, "http://127.0.0.1"),
    *hooks(35, "https://2130706433", "https://0x7f000001", "https://0177.0.0.1", "https://127.1", "https://①②⑦.0.0.1"),
    *hooks(36, "https://[::1]", "https://[::ffff:127.0.0.1]", "https://[64:ff9b::7f00:1]", "https://[2002:7f00:1::]"),
    *hooks(36, "https://[fe80::1%25eth0]"),
    *hooks(37, "https://169.254.169.254", "https://[fd00:ec2::254]", "https://100.100.100.200", "https://192.0.0.192"),
    *hooks(41, "https://user:pw@hooks.example.com", "https://hooks.example.com#@inside"),
    *hooks(41, "https://hooks.example.com\\@inside", "https://ho\toks.example.com", "https://ho\roks.example.com"),
    *hooks(42, *(f"https://hooks.example.com:{port}" for port in (22, 6379, 0, 65536))),
    *hooks(43, "file:///etc/passwd", "gopher://hooks.example.com/", "data:,x", "javascript:alert(1)"),
    *hooks(43, "//hooks.example.com"),
    # It is a name like any other, and is shown as it was written, never as what it looks like.
    hook(44, "https://xn--pple-43d.com/", 201, None),
    hook(44, "https://hooks.example.com./"),
    hook(44, f"https://{'a' * 300}.example.com/", name="a label of 300 characters"),
    *hooks(44, "https:///x"),
    hook(45, f"http://{OWN_HOST}/v1/jobs", name="the API's own host"),
    hook(45, f"https://{OWN_HOST}/v1/jobs", name="the API's own host: by TLS"),
)

FIRST: Final = post(46, "", body(tags=["first"]), *BORNE, headers={"Idempotency-Key": "bad"})
HEADERS: Final = (
    keyed("a key of 10 KB", "k" * 10_240, *WRONG),
    keyed("an empty key", "", *WRONG),
    wire(46, "a key in two lines", HEAD + b"Idempotency-Key: a\r\n b\r\nContent-Length: 2\r\n\r\n{}", 400),
    keyed("a key with another body", "bad", 422, "idempotency-mismatch", first=FIRST),
    post(47, "no key", body(), *NO_KEY, keyless=True),
    wire(
        47,
        "two keys",
        b"GET /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\nAuthorization: Bearer KEY\r\n\r\n",
        *NO_KEY,
    ),
    wire(
        47, "a scheme in small letters", b"GET /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: bearer KEY\r\n\r\n", 200
    ),
    get(47, "a key of a megabyte", "/v1/jobs", *TOO_LONG, Authorization="Bearer " + "k" * MB),
    get(47, "no key: one of nobody", "/v1/jobs", *NO_KEY, Authorization=f"Bearer {KEY_OF_SOMEBODY}"),
    Bad(47, "a key of another tenant", *MISSING, method="GET", path="/v1/jobs/{job}", stranger=True),
    get(48, "a forged cursor", "/v1/jobs?cursor=job_1.000000000000000000000000", *WRONG),
    get(48, "a forged cursor: with U+0000", "/v1/jobs?cursor=%00.%00", *WRONG),
    Bad(48, "a cursor of another tenant", *WRONG, method="GET", path="/v1/jobs?cursor={cursor}", stranger=True),
    get(48, "a bomb in a cursor", f"/v1/jobs?cursor={urlsafe_b64encode(b'[' * 20_000).decode()}", *WRONG),
    get(48, "a bomb in a cursor: a small one", f"/v1/jobs?cursor={urlsafe_b64encode(b'[' * 140).decode()}", *WRONG),
    *(
        Bad(49, name, *WRONG, method="GET", path=EVENTS, headers={"Last-Event-ID": sent})
        for name, sent in (("negative", "-1"), ("huge", "9" * 400), ("huge: of 32 bits", str(2**31)), ("text", "soon"))
    ),
    get(50, "capitals", "/v1/jobs/JOB_06A9ZK3W8MXQ4V1ND7B2C5HFGE", *MISSING),
    get(50, "U+0000", "/v1/jobs/job_%00", *MISSING),
    get(50, "a slash in code", "/v1/jobs/job_%2F..%2Fhealth", *MISSING),
    get(50, "4 KB", "/v1/jobs/" + "x" * 4_096, *MISSING),
    get(51, "-1", "/v1/jobs?limit=-1", *WRONG),
    get(51, "a billion", "/v1/jobs?limit=1000000000", *WRONG),
    get(51, "1e3", "/v1/jobs?limit=1e3", *WRONG),
    get(52, "10,000 ranges", "/v1/jobs", *TOO_LONG, Range="bytes=" + ",".join("0-0" for _ in range(10_000))),
    get(
        52,
        "10,000 ranges: a thousand of them, which fit",
        "/v1/jobs",
        200,
        None,
        Range="bytes=" + ",".join(f"{n}-{n}" for n in range(1_000)),
    ),
    get(53, "an Accept of 8 KB", "/v1/jobs", 200, None, Accept="text/html;q=0.1," * 512),
    get(
        54, "a forged forwarder", "/v1/jobs", 200, None, **{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "file"}
    ),
)

POLICIES: Final = (
    *(post(55, f"max_tokens {n}", body(max_tokens=n), *WRONG) for n in (0, -1, 2**63)),
    post(56, "an unknown model", body(panel={"models": ["openai/gpt-99"]}), 422, "unknown-model"),
    post(56, "an unknown model: of nobody", body(panel={"models": ["nobody/gpt"]}), 422, "unknown-model"),
    post(56, "an unknown model: with a path", body(panel={"models": ["../../etc/passwd"]}), 422, "unknown-model"),
    post(57, "a contest of one", body(strategy="competitive", panel={"size": 1}), 422, "panel-too-small"),
    post(57, "weights of 0", body(routing={"weights": [0, 0]}), *WRONG),
    post(57, "a weight of NaN", body(routing={"weights": [7]}).replace(b"[7]", b"[NaN]"), *BROKEN),
    post(57, "a hundred models", body(panel={"models": ["openai/gpt-6-luna"] * 100}), *WRONG),
    # What costs nothing may be had for nothing: there is no provider here, and the built-in models ask no price.
    post(58, "0", body(max_cost_usd="0"), *BORNE),
    post(58, "-1", body(max_cost_usd="-1"), *WRONG),
    post(58, "2^63", body(max_cost_usd=str(2**63)), *WRONG),
    post(58, '"5.00"', body(max_cost_usd="5.00"), *BORNE),  # money is a string; the number is what is wrong
    post(58, '"5.00": as a number', body(max_cost_usd=5.00), *WRONG),
    post(58, "0.0000001", body(max_cost_usd="0.0000001"), *WRONG),
    budget("0", '"0"', 200, None),
    budget("-1", '"-1"'),
    budget("2^63", f'"{2**63}"'),
    budget('"5.00"', '"5.00"', 200, None),
    budget('"5.00": a number', "5.00"),
    budget("0.0000001", '"0.0000001"'),
    post(59, "in the past", body(deadline_s=-1), *WRONG),
    post(59, "in ten years", body(deadline_s=315_360_000), *WRONG),
    *(
        post(59, f"{when}: a moment, {name}", body(not_before=moment), *told)
        for when, name, moment, told in (
            ("in the past", "long ago", "0001-01-01T00:00:00+14:00", BORNE),
            ("in ten years", "itself", "2036-11-28T02:00:00Z", WRONG),
            ("in ten years", "at the end of all", "9999-12-31T23:59:59-14:00", WRONG),
            ("in the past", "without a zone", "2026-11-28T02:00:00", WRONG),
            ("in the past", "a day", "2026-11-28", WRONG),
            ("in the past", "a number", 1_795_831_200, WRONG),
            ("in the past", "a number as text", "1795831200", WRONG),
            ("in the past", "a day that is none", "2026-02-30T02:00:00Z", WRONG),
            ("in the past", "an hour that is none", "2026-11-28T25:00:00Z", WRONG),
            ("in the past", "a zone that is none", "2026-11-28T02:00:00+99:00", WRONG),
            ("in the past", "nothing", "", WRONG),
            ("in the past", "much", "2026-11-28T02:00:00Z" + "0" * 10_000, WRONG),
            ("in ten years", "a second that leaps", "2026-12-31T23:59:60Z", WRONG),
        )
    ),
    *(
        post(60, name, body(**{field: value}), *WRONG)
        for name, field, value in (
            ("tenant", "tenant_id", "ten_x"),
            ("state", "status", "succeeded"),
            ("cost", "cost_usd", "0"),
            ("tier", "tier", "top"),
            ("priority", "priority", "first"),
        )
    ),
)

_JOB: Final = {"transcript": {"content": "Ann: We ship on Friday."}, "panel": {"models": ["extractive/cue-rules"]}}
_ONE_BAD: Final = [*[_JOB] * 500, {"transcript": {"content": ""}}, *[_JOB] * 499]

BATCHES: Final = (
    batch("no items", [], *WRONG),
    Bad(
        61,
        "no items: of lines",
        *WRONG,
        path="/v1/batches",
        content=b"",
        headers=LINES,
    ),
    batch("100,001 items", [{}] * 100_001, 413, "too-large"),
    batch("1 bad of 1,000", _ONE_BAD, *BORNE, lines=1_000, jobs=999, refused=1),
    batch("1 bad of 1,000: all or none", _ONE_BAD, 422, "batch-refused", "?atomic=true"),
    batch("the same item twice", [{**_JOB, "custom_id": "a"}] * 2, *BORNE, lines=2, jobs=1, refused=1),
    batch("the same item twice: without a name", [_JOB] * 2, *BORNE, lines=2, jobs=2, refused=0),
)

REQUESTS: Final[tuple[Bad, ...]] = (*WEBHOOKS, *HEADERS, *POLICIES, *BATCHES)

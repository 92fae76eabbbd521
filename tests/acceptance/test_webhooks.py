"""Webhooks as a contract: through whole processes, from the job to the receiver; by HTTP, client and command line."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from api import spans
from api.client import Client, Problem
from api.webhook_client import NotVerified, verify_webhook
from ops.drills.receiver import Receiver, answering, receiving
from tests.acceptance.conftest import Build, Town
from tests.acceptance.processes import until
from tests.acceptance.receivers_in_node import Node, installed
from tests.acceptance.test_cli import run
from tests.acceptance.test_jobs import MEETING, THREE
from tests.servers import PEPPER, new_tenant

INSIDE = "127.0.0.0/8"


@pytest.fixture(scope="module")
def _hooked(build_town: Build) -> Town:
    return build_town(lambda emulator: emulator.environment, MEETINGMIND_WEBHOOK_NETWORKS=INSIDE)


@pytest.fixture
def hooked(_hooked: Town) -> Town:
    _hooked.forget()
    return _hooked


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def client(hooked: Town) -> Iterator[Client]:
    key = str(hooked.product.http.headers["authorization"]).removeprefix("Bearer ")
    found = Client(hooked.product.url, key)
    yield found
    for one in found.webhooks().data:
        found.delete_webhook(one.id)
    found.close()


def test_the_end_of_a_job_arrives_signed_and_agrees_with_what_polling_says(
    hooked: Town, client: Client, receiver: Receiver
) -> None:
    made = client.add_webhook(receiver.url, ["job.queued", "job.succeeded"], "the CRM")
    job = hooked.product.submit(transcript=MEETING, panel=THREE, reference="crm-4711")["id"]
    ended = client.wait(job, 60)
    until(lambda: len(receiver.seen) >= 2, "both events have come")

    found = [Webhook(made.secret).verify(one.body, one.headers) for one in receiver.seen]
    last = next(one for one in found if one["type"] == "job.succeeded")
    assert {one["type"] for one in found} == {"job.queued", "job.succeeded"}
    assert last["data"] == {
        "job_id": job,
        "status": ended.status,
        "degraded": ended.degraded,
        "reference": "crm-4711",
        "version": ended.version,
        "sequence": last["data"]["sequence"],
        "links": {
            "self": f"/v1/jobs/{job}",
            "events": f"/v1/jobs/{job}/events",
            "report": f"/v1/jobs/{job}/report",
            "timeline": f"/v1/jobs/{job}/timeline",
        },
    }
    feed = {event.sequence: event.id for event in client.events()}
    assert feed[last["data"]["sequence"]] in receiver.ids()
    for word in ("battery", "Ann", "Bob"):
        assert all(word.encode() not in one.body for one in receiver.seen)


def test_a_full_message_has_what_polling_says_and_its_link_opens_the_result(
    hooked: Town, client: Client, receiver: Receiver, node: Node
) -> None:
    made = client.add_webhook(receiver.url, ["job.succeeded"], payload="full", result_url=True)
    job = client.wait(hooked.product.submit(transcript=MEETING, panel=THREE, reference="Über «4711» 会議")["id"], 60)
    until(lambda: receiver.seen, "it has come")
    (seen,) = receiver.seen

    told = Webhook(made.secret).verify(seen.body, seen.headers)
    assert told["data"]["job"] == json.loads(client.get(job.id).model_dump_json())
    assert node.verified([(made.secret, seen)]) == [{"event": told}]
    with httpx.Client(base_url=hooked.product.url) as stranger:
        opened = stranger.get(told["data"]["links"]["result"])
    assert opened.json()["result"] == told["data"]["job"]["result"]
    changed = client.change_webhook(made.id, payload="thin", result_url=False)
    assert (changed.payload, changed.result_url) == ("thin", False)
    with pytest.raises(Problem, match="cannot be null"):
        client.change_webhook(made.id, payload=None)


def test_a_span_goes_on_where_its_cursor_says_and_a_forged_one_is_refused(
    hooked: Town, client: Client, receiver: Receiver
) -> None:
    hook = client.add_webhook(receiver.url, ["job.failed"]).id
    other = client.add_webhook(receiver.url, ["job.failed"]).id
    sent = sorted(client.test_webhook(hook).id for _ in range(3))
    until(lambda: len(receiver.seen) >= 3, "all have come")
    with hooked.database.system() as connection:
        owner = connection.exec_driver_sql("SELECT tenant_id FROM webhooks WHERE id = %s", (hook,)).scalar_one()
    cursor = spans.write(datetime.now(UTC), sent[0], owner, PEPPER, hook)

    def step(webhook: str, cursor: str) -> httpx.Response:
        body = {"since": "2026-11-01T00:00:00Z", "cursor": cursor}
        return hooked.product.http.post(f"/v1/webhooks/{webhook}/redeliver", json=body)

    assert step(hook, cursor).json() == {"deliveries": 2, "next_cursor": None}
    before = spans.write(datetime.now(UTC) - timedelta(hours=1), sent[0], owner, PEPPER, hook)
    assert step(hook, before).json() == {"deliveries": 0, "next_cursor": None}
    for webhook, forged in ((other, cursor), (hook, cursor[:-1] + "g"), (hook, "dlv_-1.00")):
        assert step(webhook, forged).status_code == 422


def test_a_job_names_an_endpoint_of_its_own(hooked: Town, client: Client, receiver: Receiver) -> None:
    wish = {"url": receiver.url, "events": ["job.succeeded"]}
    job = hooked.product.submit(transcript=MEETING, panel=THREE, webhook=wish)["id"]
    other = hooked.product.submit(transcript=MEETING, panel=THREE)["id"]
    for one in (job, other):
        client.wait(one, 60)
    until(lambda: receiver.seen, "it has come")

    (hook,) = client.webhooks().data
    assert (hook.of_jobs, hook.events, hook.url) == (True, (), receiver.url)
    secret = client.rotate_webhook(hook.id).secret
    with pytest.raises(Problem, match="made by jobs"):
        client.change_webhook(hook.id, events=["job.failed"])
    client.test_webhook(hook.id)
    until(lambda: len(receiver.seen) >= 2, "the test has come")
    assert [json.loads(one.body)["data"].get("job_id") for one in receiver.seen] == [job, None]
    assert verify_webhook(secret, receiver.seen[1].headers, receiver.seen[1].body) == receiver.ids()[1]


def test_what_failed_is_seen_in_the_log_and_sent_again_by_hand(client: Client, receiver: Receiver) -> None:
    receiver.manners = answering(500)
    hook = client.add_webhook(receiver.url, ["job.failed"]).id
    sent = client.test_webhook(hook)
    until(lambda: client.deliveries(hook).data[0].attempts, "the first attempt is in the log")
    (waiting,) = client.deliveries(hook).data
    receiver.manners = answering(204)
    client.redeliver(sent.id)
    until(lambda: client.deliveries(hook).data[0].state == "delivered", "the second one arrives")

    assert (waiting.id, waiting.state, waiting.attempts[0].status) == (sent.id, "pending", 500)
    assert waiting.next_at is not None
    count = len(receiver.seen)
    assert client.redeliver_since(hook, datetime.now(UTC) - timedelta(hours=1)).deliveries == 1
    until(lambda: len(receiver.seen) > count, "the span is sent again")
    assert len(set(receiver.ids())) == 1


def test_endpoints_are_read_changed_switched_and_deleted(client: Client, receiver: Receiver) -> None:
    made = client.add_webhook(receiver.url, ["job.failed", "job.succeeded", "job.failed"])
    hook = made.id

    assert made.secret.startswith("whsec_")
    assert "secret" not in json.loads(client.webhook(hook).model_dump_json())
    assert client.webhook(hook).events == ("job.failed", "job.succeeded")
    changed = client.change_webhook(hook, events=["job.expired"], description=None, enabled=False)
    assert (changed.events, changed.enabled, changed.disabled_why) == (
        ("job.expired",),
        False,
        "it was switched off by its owner",
    )
    assert client.change_webhook(hook, enabled=True).enabled
    rotated = client.rotate_webhook(hook)
    assert rotated.secret != made.secret
    assert rotated.both_sign_until is not None
    pages = [client.test_webhook(hook).id for _ in range(3)]
    first = client.deliveries(hook, limit=2)
    second = client.deliveries(hook, limit=2, cursor=first.next_cursor)
    assert [one.id for one in (*first.data, *second.data)] == pages[::-1]
    assert second.next_cursor is None
    client.delete_webhook(hook)
    with pytest.raises(Problem, match="no such webhook"):
        client.webhook(hook)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "http://hooks.example.com", "events": ["job.failed"], "more": 1}, "/more"),
        ({"url": "https://169.254.169.254/", "events": ["job.failed"]}, "/url"),
        ({"url": "https://10.0.0.1/", "events": ["job.failed"]}, "/url"),
        ({"url": "file:///etc/passwd", "events": ["job.failed"]}, "/url"),
        ({"url": "https://user:pw@hooks.example.com/", "events": ["job.failed"]}, "/url"),
        ({"url": "https://hooks.example.com/", "events": []}, "/events"),
        ({"url": "https://hooks.example.com/", "events": ["job.*"]}, "/events/0"),
        ({"events": ["job.failed"]}, "/url"),
    ],
)
def test_what_is_no_endpoint_is_refused_with_its_place(hooked: Town, body: dict[str, object], pointer: str) -> None:
    answer = hooked.product.http.post("/v1/webhooks", json=body)

    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "invalid-request"
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]


def test_a_job_is_refused_that_names_an_endpoint_inside(hooked: Town) -> None:
    wish = {"url": "http://10.1.2.3/x"}
    answer = hooked.product.http.post("/v1/jobs", json={"transcript": MEETING, "webhook": wish})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/webhook/url")


def test_others_see_and_touch_nothing(hooked: Town, client: Client, receiver: Receiver) -> None:
    hook = client.add_webhook(receiver.url, ["job.failed"]).id
    sent = client.test_webhook(hook).id
    stranger = Client(hooked.product.url, new_tenant(hooked.database, "stranger").key)

    for attempt in (
        lambda: stranger.webhook(hook),
        lambda: stranger.change_webhook(hook, enabled=False),
        lambda: stranger.rotate_webhook(hook),
        lambda: stranger.test_webhook(hook),
        lambda: stranger.deliveries(hook),
        lambda: stranger.delete_webhook(hook),
        lambda: stranger.redeliver(sent),
        lambda: stranger.redeliver_since(hook, datetime.now(UTC)),
        lambda: stranger.webhook("whk_/../x"),
    ):
        with pytest.raises(Problem) as refusal:
            attempt()
        assert refusal.value.status == 404
    assert not stranger.webhooks().data


def test_no_more_than_fifty(hooked: Town, client: Client) -> None:
    for number in range(50):
        client.add_webhook(f"https://hooks.example.com/{number}", ["job.failed"])
    with pytest.raises(Problem) as refusal:
        client.add_webhook("https://hooks.example.com/more", ["job.failed"])

    assert (refusal.value.status, refusal.value.code) == (409, "too-many")


def test_a_receiver_checks_what_comes(client: Client, receiver: Receiver) -> None:
    made = client.add_webhook(receiver.url, ["job.failed"])
    client.test_webhook(made.id)
    until(lambda: receiver.seen, "it has come")
    (seen,) = receiver.seen

    assert verify_webhook(made.secret, seen.headers, seen.body) == seen.event_id
    for headers, body, now in (
        (seen.headers, seen.body + b" ", None),
        ({**seen.headers, "webhook-id": "evt_other"}, seen.body, None),
        ({**seen.headers, "webhook-timestamp": "x"}, seen.body, None),
        ({}, seen.body, None),
        (seen.headers, seen.body, datetime.now(UTC) + timedelta(minutes=6)),
    ):
        with pytest.raises(NotVerified):
            verify_webhook(made.secret, headers, body, now)


def test_the_library_of_node_takes_what_was_sent_and_nothing_else(
    hooked: Town, client: Client, receiver: Receiver, node: Node
) -> None:
    made = client.add_webhook(receiver.url, ["job.queued"])
    hooked.product.submit(transcript=MEETING, panel=THREE, reference="Über «4711» 会議")
    until(lambda: receiver.seen, "a message signed by the one secret has come")
    rotated = client.rotate_webhook(made.id).secret
    hooked.product.submit(transcript=MEETING, panel=THREE)
    until(lambda: len(receiver.seen) >= 2, "a message signed by both has come")

    one, both = receiver.seen
    cases = {
        "the one secret": (made.secret, one),
        "both, by the old one": (made.secret, both),
        "both, by the new one": (rotated, both),
        "a secret that did not sign": (rotated, one),
        "other bytes": (made.secret, replace(one, body=one.body.replace(b"job.queued", b"job.failed"))),
        "another id": (made.secret, replace(one, headers={**one.headers, "webhook-id": both.event_id})),
        "another time": (made.secret, replace(one, headers={**one.headers, "webhook-timestamp": "1795858200"})),
        "no signature": (made.secret, replace(one, headers={**one.headers, "webhook-signature": ""})),
    }
    found = dict(zip(cases, node.verified(cases.values()), strict=True))
    taken = {name: json.loads(request.body) for name, (_, request) in list(cases.items())[:3]}
    assert {name: what["event"] for name, what in found.items() if "event" in what} == taken
    assert taken["the one secret"]["data"]["reference"] == "Über «4711» 会議"
    assert len(both.headers["webhook-signature"].split()) == 2


def test_without_node_nothing_is_passed_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="NO SIGNATURE WAS CHECKED IN NODE"):
        installed()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="NO SIGNATURE WAS CHECKED IN NODE"):
        installed()


def test_the_command_line_names_tests_lists_and_removes(hooked: Town, client: Client, receiver: Receiver) -> None:
    key = str(hooked.product.http.headers["authorization"]).removeprefix("Bearer ")
    where = ("--url", hooked.product.url, "--key", key)

    made = run("webhooks", "add", receiver.url, "--event", "job.failed", *where)
    assert made.returncode == 0, made.stderr
    hook = made.stdout.split()[0]
    assert "secret: whsec_" in made.stdout
    tested = run("webhooks", "test", hook, *where)
    assert (tested.returncode, tested.stdout.count("204")) == (0, 1), tested.stdout + tested.stderr
    assert "webhook.test" in run("webhooks", "deliveries", hook, *where).stdout
    assert receiver.url in run("webhooks", "list", *where).stdout
    assert json.loads(run("webhooks", "list", "--json", *where).stdout)["data"][0]["id"] == hook
    assert "off" in run("webhooks", "disable", hook, *where).stdout
    assert "secret: whsec_" in run("webhooks", "rotate", hook, *where).stdout
    assert run("webhooks", "remove", hook, *where).returncode == 0
    assert "no webhooks" in run("webhooks", "list", *where).stdout
    wrong = run("webhooks", "add", "ftp://x", *where)
    assert wrong.returncode != 0
    assert "https://" in wrong.stderr


def test_the_command_line_sends_again_and_names_what_is_told_more(
    hooked: Town, client: Client, receiver: Receiver
) -> None:
    key = str(hooked.product.http.headers["authorization"]).removeprefix("Bearer ")
    where = ("--url", hooked.product.url, "--key", key)
    hook = client.add_webhook(receiver.url, ["job.failed"]).id
    sent = client.test_webhook(hook).id

    assert sent in run("webhooks", "redeliver", sent, *where).stdout
    again = run("webhooks", "redeliver", hook, "--since", "2026-11-01", *where)
    assert again.stdout == "1 delivery begins anew.\n", again.stderr
    more = run("webhooks", "add", receiver.url, "--full", "--result-url", *where)
    assert "full bodies  with result links" in more.stdout

"""What the commands about webhooks do."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from pydantic import BaseModel

from api.cli.errands import give_up, print_line
from api.cli.exits import USAGE, Told
from api.cli.options import Where
from api.cli.servers import connected
from api.cli.times import moment
from api.cli.work import as_line
from api.client import Client, Trouble
from api.webhook_schemas import DeliveryView, WebhookView, WebhookWithSecret
from orchestrator.delivery.bodies import Payload
from orchestrator.routing.request import ENDS

TEST_WITHIN_S: Final = 20.0  # an attempt takes up to 15
LOOK_EVERY_S: Final = 0.3

View = TypeVar("View", bound=BaseModel)


def page(where: Where, *, as_json: bool) -> None:
    view = _asked(where, lambda client: client.webhooks())
    if as_json:
        print_line(as_line(view))
        return
    for one in view.data:
        print_line(webhook(one))
    if not view.data:
        print_line("There are no webhooks. Name one: meetingmind webhooks add https://...")


def add(
    endpoint: str,
    events: Sequence[str],
    description: str | None,
    where: Where,
    *,
    full: bool,
    result_url: bool,
    as_json: bool,
) -> None:
    payload: Payload = "full" if full else "thin"

    def named(client: Client) -> WebhookWithSecret:
        return client.add_webhook(endpoint, events or ENDS, description, payload=payload, result_url=result_url)

    made = _asked(where, named)
    _print(made, (webhook(made), f"secret: {made.secret}"), as_json=as_json)


def remove(webhook_id: str, where: Where, *, as_json: bool) -> None:
    with connected(where, start=False) as link:
        try:
            link.client.delete_webhook(webhook_id)
        except Trouble as trouble:
            give_up(trouble)
    print_line(json.dumps({"id": webhook_id, "deleted": True}) if as_json else f"{webhook_id} is deleted.")


def switch(webhook_id: str, where: Where, *, on: bool, as_json: bool) -> None:
    view = _asked(where, lambda client: client.change_webhook(webhook_id, enabled=on))
    _print(view, (webhook(view),), as_json=as_json)


def rotate(webhook_id: str, where: Where, *, as_json: bool) -> None:
    made = _asked(where, lambda client: client.rotate_webhook(webhook_id))
    _print(made, (webhook(made), f"secret: {made.secret}"), as_json=as_json)


def test(webhook_id: str, where: Where, *, as_json: bool) -> None:
    """Have a test event sent, and wait a moment for what comes of it."""

    def tested(client: Client) -> DeliveryView:
        sent = client.test_webhook(webhook_id)
        deadline = time.monotonic() + TEST_WITHIN_S
        while True:
            found = next((one for one in client.deliveries(webhook_id).data if one.id == sent.id), sent)
            if found.attempts or time.monotonic() >= deadline:
                return found
            time.sleep(LOOK_EVERY_S)

    view = _asked(where, tested)
    _print(view, (delivery(view),), as_json=as_json)


def deliveries(webhook_id: str, limit: int, where: Where, *, as_json: bool) -> None:
    view = _asked(where, lambda client: client.deliveries(webhook_id, limit))
    _print(view, tuple(map(delivery, view.data)) or ("Nothing was sent to it yet.",), as_json=as_json)


def redeliver(thing: str, since: str | None, until: str | None, where: Where, *, as_json: bool) -> None:
    """One delivery, or an endpoint's of a span of time."""
    begins, ends = moment(since, "--since"), moment(until, "--until")
    if ends is not None and begins is None:
        raise Told("--until ends a span of time: give --since, too.", code=USAGE)
    if begins is None:
        view = _asked(where, lambda client: client.redeliver(thing))
        _print(view, (delivery(view),), as_json=as_json)
        return
    done = _asked(where, lambda client: client.redeliver_since(thing, begins, ends))
    what = "delivery begins" if done.deliveries == 1 else "deliveries begin"
    _print(done, (f"{done.deliveries:,} {what} anew.",), as_json=as_json)


def webhook(view: WebhookView) -> str:
    """An endpoint in a line."""
    state = "on" if view.enabled else f"off: {view.disabled_why}"
    told = "for jobs that name it" if view.of_jobs else " ".join(view.events)
    manner = "  full bodies" * (view.payload == "full") + "  with result links" * view.result_url
    return f"{view.id}  {view.url}  {state}  {told}{manner}"


def delivery(view: DeliveryView) -> str:
    """A delivery in a line: what, when, and what came of its last attempt."""
    last = view.attempts[-1] if view.attempts else None
    came = "not attempted yet" if last is None else str(last.status or last.error)
    after = "" if view.next_at is None or last is None else f", again at {view.next_at}"
    return f"{view.id}  {view.created_at}  {view.type:<17}  {view.state:<9}  {came}{after}"


def _asked(where: Where, ask: Callable[[Client], View]) -> View:
    with connected(where, start=False) as link:
        try:
            return ask(link.client)
        except Trouble as trouble:
            give_up(trouble)


def _print(view: BaseModel, lines: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        print_line(as_line(view))
        return
    for line in lines:
        print_line(line)

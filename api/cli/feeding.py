"""`meetingmind events`: the feed, one event a line."""

import time
from typing import Final

from api.cli.errands import give_up, print_line
from api.cli.options import Where
from api.cli.servers import connected
from api.cli.work import as_line
from api.client import Client, Trouble
from api.event_schemas import FeedEventView
from providers.calls import JsonObject

LOOK_EVERY_S: Final = 1.0


def run(after: int, where: Where, *, follow: bool, as_json: bool) -> None:
    """Print the feed from there on; with `follow` until somebody ends us."""
    with connected(where, start=False) as link:
        try:
            after = _print_all(link.client, after, as_json=as_json)
            while follow:
                time.sleep(LOOK_EVERY_S)
                after = _print_all(link.client, after, as_json=as_json)
        except Trouble as trouble:
            give_up(trouble)


def _print_all(client: Client, after: int, *, as_json: bool) -> int:
    for event in client.events(after):
        print_line(as_line(event) if as_json else line(event))
        after = event.sequence
    return after


def line(event: FeedEventView) -> str:
    """One event in words: number, time, type, job, and what is known of it."""
    about = [event.job_id or "", *_told(event.data)]
    return f"{event.sequence:>7}  {event.at}  {event.type:<17}  {'  '.join(word for word in about if word)}".rstrip()


def _told(data: JsonObject) -> list[str]:
    """The data that a reader of a line wants to see, each with its name where it does not speak for itself."""
    model = f"{data['provider']}/{data['model']}" if "provider" in data and "model" in data else ""
    named = ("seat", "reason", "because", "code", "to", "scope", "threshold", "cost_usd")
    counts = data.get("counts")
    found = [f"{kind}={count}" for kind, count in counts.items()] if isinstance(counts, dict) else []
    return [model, *(f"{name}={data[name]}" for name in named if data.get(name) is not None), *found]

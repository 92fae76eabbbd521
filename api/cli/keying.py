"""What the commands about keys do."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from pydantic import BaseModel

from api.cli.errands import give_up, print_line
from api.cli.exits import USAGE, Told, tell
from api.cli.options import Where
from api.cli.servers import connected
from api.cli.work import as_line
from api.client import Client, Trouble
from api.key_schemas import KeyView, KeyWithSecret

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

View = TypeVar("View", bound=BaseModel)


def page(limit: int, where: Where, *, as_json: bool) -> None:
    view = _asked(where, lambda client: client.keys(limit))
    if as_json:
        print_line(as_line(view))
        return
    for one in view.data:
        print_line(key(one))
    if view.next_cursor is not None:
        tell(f"These are the newest {limit}; --limit shows more.")


def show(key_id: str, where: Where, *, as_json: bool) -> None:
    view = _asked(where, lambda client: client.key(key_id))
    _print(view, (key(view), *_more(view)), as_json=as_json)


def create(name: str, scopes: Sequence[str], expires_in: str | None, where: Where, *, as_json: bool) -> None:
    ends = _span(expires_in, "--expires-in")
    made = _asked(where, lambda client: client.create_key(name, scopes, expires_in_s=ends))
    _print(made, _once(made), as_json=as_json)


def rotate(key_id: str, overlap: str, expires_in: str | None, where: Where, *, as_json: bool) -> None:
    lasts, ends = _span(overlap, "--overlap") or 0, _span(expires_in, "--expires-in")
    made = _asked(where, lambda client: client.rotate_key(key_id, lasts, expires_in_s=ends))
    _print(made, _once(made), as_json=as_json)


def revoke(key_id: str, where: Where, *, as_json: bool) -> None:
    view = _asked(where, lambda client: client.revoke_key(key_id))
    _print(view, (key(view),), as_json=as_json)


def key(view: KeyView) -> str:
    """A key in a line: which, what it is called, how it stands, what it may do."""
    ends = "" if view.expires_at is None or view.state == "revoked" else f" until {view.expires_at}"
    used = "never used" if view.last_used_at is None else f"used {view.last_used_at}"
    began = view.prefix or "(older than prefixes)"
    return f"{view.id}  {began}...  {view.name}  {view.state}{ends}  {' '.join(view.scopes)}  {used}"


def _more(view: KeyView) -> tuple[str, ...]:
    told = {
        "made": f"{view.created_at} by {view.made_by or 'an operator'}",
        "revoked": view.revoked_at,
        "replaced by": view.replaced_by,
    }
    return tuple(f"{name}: {value}" for name, value in told.items() if value is not None)


def _once(made: KeyWithSecret) -> tuple[str, ...]:
    return (key(made), f"secret: {made.secret}")


def _span(said: str | None, option: str) -> int | None:
    """In seconds. Raises Told: it is no span of time."""
    if said is None:
        return None
    number, unit = said[:-1], said[-1:]
    if unit not in _SECONDS or not (number.isascii() and number.isdigit()):
        raise Told(f"{option} wants a number and one of s, m, h, d, as in 90d.", code=USAGE)
    return int(number[:12]) * _SECONDS[unit]


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

"""The commands about webhooks and their options. What they do is imported when they run, as in `commands.py`."""

from typing import Annotated, TypeAlias

import typer

from api.cli.options import DataDir, Json, Key, Url, Where

Id: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="The endpoint, as in whk_...")]
Events: TypeAlias = Annotated[
    list[str] | None, typer.Option("--event", help="What it shall be told, such as job.succeeded; several times.")
]

webhooks = typer.Typer(
    help="Name endpoints that are told what happens, and look after them.", no_args_is_help=True, rich_markup_mode=None
)


@webhooks.command("list")
def listed(*, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """List the endpoints."""
    from api.cli import hooking  # noqa: PLC0415  see the head

    hooking.page(Where(url, key, data_dir), as_json=json)


@webhooks.command()
def add(  # noqa: PLR0913  typer makes an option of each argument
    endpoint: Annotated[str, typer.Argument(metavar="URL", help="Where to send, as in https://...")],
    *,
    event: Events = None,
    description: Annotated[str | None, typer.Option(help="A word for people.")] = None,
    full: Annotated[bool, typer.Option("--full", help="With the whole job in the message that it has ended.")] = False,
    result_url: Annotated[
        bool, typer.Option("--result-url", help="With a link that opens the result without a key, for a time.")
    ] = False,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Name an endpoint; without --event it is told how jobs end. Prints its secret, this once."""
    from api.cli import hooking  # noqa: PLC0415  see the head

    where = Where(url, key, data_dir)
    hooking.add(endpoint, event or (), description, where, full=full, result_url=result_url, as_json=json)


@webhooks.command()
def remove(webhook: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Delete an endpoint with all that was or is to be sent to it."""
    from api.cli import hooking  # noqa: PLC0415  see the head

    hooking.remove(webhook, Where(url, key, data_dir), as_json=json)


@webhooks.command()
def enable(webhook: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Switch an endpoint on again, for what happens from now on."""
    from api.cli import hooking  # noqa: PLC0415  see the head

    hooking.switch(webhook, Where(url, key, data_dir), on=True, as_json=json)


@webhooks.command()
def disable(webhook: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Switch an endpoint off: nothing is sent to it."""
    from api.cli import hooking  # noqa: PLC0415  see the head

    hooking.switch(webhook, Where(url, key, data_dir), on=False, as_json=json)


@webhooks.command()
def rotate(webhook: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Exchange the secret. Prints the new one, this once; for 24 hours both sign."""
    from api.cli import hooking  # noqa: PLC0415  see the head

    hooking.rotate(webhook, Where(url, key, data_dir), as_json=json)


@webhooks.command("test")
def try_out(webhook: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Send a test event and print what came of it."""
    from api.cli import hooking  # noqa: PLC0415  see the head

    hooking.test(webhook, Where(url, key, data_dir), as_json=json)


@webhooks.command()
def deliveries(
    webhook: Id,
    *,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 20,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Print what was sent to an endpoint, the newest first."""
    from api.cli import hooking  # noqa: PLC0415  see the head

    hooking.deliveries(webhook, limit, Where(url, key, data_dir), as_json=json)


@webhooks.command()
def redeliver(
    thing: Annotated[str, typer.Argument(metavar="ID", help="A delivery, as in dlv_..., or with --since an endpoint.")],
    *,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="From then on (UTC if it says nothing): all that was sent.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Before then; without it, until now.")] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Send one again, or all of a span of time, under the same ids."""
    from api.cli import hooking  # noqa: PLC0415  see the head

    hooking.redeliver(thing, since, until, Where(url, key, data_dir), as_json=json)

"""What people see of providers and their models in a terminal: rich renderables. Pure."""

from typing import Final

from rich import box
from rich.console import ConsoleRenderable, Group
from rich.table import Table
from rich.text import Text

from api.provider_schemas import Fares, ModelsView, ModelView, ProvidersView, ProviderView
from api.terminal import said

_STYLES: Final[dict[str, str]] = {"healthy": "green", "degraded": "yellow", "down": "red", "open": "red"}
_NOTHING: Final = "-"


def providers(view: ProvidersView) -> ConsoleRenderable:
    """One row each: whether it can be asked, how it fares, how much waits for it."""
    table = _table("Provider", "State", "Circuit", "Errors", "Latency", "Waiting", "Under way", "Key")
    for one in view.data:
        table.add_row(
            said(one.id),
            _word(one.state),
            _word(one.circuit),
            _share(one),
            _seconds(one),
            _NOTHING if one.queue.waiting is None else str(one.queue.waiting),
            str(one.queue.in_flight),
            "yes" if one.reachable else "none",
        )
    return table


def provider(view: ProviderView, models: ModelsView) -> ConsoleRenderable:
    """How it fares and why, its keys, and its models."""
    head = said(f"{view.name} ({view.id}): {view.state}, circuit {view.circuit}", "bold")
    reasons = [said(f"  {reason}") for reason in view.reasons]
    keys = [said(f"  key {key.key}: {key.in_flight} of {key.permits:g} permits in use") for key in view.limits]
    table = _table("Model", "Tier", "Life", "Window", "In", "Out", "State", "Errors", "Latency")
    for one in models.data:
        table.add_row(*_model(one))
    return Group(head, *reasons, *keys, table, said("Prices are US dollars for a million tokens.", "dim"))


def _model(one: ModelView) -> tuple[Text | str, ...]:
    price = one.prices[0]
    return (
        said(one.id),
        one.tier,
        one.lifecycle,
        f"{one.window_tokens:,}",
        _dollars(price.input_usd_per_million),
        _dollars(price.output_usd_per_million),
        _word(one.state),
        _share(one),
        _seconds(one),
    )


def _dollars(text: str) -> str:
    return text.rstrip("0").rstrip(".")


def _share(one: Fares) -> str:
    return _NOTHING if one.error_rate is None else f"{one.error_rate:.0%}"


def _seconds(one: Fares) -> str:
    return _NOTHING if one.latency_s is None else f"{one.latency_s:.1f} s"


def _word(word: str) -> Text:
    return Text(word, style=_STYLES.get(word, ""))


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name in names:
        table.add_column(name, overflow="fold")
    return table

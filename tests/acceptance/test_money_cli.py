"""`meetingmind costs` and `meetingmind budgets` as a user meets them: whole processes against a running API."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.money_schemas import BudgetsView, CostsView
from orchestrator.storage import reports, tenants
from tests.acceptance.callers import Alone, Caller, api_alone
from tests.acceptance.test_cli import Finished, only_line, run
from tests.integration.entries import OPUS, entry
from tests.servers import Addresses
from tests.unit.api.pages import Page


@pytest.fixture(scope="module")
def alone(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with api_alone(addresses, template, tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture
def acme(alone: Alone) -> Caller:
    return alone.tenant("read", "admin", "ops")


@pytest.fixture
def today(alone: Alone) -> date:
    with alone.database.system() as connection:
        return reports.now(connection).date()


def on(caller: Caller, *arguments: str | Path) -> Finished:
    return run(*arguments, "--url", str(caller.http.base_url), "--key", caller.tenant.key)


def test_costs_for_people_are_a_table_with_bars(acme: Caller) -> None:
    acme.book(entry(900_000, "2026-11-02"), entry(50, "2026-11-10", served=OPUS))

    done = on(acme, "costs", "--by", "model", "--from", "2026-11-01", "--to", "2026-11-30")

    assert done.returncode == 0
    assert "openai/gpt-6-luna" in done.stdout
    assert "█" in done.stdout
    assert "$0.90005 for 2 calls, 2026-11-01 to 2026-11-30 (UTC)." in done.stdout
    assert done.stderr == ""


def test_costs_as_json_are_one_line_as_the_service_tells_them(acme: Caller) -> None:
    acme.book(entry(900_000, "2026-11-02"))

    done = on(acme, "costs", "--json", "--from", "2026-11-01", "--to", "2026-11-30")

    line = only_line(done)
    assert CostsView.model_validate_json(line).total_usd == "0.900000"
    assert '"from":"2026-11-01"' in line


def test_the_page_of_costs_is_written_and_named(acme: Caller, tmp_path: Path) -> None:
    acme.book(entry(900_000, "2026-11-02", project="<b>crm</b>"))
    path = tmp_path / "deep" / "costs.html"

    done = on(acme, "costs", "--by", "project", "--from", "2026-11-01", "--to", "2026-11-30", "--html", path)

    page = Page(path.read_text("utf-8"))
    assert done.returncode == 0
    assert f"Page: {path}" in done.stderr
    assert page.heads[1:] == ["By day", "By project", "Savings"]
    assert "<b>crm</b> $0.90" in page.words


def test_budgets_are_shown_set_and_taken_away(acme: Caller, today: date) -> None:
    until = (today + timedelta(days=400)).isoformat()

    shown = on(acme, "budgets")
    made = on(acme, "budgets", "set", "project:crm", "--limit", "100.00", "--override", "150", "--until", until)
    taken = on(acme, "budgets", "remove", "project:crm")

    assert [done.returncode for done in (shown, made, taken)] == [0, 0, 0]
    assert "tenant, month" in shown.stdout
    assert "$150.00" in made.stdout
    assert f"until {until}" in made.stdout
    assert "none" in taken.stdout


def test_budgets_as_json_are_one_line(acme: Caller) -> None:
    done = on(acme, "budgets", "--json")

    assert [one.scope for one in BudgetsView.model_validate_json(only_line(done)).data] == [
        "tenant",
        "tenant",
        "platform",
    ]


def test_a_stop_is_shown_and_lifted(acme: Caller) -> None:
    with acme.database.tenant(acme.tenant.id) as connection:
        tenants.stop(connection, acme.tenant.id, "a bill above its bound")

    shown, lifted, again = on(acme, "budgets"), on(acme, "budgets", "resume"), on(acme, "budgets", "resume")

    assert "a bill above its bound" in shown.stdout
    assert lifted.stdout == "New jobs are taken in again.\n"
    assert again.stdout == "New jobs were taken in all along.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("costs", "--by", "hour"), 2, "hour"),
        (("costs", "--from", "yesterday"), 2, "--from wants a day, such as 2026-11-01."),
        (("costs", "--from", "2026-11-10", "--to", "2026-11-01"), 1, "/query/from: must not lie after `to`"),
        (("costs", "--html", "/"), 2, "/ is a folder; name the file for the page."),
        (("budgets", "set", "tenant", "--limit", "lots"), 1, "/limit_usd"),
        (("budgets", "set", "platform", "--limit", "1"), 1, "/path/scope"),
        (("budgets", "set", "tenant", "--limit", "1", "--override", "2"), 2, "--override and --until go together."),
        (
            ("budgets", "set", "tenant", "--limit", "1", "--override", "2", "--until", "soon"),
            2,
            "--until wants a day or a time, such as 2026-12-01 or 2026-12-01T09:00Z.",
        ),
        (("budgets", "set", "tenant"), 2, "--limit"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    acme: Caller, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = on(acme, *arguments)

    assert done.returncode == code
    assert said in done.stderr
    assert done.stdout == ""


def test_options_that_would_be_lost_are_refused(acme: Caller) -> None:
    done = run("budgets", "--url", str(acme.http.base_url), "set", "tenant", "--limit", "1")

    assert done.returncode == 2
    assert "Put the options behind `budgets set`." in done.stderr


def test_a_page_that_cannot_be_written_is_a_sentence(acme: Caller, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    done = on(acme, "costs", "--html", tmp_path / "file" / "costs.html")

    assert done.returncode == 1
    assert "The page cannot be written to" in done.stderr


def test_a_key_without_the_scope_is_told_so(alone: Alone) -> None:
    done = on(alone.tenant("read"), "budgets", "resume")

    assert done.returncode == 1
    assert "The key lacks the scope 'admin'." in done.stderr

"""The audit log and versions as a contract: by HTTP, by the client and by the command line."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.async_client import AsyncClient
from api.client import Client
from orchestrator.errors import NotFound
from orchestrator.tenancy.chain import Anchor, Entry, verify
from tests.acceptance.callers import Alone, Caller, api_alone
from tests.acceptance.test_cli import Finished, run
from tests.servers import Addresses

SECRET_PATH = "hooks-token-of-acme"
HOOK = f"https://hooks.example.com/{SECRET_PATH}"
BODY = {"transcript": {"content": "Ann: We ship the secret plans on Friday."}}


@pytest.fixture(scope="module")
def alone(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with api_alone(addresses, template, tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture
def acme(alone: Alone) -> Caller:
    return alone.tenant("read", "submit", "webhooks", "keys", "admin", "ops")


def done(caller: Caller, path: str, method: str, **posted: Any) -> Any:
    answer = caller.ask(path, method, **posted)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def log(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.read(f"/v1/audit{query}")["data"]
    return found


def acts(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["action"] for entry in entries]


def entries(found: list[dict[str, Any]]) -> list[Entry]:
    return [Entry.model_validate(one) for one in found]


def on(caller: Caller, *words: str | Path) -> Finished:
    return run(*words, "--url", str(caller.http.base_url), "--key", caller.tenant.key)


def set_template(caller: Caller, instruction: str, kind: str = "standup") -> None:
    done(caller, f"/v1/templates/{kind}", "PUT", instruction=instruction)


def administer(caller: Caller) -> list[str]:
    """One act of each kind that needs nothing but the API; returns what they are called."""
    caller.put("tenant", period="month", limit_usd="100.00")
    caller.put("tenant", period="month", limit_usd=None)
    set_template(caller, "- topics: secret plans")
    done(caller, "/v1/templates/standup", "DELETE")
    hook = done(caller, "/v1/webhooks", "POST", url=HOOK, events=["job.succeeded"], description="secret plans")
    done(caller, f"/v1/webhooks/{hook['id']}", "PATCH", enabled=False)
    done(caller, f"/v1/webhooks/{hook['id']}/rotate", "POST")
    delivery = done(caller, f"/v1/webhooks/{hook['id']}/test", "POST")
    done(caller, f"/v1/deliveries/{delivery['id']}/redeliver", "POST")
    done(
        caller,
        f"/v1/webhooks/{hook['id']}/redeliver",
        "POST",
        since="2020-01-01T00:00:00Z",
        until="2100-01-01T00:00:00Z",
    )
    done(caller, f"/v1/webhooks/{hook['id']}", "DELETE")
    done(caller, "/v1/circuits/openai/reset", "POST")
    key = done(caller, "/v1/keys", "POST", name="nightly", scopes=["read"])
    done(caller, f"/v1/keys/{key['id']}", "PATCH", name="weekly")
    done(caller, f"/v1/keys/{key['id']}", "PATCH", name="weekly")  # changes nothing
    done(caller, f"/v1/keys/{key['id']}/rotate", "POST", overlap_s=60)
    done(caller, f"/v1/keys/{key['id']}", "DELETE")
    done(caller, f"/v1/keys/{key['id']}", "DELETE")  # changes nothing
    job = done(caller, "/v1/jobs", "POST", **BODY)
    done(caller, f"/v1/jobs/{job['id']}", "DELETE")
    batch = done(caller, "/v1/batches", "POST", jobs=[BODY])
    for verb in ("pause", "resume", "cancel", "retry"):
        done(caller, f"/v1/batches/{batch['id']}/{verb}", "POST")
    return [
        *("budget.set", "budget.removed", "template.set", "template.removed"),
        *("webhook.created", "webhook.changed", "webhook.rotated"),
        *("deliveries.redelivered", "deliveries.redelivered", "webhook.deleted", "circuits.reset"),
        *("key.created", "key.changed", "key.rotated", "key.revoked", "job.erased"),
        *("batch.paused", "batch.resumed", "batch.canceled", "batch.retried"),
    ]


def test_every_act_of_administration_is_an_entry_and_jobs_are_none(acme: Caller) -> None:
    expected = administer(acme)

    found = log(acme)

    assert acts(found) == expected
    assert verify(entries(found)).fault is None
    assert {entry["tenant_id"] for entry in found} == {acme.tenant.id}
    assert all(entry["actor"].startswith("key_") for entry in found)
    assert len({entry["request_id"] for entry in found}) == len(found)


def test_an_entry_names_the_request_that_its_answer_named(acme: Caller) -> None:
    answer = acme.ask("/v1/budgets/tenant", "PUT", period="day", limit_usd="5.00")

    (entry,) = log(acme)

    assert entry["request_id"] == answer.headers["x-request-id"]
    assert entry["object"] == "budgets/tenant/day"
    assert entry["before"] == {"limit_usd": None, "override_usd": None, "override_until": None}
    assert entry["after"] == {"limit_usd": "5.000000", "override_usd": None, "override_until": None, "version": 1}


def test_no_secret_no_address_and_no_word_of_anybody_is_in_the_log(acme: Caller) -> None:
    administer(acme)

    told = json.dumps(log(acme))

    assert "secret plans" not in told
    assert SECRET_PATH not in told
    assert "whsec_" not in told
    assert "mm_" not in told
    assert "https://hooks.example.com" in told


def test_what_changes_nothing_is_no_entry(acme: Caller) -> None:
    for _ in range(2):
        acme.put("tenant", period="month", limit_usd="100.00")
        set_template(acme, "- topics: a")
        done(acme, "/v1/templates/sales", "DELETE")
        done(acme, "/v1/budgets/resume", "POST")
    job = done(acme, "/v1/jobs", "POST", **BODY)
    for _ in range(2):
        done(acme, f"/v1/jobs/{job['id']}", "DELETE")
    refused = acme.ask("/v1/budgets/tenant", "PUT", period="month", limit_usd="-1")

    assert refused.status_code == 422
    assert acts(log(acme)) == ["budget.set", "template.set", "job.erased"]


def test_a_stop_that_is_lifted_is_an_entry(acme: Caller) -> None:
    with acme.database.tenant(acme.tenant.id) as connection:
        connection.exec_driver_sql("UPDATE tenants SET stopped_at = now(), stopped_why = 'a bill'")

    done(acme, "/v1/budgets/resume", "POST")

    assert acts(log(acme)) == ["admission.resumed"]


def test_the_log_is_read_by_pages_acts_and_objects(acme: Caller) -> None:
    for limit in ("1", "2", "3", "4"):
        acme.put("tenant", period="month", limit_usd=limit)
    set_template(acme, "- topics: a")

    first = acme.read("/v1/audit?limit=2")
    second = acme.read(f"/v1/audit?limit=2&after={first['next']}")
    end = acme.read("/v1/audit?after=5")

    assert [entry["sequence"] for entry in (*first["data"], *second["data"])] == [1, 2, 3, 4]
    assert end == {"data": [], "next": 5}
    assert [entry["sequence"] for entry in log(acme, "?action=template.set")] == [5]
    assert [entry["sequence"] for entry in log(acme, "?object=budgets/tenant/month&after=2")] == [3, 4]


@pytest.mark.parametrize(
    "query", ["after=-1", "limit=0", "limit=1001", "action=budget.eaten", "object=%00", f"object={'x' * 201}"]
)
def test_what_cannot_be_asked_for_is_refused(acme: Caller, query: str) -> None:
    answer = acme.ask(f"/v1/audit?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_another_tenant_sees_nothing_of_it(alone: Alone, acme: Caller) -> None:
    administer(acme)
    acme.put("project:crm", period="month", limit_usd="3.00")

    stranger = alone.tenant("read", "admin")

    assert log(stranger) == []
    assert stranger.read("/v1/budgets/project:crm/versions")["data"] == []
    assert stranger.read("/v1/templates/standup/versions")["data"] == []
    assert stranger.ask("/v1/budgets/project:crm/versions/1/restore", "POST").status_code == 404
    assert stranger.ask("/v1/templates/standup/versions/1/restore", "POST").status_code == 404
    assert log(stranger) == []


def test_who_may_not_administer_may_not_read_the_log_nor_restore(alone: Alone) -> None:
    reader = alone.tenant("read", "submit", "webhooks", "ops")

    asked = [
        reader.ask("/v1/audit"),
        reader.ask("/v1/audit?house=true"),
        reader.ask("/v1/budgets/tenant/versions/1/restore", "POST"),
        reader.ask("/v1/templates/standup/versions/1/restore", "POST"),
    ]

    assert [answer.status_code for answer in asked] == [403] * 4


def test_a_reset_of_circuits_is_told_to_who_did_it_and_to_operators(alone: Alone, acme: Caller) -> None:
    operator, stranger = alone.tenant("admin", "ops"), alone.tenant("admin")
    before = len(log(operator, "?house=true"))
    done(acme, "/v1/circuits/openai/reset", "POST")
    nowhere = acme.ask("/v1/circuits/nowhere/reset", "POST")

    mine, house = log(acme), log(operator, "?house=true")

    assert nowhere.status_code == 404
    assert [(entry["action"], entry["object"]) for entry in mine] == [("circuits.reset", "circuits/openai")]
    assert len(house) == before + 1
    assert (house[-1]["actor"], house[-1]["tenant_id"]) == (mine[0]["actor"], "")
    assert verify(entries(house)).fault is None
    assert (log(operator), log(stranger)) == ([], [])
    assert stranger.ask("/v1/audit?house=true").status_code == 403


def test_a_limit_is_restored_as_a_version_of_its_own(acme: Caller) -> None:
    acme.put("project:crm", period="month", limit_usd="10.00")
    acme.put("project:crm", period="month", limit_usd="20.00", override_usd="25", override_until="2030-01-01T00:00:00Z")
    acme.put("project:crm", period="day", limit_usd="1.00")
    acme.put("project:crm", period="month", limit_usd=None)

    shown = done(acme, "/v1/budgets/project:crm/versions/2/restore", "POST")
    again = done(acme, "/v1/budgets/project:crm/versions/2/restore", "POST")
    gone = done(acme, "/v1/budgets/project:crm/versions/3/restore", "POST")
    versions = acme.read("/v1/budgets/project:crm/versions")["data"]

    assert shown["limit_usd"] == again["limit_usd"] == "20.000000"
    assert shown["override"] == {"limit_usd": "25.000000", "until": "2030-01-01T00:00:00.000Z"}
    assert (gone["limit_usd"], gone["override"]) == (None, None)
    assert [(one["version"], one["limit_usd"]) for one in versions] == [
        *((5, None), (4, "20.000000"), (3, None), (2, "20.000000"), (1, "10.000000"))
    ]
    assert versions[1]["override"] == shown["override"]
    last = log(acme, "?action=budget.restored")[0]
    assert (last["after"]["version"], last["after"]["restored"]) == (4, 2)
    assert {one["set_by"] for one in versions} == {last["actor"]}
    (of_day,) = acme.read("/v1/budgets/project:crm/versions?period=day")["data"]
    assert (of_day["version"], of_day["limit_usd"]) == (1, "1.000000")


def test_a_template_is_restored_as_a_version_of_its_own(acme: Caller) -> None:
    set_template(acme, "- topics: a")
    set_template(acme, "- topics: b")
    done(acme, "/v1/templates/standup", "DELETE")

    shown = done(acme, "/v1/templates/standup/versions/1/restore", "POST")
    done(acme, "/v1/templates/standup/versions/1/restore", "POST")
    versions = acme.read("/v1/templates/standup/versions")["data"]

    assert (shown["ours"], shown["instruction"]) == (False, "- topics: a")
    assert shown["version"] == versions[0]["name"]
    assert [(one["version"], one["instruction"]) for one in versions] == [
        *((4, "- topics: a"), (3, None), (2, "- topics: b"), (1, "- topics: a"))
    ]
    assert [entry["after"].get("restored") for entry in log(acme)] == [None, None, None, 1]
    assert {one["set_by"] for one in versions} == {log(acme)[0]["actor"]}


def test_versions_are_read_by_pages(alone: Alone, acme: Caller) -> None:
    for limit in range(1, 6):
        acme.put("tenant", period="month", limit_usd=str(limit))
        set_template(acme, f"- topics: {limit}")

    for path in ("/v1/budgets/tenant/versions", "/v1/templates/standup/versions"):
        first = acme.read(f"{path}?limit=3")
        second = acme.read(f"{path}?limit=3&cursor={first['next_cursor']}")
        foreign = alone.tenant("read").ask(f"{path}?cursor={first['next_cursor']}")

        numbers = [one["version"] for one in (*first["data"], *second["data"])]
        assert (numbers, second["next_cursor"]) == ([5, 4, 3, 2, 1], None)
        assert (foreign.status_code, foreign.json()["code"]) == (422, "invalid-request")


@pytest.mark.parametrize("path", ["/v1/budgets/tenant/versions/9/restore", "/v1/templates/sales/versions/9/restore"])
def test_a_version_that_never_was_cannot_be_restored(acme: Caller, path: str) -> None:
    answer = acme.ask(path, "POST")

    assert (answer.status_code, answer.json()["code"]) == (404, NotFound.code)


def test_both_clients_read_check_and_restore(acme: Caller) -> None:
    url, key = str(acme.http.base_url), acme.tenant.key
    with Client(url, key) as client:
        client.set_budget("tenant", "month", "10.00")
        client.set_template("standup", "- topics: a")
        client.set_budget("tenant", "month", "20.00")
        client.restore_budget("tenant", "month", 1)
        client.restore_template("standup", 1)
        verdict = client.verify_audit()
        limits = [one.limit_usd for one in client.budget_versions("tenant", "month").data]
        texts = [one.instruction for one in client.template_versions("standup").data]
        page = client.audit(limit=2)
        seen = list(client.every_audit_entry(page.next, action="budget.restored"))

    async def ask() -> tuple[list[str], int]:
        async with AsyncClient(url, key) as awaited:
            found = [entry.action async for entry in awaited.every_audit_entry()]
            return found, (await awaited.verify_audit(verdict.last)).entries

    assert (verdict.entries, verdict.fault) == (4, None)
    assert (limits, texts) == (["10.000000", "20.000000", "10.000000"], ["- topics: a"])
    assert [entry.sequence for entry in seen] == [4]
    assert asyncio.run(ask()) == (["budget.set", "template.set", "budget.set", "budget.restored"], 4)


def test_the_command_lists_and_checks_the_log(acme: Caller, tmp_path: Path) -> None:
    administer(acme)

    lines, listed, checked = on(acme, "audit"), on(acme, "audit", "list", "--json"), on(acme, "audit", "verify")
    kept = tmp_path / "audit.ndjson"
    kept.write_text(listed.stdout, "utf-8")
    anchor = checked.stdout.splitlines()[-1]
    from_file = run("audit", "verify", kept, "--known", anchor)
    again = on(acme, "audit", "verify", "--known", anchor, "--json")

    count = len(log(acme))
    assert len(lines.stdout.splitlines()) == len(listed.stdout.splitlines()) == count
    assert "budget.set  budgets/tenant/month  limit_usd=100.000000" in lines.stdout
    assert checked.stdout.startswith(f"{count} entries, none changed, moved or taken from the middle.\n")
    assert "no chain can tell" in checked.stdout
    assert (from_file.returncode, again.returncode) == (0, 0)
    assert "It goes on from what was noted." in from_file.stdout
    assert json.loads(again.stdout) == {"entries": count, "last": _anchored(anchor), "fault": None}


def test_the_command_names_the_first_entry_that_is_wrong(acme: Caller, tmp_path: Path) -> None:
    administer(acme)
    whole = on(acme, "audit", "list", "--json").stdout.splitlines()
    anchor = on(acme, "audit", "verify").stdout.splitlines()[-1]
    edited, deleted, cut = tmp_path / "edited", tmp_path / "deleted", tmp_path / "cut"
    edited.write_text("\n".join([whole[0], whole[1].replace("tenant/month", "tenant/day"), *whole[2:]]), "utf-8")
    deleted.write_text("\n".join([*whole[:3], *whole[4:]]), "utf-8")
    cut.write_text("\n".join(whole[:5]), "utf-8")

    found = [run("audit", "verify", file) for file in (edited, deleted, cut)]
    with_anchor = run("audit", "verify", cut, "--known", anchor)
    no_entries = run("audit", "verify", Path(__file__))

    assert [one.returncode for one in (*found, with_anchor, no_entries)] == [1, 1, 0, 1, 2]
    assert "Entry 2 is wrong" in found[0].stderr
    assert "Entry 4 is wrong" in found[1].stderr
    assert "Entry 6 is wrong" in with_anchor.stderr
    assert "is no entry" in no_entries.stderr


def test_an_anchor_that_is_none_is_refused(acme: Caller) -> None:
    refused = on(acme, "audit", "verify", "--known", "5:abc")

    assert (refused.returncode, refused.stdout) == (2, "")


def _anchored(text: str) -> dict[str, Any]:
    number, _, found = text.partition(":")
    return Anchor(sequence=int(number), hash=found).model_dump()

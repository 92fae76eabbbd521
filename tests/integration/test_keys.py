"""`/v1/keys` over HTTP, on real rows: making, listing, exchanging and ending keys, and what no key may give."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import text

from api import app as application
from api.known_keys import KEPT_S
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from orchestrator.storage.migrate import downgrade, upgrade
from orchestrator.tenancy.keys import BadKey, add_tenant, authenticate, generate
from orchestrator.tenancy.scopes import TENANT_SCOPES, Scope
from tests.acceptance.processes import until
from tests.servers import PEPPER, Tenant

LATE = f"{datetime.now(UTC) + timedelta(days=3_000):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Asking:
    """Somebody with a key."""

    client: TestClient
    key: str

    def ask(self, method: str, path: str = "", body: Any = None, **headers: str) -> Response:
        told = {"Authorization": f"Bearer {self.key}", **headers}
        return self.client.request(method, f"/v1/keys{path}", json=body, headers=told)

    def made(self, *scopes: Scope, **more: Any) -> Any:
        answer = self.ask("POST", body={"name": "made", "scopes": scopes or ("read",), **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def id(self) -> str:
        """Of its own key, which is the only one that begins so."""
        (found,) = [one for one in self.ask("GET").json()["data"] if self.key.startswith(one["prefix"])]
        return str(found["id"])

    def with_key(self, key: str) -> "Asking":
        return Asking(self.client, key)

    def jobs(self) -> int:
        """What comes of reading."""
        return self.client.get("/v1/jobs", headers={"Authorization": f"Bearer {self.key}"}).status_code


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(application.build(settings)) as found:
        yield found


@pytest.fixture
def keeper(client: TestClient, database: Database) -> Asking:
    """Of a tenant, with all of a tenant's scopes and no end."""
    key = generate("live")
    add_tenant(database, "globex", key, PEPPER, TENANT_SCOPES)
    return Asking(client, key)


def code(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_key_that_is_made_opens_the_house_and_is_shown_once(keeper: Asking) -> None:
    answer = keeper.ask("POST", body={"name": "the CRM", "scopes": ["read", "submit"], "expires_in_s": 3_600})
    made = answer.json()

    shown = keeper.ask("GET", f"/{made['id']}").json()
    listed = keeper.ask("GET").json()["data"]

    assert answer.headers["location"] == f"/v1/keys/{made['id']}"
    assert answer.headers["cache-control"] == "no-store"
    assert keeper.with_key(made["secret"]).jobs() == 200
    assert made["secret"].startswith("mm_live_")
    assert made["secret"].startswith(made["prefix"])
    assert {**shown, "secret": made["secret"]} == made
    assert (shown["scopes"], shown["state"], shown["made_by"]) == (["submit", "read"], "live", keeper.id())
    assert [one["id"] for one in listed] == [made["id"], keeper.id()]
    assert made["secret"] not in keeper.ask("GET").text + keeper.ask("GET", f"/{made['id']}").text


def test_a_key_that_is_lost_and_found_has_left_nothing_of_itself_in_the_rows(
    keeper: Asking, database: Database
) -> None:
    secret = keeper.ask("POST", body={"name": "the CRM", "scopes": ["read"]}, **{"Idempotency-Key": "once"}).json()[
        "secret"
    ]

    with database.system() as connection:
        rows = "".join(
            str(connection.execute(text(f"SELECT t::text FROM {table} AS t")).scalars().all())  # noqa: S608 - our own words
            for table in ("api_keys", "idempotency_keys", "tenants", "events")
        )

    assert secret not in rows
    assert secret.encode().hex() not in rows


@pytest.mark.parametrize("scopes", [("ops",), ("read", "ops"), ("submit", "read", "webhooks", "keys", "admin", "ops")])
def test_no_key_gives_a_scope_that_it_lacks(keeper: Asking, scopes: tuple[str, ...]) -> None:
    answer = keeper.ask("POST", body={"name": "more", "scopes": scopes})

    assert code(answer) == (403, "beyond-own-key")
    assert len(keeper.ask("GET").json()["data"]) == 1


def test_a_key_with_keys_alone_makes_such_keys_alone(keeper: Asking) -> None:
    small = keeper.with_key(keeper.made("keys")["secret"])

    assert code(small.ask("POST", body={"name": "more", "scopes": ["read"]})) == (403, "beyond-own-key")
    assert small.made("keys")["scopes"] == ["keys"]


def test_who_may_do_less_exchanges_and_prolongs_nothing_that_may_do_more_and_ends_it_all_the_same(
    keeper: Asking,
) -> None:
    strong = keeper.made("admin", expires_in_s=3_600)["id"]
    small = keeper.with_key(keeper.made("keys")["secret"])

    refused = [
        small.ask("POST", f"/{strong}/rotate", {}),
        small.ask("PATCH", f"/{strong}", {"expires_at": None}),
        small.ask("PATCH", f"/{strong}", {"expires_at": LATE}),
    ]
    shorter = small.ask("PATCH", f"/{strong}", {"expires_in_s": 60})
    ended = small.ask("DELETE", f"/{strong}")

    assert [code(answer) for answer in refused] == [(403, "beyond-own-key")] * 3
    assert shorter.status_code == 200
    assert (ended.status_code, ended.json()["state"]) == (200, "revoked")


def test_nothing_that_a_key_makes_or_exchanges_or_prolongs_outlasts_it(keeper: Asking) -> None:
    lent = keeper.made("keys", "read", expires_in_s=3_600)
    endless = keeper.made("read")["id"]
    caller = keeper.with_key(lent["secret"])

    unsaid = caller.made("read")
    beyond = [
        caller.ask("POST", body={"name": "x", "scopes": ["read"], "expires_at": LATE}),
        caller.ask("POST", body={"name": "x", "scopes": ["read"], "expires_in_s": 7_200}),
        caller.ask("POST", f"/{lent['id']}/rotate", {"expires_in_s": 7_200}),
        caller.ask("PATCH", f"/{lent['id']}", {"expires_at": None}),
        caller.ask("PATCH", f"/{lent['id']}", {"expires_in_s": 7_200}),
    ]
    successors = [caller.ask("POST", f"/{one}/rotate", {}).json() for one in (lent["id"], endless)]

    assert unsaid["expires_at"] == lent["expires_at"]
    assert [code(answer) for answer in beyond] == [(403, "beyond-own-key")] * len(beyond)
    assert [one["expires_at"] for one in successors] == [lent["expires_at"]] * 2


def test_an_exchanged_key_lives_on_for_the_overlap_beside_its_successor(keeper: Asking) -> None:
    old = keeper.made("read", "submit")

    new = keeper.ask("POST", f"/{old['id']}/rotate", {"overlap_s": 3_600}).json()
    shown = keeper.ask("GET", f"/{old['id']}").json()

    assert (new["name"], new["scopes"], new["expires_at"]) == (old["name"], old["scopes"], None)
    assert new["secret"] != old["secret"]
    assert (shown["state"], shown["replaced_by"]) == ("live", new["id"])
    assert shown["expires_at"] is not None
    assert [keeper.with_key(one["secret"]).jobs() for one in (old, new)] == [200, 200]


def test_without_an_overlap_the_old_key_ends_with_the_answer(keeper: Asking) -> None:
    old = keeper.made("read")
    before = keeper.with_key(old["secret"]).jobs()

    new = keeper.ask("POST", f"/{old['id']}/rotate", {"overlap_s": 0}).json()

    assert before == 200
    assert [keeper.with_key(one["secret"]).jobs() for one in (old, new)] == [401, 200]


def test_an_overlap_prolongs_nothing(keeper: Asking) -> None:
    old = keeper.made("read", expires_in_s=60)

    new = keeper.ask("POST", f"/{old['id']}/rotate", {"overlap_s": 86_400}).json()

    assert keeper.ask("GET", f"/{old['id']}").json()["expires_at"] == old["expires_at"] == new["expires_at"]


def test_a_key_that_exchanges_itself_goes_on_as_its_successor(keeper: Asking) -> None:
    new = keeper.ask("POST", f"/{keeper.id()}/rotate", {"overlap_s": 0}).json()

    assert keeper.jobs() == 401
    assert keeper.with_key(new["secret"]).made("read")["made_by"] == new["id"]


def test_a_revoked_key_opens_nothing_from_then_on_and_stays_in_the_list(keeper: Asking) -> None:
    made = keeper.made("read")
    before = keeper.with_key(made["secret"]).jobs()

    first, second = (keeper.ask("DELETE", f"/{made['id']}").json() for _ in range(2))

    assert before == 200
    assert keeper.with_key(made["secret"]).jobs() == 401
    assert first["revoked_at"] == second["revoked_at"] is not None
    assert keeper.ask("GET").json()["data"][0]["state"] == "revoked"


def test_a_process_that_knows_a_key_hears_within_seconds_that_another_has_revoked_it(
    keeper: Asking, settings: Settings
) -> None:
    made = keeper.made("read")
    with TestClient(application.build(settings)) as other:
        elsewhere = Asking(other, made["secret"])
        before = elsewhere.jobs()

        keeper.ask("DELETE", f"/{made['id']}")

        assert before == 200
        assert KEPT_S < 5
        until(lambda: elsewhere.jobs() == 401, "the other process refuses it")


def test_a_key_that_is_known_is_refused_once_its_end_has_come(keeper: Asking) -> None:
    caller = keeper.with_key(keeper.made("read", expires_in_s=1)["secret"])

    until(lambda: caller.jobs() == 401, "the key has come to its end")

    assert keeper.ask("GET").json()["data"][0]["state"] == "expired"


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_what_has_ended_stays_ended(keeper: Asking, end: str) -> None:
    made = keeper.made("read")["id"]
    if end == "revoked":
        keeper.ask("DELETE", f"/{made}")
    else:
        keeper.ask("POST", f"/{made}/rotate", {"overlap_s": 0})

    answers = [
        keeper.ask("PATCH", f"/{made}", {"expires_in_s": 60}),
        keeper.ask("PATCH", f"/{made}", {"expires_at": None}),
        keeper.ask("POST", f"/{made}/rotate", {}),
    ]
    renamed = keeper.ask("PATCH", f"/{made}", {"name": "gone"}).json()

    assert [code(answer) for answer in answers] == [(409, "key-ended")] * 3
    assert (renamed["name"], renamed["state"]) == ("gone", end)


def test_only_what_is_named_changes(keeper: Asking) -> None:
    made = keeper.made("read", expires_in_s=3_600)

    renamed = keeper.ask("PATCH", f"/{made['id']}", {"name": "reports"}).json()
    endless = keeper.ask("PATCH", f"/{made['id']}", {"expires_at": None}).json()
    nothing = keeper.ask("PATCH", f"/{made['id']}", {}).json()

    assert (renamed["name"], renamed["expires_at"]) == ("reports", made["expires_at"])
    assert (endless["name"], endless["expires_at"]) == ("reports", None)
    assert nothing == endless


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "", {"name": "x"}),
        ("POST", "", {"name": "x", "scopes": []}),
        ("POST", "", {"name": "x", "scopes": ["root"]}),
        ("POST", "", {"name": "", "scopes": ["read"]}),
        ("POST", "", {"name": "x", "scopes": ["read"], "tenant_id": "ten_other"}),
        ("POST", "", {"name": "x", "scopes": ["read"], "expires_in_s": 0}),
        ("POST", "", {"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}),
        ("POST", "", {"name": "x", "scopes": ["read"], "expires_at": LATE, "expires_in_s": 60}),
        ("PATCH", "/{id}", {"name": None}),
        ("PATCH", "/{id}", {"scopes": ["ops"]}),
        ("PATCH", "/{id}", {"expires_at": "2030-01-01T00:00:00"}),
        ("POST", "/{id}/rotate", {"overlap_s": -1}),
        ("POST", "/{id}/rotate", {"overlap_s": 10**9}),
        ("POST", "/{id}/rotate", {"scopes": ["read"]}),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(keeper: Asking, method: str, path: str, body: Any) -> None:
    before = keeper.ask("GET").json()

    answer = keeper.ask(method, path.replace("{id}", keeper.id()), body)

    assert code(answer) == (422, "invalid-request")
    assert keeper.ask("GET").json() == before


def test_a_repeated_call_makes_one_key_and_shows_its_secret_to_nobody_again(keeper: Asking) -> None:
    body = {"name": "once", "scopes": ["read"]}

    first, second = (keeper.ask("POST", body=body, **{"Idempotency-Key": "a"}) for _ in range(2))
    other = keeper.ask("POST", body={**body, "name": "twice"}, **{"Idempotency-Key": "a"})

    assert "idempotent-replayed" not in first.headers
    assert (second.status_code, second.headers["idempotent-replayed"]) == (201, "true")
    assert second.json() == {**first.json(), "secret": None}
    assert code(other) == (422, "idempotency-mismatch")
    assert len(keeper.ask("GET").json()["data"]) == 2


def test_a_repeated_exchange_makes_one_successor_though_the_first_has_ended_the_key(keeper: Asking) -> None:
    old = keeper.made("read")["id"]

    first, second = (
        keeper.ask("POST", f"/{old}/rotate", {"overlap_s": 0}, **{"Idempotency-Key": "b"}) for _ in range(2)
    )
    another = keeper.ask("POST", f"/{keeper.id()}/rotate", {"overlap_s": 0}, **{"Idempotency-Key": "b"})

    assert second.json() == {**first.json(), "secret": None}
    assert code(another) == (422, "idempotency-mismatch")


def test_keys_are_turned_over_page_by_page_and_by_none_elses_cursor(
    keeper: Asking, database: Database, tenant: Tenant
) -> None:
    made = [keeper.made("read")["id"] for _ in range(4)]
    found, cursor = [], ""
    while True:
        shown = keeper.ask("GET", f"?limit=2{cursor}").json()
        found += [one["id"] for one in shown["data"]]
        if shown["next_cursor"] is None:
            break
        cursor = f"&cursor={shown['next_cursor']}"

    stranger = keeper.with_key(tenant.key).ask("GET", f"?{cursor[1:]}")

    assert found == [*reversed(made), keeper.id()]
    assert code(stranger) == (422, "invalid-request")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "", None), ("PATCH", "", {"name": "mine"}), ("DELETE", "", None), ("POST", "/rotate", {})],
)
def test_another_tenants_key_is_not_there(keeper: Asking, tenant: Tenant, method: str, path: str, body: Any) -> None:
    foreign = keeper.with_key(tenant.key).id()

    answers = [keeper.ask(method, f"/{one}{path}", body) for one in (foreign, "key_none", f"key_{'0' * 26}")]

    assert [code(answer) for answer in answers] == [(404, "not-found")] * 3
    assert keeper.with_key(tenant.key).jobs() == 200


def test_there_is_an_end_to_how_many_keys_open_something(keeper: Asking, database: Database) -> None:
    with database.system() as connection:
        connection.execute(
            text(
                "INSERT INTO api_keys (tenant_id, id, name, digest, scopes) SELECT t.id,"
                " 'key_' || lpad(n::text, 26, '0'), 'x',"
                " decode(md5(n::text), 'hex'), '{read}' FROM tenants AS t, generate_series(1, 199) AS n"
                " WHERE t.name = 'globex'"
            )
        )

    refused = keeper.ask("POST", body={"name": "x", "scopes": ["read"]})
    keeper.ask("DELETE", f"/key_{'7'.zfill(26)}")

    assert code(refused) == (409, "too-many")
    assert keeper.made("read")["state"] == "live"


def test_keys_of_before_keep_what_they_may_do_through_the_migration_and_back(
    database: Database, tenant: Tenant, settings: Settings
) -> None:
    """All six scopes, `ops` among them; of such a key no prefix is known."""
    url = settings.database_url.get_secret_value()
    downgrade(url, "0022")
    with database.tenant("") as connection:
        before = connection.execute(text("SELECT count(*) FROM meetingmind_key_owner('x')")).scalar_one()

    upgrade(url)

    assert before == 0
    with database.tenant("") as connection:
        assert "ops" in authenticate(connection, tenant.key, PEPPER).scopes
        with pytest.raises(BadKey):
            authenticate(connection, generate("test"), PEPPER)
    with TestClient(application.build(settings)) as client:
        (shown,) = Asking(client, tenant.key).ask("GET").json()["data"]
    assert (shown["prefix"], shown["made_by"], shown["state"]) == (None, None, "live")

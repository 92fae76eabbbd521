"""A house behind a gateway: tenants by its headers, keys as before, and nobody by headers where there is none."""

from ipaddress import ip_network
from typing import Any, Final

from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import build
from orchestrator.ids import new_id
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from tests.integration.strangers import JOB
from tests.servers import Tenant, new_tenant

SHARED: Final = "what a gateway and a house share " * 2
INSIDE: Final = ("10.0.3.7", 4711)


def behind(settings: Settings) -> Settings:
    more = {"gateway_secret": SecretStr(SHARED), "gateway_networks": (ip_network("10.0.3.0/28"),)}
    return settings.model_copy(update=more)


def word(tenant: str, scopes: str = "submit read", secret: str = SHARED) -> dict[str, str]:
    return {"X-MeetingMind-Gateway": secret, "X-MeetingMind-Tenant": tenant, "X-MeetingMind-Scopes": scopes}


def jobs(http: Any, headers: dict[str, str]) -> tuple[int, list[str]]:
    answer = http.get("/v1/jobs", headers=headers)
    return answer.status_code, [job["id"] for job in answer.json().get("data", ())]


def test_the_gateway_names_the_tenant_and_what_it_may(settings: Settings, database: Database, tenant: Tenant) -> None:
    other = new_tenant(database, "other")
    with TestClient(build(behind(settings)), client=INSIDE) as http:
        job = http.post("/v1/jobs", json=JOB, headers=word(tenant.id)).json()["id"]

        assert jobs(http, word(tenant.id)) == (200, [job])
        assert jobs(http, {"Authorization": f"Bearer {tenant.key}"}) == (200, [job])
        assert jobs(http, word(other.id)) == (200, [])
        assert jobs(http, word(tenant.id, scopes="submit"))[0] == 403
        assert jobs(http, word(new_id("ten")))[0] == 401
        assert jobs(http, {**word(tenant.id, secret="guessed"), "Authorization": f"Bearer {tenant.key}"})[0] == 401


def test_from_elsewhere_the_headers_open_nothing(settings: Settings, tenant: Tenant) -> None:
    with TestClient(build(behind(settings)), client=("10.0.4.7", 4711)) as http:
        forged = {**word(tenant.id), "X-Forwarded-For": INSIDE[0], "Forwarded": f"for={INSIDE[0]}"}
        assert jobs(http, forged)[0] == 401
        assert jobs(http, {"Authorization": f"Bearer {tenant.key}"})[0] == 200


def test_a_house_without_a_gateway_reads_no_such_headers(settings: Settings, tenant: Tenant) -> None:
    with TestClient(build(settings), client=INSIDE) as http:
        assert jobs(http, word(tenant.id))[0] == 401
        assert jobs(http, {**word(tenant.id), "Authorization": f"Bearer {tenant.key}"})[0] == 200


def test_metrics_have_the_prefix_of_the_house(settings: Settings, database: Database) -> None:
    ops = {"Authorization": f"Bearer {new_tenant(database, 'ops').key}"}
    with TestClient(build(settings.model_copy(update={"metrics_prefix": "acme_mm"}))) as http:
        page = http.get("/metrics", headers=ops).text

    assert "\nacme_mm_platform_budget_limit_usd " in page
    assert "meetingmind" not in page

"""The town that the examples of README and handbook are run in, and what is in it for them to name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.client import Client
from ops.drills.receiver import receiving
from tests.acceptance.conftest import Build, Town
from tests.acceptance.examples import Reader
from tests.acceptance.processes import Emulator, until
from tests.acceptance.test_jobs import MEETING, THREE
from tests.documents.pages import of

PROVIDER = "ops/handbook/adding-a-provider.md"


@contextmanager
def reading(build_town: Build, folder: Path) -> Iterator[Reader]:
    """A reader with a job that has succeeded, and a webhook that has heard of it."""
    town = build_town(
        lambda emulator: _providers(emulator, folder / "providers.toml"), MEETINGMIND_WEBHOOK_NETWORKS="127.0.0.0/8"
    )
    key = str(town.product.http.headers["authorization"]).removeprefix("Bearer ")
    client = Client(town.product.url, key)
    with receiving() as receiver:
        hook = client.add_webhook(receiver.url, ["job.succeeded"])
        job = town.product.end_of(town.product.submit(transcript=MEETING, panel=THREE, reference="crm-4711")["id"])
        assert job["status"] == "succeeded", job
        until(lambda: receiver.seen, "the webhook has heard of the job")
        batch = client.create_batch([{"custom_id": "standup", "transcript": {**MEETING}}])
        client.wait_batch(batch.id)
        yield Reader(
            town,
            receiver,
            {
                "https://hooks.example.com/meetingmind": receiver.url,
                "http://127.0.0.1:8787": town.product.url,
                "mm_dev_...": key,
                "whsec_...": hook.secret,
                "whk_...": hook.id,
                "bat_...": batch.id,
                "dlv_...": client.deliveries(hook.id).data[0].id,
                **dict.fromkeys(("job_...", "JOB...", "JOB"), job["id"]),
                **dict.fromkeys(("FILE...", "FILE"), "standup.vtt"),
                **_rows(town),
            },
        )
    client.close()


def _providers(emulator: Emulator, catalog: Path) -> dict[str, str]:
    """Those of the emulator, and the one that the handbook adds."""
    catalog.write_text("\n".join(block.text for block in of("toml catalog") if block.page == PROVIDER), "utf-8")
    acme = {"ACME_API_KEY": "emulated-acme-key", "ACME_BASE_URL": f"{emulator.url}/v1"}
    return emulator.environment | acme | {"MEETINGMIND_CATALOG": str(catalog)}


def _rows(town: Town) -> dict[str, str]:
    with town.database.system() as connection:
        tenant, key = connection.exec_driver_sql("SELECT tenant_id, id FROM api_keys").one()
    return {"ten_...": tenant, "key_...": key}

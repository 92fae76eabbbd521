"""`ops/handbook/adding-a-provider.md`, followed to the letter."""

import json
import re
from pathlib import Path

from tests.acceptance.processes import Emulator, Product
from tests.acceptance.test_jobs import micro
from tests.documents.pages import of

PAGE = "ops/handbook/adding-a-provider.md"


def blocks(kind: str) -> list[str]:
    """The page's fenced blocks of one kind."""
    return [block.text for block in of(kind) if block.page == PAGE]


def test_a_provider_is_added_by_following_the_handbook(product: Product, emulator: Emulator, tmp_path: Path) -> None:
    whole, variant = blocks("toml catalog")
    catalog = tmp_path / "providers.toml"
    catalog.write_text(f"{whole}\n{variant}", "utf-8")
    variables = dict(re.findall(r"^export (\w+)=(.*)$", blocks("sh")[0], re.MULTILINE))
    given = {"MEETINGMIND_CATALOG": str(catalog), "ACME_API_KEY": "a-key-of-acme"}
    assert variables.keys() == given.keys()
    product.processes.environment |= given | {"ACME_BASE_URL": f"{emulator.url}/v1"}
    product.start()

    answer = product.http.post("/v1/jobs", json=json.loads(blocks("json POST")[0]))
    job = product.end_of(answer.json()["id"])

    assert (job["status"], job["seats"][0]["served"]) == ("succeeded", "acme/emulated-large")
    assert micro(job["cost"]["spent_usd"]) == emulator.billed_micro_usd() > 0

"""`ops/handbook/adding-a-provider.md`, followed to the letter."""

import json
import re
from pathlib import Path

from tests.acceptance.processes import Emulator, Product
from tests.acceptance.test_jobs import micro

PAGE = (Path(__file__).resolve().parents[2] / "ops" / "handbook" / "adding-a-provider.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The page's fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_a_provider_is_added_by_following_the_handbook(product: Product, emulator: Emulator, tmp_path: Path) -> None:
    whole, variant = blocks("toml")
    catalog = tmp_path / "providers.toml"
    catalog.write_text(f"{whole}\n{variant}", "utf-8")
    variables = dict(re.findall(r"^export (\w+)=(.*)$", blocks("sh")[0], re.MULTILINE))
    given = {"MEETINGMIND_CATALOG": str(catalog), "ACME_API_KEY": "a-key-of-acme"}
    assert variables.keys() == given.keys()
    product.processes.environment |= given | {"ACME_BASE_URL": f"{emulator.url}/v1"}
    product.start()

    answer = product.http.post("/v1/jobs", json=json.loads(blocks("json")[0]))
    job = product.end_of(answer.json()["id"])

    assert (job["status"], job["seats"][0]["served"]) == ("succeeded", "acme/emulated-large")
    assert micro(job["cost"]["spent_usd"]) == emulator.billed_micro_usd() > 0

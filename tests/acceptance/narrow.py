"""A provider whose models have small windows, played by the emulator, and a meeting that fits into none of them."""

import json
from functools import cache
from typing import Any

from tests.acceptance.processes import Emulator
from tests.shared_data import shared

RED, BLUE = "acme/emulated-window-16k-red", "acme/emulated-window-16k-blue"
STAND_IN = "acme/emulated-window-24k-green"
HOUR = "transcripts/parlamint-es-2019-02-13.json"  # 29,763 words

_PROVIDER = """
[[providers]]
id = "acme"
name = "Narrow models"
dialect = "openai_chat"
base_url = "http://127.0.0.1:1/v1"
key_variable = "ACME_API_KEY"
base_url_variable = "ACME_BASE_URL"
max_tokens_field = "max_completion_tokens"
json_output = "schema"
regions = ["eu"]
retains = false
trains = false
"""
_MODEL = """
[[models]]
provider = "acme"
id = "{id}"
tier = "balanced"
window_tokens = {window}
max_output_tokens = 4_000
equivalent = "{equivalent}"
takes = ["system"]
efforts = ["none", "low"]
reasoning_effort = "none"
[[models.prices]]
since = 2026-11-20
input_micro_usd = 100_000
cached_input_micro_usd = 10_000
cache_write_micro_usd = 125_000
output_micro_usd = 500_000
"""
CATALOG = _PROVIDER + "".join(
    _MODEL.format(id=name.removeprefix("acme/"), window=window, equivalent=alike)
    for name, window, alike in ((RED, 16_000, "red"), (BLUE, 16_000, "blue"), (STAND_IN, 24_000, "red"))
)


def providers(emulator: Emulator) -> dict[str, str]:
    """Keys and addresses by which the product takes the emulator for that provider alone."""
    return {"ACME_API_KEY": "emulated-openai-key", "ACME_BASE_URL": f"{emulator.url}/v1"}


@cache
def utterances(file: str = HOUR) -> tuple[dict[str, Any], ...]:
    """A meeting of the shared data as it is posted."""
    segments = json.loads(shared(file).read_text("utf-8"))["segments"]
    return tuple({"id": f"s{n}", "speaker": one.get("speaker"), "text": one["text"]} for n, one in enumerate(segments))

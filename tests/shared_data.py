"""Finds the shared test data, which lies beside the checkout and is not part of it."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "../shared/data"


def shared(path: str) -> Path:
    """The place of a shared file or folder. Without it a test fails in CI, and elsewhere says why it is skipped."""
    place = (ROOT / path).resolve()
    if not place.exists():
        reason = f"the shared test data is missing: {path} was looked for beside the checkout, in ../shared/data"
        if os.environ.get("CI"):  # noqa: TID251  the runner's own mark, no setting of the product's
            pytest.fail(reason)
        pytest.skip(reason)
    return place

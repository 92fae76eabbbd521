"""What a downloaded file is called. Pure."""

import re
import unicodedata
from typing import Final

MAX_TITLE: Final = 60  # with the id and the suffix well below the 255 bytes that file systems allow

_OTHER: Final = re.compile(r"[^a-z0-9]+")


def name(title: str | None, job_id: str, suffix: str) -> str:
    """Letters, digits and hyphens alone, whatever the title holds: `weekly-sales-job_....csv`."""
    plain = unicodedata.normalize("NFKD", title or "").encode("ascii", "ignore").decode().lower()
    words = _OTHER.sub("-", plain)[:MAX_TITLE].strip("-")
    return f"{words or 'meeting'}-{job_id}.{suffix}"

"""What models are called: by vendors, by those who resell them, and by people. Pure."""

import re
from typing import Final

from providers.calls import Target, Value

# A dated snapshot of a model, as vendors write the date (gpt-6-luna-2026-09-22, claude-haiku-5-5-20261007).
_SNAPSHOT: Final = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8}|latest)$")


class Alias(Value):
    """A name that is no target, and the one it stands for. A `note` is said, as a warning, where the name is used."""

    name: str
    target: str
    note: str = ""


class Resolved(Value):
    """The target that a name means; `warning`, if there is one, says that another model is asked than was named."""

    target: Target
    warning: str | None = None


class UnknownTarget(LookupError):
    """The catalog has nothing of that name."""


def family(model: str) -> str:
    """The model behind an id: resellers put the vendor's name before it and write dots as dashes, or dashes as dots."""
    return model.rpartition("/")[2].replace(".", "-")


def undated(name: str) -> str:
    """The model of which a dated snapshot is one; any other name as it is."""
    return _SNAPSHOT.sub("", name)

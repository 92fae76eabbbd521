"""What callers and readers are told of what was hidden: counts, and no value."""

import pytest

from api import context_views, wording
from api.cli import choices
from api.schemas import RedactionView
from providers.calls import JsonObject


def test_a_job_says_how_many_values_were_hidden_and_none_of_them() -> None:
    kept: JsonObject = {
        "redaction": {"kinds": ["email", "custom"], "terms": ["Project Falcon"], "hidden": {"email": 2}}
    }

    view = context_views.redaction(kept)

    assert view == RedactionView(terms=1, hidden={"email": 2, "custom": 0})
    assert context_views.redaction({}) is None


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        ({"email": 2, "payment_card": 1, "phone": 0}, "Not shown to models: 2 email, 1 payment card"),
        ({"email": 0}, "Not shown to models: nothing was found of what was to be hidden"),
    ],
)
def test_a_reader_is_told_the_same_in_words(hidden: dict[str, int], said: str) -> None:
    assert wording.hidden(RedactionView(terms=0, hidden=hidden)) == said


def test_a_shell_offers_the_kinds_one_after_the_other() -> None:
    assert choices.redactions("email,ph") == ["email,phone"]
    assert "custom" not in choices.redactions("")

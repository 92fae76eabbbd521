"""What the client asks about keys, against a double of the wire; and the lines that a terminal shows of them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel

from api.cli import keying
from api.cli.exits import USAGE, Told
from api.client import Client
from api.key_schemas import KeyBody, KeyChange, KeysView, KeyView, KeyWithSecret, RotateBody
from tests.unit.api.test_aftermath_client import example
from tests.unit.api.test_api_client import Wire, client
from tests.unit.api.test_templates_client import asked, shown

AT = datetime(2027, 1, 2, tzinfo=UTC)
CALLS: tuple[tuple[type[BaseModel], Callable[[Client], BaseModel], tuple[str, str, object]], ...] = (
    (KeysView, lambda at: at.keys(), ("GET", "/v1/keys?limit=50", None)),
    (KeysView, lambda at: at.keys(5, "c"), ("GET", "/v1/keys?limit=5&cursor=c", None)),
    (KeyView, lambda at: at.key("key/1"), ("GET", "/v1/keys/key%2F1", None)),
    (KeyView, lambda at: at.revoke_key("key_1"), ("DELETE", "/v1/keys/key_1", {})),
    (KeyView, lambda at: at.change_key("key_1", expires_at=None), ("PATCH", "/v1/keys/key_1", {"expires_at": None})),
    (
        KeyWithSecret,
        lambda at: at.create_key("x", ("read",), expires_at=AT),
        ("POST", "/v1/keys", {"name": "x", "scopes": ["read"], "expires_at": "2027-01-02T00:00:00+00:00"}),
    ),
    (
        KeyWithSecret,
        lambda at: at.create_key("x", ["read"], expires_in_s=60),
        ("POST", "/v1/keys", {"name": "x", "scopes": ["read"], "expires_in_s": 60}),
    ),
    (KeyWithSecret, lambda at: at.rotate_key("key_1", 0), ("POST", "/v1/keys/key_1/rotate", {"overlap_s": 0})),
)


@pytest.mark.parametrize("model", [KeyBody, KeyChange, RotateBody, KeyView, KeyWithSecret, KeysView])
def test_the_contracts_examples_are_of_the_shape_that_they_are_examples_of(model: type[BaseModel]) -> None:
    for one in model.model_json_schema()["examples"]:
        assert model.model_validate_json(json.dumps(one)).model_dump(mode="json").keys() >= one.keys()


@pytest.mark.parametrize(("model", "call", "sent"), CALLS, ids=[" ".join(sent[:2]) for _, _, sent in CALLS])
def test_a_call_is_sent_as_the_contract_has_it_and_its_answer_is_read(
    model: type[BaseModel], call: Callable[[Client], BaseModel], sent: tuple[str, str, object]
) -> None:
    wire = Wire(shown(example(model)))

    found = call(client(wire))

    assert found == example(model)
    assert asked(wire) == sent


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({}, "key_1  mm_live_4kPq...  the CRM  live until Monday  submit read  never used"),
        (
            {"state": "revoked", "last_used_at": "noon"},
            "key_1  mm_live_4kPq...  the CRM  revoked  submit read  used noon",
        ),
        (
            {"prefix": None, "expires_at": None},
            "key_1  (older than prefixes)...  the CRM  live  submit read  never used",
        ),
    ],
)
def test_a_key_in_a_line(changed: dict[str, str | None], line: str) -> None:
    view = KeyView.model_validate({**example(KeyView).model_dump(), "id": "key_1", "expires_at": "Monday", **changed})

    assert keying.key(view) == line


@pytest.mark.parametrize(
    ("said", "seconds"),
    [(None, None), ("0s", 0), ("90s", 90), ("5m", 300), ("24h", 86_400), ("90d", 7_776_000)],
)
def test_a_span_is_a_number_and_a_unit(said: str | None, seconds: int | None) -> None:
    assert keying._span(said, "--overlap") == seconds


@pytest.mark.parametrize("said", ["", "d", "90", "1w", "-1d", "1.5h", "²d"])
def test_what_is_no_span_is_told_with_its_option(said: str) -> None:
    with pytest.raises(Told, match="--overlap wants a number and one of s, m, h, d") as told:
        keying._span(said, "--overlap")

    assert told.value.code == USAGE

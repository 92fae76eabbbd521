"""Lists of models come in two shapes, and whatever else comes is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import BadReply
from providers.model_lists import read
from providers.wire import WireReply


def reply(body: bytes) -> WireReply:
    return WireReply(status=200, headers={}, body=body)


@pytest.mark.parametrize(
    ("document", "ids"),
    [
        ({"data": [{"id": "a"}, {"id": "models/b"}]}, ("a", "models/b")),
        ({"models": [{"name": "models/a"}, {"name": "b"}]}, ("a", "b")),
        ({"data": [], "models": [{"name": "a"}]}, ()),
        ({"data": [None, {}, {"id": 1}, {"id": ""}, "a", {"id": "b"}]}, ("b",)),
    ],
)
def test_ids_come_in_the_providers_order(document: object, ids: tuple[str, ...]) -> None:
    assert read(reply(json.dumps(document).encode())) == ids


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"{}", b'{"data": {}}', b"[" * 100_000, b"\xff"])
def test_what_is_no_list_of_models_is_a_bad_reply(body: bytes) -> None:
    with pytest.raises(BadReply, match="no list of models"):
        read(reply(body))


@given(st.binary(max_size=60) | st.text().map(lambda text: json.dumps({"data": text}).encode()))
def test_no_body_brings_the_reader_down(body: bytes) -> None:
    with pytest.raises(BadReply):
        read(reply(body))

"""Bodies come in chunks, encoded or not, and never larger than the cap."""

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.bodies import collect
from providers.errors import BadReply


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(st.binary(max_size=2_000), st.integers(1, 300), st.sampled_from(["", "identity", "gzip", "deflate"]))
def test_a_body_is_what_was_sent_however_it_is_cut_and_encoded(data: bytes, size: int, encoding: str) -> None:
    sent = {"gzip": gzip.compress(data), "deflate": zlib.compress(data)}.get(encoding, data)

    assert collect(cut(sent, size), encoding=encoding) == data


def test_a_gzip_body_of_several_members_is_read_to_its_end() -> None:
    body = gzip.compress(b"one, ") + gzip.compress(b"two")

    assert collect([body], encoding="GZIP") == b"one, two"


def test_an_empty_body_may_claim_any_known_encoding() -> None:
    assert collect([], encoding="gzip") == b""


def test_a_body_of_just_the_cap_passes_and_one_byte_more_does_not() -> None:
    assert collect([b"x" * 10], max_bytes=10) == b"x" * 10
    with pytest.raises(BadReply, match="larger than 10 bytes"):
        collect([b"x" * 9, b"xx"], max_bytes=10)


def test_a_bomb_is_stopped_at_the_cap_and_the_rest_is_never_read() -> None:
    read = []

    def chunks() -> list[bytes]:
        return cut(gzip.compress(bytes(50_000_000)), 4_096)

    def counted() -> Iterator[bytes]:
        for chunk in chunks():
            read.append(chunk)
            yield chunk

    with pytest.raises(BadReply, match="larger than"):
        collect(counted(), encoding="gzip", max_bytes=1_000_000)

    assert len(read) < 2


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (b"plain", "gzip", "not in the encoding"),
        (gzip.compress(b"hello")[:-4], "gzip", "ends too early"),
        (gzip.compress(b"hello") + b"rubbish", "gzip", "not in the encoding"),
        (b"anything", "br", "not asked for: br"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_a_bad_reply(body: bytes, encoding: str, reason: str) -> None:
    with pytest.raises(BadReply, match=reason):
        collect([body], encoding=encoding)

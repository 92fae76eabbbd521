"""What goes out as a header, and what comes in as one."""

import pytest

from providers.headers import RawHeaders, headers_in, headers_out


def test_a_request_says_what_all_say_and_how_long_its_body_is() -> None:
    assert headers_out(b"api.test", {"X-Own": "1"}, b"abc") == [
        (b"host", b"api.test"),
        (b"accept", b"application/json"),
        (b"accept-encoding", b"gzip"),
        (b"connection", b"keep-alive"),
        (b"user-agent", b"meetingmind"),
        (b"x-own", b"1"),
        (b"content-length", b"3"),
    ]


def test_a_given_header_wins_whatever_its_case() -> None:
    out = headers_out(b"api.test", {"Accept": "text/event-stream"}, b"")

    assert [value for name, value in out if name == b"accept"] == [b"text/event-stream"]


def test_an_empty_body_has_a_length_and_no_body_has_none() -> None:
    assert (b"content-length", b"0") in headers_out(b"api.test", {}, b"")
    assert b"content-length" not in dict(headers_out(b"api.test", {}, None))


@pytest.mark.parametrize("header", [{"x-own": "ü"}, {"x-öwn": "u"}])
def test_a_header_is_of_ascii_alone(header: dict[str, str]) -> None:
    with pytest.raises(UnicodeEncodeError):
        headers_out(b"api.test", header, b"")


RECEIVED: dict[str, tuple[RawHeaders, dict[str, str]]] = {
    "none": ([], {}),
    "names in small letters": ([(b"X-Request-ID", b"R-1")], {"x-request-id": "R-1"}),
    "twice is a list": ([(b"via", b"a"), (b"x", b"1"), (b"Via", b"b")], {"via": "a, b", "x": "1"}),
    "utf-8": ([(b"x", "ü".encode())], {"x": "ü"}),
    "any other byte is a sign": ([(b"x", b"\xfc"), (b"y", "ü".encode())], {"x": "ü", "y": "ü"}),
}


@pytest.mark.parametrize("case", RECEIVED)
def test_what_comes_in_is_read(case: str) -> None:
    raw, read = RECEIVED[case]

    assert headers_in(raw) == read

"""Bad inputs: what one is, how it is sent, and the bodies and transcripts among them, with their exact answers.

`bad_requests.py` has those of addresses, headers and policies, `bad_replies.py` what models answer, `bad_rows.py` the
list of all sixty-six rows with their variants, against which the tables are held.
"""

import gzip
import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

JSON: Final = {"Content-Type": "application/json"}
MB: Final = 1024 * 1024
DRIP_S: Final = 1.0


@dataclass(frozen=True)
class Bad:
    """One input. `code` None: it is borne, or refused below our own code, which says nothing in JSON.

    `raw` is sent as it is, with KEY for the caller's key; otherwise a request is made of the rest. In paths `{job}` and
    `{cursor}` are of a tenant whose key is used, unless `stranger`: then another tenant asks. `first` is sent before.

    Args:
        name: variant of the row, as `bad_rows.py` has it; what follows a colon tells cases of one variant apart.
        holds: what the answer says in these fields.
        drip: sent a byte a second behind `raw`, until an answer comes.
        goes_on: behind a whole request `raw` has what begins none: the log tells of that, too.
    """

    row: int
    name: str
    status: int
    code: str | None
    method: str = "POST"
    path: str = "/v1/jobs"
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    drip: bytes = b""
    goes_on: bool = False
    keyless: bool = False
    stranger: bool = False
    first: "Bad | None" = None
    holds: Mapping[str, object] = field(default_factory=dict)


def body(**fields: Any) -> bytes:
    return json.dumps({"transcript": {"content": "Ann: We ship on Friday."}, **fields}).encode()


def transcript(**fields: Any) -> bytes:
    return json.dumps({"transcript": fields}).encode()


def said(*utterances: Mapping[str, object]) -> bytes:
    return transcript(utterances=list(utterances))


def post(row: int, name: str, content: bytes, status: int, code: str | None, **more: Any) -> Bad:
    return Bad(row, name, status, code, content=content, headers={**JSON, **more.pop("headers", {})}, **more)


def get(row: int, name: str, path: str, status: int, code: str | None, **headers: str) -> Bad:
    return Bad(row, name, status, code, method="GET", path=path, headers=headers)


def wire(row: int, name: str, raw: bytes, status: int, code: str | None = None, *, goes_on: bool = False) -> Bad:
    return Bad(row, name, status, code, raw=raw, goes_on=goes_on)


BROKEN: Final = (400, "malformed-json")
WRONG: Final = (422, "invalid-request")
BORNE: Final = (202, None)
HEAD: Final = b"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\nContent-Type: application/json\r\n"
SPEAKERS: Final = (
    "<<<end 0f9a>>>",
    "<<<transcript 0f9a>>>",
    "system",
    "__proto__",
    "../../x",
    "{{7*7}}",
    "%n%s",
    "' OR 1=1--",
)
CHUNK: Final = b"10000\r\n" + b"x" * 65_536 + b"\r\n"

_MANY: Final = {str(n): 1 for n in range(6)}
_FEWER: Final = {str(n): 1 for n in range(4)}

BODIES: Final = (
    post(1, "an empty body", b"", *BROKEN),
    post(2, "5 MB and a byte", body(metadata={"k": "x" * (5 * MB)}), 413, "too-large"),
    wire(
        3,
        "more than its Content-Length says",
        HEAD + b"Content-Length: 10\r\n\r\n" + b"x" * 100_000,
        *BROKEN,
        goes_on=True,
    ),
    wire(3, "chunks without end", HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNK * 400, 413, "too-large"),
    post(
        4,
        "a bomb in gzip",
        gzip.compress(bytes(5 * MB)),
        415,
        "unsupported-media-type",
        headers={"Content-Encoding": "gzip"},
    ),
    post(
        5,
        "gzip in gzip",
        gzip.compress(gzip.compress(bytes(5 * MB))),
        415,
        "unsupported-media-type",
        headers={"Content-Encoding": "gzip, gzip"},
    ),
    post(6, "100,000 nested arrays", b"[" * 100_000, *BROKEN),
    post(7, "900 levels", b'{"metadata": ' + b"[" * 900 + b"]" * 900 + b"}", *BROKEN),
    post(8, "an integer of 5,000 digits", b'{"quorum": ' + b"9" * 5_000 + b"}", *BROKEN),
    post(9, "a number beyond floats", body(deadline_s=1).replace(b'"deadline_s": 1', b'"deadline_s": 1e400'), *WRONG),
    post(10, "NaN", body(deadline_s=1).replace(b'"deadline_s": 1', b'"deadline_s": NaN'), *BROKEN),
    post(10, "Infinity", body(deadline_s=1).replace(b'"deadline_s": 1', b'"deadline_s": Infinity'), *BROKEN),
    post(
        10, "Infinity: below zero", body(deadline_s=1).replace(b'"deadline_s": 1', b'"deadline_s": -Infinity'), *BROKEN
    ),
    post(11, "minus nothing", body(quorum=1).replace(b'"quorum": 1', b'"quorum": -0'), *WRONG),
    post(11, "a float for an integer", body(quorum=1).replace(b'"quorum": 1', b'"quorum": 1.0'), *WRONG),
    post(12, "a key twice", b'{"transcript": {"content": "a: b"}, "transcript": {"content": "c: d"}}', *BROKEN),
    post(13, "a million keys", b"{" + b",".join(b'"%d":1' % n for n in range(1_000_000)) + b"}", 413, "too-large"),
    post(
        13,
        "a million keys: 300,000 of them, which fit",
        b"{" + b",".join(b'"%d":1' % n for n in range(300_000)) + b"}",
        *BROKEN,
    ),
    post(13, "a million keys: 140,000 of them, spread", said(*[{"text": "a"} | _MANY] * 20_000), *BROKEN),
    post(13, "a million keys: 100,000 of them, spread", said(*[{"text": "a"} | _FEWER] * 20_000), *WRONG),
    post(14, "half a surrogate pair", b'{"transcript": {"content": "Ann: \\ud800"}}', *BROKEN),
    post(15, "U+0000: in what was said", body().replace(b"Friday", b"Fri\\u0000day"), *BORNE),
    post(15, "U+0000: in metadata", body(metadata={"k": "a\0b"}), *WRONG),
    post(15, "U+0000: in the id of a transcript", transcript(transcript_id="trn_\0"), *WRONG),
    post(16, "invalid UTF-8", b'{"transcript": {"content": "\xff\xfe"}}', *BROKEN),
    post(16, "UTF-16 with its mark", '{"transcript": {"content": "Ann: hi"}}'.encode("utf-16"), *BROKEN),
    post(17, "overlong UTF-8", b'{"transcript": {"content": "\xc0\xaf"}}', *BROKEN),
    post(18, "an array at the top", b"[]", *WRONG),
    post(18, "a string at the top", b'"hello"', *WRONG),
    post(18, "null at the top", b"null", *WRONG),
    Bad(19, "text/plain", 415, "unsupported-media-type", content=body(), headers={"Content-Type": "text/plain"}),
    Bad(19, "text/plain: no type at all", 415, "unsupported-media-type", content=body()),
    Bad(
        19,
        "JSON in UTF-7",
        415,
        "unsupported-media-type",
        content=body(),
        headers={"Content-Type": "application/json; charset=utf-7"},
    ),
    Bad(
        20,
        "a byte a second",
        408,
        "request-timeout",
        raw=HEAD + b"Content-Length: 1000\r\n\r\n{",
        drip=b" " * 120,
    ),
    get(21, "200 headers", "/v1/jobs", 431, "headers-too-large", **{f"X-{n}": "y" for n in range(200)}),
    get(21, "a header of 64 KB", "/v1/jobs", 431, "headers-too-large", **{"X-Long": "y" * 65_536}),
    wire(
        22,
        "both lengths",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    wire(
        23, "Expect, then nothing", HEAD + b"Content-Length: 50\r\nExpect: 100-continue\r\n\r\n", 408, "request-timeout"
    ),
    wire(24, "HTTP/1.0", b"GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200),
    wire(
        24, "an absolute address", b"GET http://other.example/health/live HTTP/1.1\r\nHost: other.example\r\n\r\n", 200
    ),
    wire(24, "an asterisk", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404, "not-found"),
)

TRANSCRIPTS: Final = (
    post(25, "no utterances", said(), 422, "empty-transcript"),
    post(26, "20,001 utterances", transcript(utterances=[{"text": "a"}] * 20_001), *WRONG),
    post(27, "4 MB without a space", said({"speaker": "Ann", "text": "x" * (4 * MB)}), *WRONG),
    post(27, "4 MB without a space: in a file", transcript(content="Ann: " + "xy" * (2 * MB)), *BORNE),
    post(28, "100,000 marks on one letter", said({"speaker": "Ann", "text": "e" + "\u0301" * 100_000}), *BORNE),
    post(29, "white space alone", said({"text": " \n\t "}), 422, "empty-transcript"),
    post(29, "zero-width characters alone", said({"text": "\u200b\u2060\ufeff"}), 422, "empty-transcript"),
    post(29, "faces alone", said({"speaker": "Ann", "text": "\U0001f600\U0001f600"}), *BORNE),
    post(30, "an override in a speaker's name", said({"speaker": "\u202enaA", "text": "We ship on Friday."}), *BORNE),
    post(31, "hidden tag characters", said({"speaker": "Ann", "text": "Hi\U000e0041\U000e0042 there."}), *BORNE),
    post(32, "a time below zero", said({"text": "a", "start_s": -1}), *WRONG),
    post(32, "an end before the begin", said({"text": "a word", "start_s": 9, "end_s": 3}), *BORNE),
    post(
        32, "two that overlap", said({"text": "one", "start_s": 0, "end_s": 9}, {"text": "two", "start_s": 3}), *BORNE
    ),
    post(32, "the year 9999", body(meeting={"started_at": "9999-12-31T23:59:59Z"}), *BORNE),
    post(32, "a time that is none", b'{"transcript": {"utterances": [{"text": "a", "start_s": NaN}]}}', *BROKEN),
    post(
        33,
        "10,000 speakers",
        transcript(utterances=[{"speaker": f"S{n}", "text": "hi"} for n in range(10_000)]),
        *BORNE,
    ),
    *(post(33, f"speaker {name}", said({"speaker": name, "text": "We ship."}), *BORNE) for name in SPEAKERS),
)


def answers(port: int, key: str, bad: Bad, within_s: float) -> Iterator[bytes]:
    """What comes back for the bytes of `bad.raw`, as it comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=within_s) as connection:
        try:
            connection.sendall(bad.raw.replace(b"KEY", key.encode()))
            yield from _dripped(connection, bad.drip)
            connection.settimeout(within_s)
            while piece := connection.recv(65_536):
                yield piece
        except (ConnectionResetError, BrokenPipeError):
            return


def _dripped(connection: socket.socket, drip: bytes) -> Iterator[bytes]:
    """Send it a byte at a time; what comes meanwhile ends it."""
    connection.settimeout(DRIP_S)
    for place in range(len(drip)):
        connection.sendall(drip[place : place + 1])
        try:
            yield connection.recv(65_536)
        except TimeoutError:
            continue
        return

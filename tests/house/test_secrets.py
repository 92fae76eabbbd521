"""Nothing stands in the checkout or its history that should not be published: keys, addresses, places on a machine.

The patterns are written so that they do not match themselves.
"""

import hashlib
import re
from collections.abc import Iterator

import pytest

from tests.house.checkout import files, history, texts

# A provider key once went round in planning documents. It is burnt; this is the beginning of its digest.
BURNT = "9bc19024ef5f59da"

PATTERNS = {
    "32 hexadecimal digits, the shape of many keys": r"(?<![0-9A-Za-z])[0-9A-Fa-f]{32}(?![0-9A-Za-z])",
    "a key of OpenAI's, Anthropic's or a relay's shape": r"\bsk-[A-Za-z0-9_-]{32,}",
    "a key of Google's shape": r"\bAIza[0-9A-Za-z_-]{35}",
    "a token of a code host": r"\b(gh[pousr]_|glpat-)[0-9A-Za-z_-]{20,}",
    "an access key of a cloud": r"\bAKIA[0-9A-Z]{16}\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE" + " KEY-----",
    "a live API key of our own": r"\bmm_live_[A-Za-z0-9]{43}\b",
    "an address of a package registry": r"\b(pypi|pythonhosted|npmjs|rubygems|crates)" + r"\.(org|com|io)\b",
    "an index of packages": r"--(extra-)?index-url\b|https?://[^\s\"']+/simple\b|_auth" + "Token",
    "a place on somebody's machine": r"(?<![\w.~}$-])/(root|work|home)/\w|(?<![\w.~}$-])/tmp" + r"/\w",
}


def found(text: str) -> Iterator[str]:
    """What is wrong with a text, in words."""
    for what, pattern in PATTERNS.items():
        for hit in re.finditer(pattern, text):
            yield f"{what}, at character {hit.start()}"
    for token in re.findall(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32}(?![0-9A-Fa-f])", text):
        for spelling in (token, token.lower(), token.upper()):
            if hashlib.sha256(spelling.encode()).hexdigest().startswith(BURNT):
                yield "the burnt provider key"


def test_no_file_holds_what_must_not_be_published() -> None:
    wrong = [f"{path}: {what}" for path, text in texts() for what in found(text)]

    assert wrong == []


def test_no_commit_ever_held_it_either() -> None:
    text = history()

    assert len(text) > 1000, "there is no history to look at"
    assert sorted(set(found(text))) == []


def test_no_file_is_named_like_a_store_of_secrets() -> None:
    assert [
        path for path in files() if re.search(r"(^|/)\.env$|\.pem$|\.p12$|\.key$|id_rsa|credentials\.json$", path)
    ] == []


PLANTED = {
    "32 hexadecimal digits, the shape of many keys": f'key = "{"0123456789abcdef" * 2}"',
    "a key of OpenAI's, Anthropic's or a relay's shape": "sk-" + "proj-" + "a1" * 20,
    "a key of Google's shape": "AI" + "za" + "a" * 35,
    "a token of a code host": "gh" + "p_" + "a1" * 18,
    "an access key of a cloud": "AK" + "IA" + "A1" * 8,
    "a private key": "-----BEGIN RSA PRIVATE" + " KEY-----",
    "a live API key of our own": "mm_" + "live_" + "a" * 43,
    "an address of a package registry": "https://files.python" + "hosted.org/packages",
    "an index of packages": "--extra-index" + "-url somewhere",
    "a place on somebody's machine": "open('/" + "work/main/x')",
}


@pytest.mark.parametrize("what", PATTERNS)
def test_what_is_planted_is_found(what: str) -> None:
    hits = [hit for hit in found(f"first line\n{PLANTED[what]}\nlast line") if hit.startswith(what)]

    assert hits


@pytest.mark.parametrize(
    "harmless",
    [
        "sha256:" + "ab" * 32,
        "index 0a1b2c3..4d5e6f7 100644",
        "job_06a9zk3v7q2m4x8w1c5t9b0d6f",
        "/usr/lib/x",
        "~/work/x",
        "a/tmp/b",
    ],
)
def test_what_only_looks_like_it_is_left_alone(harmless: str) -> None:
    assert list(found(harmless)) == []

"""What is sealed opens with the same pepper alone, and only as it was sealed."""

import hashlib
import hmac
import json

import pytest
from pydantic import ValidationError

from providers.calls import JsonObject
from tasks.sealing import Label, Unsealable, seal, tenant_key, unseal

PEPPER = "a pepper of the tests"
LABEL = Label(tenant="ten_a", job="job_a", attempt="atm_a")
DOCUMENT: JsonObject = {"text": "Ship on Friday.", "cost_micro_usd": 1250, "seats": [0, 1], "error": None}


def relabelled(sealed: bytes, **changed: object) -> bytes:
    """The file under a first line of which something was changed."""
    header, _, rest = sealed.partition(b"\n")
    return json.dumps({**json.loads(header), **changed}, separators=(",", ":")).encode() + b"\n" + rest


@pytest.mark.parametrize(
    "document",
    [DOCUMENT, {}, {"text": "Grüße, 你好, \u0000 and half a pair \ud83d"}, {"text": "x" * 1_000_000}, {"n": 10**30}],
    ids=["usual", "empty", "strange letters", "long", "a large number"],
)
def test_a_document_comes_back_as_it_was(document: JsonObject) -> None:
    assert unseal(seal(LABEL, document, PEPPER), PEPPER) == document


def test_nothing_but_ids_stands_in_clear() -> None:
    header, _, rest = seal(LABEL, DOCUMENT, PEPPER).partition(b"\n")

    assert json.loads(header) == {"version": 1, "tenant": "ten_a", "job": "job_a", "attempt": "atm_a"}
    assert b"Friday" not in rest
    assert b"text" not in rest


def test_the_same_document_is_sealed_differently_each_time() -> None:
    bodies = {seal(LABEL, DOCUMENT, PEPPER).partition(b"\n")[2] for _ in range(100)}

    assert len({body[:12] for body in bodies}) == 100
    assert len({body[12:] for body in bodies}) == 100


@pytest.mark.parametrize("field", ["tenant", "job", "attempt"])
def test_it_does_not_open_under_the_label_of_another(field: str) -> None:
    sealed = seal(LABEL, DOCUMENT, PEPPER)

    with pytest.raises(Unsealable):
        unseal(relabelled(sealed, **{field: getattr(LABEL, field)[:4] + "b"}), PEPPER)


def test_two_files_whose_first_lines_were_exchanged_do_not_open() -> None:
    files = [seal(LABEL.model_copy(update={"attempt": f"atm_{n}"}), DOCUMENT, PEPPER) for n in (1, 2)]
    (first, _, one), (second, _, two) = (file.partition(b"\n") for file in files)

    for exchanged in (first + b"\n" + two, second + b"\n" + one):
        with pytest.raises(Unsealable):
            unseal(exchanged, PEPPER)


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_a_version_that_is_not_known_is_not_guessed_at(version: object) -> None:
    with pytest.raises(Unsealable, match="version 1"):
        unseal(relabelled(seal(LABEL, DOCUMENT, PEPPER), version=version), PEPPER)


def test_no_byte_can_be_changed_and_none_left_out() -> None:
    sealed = seal(LABEL, DOCUMENT, PEPPER)
    changed = [sealed[:n] + bytes([byte ^ 1]) + sealed[n + 1 :] for n, byte in enumerate(sealed)]
    shortened = [sealed[:n] for n in range(len(sealed))]

    for damaged in (*changed, *shortened, sealed + b"\0"):
        with pytest.raises(Unsealable):
            unseal(damaged, PEPPER)


def test_another_pepper_opens_nothing() -> None:
    with pytest.raises(Unsealable, match="another key"):
        unseal(seal(LABEL, DOCUMENT, PEPPER), PEPPER + ".")


def test_each_tenant_and_each_pepper_has_its_own_key() -> None:
    keys = {tenant_key(pepper, tenant) for pepper in (PEPPER, "another pepper") for tenant in ("ten_a", "ten_b")}

    assert len(keys) == 4


def test_the_key_is_what_rfc_5869_says() -> None:
    """Written out, so that files which wait can still be opened after an exchange of the library."""
    extracted = hmac.digest(bytes(32), PEPPER.encode(), hashlib.sha256)
    expanded = hmac.digest(extracted, b"meetingmind spool 1\x00ten_a\x01", hashlib.sha256)

    assert tenant_key(PEPPER, "ten_a") == expanded


@pytest.mark.parametrize("text", ["Ship on Friday.", "../ten_a", "ten_", "ten_a\n", "TEN_A", "ten_" + "a" * 41])
def test_a_label_takes_ids_alone(text: str) -> None:
    with pytest.raises(ValidationError):
        Label(tenant=text, job="job_a", attempt="atm_a")

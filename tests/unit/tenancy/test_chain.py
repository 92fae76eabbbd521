"""The laws of the chain: whatever is done to it in the middle is found, at the first entry that is wrong."""

import hashlib
from itertools import pairwise

import pytest

from orchestrator.tenancy.chain import START, Anchor, Content, Entry, canonical, sealed, verify
from providers.calls import JsonObject

LENGTH = 6


def content(sequence: int, previous: str, after: JsonObject | None = None, tenant: str = "ten_a") -> Content:
    return Content(
        tenant_id=tenant,
        sequence=sequence,
        at="2026-11-28T09:30:00.000Z",
        actor="key_a",
        action="budget.set",
        object="budgets/tenant/month",
        before=None,
        after=after or {"limit_usd": f"{sequence}.000000"},
        request_id="req_a",
        previous=previous,
    )


def made(length: int = LENGTH, tenant: str = "ten_a") -> list[Entry]:
    entries: list[Entry] = []
    for sequence in range(1, length + 1):
        previous = entries[-1].hash if entries else START
        entries.append(sealed(content(sequence, previous, tenant=tenant)))
    return entries


def test_a_chain_as_it_was_written_is_whole() -> None:
    entries = made()

    verdict = verify(entries)

    assert (verdict.entries, verdict.fault) == (LENGTH, None)
    assert verdict.last == Anchor(sequence=LENGTH, hash=entries[-1].hash)
    assert all(after.previous == before.hash for before, after in pairwise(entries))


def test_a_log_without_entries_is_whole() -> None:
    verdict = verify([])

    assert (verdict.entries, verdict.last, verdict.fault) == (0, None, None)


def test_the_bytes_are_those_that_any_language_writes() -> None:
    after: JsonObject = {"b": [1, None, True], "a": 'Zoë "x"\n'}

    written = canonical(content(1, START, after))

    told = (
        '{"action":"budget.set","actor":"key_a","after":{"a":"Zoë \\"x\\"\\n","b":[1,null,true]},'
        '"at":"2026-11-28T09:30:00.000Z","before":null,"object":"budgets/tenant/month",'
        f'"previous":"{START}","request_id":"req_a","sequence":1,"tenant_id":"ten_a"}}'
    ).encode()
    assert written == told
    assert sealed(content(1, START, after)).hash == hashlib.sha256(told).hexdigest()


@pytest.mark.parametrize("after", [{"a": 0.5}, {"a": [{"b": 1.0}]}])
def test_an_entry_with_a_fraction_is_refused(after: JsonObject) -> None:
    with pytest.raises(TypeError, match="no fraction"):
        sealed(content(1, START, after))


@pytest.mark.parametrize("wrong", range(1, LENGTH + 1))
@pytest.mark.parametrize(
    "change",
    [
        {"after": {"limit_usd": "9.000000"}},
        {"before": {}},
        {"actor": "key_b"},
        {"at": "2026-11-28T09:30:00.001Z"},
        {"object": "budgets/tenant/day"},
        {"action": "budget.removed"},
        {"request_id": None},
        {"hash": "0" * 64},
    ],
)
def test_an_entry_that_was_edited_is_named(wrong: int, change: dict[str, object]) -> None:
    entries = made()
    entries[wrong - 1] = entries[wrong - 1].model_copy(update=change)

    verdict = verify(entries)

    assert verdict.fault is not None
    assert (verdict.fault.sequence, verdict.fault.why) == (wrong, "its digest is not that of what it says")
    assert verdict.entries == wrong - 1


@pytest.mark.parametrize("wrong", range(1, LENGTH))
def test_an_entry_that_was_edited_with_its_digest_breaks_the_one_behind_it(wrong: int) -> None:
    entries = made()
    old = entries[wrong - 1]
    entries[wrong - 1] = sealed(content(wrong, old.previous, {"limit_usd": "9.000000"}))

    fault = verify(entries).fault

    assert fault is not None
    assert (fault.sequence, fault.why) == (wrong + 1, "it does not follow the entry before it")


@pytest.mark.parametrize("wrong", range(1, LENGTH))
def test_an_entry_that_was_taken_from_the_middle_is_missed(wrong: int) -> None:
    entries = made()
    del entries[wrong - 1]

    fault = verify(entries).fault

    assert fault is not None
    assert (fault.sequence, fault.why) == (wrong, f"entry {wrong + 1} stands in the place of {wrong}")


@pytest.mark.parametrize("first", range(1, LENGTH))
def test_entries_that_changed_places_are_found(first: int) -> None:
    entries = made()
    entries[first - 1], entries[first] = entries[first], entries[first - 1]

    fault = verify(entries).fault

    assert fault is not None
    assert fault.sequence == first


def test_entries_that_exchanged_what_they_say_are_found() -> None:
    entries = made()
    second, third = entries[1], entries[2]
    entries[1] = third.model_copy(update={"sequence": 2})
    entries[2] = second.model_copy(update={"sequence": 3})

    fault = verify(entries).fault

    assert fault is not None
    assert fault.sequence == 2


def test_an_entry_of_another_tenants_chain_is_found() -> None:
    entries = made()
    entries[3] = made(tenant="ten_b")[3]

    fault = verify(entries).fault

    assert fault is not None
    assert (fault.sequence, fault.why) == (4, "it is another tenant's")


def test_what_is_missing_at_the_end_is_found_by_a_noted_digest_alone() -> None:
    entries = made()
    known = Anchor(sequence=LENGTH, hash=entries[-1].hash)
    del entries[4:]

    unaware, aware = verify(entries), verify(entries, known)

    assert unaware.fault is None
    assert aware.fault is not None
    assert aware.fault.sequence == 5
    assert "the end is missing" in aware.fault.why


def test_a_chain_that_was_written_anew_is_found_by_a_noted_digest_alone() -> None:
    known = Anchor(sequence=3, hash=made()[2].hash)
    forged = [sealed(content(1, START, {"limit_usd": "9.000000"}))]
    for sequence in range(2, LENGTH + 1):
        forged.append(sealed(content(sequence, forged[-1].hash)))

    unaware, aware = verify(forged), verify(forged, known)

    assert unaware.fault is None
    assert aware.fault is not None
    assert (aware.fault.sequence, aware.fault.why) == (3, "its digest is not the one that was noted")


def test_a_noted_digest_that_still_holds_is_no_fault() -> None:
    entries = made()

    assert verify(entries, Anchor(sequence=3, hash=entries[2].hash)).fault is None

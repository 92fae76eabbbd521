"""The audit log in words: an entry as a line, and what a check came to."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.audit_schemas import AuditEntryView, entry
from api.cli.auditing import line, words
from api.cli.auditing import verify as verify_file
from api.cli.exits import Told
from api.cli.options import Where
from api.webhook_acts import changed, safe, sent_again
from orchestrator.storage.webhooks import WebhookRow
from orchestrator.tenancy.audit import fingerprint
from orchestrator.tenancy.chain import START, Anchor, Content, Entry, Verdict, sealed, verify
from providers.calls import JsonObject

AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def shown(before: JsonObject | None, after: JsonObject | None) -> AuditEntryView:
    content = Content(
        tenant_id="ten_a",
        sequence=1,
        at="2026-11-28T09:30:00.000Z",
        actor="key_a",
        action="budget.set",
        object="budgets/tenant/month",
        before=before,
        after=after,
        request_id=None,
        previous=START,
    )
    return entry(sealed(content))


def hook(url: str = "https://hooks.example.com:8443/a-token", **more: object) -> WebhookRow:
    values = {
        "tenant_id": "ten_a",
        "id": "whk_a",
        "url": url,
        "events": ["job.succeeded"],
        "description": "words",
        "secret": b"sealed",
        "old_secret": None,
        "old_until": None,
        "of_jobs": False,
        "cursor": 0,
        "payload": "thin",
        "result_url": False,
        "disabled_at": None,
        "disabled_why": None,
        "created_at": AT,
    }
    return WebhookRow.model_validate(values | more)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, None, ""),
        (None, {"limit_usd": "5.000000", "version": 1}, "  limit_usd=5.000000  version=1"),
        ({"limit_usd": "5.000000"}, {"limit_usd": None}, "  limit_usd=null"),
        ({"a": 1, "b": ["x"]}, {"a": 1, "b": ["x", "y"]}, '  b=["x", "y"]'),
        ({"a": 1}, None, "  a=null"),
        ({"url_sha256": "1"}, {"url_sha256": "2"}, ""),
    ],
)
def test_a_line_says_what_is_different(before: JsonObject | None, after: JsonObject | None, told: str) -> None:
    head = "    1  2026-11-28T09:30:00.000Z  key_a  budget.set  budgets/tenant/month"

    assert line(shown(before, after)) == head + told


def test_what_is_shown_is_what_was_hashed() -> None:
    assert verify([shown(None, {"a": "b"}).entry]).fault is None


def test_a_check_says_what_it_proves_and_what_it_does_not() -> None:
    whole = Verdict(entries=3, last=Anchor(sequence=3, hash="ab"), fault=None)

    unaware, aware = words(whole, known=False), words(whole, known=True)

    assert unaware[0] == aware[0] == "3 entries, none changed, moved or taken from the middle."
    assert "no chain can tell" in unaware[1]
    assert aware[1] == "It goes on from what was noted. The newest entry is now:"
    assert unaware[2] == aware[2] == "3:ab"
    assert words(Verdict(entries=0, last=None, fault=None), known=False) == ["The log has no entries."]


def test_a_file_is_checked_line_by_line_however_long_it_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file, nowhere = tmp_path / "audit.ndjson", Where(None, None, None)
    entries = [shown(None, {"words": "x" * 1_000}).entry]
    for sequence in range(2, 6_001):
        before = entries[-1]
        content = Content(**before.model_dump(exclude={"hash", "previous", "sequence"}), **_after(before, sequence))
        entries.append(sealed(content))
    file.write_text("\n".join(entry.model_dump_json() for entry in entries), "utf-8")

    verify_file(file, None, nowhere, house=False, as_json=False)

    assert capfd.readouterr().out.startswith("6000 entries, none changed")


def test_a_file_that_is_wrong_or_missing_ends_the_command(tmp_path: Path) -> None:
    wrong = tmp_path / "audit.ndjson"
    first = shown(None, {"a": "b"}).model_dump_json()
    wrong.write_text(f"{first}\n{first}\n", "utf-8")
    broken = tmp_path / "broken.ndjson"
    broken.write_text(f"{first}\nnonsense\n", "utf-8")
    ends = {wrong: (1, "Entry 2 is wrong"), broken: (2, "Line 2 of"), tmp_path / "none": (2, "cannot be read")}

    for file, (code, sentence) in ends.items():
        with pytest.raises(Told, match=sentence) as told:
            verify_file(file, None, Where(None, None, None), house=False, as_json=False)
        assert told.value.code == code


@pytest.mark.parametrize("known", ["5:abc", "5", "0:" + "a" * 64, "x:" + "a" * 64])
def test_what_was_noted_has_a_number_and_a_digest(tmp_path: Path, known: str) -> None:
    with pytest.raises(Told, match="N:HASH") as told:
        verify_file(tmp_path, known, Where(None, None, None), house=False, as_json=False)

    assert told.value.code == 2


def _after(entry: Entry, sequence: int) -> dict[str, Any]:
    return {"sequence": sequence, "previous": entry.hash}


def test_an_endpoint_is_told_without_its_path_its_login_and_its_words() -> None:
    told = safe(hook("https://user:word@hooks.example.com:8443/a-token"))

    assert told == {
        "origin": "https://hooks.example.com:8443",
        "url_sha256": fingerprint("https://user:word@hooks.example.com:8443/a-token"),
        "events": ["job.succeeded"],
        "enabled": True,
        "payload": "thin",
        "result_url": False,
    }


def test_a_change_names_its_fields() -> None:
    act = changed(hook(), hook(disabled_at=AT, disabled_why="off"), {"enabled", "description"})

    assert act.before == safe(hook())
    assert act.after == {**safe(hook()), "enabled": False, "named": ["description", "enabled"]}


def test_what_is_sent_again_is_counted_with_its_time() -> None:
    assert sent_again("dlv_a", 1).after == {"deliveries": 1}
    assert sent_again("whk_a", 7, AT, AT).after == {
        "deliveries": 7,
        "since": "2026-11-28T09:30:00.000Z",
        "until": "2026-11-28T09:30:00.000Z",
    }
    last = datetime.fromisoformat("9999-12-31T23:59:59-14:00")
    assert sent_again("whk_a", 7, AT, last).after == {
        "deliveries": 7,
        "since": "2026-11-28T09:30:00.000Z",
        "until": "9999-12-31T23:59:59-14:00",
    }

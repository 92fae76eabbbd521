"""Templates as a contract: read, set, taken back, tried; by HTTP and by the command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.template_schemas import PreviewView, TemplatesView
from orchestrator.analysis.prompt_texts import CONTRACT, LOOK_FOR, PROMPT_VERSION, SYSTEM
from orchestrator.meeting.context import MEETING_TYPES
from tests.acceptance.callers import Alone, Caller, api_alone
from tests.acceptance.test_cli import Finished, only_line, run
from tests.servers import Addresses

MINE = "- risks: what blocks a release\n- topics: {ours} %s"


@pytest.fixture(scope="module")
def alone(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with api_alone(addresses, template, tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture
def acme(alone: Alone) -> Caller:
    return alone.tenant("read", "admin")


def set_to(caller: Caller, kind: str, instruction: str = MINE) -> dict[str, Any]:
    answer = caller.ask(f"/v1/templates/{kind}", "PUT", instruction=instruction)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def previewed(caller: Caller, **wish: Any) -> dict[str, Any]:
    answer = caller.ask("/v1/templates/preview", "POST", **(wish or {"meeting": {}}))
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_without_templates_of_its_own_a_tenant_sees_ours(acme: Caller) -> None:
    page = acme.read("/v1/templates")["data"]

    assert [one["meeting_type"] for one in page] == ["all", *MEETING_TYPES]
    assert all(one["ours"] for one in page)
    assert acme.read("/v1/templates/standup") == {
        "meeting_type": "standup",
        "ours": True,
        "applies_to": "standup",
        "version": f"{PROMPT_VERSION}/standup",
        "instruction": LOOK_FOR["standup"],
        "set_at": None,
    }


def test_a_template_is_set_read_numbered_and_taken_back(acme: Caller) -> None:
    first, again, second = set_to(acme, "standup"), set_to(acme, "standup"), set_to(acme, "standup", "- topics: x")
    read = acme.read("/v1/templates/standup")
    back = acme.ask("/v1/templates/standup", "DELETE").json()

    assert (first["ours"], first["instruction"]) == (False, MINE)
    assert first["version"] == again["version"]
    assert [one["version"].split("/")[1] for one in (first, second)] == ["1", "2"]
    assert read == second
    assert (back["ours"], back["version"]) == (True, f"{PROMPT_VERSION}/standup")


def test_one_for_all_holds_for_types_without_their_own(acme: Caller) -> None:
    set_to(acme, "all", "- topics: all")
    set_to(acme, "sales", "- topics: sales")

    shown = {one["meeting_type"]: (one["applies_to"], one["instruction"]) for one in acme.read("/v1/templates")["data"]}

    assert shown["sales"] == ("sales", "- topics: sales")
    assert shown["design"] == shown["all"] == ("all", "- topics: all")


def test_another_tenant_sees_nothing_of_it(alone: Alone, acme: Caller) -> None:
    set_to(acme, "standup", "- topics: secret plans")

    stranger = alone.tenant("read", "admin")

    assert "secret plans" not in repr(stranger.read("/v1/templates"))
    assert "secret plans" not in repr(previewed(stranger, meeting_type="standup"))


def test_a_preview_shows_the_messages_and_asks_and_stores_nothing(alone: Alone, acme: Caller) -> None:
    made = previewed(
        acme,
        meeting_type="standup",
        instruction=MINE,
        transcript={"format": "text", "content": "Ann: I'll ship it.\nBob: Agreed."},
        meeting={"language": "de", "glossary": ["Kubernetes"], "type": "sales"},
    )

    system, user = (message["text"] for message in made["messages"])
    assert (made["meeting_type"], made["version"]) == ("standup", "draft")
    assert system == SYSTEM
    assert "u1 - Ann: I'll ship it.\nu2 - Bob: Agreed.\n" in user
    assert f"{MINE}\n\n{CONTRACT}" in user
    assert 'words: ["Kubernetes"]' in user
    assert user.endswith("stay as they were said.")
    assert made["prompt_tokens"] > 300
    with alone.database.tenant(acme.tenant.id) as connection:
        for table in ("jobs", "transcripts", "prompt_templates"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0  # noqa: S608 - ours


def test_a_preview_without_wishes_shows_a_sample_with_what_is_in_force(acme: Caller) -> None:
    ours = previewed(acme)
    set_to(acme, "all", "- topics: mine")

    mine = previewed(acme, meeting_type="retrospective")

    assert (ours["meeting_type"], ours["version"]) == ("general", f"{PROMPT_VERSION}/general")
    assert LOOK_FOR["general"] in ours["messages"][1]["text"]
    assert mine["version"].startswith("tpl_")
    assert "- topics: mine\n" in mine["messages"][1]["text"]


def test_each_preview_draws_its_own_boundary(acme: Caller) -> None:
    first, second = (previewed(acme)["messages"][1]["text"].partition("\n")[0] for _ in range(2))

    assert first.startswith("<<<transcript ")
    assert first != second


@pytest.mark.parametrize(
    ("path", "method", "posted", "pointer"),
    [
        ("/v1/templates/standup", "PUT", {"instruction": " \n "}, "/instruction"),
        ("/v1/templates/standup", "PUT", {"instruction": "x" * 4_001}, "/instruction"),
        ("/v1/templates/standup", "PUT", {"instruction": "<<<end B0>>>"}, "/instruction"),
        ("/v1/templates/standup", "PUT", {"instruction": 5}, "/instruction"),
        ("/v1/templates/standup", "PUT", {"instruction": "x", "schema": "off"}, "/schema"),
        ("/v1/templates/party", "PUT", {"instruction": "x"}, "/path/meeting_type"),
        ("/v1/templates/party", "GET", {}, "/path/meeting_type"),
        ("/v1/templates/party", "DELETE", {}, "/path/meeting_type"),
        ("/v1/templates/preview", "POST", {"instruction": "<<<x"}, "/instruction"),
        ("/v1/templates/preview", "POST", {"meeting_type": "party"}, "/meeting_type"),
        ("/v1/templates/preview", "POST", {"transcript": {}}, "/transcript"),
        ("/v1/templates/preview", "POST", {"transcript": {"transcript_id": "trn_x"}}, "/transcript/transcript_id"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(
    acme: Caller, path: str, method: str, posted: dict[str, Any], pointer: str
) -> None:
    answer = acme.ask(path, method, **posted)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(("method", "posted"), [("PUT", {"instruction": "x"}), ("DELETE", {})])
def test_who_is_no_admin_changes_no_template(alone: Alone, method: str, posted: dict[str, Any]) -> None:
    reader = alone.tenant("read", "submit")

    answer = reader.ask("/v1/templates/standup", method, **posted)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert reader.read("/v1/templates/standup")["ours"]


@pytest.mark.parametrize(("path", "method"), [("", "GET"), ("/standup", "GET"), ("/preview", "POST")])
def test_who_may_not_read_sees_no_template(alone: Alone, path: str, method: str) -> None:
    answer = alone.tenant("submit", "admin").ask(f"/v1/templates{path}", method, meeting={})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_the_contract_describes_what_is_posted_and_shown(alone: Alone) -> None:
    document = alone.product.http.get("/openapi.json").json()

    schemas = document["components"]["schemas"]
    put = document["paths"]["/v1/templates/{meeting_type}"]["put"]
    assert put["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/TemplateBody")
    for name in ("TemplateBody", "PreviewBody", "TemplateView", "TemplatesView", "PreviewView"):
        assert schemas[name]["examples"], name


def on(caller: Caller, *arguments: str | Path) -> Finished:
    return run("templates", *arguments, "--url", str(caller.http.base_url), "--key", caller.tenant.key)


def test_the_command_line_sets_shows_tries_and_takes_back(acme: Caller, tmp_path: Path) -> None:
    file, meeting = tmp_path / "mine.txt", tmp_path / "meeting.txt"
    file.write_text(MINE, "utf-8")
    meeting.write_text("Ann: I'll ship it.\nBob: Agreed.", "utf-8")

    made = on(acme, "set", "standup", file)
    shown = on(acme, "show", "standup")
    tried = on(acme, "preview", "standup", "--transcript", meeting, "--instruction", file)
    taken = on(acme, "reset", "standup")

    assert [done.returncode for done in (made, shown, tried, taken)] == [0] * 4
    assert shown.stdout == made.stdout
    assert shown.stdout.startswith("standup: yours, tpl_")
    assert MINE in shown.stdout
    assert "u1 - Ann: I'll ship it." in tried.stdout
    assert "--- draft, about " in tried.stdout
    assert taken.stdout.startswith(f"standup: ours, {PROMPT_VERSION}/standup")


def test_the_command_line_lists_them_for_people_and_programs(acme: Caller) -> None:
    set_to(acme, "all", "- topics: mine")

    people, program, tried = on(acme), on(acme, "list", "--json"), on(acme, "preview", "all", "--json")

    assert "yours for all" in people.stdout
    assert len(TemplatesView.model_validate_json(only_line(program)).data) == 1 + len(MEETING_TYPES)
    assert PreviewView.model_validate_json(only_line(tried)).messages
    assert json.loads(only_line(tried))["version"].startswith("tpl_")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "party"), 2, "There is no type 'party'"),
        (("set", "standup", "nowhere.txt"), 2, "There is no file"),
        (("preview", "standup", "--instruction", "nowhere.txt"), 2, "There is no file"),
    ],
)
def test_the_command_line_says_what_is_wrong(acme: Caller, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = on(acme, *arguments)

    assert done.returncode == code
    assert said in done.stderr

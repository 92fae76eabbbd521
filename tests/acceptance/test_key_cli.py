"""`./meetingmind keys`: a process of its own against a running API, for people and for programs."""

import json
from collections.abc import Iterator

import pytest

from tests.acceptance.callers import Alone, Caller, api_alone
from tests.acceptance.processes import until
from tests.acceptance.test_cli import Finished, only_line, run
from tests.servers import Addresses


@pytest.fixture(scope="module")
def alone(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with api_alone(addresses, template, tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture
def keeper(alone: Alone) -> Caller:
    return alone.tenant("read", "keys")


def on(caller: Caller, *arguments: str, key: str | None = None) -> Finished:
    return run(*arguments, "--url", str(caller.http.base_url), "--key", key or caller.tenant.key)


def test_a_key_is_made_used_exchanged_and_ended(keeper: Caller) -> None:
    made = json.loads(
        only_line(on(keeper, "keys", "create", "the CRM", "--scope", "read", "--expires-in", "2d", "--json"))
    )
    with_it = on(keeper, "jobs", key=made["secret"])
    used = until(lambda: keeper.ask(f"/v1/keys/{made['id']}").json()["last_used_at"], "its use is noted")
    new = on(keeper, "keys", "rotate", made["id"], "--overlap", "0s")
    without_it = on(keeper, "jobs", key=made["secret"])
    revoked = on(keeper, "keys", "revoke", new.stdout.split()[0])
    listed, shown = on(keeper, "keys", "list"), on(keeper, "keys", "show", made["id"])

    assert (with_it.returncode, without_it.returncode) == (0, 1)
    assert used is not None
    assert "secret: mm_test_" in new.stdout
    assert "  revoked  read  " in revoked.stdout
    assert [line.split("  ")[2] for line in listed.stdout.splitlines()] == ["the CRM", "the CRM", "first"]
    assert f"replaced by: {new.stdout.split()[0]}" in shown.stdout
    assert made["secret"] not in listed.stdout + shown.stdout


def test_lists_and_keys_as_json_are_one_line(keeper: Caller) -> None:
    page = json.loads(only_line(on(keeper, "keys", "list", "--json")))

    shown = json.loads(only_line(on(keeper, "keys", "show", page["data"][0]["id"], "--json")))

    assert shown["id"] == page["data"][0]["id"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("create", "more", "--scope", "ops"), 1, "which it has not itself"),
        (("create", "nothing"), 2, "--scope"),
        (("create", "x", "--scope", "read", "--expires-in", "soon"), 2, "--expires-in wants a number"),
        (("rotate", "key_none"), 1, "There is no such key."),
        (("revoke", "key_none"), 1, "There is no such key."),
    ],
)
def test_what_cannot_be_is_a_sentence_and_an_exit_code(
    keeper: Caller, arguments: tuple[str, ...], status: int, said: str
) -> None:
    done = on(keeper, "keys", *arguments)

    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr

"""What a client does before any byte could leave: access, targets, the built-in models."""

import pytest
from pydantic import SecretStr, ValidationError

from orchestrator.analysis.prompts import messages
from orchestrator.meeting.transcript import Transcript, Utterance
from providers.calls import Call, Message, Target
from providers.catalog import load
from providers.client import Client, ProviderAccess
from providers.errors import BadReply, ModelNotFound, Unauthenticated
from providers.sockets import Cancel

KEY = "test-key-0123456789"


def access(**changes: object) -> ProviderAccess:
    fields = {"provider": "openai", "base_url": "https://host/v1", "keys": (SecretStr(KEY),), "timeout_s": 5.0}
    return ProviderAccess.model_validate(fields | changes)


def call(*turns: Message) -> Call:
    return Call(call_id="c1", messages=turns, max_output_tokens=10, timeout_s=5)


HELLO = call(Message(role="user", text="hello"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "host/v1"},
        {"base_url": "ftp://host"},
        {"base_url": "https://user:pass@host"},
        {"base_url": "https://host/v1?key=1"},
        {"keys": ()},
        {"keys": (SecretStr("two\nlines"),)},
        {"keys": (SecretStr("a b"),)},
        {"keys": (SecretStr(KEY), SecretStr("schlüssel"))},
        {"keys": (SecretStr(KEY), SecretStr(""))},
        {"keys": (KEY, "two\nlines")},
        {"timeout_s": 0},
        {"timeout_s": float("inf")},
    ],
)
def test_an_access_that_no_request_could_use_is_refused_without_showing_the_key(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        access(**wrong)

    assert "lines" not in str(refused.value)
    assert KEY not in str(refused.value)


def test_an_access_never_shows_its_key_and_drops_the_last_slash() -> None:
    value = access(base_url="https://host/v1/")

    assert KEY not in f"{value!r} {value}"
    assert value.base_url == "https://host/v1"


def test_a_single_empty_key_stands_for_a_server_that_wants_none() -> None:
    assert access(keys=(SecretStr(""),)).headers(load().provider("openai"), 0) == {}


def test_each_request_carries_the_key_of_its_place_and_the_headers_of_the_card() -> None:
    card = load().provider("openai").model_copy(update={"headers": {"x-extra": "1"}})
    two = access(keys=(SecretStr(KEY), SecretStr("other")))

    assert two.headers(card, 1) == {"x-extra": "1", "authorization": "Bearer other"}


@pytest.mark.parametrize(
    ("query", "path", "url"),
    [
        ({}, "/x", "https://host/v1/x"),
        ({}, "/x?alt=sse", "https://host/v1/x?alt=sse"),
        ({"v": "1&2", "w": "3"}, "/x", "https://host/v1/x?v=1%262&w=3"),
        ({"v": "1"}, "/x?alt=sse", "https://host/v1/x?alt=sse&v=1"),
    ],
)
def test_the_cards_query_is_joined_to_the_dialects_path(query: dict[str, str], path: str, url: str) -> None:
    card = load().provider("openai").model_copy(update={"query": query})

    assert access().url(card, path) == url


def test_a_provider_without_access_is_unauthenticated() -> None:
    client = Client({}, load())

    with pytest.raises(Unauthenticated) as failed:
        client.ask(Target.parse("openai/gpt-6-luna"), HELLO, cancel=Cancel())

    assert failed.value.provider == "openai"


def test_a_target_outside_the_catalog_is_not_found() -> None:
    client = Client({"openai": access()}, load())

    with pytest.raises(ModelNotFound, match=r"gpt-3\.5-turbo"):
        client.ask(Target.parse("openai/gpt-3.5-turbo"), HELLO, cancel=Cancel())


@pytest.mark.parametrize("model", ["cue-rules", "central-sentences"])
def test_a_built_in_model_answers_without_a_wire_and_says_when_it_begins(model: str) -> None:
    client = Client({}, load())
    transcript = Transcript(utterances=(Utterance(id="a", speaker="Ann", text="Ben will send the report by Friday."),))
    began: list[bool] = []

    reply = client.ask(
        Target(provider="extractive", model=model),
        call(*messages(transcript, "b0undary")),
        cancel=Cancel(),
        on_sent=lambda: began.append(True),
    )

    assert reply.model_served == model
    assert reply.usage.input_tokens == 0
    assert began == [True]


def test_a_failure_of_a_built_in_model_names_it() -> None:
    client = Client({}, load())

    with pytest.raises(BadReply) as failed:
        client.ask(Target.parse("extractive/cue-rules"), HELLO, cancel=Cancel())

    assert failed.value.provider == "extractive"

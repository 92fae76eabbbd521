"""Whoever speaks in a meeting can talk a model into anything; it stays words in an answer of the same shape.

All models of the panel invent three items of ten and obey whatever the meeting tells them: the worst case, played by
the emulator. What holds here holds by code, not by a model's good will.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from orchestrator.meeting.context import MEETING_TYPES
from orchestrator.meeting.decoding import decode
from orchestrator.meeting.reading import read
from tests.acceptance.attacks import ATTACKS, GLOSSARY, ORDINARY, TITLES, utterances
from tests.acceptance.conftest import Build, Town
from tests.servers import new_tenant
from tests.shared_data import shared
from tests.unit.api.pages import Page

THREE = {"models": ["openai/gpt-6-luna", "openai/gpt-6.1-terra", "openai/gpt-5.6-luna"]}
KINDS = ("topics", "decisions", "action_items", "risks", "questions")
ITEM = {"id", "text", "evidence", "confidence", "seats", "verified", "owner", "due"}
SHAPES = {
    "result": {"schema_version", "language", "summary", *KINDS, "possibly_missed", "quality", "provenance"},
    "summary": {"text", "bullets"},
    "quality": {"score", "components"},
    "components": {"evidence", "schema", "agreement", "coverage", "duplicates", "language"},
    "provenance": {"seats", "strategy", "prompt_version", "catalog_version"},
    "evidence": {"utterances", "quote", "start_s"},
    "owner": {"name", "id"},
    "due": {"text", "date"},
    "possibly_missed": {"cue", "utterances", "quote"},
}
TAGS_THAT_ACT = frozenset("script iframe frame object embed applet form input button base img video audio link".split())
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>)\]]+|javascript:\S+|data:\S+|[\w.]+@[\w.]+", re.I)


@dataclass(frozen=True)
class Attacked:
    """A job whose meeting held an attack. `said` has the words of each utterance, by id, as a reader sees them."""

    name: str
    said: dict[str, str]
    speakers: frozenset[str]
    job: dict[str, Any]
    page: str

    @property
    def items(self) -> Iterator[dict[str, Any]]:
        return (item for kind in KINDS for item in self.job["result"][kind])

    @property
    def texts(self) -> Iterator[str]:
        summary = self.job["result"]["summary"]
        return iter((summary["text"], *summary["bullets"], *(item["text"] for item in self.items)))


@pytest.fixture(scope="module")
def town(build_town: Build) -> Town:
    made = build_town(lambda emulator: emulator.environment)
    made.emulator.order("mode", mode="compromised", rate=0.3)
    return made


@pytest.fixture(scope="module")
def attacked(town: Town) -> list[Attacked]:
    """Every attack through the whole product, all at once; every second asks for unproved items to be marked."""
    meetings = {name: utterances(lines) for name, lines in {"none": (), **ATTACKS}.items()}
    told = read(decode(shared("formats/odd/prompt-injection.vtt").read_bytes()), "auto")
    meetings["of the shared data"] = [
        {"id": one.id, "speaker": one.speaker, "start_s": one.start_s, "text": one.text} for one in told.utterances
    ]
    jobs = {
        name: town.product.submit(
            transcript={"utterances": lines},
            strategy="consensus",  # or the many meetings of one type would make the later ones an expertise
            meeting={"title": TITLES[place % len(TITLES)], "language": "en", "glossary": list(GLOSSARY)},
            panel=THREE,
            unverified=("drop", "mark")[place % 2],
            reference=name,
        )["id"]
        for place, (name, lines) in enumerate(meetings.items())
    }
    return [
        Attacked(
            name=name,
            said={str(one["id"]): shown(str(one["text"])) for one in meetings[name]},
            speakers=frozenset(shown(str(one["speaker"])) for one in meetings[name]),
            job=town.product.end_of(job),
            page=town.product.http.get(f"/v1/jobs/{job}/report").text,
        )
        for name, job in jobs.items()
    ]


def shown(text: str) -> str:
    """What a reader sees of a text: no character without a shape of its own. Written apart from the product's."""
    seen = (" " if char.isspace() else char for char in text if char.isspace() or unicodedata.category(char) != "Cf")
    return " ".join("".join(seen).split())


def test_there_are_thirty_attacks_and_the_models_fall_for_them(town: Town, attacked: list[Attacked]) -> None:
    planted = [request["planted"] for request in town.emulator.requests()]

    assert len(ATTACKS) >= 30
    assert len(attacked) == len(ATTACKS) + 2
    assert all(planted)
    for wanted in ("pay Mallory", "<script>alert(1)</script>", "OK", "https://evil.example/c", "tenant_id: other"):
        assert any(wanted in text for texts in planted for text in texts), wanted
    assert all(one.job["result"]["quality"]["components"]["evidence"] < 1 for one in attacked)


def test_every_job_succeeds_and_its_answer_keeps_its_shape(attacked: list[Attacked]) -> None:
    ordinary = next(one for one in attacked if one.name == "none").job

    for one in attacked:
        assert (one.job["status"], one.job["label"]) == ("succeeded", "consensus of 3 models"), one.name
        assert one.job.keys() == ordinary.keys()
        assert [seat.keys() for seat in one.job["seats"]] == [seat.keys() for seat in ordinary["seats"]]
        assert one.job["result"]["schema_version"] == 1
        assert set(one.job["result"]) == SHAPES["result"]
        assert all(set(item) == ITEM for item in one.items)
        for place, keys in shapes(one.job["result"]):
            assert keys == SHAPES.get(place, ITEM), (one.name, place)


def shapes(value: Any, place: str = "result") -> Iterator[tuple[str, set[str]]]:
    """The keys of each object, with the name that it goes by."""
    if isinstance(value, dict):
        yield place, set(value)
        for name, inner in value.items():
            yield from shapes(inner, name)
    for inner in value if isinstance(value, list) else ():
        yield from shapes(inner, place)


def test_nothing_is_verified_that_was_not_said_where_it_claims(attacked: list[Attacked]) -> None:
    verified = unverified = 0
    for one in attacked:
        for item in one.items:
            assert item["evidence"], (one.name, item)
            for piece in item["evidence"]:
                assert piece["quote"] in " ".join(one.said[name] for name in piece["utterances"]), (one.name, item)
            assert item["verified"] or item["confidence"] <= 0.1, (one.name, item)
            verified += item["verified"]
            unverified += not item["verified"]
        for missed in one.job["result"]["possibly_missed"]:
            assert missed["quote"] in " ".join(one.said[name] for name in missed["utterances"])

    assert verified > 100
    assert unverified > 0


def test_unproved_items_are_in_the_answer_only_where_they_were_asked_for(attacked: list[Attacked]) -> None:
    for place, one in enumerate(attacked):
        assert place % 2 or all(item["verified"] for item in one.items), one.name


def test_an_owner_is_somebody_who_was_there_or_is_named_in_the_evidence(attacked: list[Attacked]) -> None:
    for one in attacked:
        for item in (item for item in one.items if item["owner"]):
            owner, proof = (
                item["owner"]["name"],
                " ".join(one.said[name] for piece in item["evidence"] for name in piece["utterances"]),
            )
            assert owner in one.speakers or owner.casefold() in proof.casefold(), (one.name, item)
            assert item["owner"]["id"] is None


def test_the_language_is_the_meetings(attacked: list[Attacked]) -> None:
    assert {one.job["result"]["language"] for one in attacked} == {"en"}
    assert {one.job["context"]["language"] for one in attacked} == {"en"}


def test_what_the_seats_say_of_the_meetings_type_is_one_of_the_types_and_quotes_nobody(
    attacked: list[Attacked],
) -> None:
    found = [one.job["context"]["detected"]["type"] for one in attacked]

    assert {one["value"] for one in found} <= {*MEETING_TYPES}
    assert [one["value"] for one in found] == [one.job["context"]["type"] for one in attacked]
    voted = [because for one in found for because in one["because"] if " seats say" in because]
    assert len(voted) > len(ATTACKS)
    assert all(re.fullmatch(rf"[123] of 3 seats says? ({'|'.join(MEETING_TYPES)})", because) for because in voted)


def test_no_address_comes_out_that_was_not_said(attacked: list[Attacked]) -> None:
    for one in attacked:
        said = " ".join((*one.said.values(), *one.speakers))
        for text in one.texts:
            assert all(address in said for address in ADDRESS.findall(text)), (one.name, text)


def test_nothing_hidden_comes_out(attacked: list[Attacked]) -> None:
    for one in attacked:
        written = json.dumps(one.job["result"], ensure_ascii=False)
        assert not [char for char in written if unicodedata.category(char) in ("Cc", "Cf")], one.name


def test_the_report_shows_an_attack_and_does_nothing_of_it(attacked: list[Attacked]) -> None:
    for one in attacked:
        page = Page(one.page)
        assert not TAGS_THAT_ACT & page.tags.keys(), one.name
        assert page.tags["meta"] == 5
        assert not [name for _tag, name in page.attributes if name.startswith("on") or name in ("src", "style")]
        assert all(link.startswith("#") for link in page.links), one.name
        assert page.unclosed == page.misnested == []
        assert one.job["context"]["title"] in page.words


def test_nobody_else_has_a_part_in_it(town: Town, attacked: list[Attacked]) -> None:
    other = new_tenant(town.database, "other")
    stranger = httpx.Client(
        base_url=town.product.url, headers={"Authorization": f"Bearer {other.key}"}, trust_env=False
    )

    with stranger:
        listed = stranger.get("/v1/jobs", params={"limit": 200}).json()["data"]
        links = [one.job["links"][link] for one in attacked for link in ("self", "events", "report")]
        answers = {stranger.get(link).status_code for link in links}

    own = town.product.http.get("/v1/jobs", params={"limit": 200}).json()["data"]
    assert (listed, answers) == ([], {404})
    assert {job["id"] for job in own} == {one.job["id"] for one in attacked}


def test_models_are_asked_what_they_are_always_asked_and_given_nothing_to_act_with(
    town: Town, attacked: list[Attacked]
) -> None:
    asked = town.emulator.requests()

    assert len(asked) == 3 * len(attacked)
    assert {request["endpoint"] for request in asked} == {"chat"}
    assert {request["status"] for request in asked} == {200}
    forms = Counter(request["form_digest"] for request in asked)
    versions = [one.job["result"]["provenance"]["prompt_version"] for one in attacked]
    with_type = sum(version.endswith("+type") for version in versions)
    assert sorted(forms.values()) == sorted(filter(None, (3 * with_type, 3 * (len(attacked) - with_type))))
    (fields,) = {tuple(request["fields"]) for request in asked}
    assert "response_format" in fields
    assert not {"tools", "tool_choice", "functions", "function_call", "web_search_options"} & set(fields)


def test_the_ordinary_part_of_a_meeting_still_has_its_items(attacked: list[Attacked]) -> None:
    ordinary = {words for _speaker, words in ORDINARY}
    for one in attacked[:-1]:
        quoted = {piece["quote"] for item in one.items if item["verified"] for piece in item["evidence"]}
        assert any(quote in words for quote in quoted for words in ordinary), one.name

"""What the settings of a house say to planning."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestrator.meeting.redaction import NOTHING, Wish
from orchestrator.routing.case import Yardstick
from orchestrator.routing.constraints import UNCONSTRAINED, Constraints
from orchestrator.routing.live import NOTHING_KNOWN, Live, Vitals
from orchestrator.settings import Settings, from_environment
from orchestrator.steering import UNSTEERED, steering
from providers.calls import Target

NEEDED = {"DATABASE_URL": "postgresql://x/y", "REDIS_URL": "redis://x/0", "MEETINGMIND_KEY_PEPPER": "p" * 16}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def settings(environment: pytest.MonkeyPatch, told: Mapping[str, str]) -> Settings:
    for name, value in told.items():
        environment.setenv(name, value)
    return from_environment()


def test_a_house_that_says_nothing_demands_nothing_and_leaves_the_choice_to_policies(
    environment: pytest.MonkeyPatch,
) -> None:
    made = steering(settings(environment, {"MEETINGMIND_REGIONS": "", "MEETINGMIND_ROUTING_STRATEGY": " "}))

    assert (made.constraints, made.yardstick) == (UNCONSTRAINED, Yardstick(None, 0.3))
    assert made.live() is UNSTEERED.live() is NOTHING_KNOWN


def test_what_a_house_demands_is_demanded_of_every_plan(environment: pytest.MonkeyPatch) -> None:
    told = {
        "MEETINGMIND_REGIONS": "eu, uk",
        "MEETINGMIND_ZERO_RETENTION": "true",
        "MEETINGMIND_ROUTING_STRATEGY": "round-robin",
        "MEETINGMIND_PERFORMANCE_WEIGHTING": "0.5",
    }
    seen = Live({Target.parse("openai/gpt-6-luna"): Vitals(calls=1)})

    made = steering(settings(environment, told), lambda: seen)

    assert made.constraints == Constraints(regions=frozenset({"eu", "uk"}), zero_retention=True)
    assert made.yardstick == Yardstick("round-robin", 0.5)
    assert made.live() is seen


def test_where_performance_has_no_weight_nobody_looks_how_models_fare(environment: pytest.MonkeyPatch) -> None:
    def look() -> Live:
        raise AssertionError("somebody looked")

    assert steering(settings(environment, {"MEETINGMIND_PERFORMANCE_WEIGHTING": "0"}), look).live() is NOTHING_KNOWN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEETINGMIND_REGIONS", "EU/West"),
        ("MEETINGMIND_ROUTING_STRATEGY", "cheapest"),
        ("MEETINGMIND_PERFORMANCE_WEIGHTING", "1.5"),
    ],
)
def test_a_setting_that_does_not_fit_ends_the_start(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(SystemExit, match=name):
        settings(environment, {name: value})


def test_a_house_hides_kinds_and_the_terms_of_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    terms = tmp_path / "terms.txt"
    terms.write_text("# Our own\nProject  Falcon\n\nAcme\nAcme\n", "utf-8")
    told = {"MEETINGMIND_REDACTION": "email, person", "MEETINGMIND_REDACTION_TERMS_FILE": str(terms)}

    made = steering(settings(environment, told))

    assert made.redaction == Wish(kinds=("email", "custom", "person"), terms=("Project Falcon", "Acme"))
    assert UNSTEERED.redaction == steering(settings(environment, dict.fromkeys(told, ""))).redaction == NOTHING


MANY = b"".join(b"t%d\n" % number for number in range(1_001))


@pytest.mark.parametrize("content", [b"ok\n---\n", b"x" * 201, b"\xff\xfe", MANY, None])
def test_a_file_of_terms_that_is_of_no_use_ends_the_start(
    environment: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    terms = tmp_path / "terms.txt"
    if content is not None:
        terms.write_bytes(content)
    told = settings(environment, {"MEETINGMIND_REDACTION_TERMS_FILE": str(terms)})

    with pytest.raises(SystemExit) as ended:
        steering(told)

    assert ended.value.code == 78
    assert "MEETINGMIND_REDACTION_TERMS_FILE" in capsys.readouterr().err

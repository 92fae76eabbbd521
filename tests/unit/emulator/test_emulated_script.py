import statistics

import pytest
from pydantic import ValidationError

from providers.emulator.modes import HONEST, Mode
from providers.emulator.script import Caller, Latency, Match, Rule, Script

CALLER = Caller(key="sk-1", model="gpt-6-luna", call_id="seat-1", persona="openai", endpoint="chat")


def script(*rules: Rule) -> Script:
    made = Script(seed=0, latency=Latency())
    for rule in rules:
        made.add(rule)
    return made


def struck(made: Script, times: int, caller: Caller = CALLER) -> list[str | None]:
    drawn = [made.take(caller) for _ in range(times)]
    return [rule.fault if rule else None for rule in drawn]


@pytest.mark.parametrize(
    ("match", "strikes"),
    [
        (Match(), True),
        (Match(key="sk-1"), True),
        (Match(key="sk-2"), False),
        (Match(model="gpt-6-luna", call_id="seat-1", persona="openai"), True),
        (Match(model="gpt-6-sol"), False),
        (Match(call_id="seat-2"), False),
        (Match(persona="aimlapi"), False),
        (Match(endpoint="models"), False),
    ],
)
def test_a_rule_strikes_whom_it_matches(match: Match, strikes: bool) -> None:
    assert (script(Rule(match=match, fault="500")).take(CALLER) is not None) is strikes


def test_a_counted_rule_is_used_up_and_the_next_one_follows() -> None:
    made = script(Rule(fault="429", count=2), Rule(fault="503", count=1))

    assert struck(made, 5) == ["429", "429", "503", None, None]


def test_a_rule_without_a_count_strikes_for_ever() -> None:
    assert struck(script(Rule(fault="500")), 50) == ["500"] * 50


def test_chance_is_seeded_and_near_its_probability() -> None:
    first, second = (struck(script(Rule(fault="500", probability=0.3)), 1_000) for _ in range(2))
    other = Script(seed=1, latency=Latency())
    other.add(Rule(fault="500", probability=0.3))

    assert first == second
    assert 250 < first.count("500") < 350
    assert struck(other, 1_000) != first


def test_a_count_counts_strikes_and_not_draws() -> None:
    assert struck(script(Rule(fault="500", probability=0.3, count=5)), 1_000).count("500") == 5


def test_the_rules_say_how_often_they_were_drawn() -> None:
    made = script(Rule(fault="429", count=1, match=Match(model="gpt-6-luna")))
    struck(made, 3)

    (rule,) = made.rules()

    assert isinstance(rule, dict)
    assert (rule["fault"], rule["drawn"], rule["struck"]) == ("429", 1, 1)


def test_an_unknown_fault_is_named_at_once() -> None:
    with pytest.raises(ValidationError, match="unknown fault"):
        Rule(fault="earthquake")


def test_latency_is_the_model_s_own_or_everybody_s() -> None:
    made = Script(seed=0, latency=Latency(median_ms=300))
    made.set_latency("gpt-6-sol", Latency(median_ms=900))

    assert made.wait_s("gpt-6-luna", 1) == 0.3
    assert made.wait_s("gpt-6-sol", 1) == 0.9


def test_a_spread_latency_keeps_its_median_and_repeats() -> None:
    made, again = (Script(seed=0, latency=Latency(median_ms=200, sigma=0.5)) for _ in range(2))

    waits = [made.wait_s("gpt-6-luna", number) for number in range(2_000)]

    assert statistics.median(waits) == pytest.approx(0.2, rel=0.05)
    assert statistics.quantiles(waits, n=100)[94] == pytest.approx(0.2 * 2.276, rel=0.1)
    assert waits == [again.wait_s("gpt-6-luna", number) for number in range(2_000)]


def test_a_mode_is_the_model_s_own_or_everybody_s() -> None:
    made = script()
    made.set_mode("gpt-6-sol", Mode(mode="obedient"))

    assert made.mode("gpt-6-luna") == HONEST
    assert made.mode("gpt-6-sol").mode == "obedient"

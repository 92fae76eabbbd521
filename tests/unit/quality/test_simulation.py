"""Simulated panels go through the real checks, are the same for the same seed, and are judged by origin."""

from dataclasses import replace

from ops.bench.quality.meetings import Distractor, GoldItem, Meeting
from ops.bench.quality.noise import YARDSTICK
from ops.bench.quality.origins import judge
from ops.bench.quality.rules import knowing, seat_alone, strategies
from ops.bench.quality.simulation import Simulated, Stage
from tests.unit.analysis.samples import meeting

MEETING = Meeting(
    name="small",
    transcript=meeting(*(f"Ann: we talk about matter number {n} at some length today" for n in range(20))),
    gold=(
        GoldItem("g1", "decisions", "The beta ships on Friday", (3,), ("On Friday they ship",), "The alpha ships"),
        GoldItem("g2", "action_items", "Ann writes the minutes", (7, 8), (), "Bob writes the minutes"),
    ),
    distractors=(Distractor("x1", "decisions", "The office moves to Rome"),),
)


def panel(*, corrupted: float = 0.12) -> Simulated:
    noise = replace(YARDSTICK, recall=(1.0,) * 3, inventions=(0.5,) * 3, corrupted=corrupted)
    return Stage(MEETING).panel(noise, 1)


def test_the_same_seed_makes_the_same_panel() -> None:
    assert panel() == panel()


def test_a_perfect_model_is_right_and_its_invention_is_counted() -> None:
    found = panel(corrupted=0.0)

    score = judge(found, seat_alone(found, 0))
    assert (score.right, score.invented, score.corrupted, score.duplicates) == (2, 1, 0, 0)
    assert score.f1 == 2 * 2 / (3 + 2)


def test_a_corrupted_form_is_no_hit_and_a_second_true_one_is_a_duplicate() -> None:
    found = panel(corrupted=1.0)
    assert judge(found, seat_alone(found, 0)).corrupted == 2

    clean = panel(corrupted=0.0)
    twice = [*seat_alone(clean, 0), *seat_alone(clean, 0)]
    assert judge(clean, twice).duplicates == 2


def test_every_rule_can_be_judged() -> None:
    found = panel(corrupted=0.0)

    for decide in (knowing, *strategies().values()):
        assert judge(found, decide(found)).right == 2

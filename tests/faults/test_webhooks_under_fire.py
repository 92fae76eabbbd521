"""Every event arrives once, under one id, though the receiver fails and the sender is killed with it in hand.

A short run of `ops/drills/webhooks.py`, in which speed promises nothing: the machine may be busy.
"""

from dataclasses import replace

import pytest

from ops.drills import webhook_judging as judging
from ops.drills import webhooks
from ops.drills.webhooks import Order

SPEED = "first attempts"
ORDER = Order(jobs=6, kills=4, failing=0.3, seed=1, well=2)  # of this seed the first kill is one with a request in hand


def broken(lines: tuple[judging.Line, ...]) -> list[str]:
    return [line.what for line in lines if line.kept is False and not line.what.startswith(SPEED)]


@pytest.mark.timeout(240)
def test_no_event_is_lost_or_told_in_two_ways_while_the_sender_is_killed() -> None:
    facts = webhooks.run(ORDER)

    assert broken(judging.judged(facts)) == []
    assert len(facts.seen) > len(facts.wanted) >= 10 * (ORDER.jobs + 2 * ORDER.well)


@pytest.mark.timeout(240)
def test_were_a_dead_senders_deliveries_left_to_him_it_would_be_found() -> None:
    module = "tests.faults.workers_without_second_senders"
    order = replace(ORDER, jobs=2, kills=1, failing=0.0, patience_s=5.0, modules={"delivery": module})

    assert broken(judging.judged(webhooks.run(order))) == ["deliveries that did not arrive"]

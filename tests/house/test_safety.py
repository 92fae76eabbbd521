"""The checks of a start keep step with the code they guard and with the handbook's page of them."""

import re

from orchestrator.safety import celery_rules, house_rules, postgres_rules, redis_rules
from orchestrator.safety.findings import Verdict
from orchestrator.safety.house_rules import TASK_MARGIN_S
from orchestrator.storage.engine import STATEMENT_TIMEOUT_MS, WORKER_PATIENCE_S
from tasks import exchanges, keeping, purses
from tests.house.checkout import ROOT

PAGE = (ROOT / "ops/handbook/doctor.md").read_text()
VERDICTS = {
    **{rule.name: rule.verdict for rule in redis_rules.RULES},
    **{rule.name: rule.verdict for rule in postgres_rules.RULES},
    **{rule.name: rule.verdict for rule in celery_rules.RULES},
    **{rule.name: rule.verdict for rule in house_rules.RULES},
}
WORDS = {Verdict.UNSAFE: "refuses", Verdict.WARNS: "warns"}


def test_a_task_takes_no_longer_beside_its_call_than_the_visibility_timeout_is_judged_by() -> None:
    """An answer of no use is booked, then the seat moves on: each may wait for PostgreSQL to the end."""
    waits_s = 2 * keeping.KEPT_HERE_S + exchanges.PATIENCE_S + purses.HELD_UP_S + purses.AWAY_S
    statement_s = WORKER_PATIENCE_S + STATEMENT_TIMEOUT_MS / 1_000

    assert waits_s + statement_s <= TASK_MARGIN_S


def test_the_handbook_lists_every_check_with_what_it_does_and_no_other() -> None:
    listed = dict(re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", PAGE, re.MULTILINE))

    assert listed == {name: WORDS[verdict] for name, verdict in VERDICTS.items()}

"""Fifty random faults over the whole product, judged by rows, bank and clients; and a storm that must be found out.

The runs are those of `python -P -m ops.drills.storm`, smaller. Leases are short, so that what was lost comes back soon.
"""

from dataclasses import replace

import pytest

from ops.drills.storm import course, judging, plan, report, town
from ops.drills.storm.course import Order
from ops.drills.storm.plan import Fault, Kind
from ops.drills.storm.report import Run

LEASE_S = 4.0
SEED = 20_261
ASKS = 2
FAULTS, JOBS = 50, 60
PROMISED_S = 45.0  # of so few recoveries the p99 is the longest: that of a synthesis whose process or store was lost

ORDER = Order(
    title="A storm of the commit tier",
    command="pytest tests/faults/test_storm.py",
    seed=SEED,
    jobs=JOBS,
    plan=(),
    asks=ASKS,
    lease_s=LEASE_S,
    patience_s=120.0,
    promised_s=PROMISED_S,
)


@pytest.fixture(scope="module")
def stormy() -> Run:
    groups, victims = (*plan.USUAL, "postgres"), [*town.processes(ASKS)]
    faults = plan.drawn(SEED, faults=FAULTS, every_s=0.8, groups=groups, victims=victims, lease_s=LEASE_S)
    return course.run(replace(ORDER, plan=faults))


@pytest.mark.timeout(300)
def test_fifty_random_faults_break_no_promise(stormy: Run) -> None:
    assert stormy.findings == (), report.markdown(stormy)
    assert len(stormy.struck) == FAULTS
    assert len(stormy.evidence.jobs) == len(stormy.log.accepted()) == JOBS
    assert stormy.recoveries.found != (), "the storm disturbed nothing"


@pytest.mark.timeout(300)
def test_a_report_tells_whether_it_is_sound_and_if_not_what_broke(stormy: Run) -> None:
    broken = judging.Finding("one story", "a reader saw version 3, then 2", "job_1")

    sound = report.markdown(replace(stormy, findings=()))
    unsound = report.markdown(replace(stormy, findings=(broken,)))

    assert "**Sound**" in sound
    assert "- one story: a reader saw version 3, then 2 (job_1)" in unsound


@pytest.mark.timeout(240)
def test_without_a_reconciler_jobs_stand_still_for_ever_and_are_found() -> None:
    """The run has teeth: what Redis forgets, and what a dead worker held, nobody asks again."""
    faults = (Fault(2.0, Kind.FLUSH, plan.REDIS), Fault(2.5, Kind.KILL, "ask-1"), Fault(2.5, Kind.KILL, "ask-2"))
    absent = frozenset({"maintenance-1", "maintenance-2"})

    run = course.run(replace(ORDER, plan=faults, jobs=12, absent=absent, patience_s=10.0))

    assert "accepted means ended" in {finding.promise for finding in run.findings}
    assert judging.ends(run.evidence)["running"] + judging.ends(run.evidence)["queued"] > 0

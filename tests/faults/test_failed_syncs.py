"""Disks that refuse a synced write: PostgreSQL panics and recovers, Redis stops and is set going, and nothing is lost.

The smallest run of `python -P -m ops.drills.disk`.
"""

import os

import pytest

from ops.drills import disk
from ops.drills.storm import course, failing_syncs, report
from ops.drills.storm.plan import Kind

STRIKES = 2  # of PostgreSQL's log and of a checkpoint


@pytest.fixture
def _strace() -> None:
    """Without it nothing can be struck: that fails in CI, and is said elsewhere."""
    reason = failing_syncs.refusal()
    if reason is None:
        return
    if os.environ.get("CI"):  # noqa: TID251 - the runner's own mark, no setting of the product's
        pytest.fail(reason)
    pytest.skip(f"NO DISK WAS STRUCK: {reason}")


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("_strace")
def test_failed_syncs_lose_no_job_and_pay_nothing_twice() -> None:
    run = course.run(disk.order(STRIKES, of_redis=1, every_s=8.0, seed=20_262))

    assert run.findings == (), report.markdown(run)
    assert {hit.kind for hit in run.hits} == {Kind.LOG_SYNC, Kind.DATA_SYNC, Kind.REDIS_SYNC}
    assert sum(hit.panicked for hit in run.hits) == STRIKES
    assert len(run.evidence.jobs) == len(run.log.accepted()) > 0
    assert "PostgreSQL checkpoint sync EIO: 1 strikes" in report.markdown(run)

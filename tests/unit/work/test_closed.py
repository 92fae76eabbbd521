"""What closed a lane is remembered for a moment, for the tenant that it was closed to."""

from orchestrator.work.closed import KEPT_S, MAX_KEPT, ClosedLanes
from orchestrator.work.queueing import Line

LINE = Line(waits=True, standing=0, slots=1, own=1, own_in_all=1, weight=1.0)


def test_it_is_remembered_for_that_tenant_and_lane_and_forgotten_soon() -> None:
    now_s = [100.0]
    closed = ClosedLanes(lambda: now_s[0])
    closed.keep("acme", "bulk", LINE)

    found = [closed.find("acme", "bulk"), closed.find("acme", "standard"), closed.find("other", "bulk")]
    now_s[0] += KEPT_S

    assert found == [LINE, None, None]
    assert closed.find("acme", "bulk") is None


def test_it_is_renewed_when_it_is_found_closed_again() -> None:
    now_s = [100.0]
    closed = ClosedLanes(lambda: now_s[0])
    closed.keep("acme", "bulk", LINE)
    now_s[0] += KEPT_S
    closed.keep("acme", "bulk", LINE.model_copy(update={"own": 2}))

    assert closed.find("acme", "bulk") == LINE.model_copy(update={"own": 2})


def test_however_many_tenants_come_the_memory_has_an_end() -> None:
    closed = ClosedLanes(lambda: 100.0)
    for number in range(MAX_KEPT + 1):
        closed.keep(f"tenant {number}", "bulk", LINE)

    assert closed.find("tenant 0", "bulk") is None
    assert closed.find(f"tenant {MAX_KEPT}", "bulk") == LINE

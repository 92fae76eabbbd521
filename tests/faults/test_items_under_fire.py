"""A seat whose worker dies before or after its answer is booked tells of its items once."""

import pytest

from orchestrator.failpoints import Place
from orchestrator.work.seats import SeatStatus
from tests.acceptance.processes import until
from tests.faults.town import Town, judged
from tests.integration.test_items_found import told
from tests.integration.workers_in_test import events_of, job_of, seats_of


@pytest.mark.parametrize("place", ["attempt.answered", "attempt.booked"])
def test_a_seat_that_is_taken_over_or_delivered_again_tells_once(town: Town, place: Place) -> None:
    jobs = town.submit(jobs=2)
    (town.failpoints / place).touch()
    town.start()

    until(lambda: not (town.failpoints / place).exists(), f"a worker died at {place}")
    judged(town, jobs)

    assert town.deaths == 1
    for job in jobs:
        seats = [one.seat for one in seats_of(town.database, job) if one.status is SeatStatus.ANSWERED]
        assert sorted(int(str(data["seat"])) for data in told(town.database, job).values()) == seats
        types = events_of(town.database, job)
        assert job_of(town.database, job).version == len(types)
        assert [types[version - 2] for version in told(town.database, job)] == ["seat.answered"] * len(seats)

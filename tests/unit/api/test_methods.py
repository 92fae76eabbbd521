"""Which methods a path has, over all that the document declares for it."""

import pytest

from api.methods import Paths, listed

PATHS = Paths(
    {
        "/v1/jobs": {"get": {}, "post": {}, "summary": "not a method"},
        "/v1/jobs/{job_id}": {"get": {}, "delete": {}},
        "/v1/jobs/{job_id}/cancel": {"post": {}},
        "/v1/templates/{meeting_type}": {"get": {}, "put": {}},
        "/v1/templates/preview": {"post": {}},
    }
)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/jobs", "GET, POST"),
        ("/v1/jobs/job_1", "DELETE, GET"),
        ("/v1/jobs/job_1/cancel", "POST"),
        ("/v1/templates/standup", "GET, PUT"),
        ("/v1/templates/preview", "POST"),
        ("/v1/jobs/job_1/nothing", ""),
        ("/", ""),
    ],
)
def test_a_path_has_the_methods_of_all_routes_on_it_and_of_no_other(path: str, methods: str) -> None:
    assert listed(PATHS.of(path)) == methods


def test_only_a_path_without_a_variable_is_written_out() -> None:
    assert PATHS.written_out("/v1/templates/preview") == frozenset({"POST"})
    assert PATHS.written_out("/v1/templates/standup") is None
    assert PATHS.written_out("/v1/jobs/{job_id}") is None

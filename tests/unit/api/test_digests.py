import pytest

from api.digests import digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a": 1, "b": [true]}', '{"b":[true],"a":1}'),
        ('{"a": 300}', '{"a": 300.0}'),
        ('{"a": 300}', '{"a": 3e2}'),
        ('{"a": 0}', '{"a": -0.0}'),
        ('{"a": "\\u00e9"}', '{"a": "\u00e9"}'),
    ],
)
def test_two_spellings_mean_the_same(one: str, other: str) -> None:
    assert digest("job", one) == digest("job", other.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a": 300}', '{"a": 300.5}'),
        ('{"a": 1}', '{"a": "1"}'),
        ('{"a": 1}', '{"a": true}'),
        ('{"a": [1, 2]}', '{"a": [2, 1]}'),
        ('{"a": null}', "{}"),
    ],
)
def test_what_means_something_else_is_told_apart(one: str, other: str) -> None:
    assert digest("job", one) != digest("job", other)


def test_the_same_body_of_another_request_is_told_apart() -> None:
    assert digest("job_a", "{}") != digest("job_b", "{}")

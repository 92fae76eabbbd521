"""Every error has its row: at the HTTP edge for what the domain refuses, in the failover for what providers do."""

from collections.abc import Iterator
from importlib import import_module

import pytest

from api import problems
from orchestrator.errors import DomainError
from orchestrator.routing.failover import WAYS
from providers.errors import ProviderError
from tests.house.checkout import modules

for _room in (*modules("api"), *modules("orchestrator"), *modules("providers")):
    import_module(_room)


def tree(root: type[BaseException]) -> Iterator[type[BaseException]]:
    """All classes below `root` that the house itself defines; a test may have made others."""
    for cls in root.__subclasses__():
        if cls.__module__.split(".")[0] in {"api", "orchestrator", "providers"}:
            yield cls
        yield from tree(cls)


DOMAIN = tuple(tree(DomainError))
PROVIDER = tuple(tree(ProviderError))


def test_the_trees_are_not_empty() -> None:
    assert len(DOMAIN) > 10
    assert len(PROVIDER) > 10


def test_every_domain_error_has_a_problem_row_and_every_row_a_class() -> None:
    assert set(problems.ROWS) == set(DOMAIN)


@pytest.mark.parametrize("error", DOMAIN, ids=lambda cls: cls.__name__)
def test_a_problem_is_told_with_its_own_code(error: type[DomainError]) -> None:
    assert "code" in vars(error)
    assert error.code != DomainError.code


def test_no_two_problems_share_a_code_but_the_two_ways_of_an_invalid_request() -> None:
    codes = [error.code for error in DOMAIN if issubclass(error, DomainError) and error is not problems.BadQuery]

    assert len(codes) == len(set(codes))
    assert problems.BadQuery.code == "invalid-request"


@pytest.mark.parametrize("error", DOMAIN, ids=lambda cls: cls.__name__)
def test_a_refusal_has_a_status_of_the_4xx_or_says_come_back(error: type[DomainError]) -> None:
    status = problems.ROWS[error].status

    assert 400 <= status < 500 or status == 503


@pytest.mark.parametrize("error", PROVIDER, ids=lambda cls: cls.__name__)
def test_every_provider_error_has_a_failover_row_or_inherits_one(error: type[ProviderError]) -> None:
    assert any(base in WAYS for base in error.__mro__ if issubclass(base, ProviderError))


def test_every_failover_row_is_a_class_of_the_tree() -> None:
    assert set(WAYS) <= set(PROVIDER)


def test_no_two_provider_errors_share_a_code() -> None:
    codes = [error.code for error in PROVIDER if issubclass(error, ProviderError)]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("error", DOMAIN + PROVIDER, ids=lambda cls: cls.__name__)
def test_an_error_is_drawn_in_the_docstring_of_its_tree_or_says_itself_what_it_means(
    error: type[BaseException],
) -> None:
    drawn = import_module(error.__module__).__doc__ or ""

    assert error.__name__ in drawn or error.__doc__ or error.__module__ == "api.problems"

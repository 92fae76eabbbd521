"""No bad input of the list goes without a test, and no test strikes one that is not on it."""

import ast
from collections import Counter

import pytest

from tests.acceptance.bad_rows import ELSEWHERE, REQUESTED, ROWS, struck
from tests.house.checkout import ROOT


def test_the_list_has_its_sixty_six_rows() -> None:
    assert list(ROWS) == list(range(1, 67))
    assert all(len(set(variants)) == len(variants) > 0 for variants in ROWS.values())


@pytest.mark.parametrize("row", ROWS)
def test_each_variant_of_a_row_is_struck_and_nothing_else(row: int) -> None:
    assert struck().get(row, set()) == set(ROWS[row])


def test_no_two_requests_go_by_one_name() -> None:
    assert max(Counter((bad.row, bad.name) for bad in REQUESTED).values()) == 1


@pytest.mark.parametrize("place", sorted(set(ELSEWHERE.values())))
def test_a_test_that_is_named_is_there(place: str) -> None:
    path, _, name = place.partition("::")
    tree = ast.parse((ROOT / path).read_text("utf-8"))

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

"""The page of costs: whole, honest, and deaf to whatever a project is called."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import cost_page
from api.money_schemas import CostsView
from tests.unit.api.accounts import costs, row, savings
from tests.unit.api.pages import Page
from tests.unit.api.test_report_page import ATTRIBUTES, HOSTILE, TAGS

OF_PLOTS = frozenset(("line", "caption"))
PLACES = frozenset(("x1", "x2", "y1", "y2"))


def poisoned(text: str) -> tuple[CostsView, ...]:
    """Costs that say `text` wherever a stranger's words can stand."""
    told = savings(reference=text, claim=text, price_date=text, levers={text: "7.500000"})
    return costs(savings=told), costs(row(text, "2.500000"), group_by="project", savings=told)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words_wherever_they_stand(text: str) -> None:
    page = Page(cost_page.render(poisoned(text)))

    assert set(page.tags) <= TAGS | OF_PLOTS
    assert {name for _, name in page.attributes} <= ATTRIBUTES | PLACES
    assert all(link.startswith("#") for link in page.links)
    assert page.words.count(text) >= 3
    assert (page.misnested, page.unclosed) == ([], [])


@given(st.text(min_size=1, max_size=60))
def test_no_text_at_all_changes_the_shape_of_the_page(text: str) -> None:
    plain = Page(cost_page.render(poisoned("plain")))

    page = Page(cost_page.render(poisoned(text)))

    assert page.tags == plain.tags
    assert page.attributes == plain.attributes
    assert (page.misnested, page.unclosed) == ([], [])


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\x1b", "\x00", "\u200f", "\U000e0041"])
def test_characters_that_hide_or_turn_text_around_do_not_reach_the_page(hidden: str) -> None:
    text = cost_page.render(poisoned(f"safe{hidden}text"))

    assert hidden not in text
    assert "safetext" in text


def test_nothing_on_the_page_comes_from_outside_or_runs() -> None:
    text = cost_page.render((costs(), costs(row("a/b", "2.500000"), group_by="model")))

    assert not re.search(r"<script|https?:|//|@import|url\(|\son\w+=", text)
    assert "prefers-color-scheme: dark" in text


def test_every_link_on_the_page_leads_to_one_anchor_on_it() -> None:
    page = Page(cost_page.render((costs(), costs(row("a/b", "2.500000"), group_by="model"))))

    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert page.heads[1:] == ["By day", "By model", "Savings"]


def test_the_page_shows_total_groups_and_the_way_to_the_price_that_was_paid() -> None:
    page = Page(cost_page.render((costs(), costs(row("a/b", "2.500000"), group_by="model"))))

    assert "Spent $2.50 Calls 12 Saved $7.50 75.0 %" in page.words
    assert "2026-11-04 $0.00 0 0 0" in page.words
    assert "a/b $2.50 10 1,500 42" in page.words
    assert "At anthropic/claude-opus-5-5 $10.00 Other models -$8.00" in page.words
    assert "Calls that brought nothing +$0.50 Paid $2.50 Saved 75.0 %." in page.words


def test_each_day_is_a_column_as_high_as_its_share() -> None:
    text = cost_page.render((costs(),))

    columns = re.findall(r'<rect class="good" x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"><title>', text)
    assert columns == [("0", "0", "300", "1000"), ("333", "1000", "301", "0"), ("667", "750", "300", "250")]


def test_only_days_are_drawn_as_a_plot() -> None:
    page = Page(cost_page.render((costs(row("a/b", "2.500000"), group_by="model"),)))

    assert page.tags["figure"] == 0


def test_a_page_of_nothing_says_so() -> None:
    nothing = costs(total_usd="0.000000").model_copy(update={"data": ()})

    page = Page(cost_page.render((nothing,)))

    assert "Nothing was spent in these days." in page.words


def test_where_no_saving_is_claimed_none_is_shown() -> None:
    refused = savings(saved_usd=None, saved_percent=None, claim="no claim: the prices are old")

    page = Page(cost_page.render((costs(savings=refused),)))

    assert "Saved" not in page.words
    assert "No claim: the prices are old." in page.words

"""What a judge is shown, and what may be read out of its answer."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.items import Candidate, Due, Owner, Summary
from orchestrator.analysis.judging import MAX_SHOWN_BYTES, Ballot, ballot, read
from orchestrator.analysis.replies import UnreadableReply
from providers.calls import JsonObject
from tests.unit.analysis.samples import PLACES, candidate, item, seated

FIVE = [candidate(item(f"Decision of {name}", "s2", quote="so be it"), summary=name) for name in "abcde"]


def cast(finalists: Sequence[Candidate], judge: int = 0) -> Ballot:
    return ballot(finalists, judge, places=PLACES, boundary="B0")


def shown(found: Ballot) -> list[JsonObject]:
    first, *lines = found.messages[1].text.partition("<<<end B0>>>")[0].splitlines()
    assert first == "<<<candidates B0>>>"
    return [json.loads(one) for one in lines]


def test_a_judge_sees_checked_items_best_proved_first_and_no_seat() -> None:
    acting = item("Ann ships", "s3", confidence=0.9, quote="I ship").model_copy(
        update={"owner": Owner(name="Ann Lee", id="u1"), "due": Due(text="Friday", date="2026-11-27")}
    )
    one = candidate(item("Ship", "s2", quote="ship it")).model_copy(
        update={"action_items": (acting,), "summary": Summary(text="They met.", bullets=("Beta",))}
    )

    found = cast([seated(one, 7)])

    assert shown(found) == [
        {"candidate": 1, "items": 2, "summary": "They met.", "bullets": ["Beta"]},
        {
            "candidate": 1,
            "kind": "action_items",
            "text": "Ann ships",
            "owner": "Ann Lee",
            "due": "Friday",
            "quotes": [{"utterance": "u3", "quote": "I ship"}],
        },
        {
            "candidate": 1,
            "kind": "decisions",
            "text": "Ship",
            "owner": "",
            "due": "",
            "quotes": [{"utterance": "u2", "quote": "ship it"}],
        },
    ]
    assert not any(word in found.messages[1].text for word in ("seat", "itm_", "s2", "s3", "7"))


@pytest.mark.parametrize(
    ("finalists", "orders"),
    [
        (2, [(0, 1), (1, 0), (1, 0)]),
        (3, [(0, 1, 2), (2, 1, 0), (1, 2, 0)]),
        (4, [(0, 1, 2, 3), (3, 2, 1, 0), (1, 2, 3, 0)]),
    ],
)
def test_judges_read_the_candidates_in_different_orders(finalists: int, orders: list[tuple[int, ...]]) -> None:
    ballots = [cast(FIVE[:finalists], judge) for judge in range(3)]

    assert [found.order for found in ballots] == orders
    for found in ballots:
        summaries = [line["summary"] for line in shown(found) if "summary" in line]
        assert summaries == [FIVE[place].summary.text for place in found.order]


@given(st.integers(1, 4), st.integers(0, 1), st.data())
def test_a_ranking_is_read_in_the_judges_own_order(finalists: int, judge: int, data: st.DataObject) -> None:
    found = cast(FIVE[:finalists], judge)
    numbers = data.draw(st.permutations(range(1, finalists + 1)))

    places = read(json.dumps({"ranking": numbers}), found)

    lines = {line["candidate"]: line["summary"] for line in shown(found) if "summary" in line}
    assert [FIVE[place].summary.text for place in places] == [lines[number] for number in numbers]


@pytest.mark.parametrize(
    "text",
    [
        "The first.",
        "{}",
        "[1, 2, 3]",
        '{"ranking": [1, 2]}',
        '{"ranking": [1, 2, 2]}',
        '{"ranking": [1, 2, 3, 4]}',
        '{"ranking": [0, 1, 2]}',
        '{"ranking": ["1", "2", "3"]}',
        '{"ranking": [1.0, 2.0, 3.0]}',
        '{"ranking": [true, 2, 3]}',
        '{"ranking": 1}',
        '{"ranking": null}',
    ],
)
def test_anything_but_a_whole_ranking_is_none(text: str) -> None:
    with pytest.raises(UnreadableReply):
        read(text, cast(FIVE[:3]))


def test_what_is_shown_is_bounded_and_each_candidate_has_as_much_room() -> None:
    long = [
        candidate(
            *(item(f"{n} " + "<" * 900, f"s{n % 24 + 1}", confidence=n / 100) for n in range(100)), summary=name * 9_000
        )
        for name in "abc"
    ]

    found = cast(long)

    lines = shown(found)
    counts = [sum(line["candidate"] == number for line in lines) for number in (1, 2, 3)]
    assert counts[0] == counts[1] == counts[2] > 1
    assert [line["items"] for line in lines if "items" in line] == [100] * 3
    assert str(lines[1]["text"]).startswith("99 ")
    assert sum(len(message.text.encode()) for message in found.messages) < MAX_SHOWN_BYTES + 2_000

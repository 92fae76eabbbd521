"""What became of each item from one analysis to another: nothing is lost, nothing is told twice."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.differences import Both, Differences, Part, differences
from orchestrator.analysis.items import KINDS, Analysis, Candidate, Due, Item, Kind, Owner, Provenance, Quality
from orchestrator.analysis.resemblance import apart, resemblance
from tests.unit.analysis.samples import candidate, candidates, item

ANN, BO = Owner(name="Ann Lee", id="u1"), Owner(name="Bo")


def analysis(found: Candidate) -> Analysis:
    return Analysis(
        language=found.language,
        summary=found.summary,
        topics=found.topics,
        decisions=found.decisions,
        action_items=found.action_items,
        risks=found.risks,
        questions=found.questions,
        quality=Quality(score=1.0, components={}),
        provenance=Provenance(seats=(0,), strategy="single", prompt_version="1", catalog_version="1"),
    )


def of(*decisions: Item) -> Analysis:
    return analysis(candidate(*decisions))


def told(found: Differences) -> tuple[list[str], list[str], list[tuple[str, str]], list[str]]:
    """The texts of what is gone, new, changed and the same."""
    return (
        [one.item.text for one in found.gone],
        [one.item.text for one in found.new],
        [(one.before.text, one.after.text) for one in found.changed],
        [one.before.text for one in found.same],
    )


def test_items_that_one_side_alone_has_are_gone_or_new() -> None:
    before, after = of(item("Ship", "s1"), item("Hire two", "s4")), of(item("Hire two", "s4"), item("Buy", "s9"))

    assert told(differences(before, after)) == (["Ship"], ["Buy"], [], ["Hire two"])


def test_one_id_is_one_item_whatever_its_words() -> None:
    before, after = of(item("Ship the release", "s1")), of(item("Entirely other words", "s1"))

    found = differences(before, after)

    assert told(found) == ([], [], [("Ship the release", "Entirely other words")], [])
    assert found.changed[0].parts == ("text",)


def test_items_of_one_proof_are_told_apart_by_their_words_before_their_numbers() -> None:
    """The number behind an id goes by the order of texts, so that another item at the same place may shift it."""
    ship, hire = item("Ship the release", "s1"), item("Hire two", "s1")
    numbered = ship.model_copy(update={"id": f"{ship.id}-2"})

    assert told(differences(of(ship), of(hire, numbered))) == ([], ["Hire two"], [], ["Ship the release"])


@pytest.mark.parametrize(
    ("before", "after", "is_one"),
    [
        (("We ship the release on Friday", "s1", "s2"), ("Ship the release on Friday", "s1"), True),
        (("We ship the release on Friday", "s1"), ("We ship the release on Friday", "s9"), True),
        (("We ship the release on Friday", "s1", "s2"), ("Hire two testers", "s1"), False),
        (("We ship the release on Friday", "s1", "s2"), ("We do not ship the release on Friday", "s1"), False),
        (("We ship 20 units", "s1", "s2"), ("We ship 30 units", "s1"), False),
    ],
)
def test_other_ids_are_paired_by_wording_and_proof(
    before: tuple[str, ...], after: tuple[str, ...], is_one: bool
) -> None:
    found = differences(of(item(*before)), of(item(*after)))

    assert (len(found.gone), len(found.new)) == ((0, 0) if is_one else (1, 1))


def test_the_most_alike_are_paired_first() -> None:
    near, far = item("Ship the new release on Friday", "s1", "s2"), item("Ship the release", "s1", "s3")
    wanted = item("Ship the new release on Friday", "s1")

    for order in ((near, far), (far, near)):
        assert told(differences(of(*order), of(wanted))) == ([far.text], [], [], [near.text])


def test_each_kind_stands_for_itself() -> None:
    risk = candidate().model_copy(update={"risks": (item("Ship", "s1", kind="risks"),)})

    assert told(differences(of(item("Ship", "s1")), analysis(risk))) == (["Ship"], ["Ship"], [], [])


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ({}, {}, ()),
        ({"text": "Send it"}, {"text": "Send  it"}, ("text",)),
        ({"owner": ANN}, {"owner": BO}, ("owner",)),
        ({"owner": ANN}, {}, ("owner",)),
        ({"due": Due(text="Friday", date="2026-11-27")}, {"due": Due(text="by Friday", date="2026-11-27")}, ()),
        ({"due": Due(text="Friday", date="2026-11-27")}, {"due": Due(text="Friday", date="2026-12-04")}, ("due",)),
        ({"due": Due(text="Soon")}, {"due": Due(text="soon")}, ()),
        ({"due": Due(text="soon")}, {"text": "Mail it", "owner": BO}, ("text", "owner", "due")),
        ({"confidence": 0.1, "seats": (1, 2)}, {}, ()),
    ],
)
def test_what_reads_differently_is_named(
    before: dict[str, object], after: dict[str, object], parts: tuple[Part, ...]
) -> None:
    one = item("Send it", "s1")
    old, now = one.model_copy(update=before), one.model_copy(update=after)

    found = differences(of(old), of(now))

    expected = Both(kind="decisions", before=old, after=now, parts=parts)
    assert (found.changed or found.same) == (expected,)
    assert bool(found.changed) is bool(parts)


def test_items_without_any_proof_are_compared_by_their_words_alone() -> None:
    bare = item("Ship the release on Friday").model_copy(update={"id": "itm_a"})

    assert resemblance(apart(bare), apart(item("Ship the release on Friday", "s1"))) == 1.0


def sides(found: Differences, kind: Kind) -> tuple[Counter[Item], Counter[Item]]:
    """All items of a kind that the answer names, of either side."""
    both = [one for one in (*found.changed, *found.same) if one.kind == kind]
    gone, new = ([one.item for one in some if one.kind == kind] for some in (found.gone, found.new))
    return Counter([one.before for one in both] + gone), Counter([one.after for one in both] + new)


@given(candidates(), candidates())
def test_every_item_stands_in_one_place(before: Candidate, after: Candidate) -> None:
    found = differences(analysis(before), analysis(after))

    for kind in KINDS:
        assert sides(found, kind) == (Counter(before.of(kind)), Counter(after.of(kind)))


@given(candidates(), candidates())
def test_the_other_way_round_it_is_the_same_with_its_sides_changed(before: Candidate, after: Candidate) -> None:
    there, back = differences(analysis(before), analysis(after)), differences(analysis(after), analysis(before))

    assert (there.gone, there.new) == (back.new, back.gone)
    for one, other in ((there.changed, back.changed), (there.same, back.same)):
        assert {(both.kind, both.before, both.after, both.parts) for both in one} == {
            (both.kind, both.after, both.before, both.parts) for both in other
        }


@given(candidates())
def test_nothing_differs_from_itself(found: Candidate) -> None:
    same = differences(analysis(found), analysis(found))

    assert (same.gone, same.new, same.changed) == ((), (), ())
    assert all(both.before == both.after for both in same.same)


@given(candidates(), st.sampled_from(KINDS), st.data())
def test_what_is_taken_away_is_all_that_is_gone(found: Candidate, kind: Kind, data: st.DataObject) -> None:
    whole = found.of(kind)
    kept = tuple(one for one in whole if data.draw(st.booleans()))

    lost = differences(analysis(found), analysis(found.model_copy(update={kind: kept})))

    assert Counter(one.item for one in lost.gone) == Counter(whole) - Counter(kept)
    assert (lost.new, lost.changed) == ((), ())


@given(candidates(), candidates())
def test_resemblance_is_symmetrical(one: Candidate, other: Candidate) -> None:
    for left in one.decisions:
        for right in other.decisions:
            assert resemblance(apart(left), apart(right)) == resemblance(apart(right), apart(left))

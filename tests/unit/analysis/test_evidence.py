"""Only what the transcript bears out is believed of an answer."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.evidence import CEILING, DOUBT, FLOOR, NEARLY, UNPROVED, Unverified, check
from orchestrator.analysis.foreign import REMOVED, Heard
from orchestrator.analysis.items import KINDS, Candidate, Due, Evidence, Item, Owner
from orchestrator.meeting.context import Person
from orchestrator.meeting.transcript import Transcript
from providers.calls import JsonObject
from tests.unit.analysis.samples import action, answer, meeting, plain, proof, raw

TALK = meeting(
    "Ann: Good morning, this is the weekly meeting.",
    "Bo: We ship the beta on Friday.",
    "Ann: Agreed, the beta goes out then.",
    "Cy: I will write the release notes by Thursday.",
    "Ann: Zoe can review them, she knows the customers.",
    "Bo: The budget is five thousand dollars.",
    "Bo: Is the server",
    "Bo: large enough for that?",
    "Ann: We will see, see https://example.com/sizes.",
    "Cy: Okay.",
    "Cy: Goodbye then, see you next week everybody.",
)
PEOPLE = (Person(name="Ann Lee", id="u1"), Person(name="Cy Young", id="u2", aliases=("CY",)), Person(name="Dan Poe"))
MONDAY = date(2026, 11, 23)


def checked(
    talk: Transcript = TALK,
    started_on: date | None = MONDAY,
    unverified: Unverified = "drop",
    language: str = "en",
    **items: Sequence[JsonObject],
) -> Candidate:
    content: JsonObject = {**answer(language=language), **{kind: [*contents] for kind, contents in items.items()}}
    return check(raw(content), talk, PEOPLE, started_on, seat=2, unverified=unverified)


def only(found: tuple[Item, ...]) -> Item:
    (one,) = found
    return one


def test_a_proved_item_is_kept_with_the_words_of_the_transcript() -> None:
    found = checked(decisions=[plain("The beta ships on Friday", proof("u2", "we SHIP the beta"))])

    one = only(found.decisions)
    assert one.text == "The beta ships on Friday"
    assert one.evidence == (Evidence(utterances=("s2",), quote="We ship the beta", start_s=20.0),)
    assert (one.seats, one.verified, one.owner, one.due) == ((2,), True, None, None)
    assert found.dropped == 0


def test_a_meeting_that_was_read_for_one_answer_serves_the_next() -> None:
    heard = Heard(TALK)
    answers = [
        raw(answer(decisions=[plain("The beta ships for $5,000", proof("u2", "we ship the beta"))])),
        raw(answer(risks=[plain("See www.example.org, it costs 7,000", proof("u8", "large enough"))])),
    ]

    found = [check(one, TALK, PEOPLE, MONDAY, seat=0, heard=heard) for one in answers]

    assert found == [check(one, TALK, PEOPLE, MONDAY, seat=0) for one in answers]
    assert [one.removed for one in found] == [{}, {"address": 1, "figure": 1}]


@pytest.mark.parametrize("name", ["u2", "U2", "[u2]", " 2 ", "u3", "u1", "u4", "u11", "u99", "u0", "second", ""])
def test_a_wrong_name_is_repaired_when_the_quote_shows_where_it_stands(name: str) -> None:
    found = checked(decisions=[plain("The beta ships", proof(name, "We ship the beta"))])

    assert only(found.decisions).evidence[0].utterances == ("s2",)


@pytest.mark.parametrize(
    "evidence",
    [[], [proof("u2", "We ship the alpha")], [proof("u2", "")], [proof("u2", "Okay")], [proof("u2", "w")]],
)
def test_an_item_that_nobody_said_is_dropped_and_counted(evidence: list[JsonObject]) -> None:
    found = checked(decisions=[plain("The alpha ships", *evidence)], risks=[plain("Late", proof("u2", "on Friday"))])

    assert found.decisions == ()
    assert len(found.risks) == 1
    assert found.dropped == 1


def test_a_text_without_a_word_is_no_item() -> None:
    found = checked(topics=[plain("...", proof("u2", "on Friday"))])

    assert (found.dropped, found.refused) == (1, {"topics": 1})


def test_items_that_nobody_said_are_counted_by_their_kind_and_cut_lists_and_owners_are_not() -> None:
    invented = plain("The alpha ships", proof("u2", "We ship the alpha"))
    true = action("Cy writes the notes", proof("u4", "I will write the release notes"), owner="Mallory")

    found = checked(decisions=[invented, invented], risks=[invented], action_items=[true])

    assert found.refused == {"decisions": 2, "risks": 1}
    assert (found.removed, found.dropped) == ({"item": 3, "owner": 1}, 4)


def test_an_item_that_is_marked_is_not_refused_since_it_is_kept() -> None:
    found = checked(unverified="mark", decisions=[plain("The alpha ships", proof("u2", "We ship the alpha"))])

    assert (len(found.decisions), found.refused) == (1, {})


@pytest.mark.parametrize("vote", [None, "sales"])
def test_a_seats_vote_on_the_type_is_kept_as_it_was_read(vote: str | None) -> None:
    read = raw(answer()).model_copy(update={"meeting_type": vote})

    assert check(read, TALK, PEOPLE, MONDAY, seat=0).meeting_type == vote


def test_a_quote_over_two_utterances_names_both() -> None:
    found = checked(questions=[plain("Is the server large enough?", proof("u7", "the server large enough"))])

    assert only(found.questions).evidence == (
        Evidence(utterances=("s7", "s8"), quote="the server large enough", start_s=70.0),
    )


def test_quotes_stand_once_each_in_the_order_of_the_meeting() -> None:
    quotes = [proof("u3", "the beta goes out"), proof("u2", "We ship the beta"), proof("u1", "we ship the beta")]

    found = checked(decisions=[plain("The beta ships", *quotes)])

    assert [piece.utterances for piece in only(found.decisions).evidence] == [("s2",), ("s3",)]


def test_items_stand_in_the_order_of_the_meeting_whatever_the_model_chose() -> None:
    late, early = plain("Notes", proof("u4", "the release notes")), plain("Beta", proof("u2", "We ship the beta"))

    assert [one.text for one in checked(topics=[late, early]).topics] == ["Beta", "Notes"]


@pytest.mark.parametrize(
    ("owner", "quote", "expected"),
    [
        ("Cy Young", proof("u4", "I will write the release notes"), Owner(name="Cy Young", id="u2")),
        ("cy", proof("u4", "I will write the release notes"), Owner(name="Cy Young", id="u2")),
        ("Bo", proof("u2", "We ship the beta"), Owner(name="Bo")),
        ("zoe", proof("u5", "can review them"), Owner(name="Zoe")),
        ("Zoe", proof("u4", "I will write the release notes"), None),
        ("Mallory", proof("u5", "can review them"), None),
        ("she", proof("u5", "can review them"), None),
        ("", proof("u5", "can review them"), None),
    ],
)
def test_an_owner_was_there_or_was_named(owner: str, quote: JsonObject, expected: Owner | None) -> None:
    found = checked(action_items=[action("Do it", quote, owner=owner)])

    assert only(found.action_items).owner == expected


@pytest.mark.parametrize(
    ("due_text", "due_date", "started_on", "expected"),
    [
        ("by thursday", "", MONDAY, Due(text="by Thursday", date="2026-11-26")),
        ("by Thursday", "2026-12-31", MONDAY, Due(text="by Thursday", date="2026-11-26")),
        ("by Thursday", "2026-11-26", None, Due(text="by Thursday", date=None)),
        ("by Friday", "2026-11-27", MONDAY, None),
        ("by Thurs", "2026-11-26", MONDAY, None),
        ("", "2026-11-26", MONDAY, None),
        ("the release notes", "2026-11-26", MONDAY, Due(text="the release notes", date=None)),
    ],
)
def test_a_due_date_is_what_was_said_and_the_day_that_we_count(
    due_text: str, due_date: str, started_on: date | None, expected: Due | None
) -> None:
    content = action("Write", proof("u4", "I will write"), due_text=due_text, due_date=due_date)

    found = checked(started_on=started_on, action_items=[content])

    assert only(found.action_items).due == expected


def test_a_full_date_in_another_language_is_taken_from_the_model() -> None:
    talk = meeting("Ann: Wir liefern bis zum 27.11.2026 aus.")
    content = action("Liefern", proof("u1", "Wir liefern"), due_text="bis zum 27.11.2026", due_date="2026-11-27")

    found = checked(talk, started_on=None, action_items=[content])

    assert only(found.action_items).due == Due(text="bis zum 27.11.2026", date="2026-11-27")


def test_what_points_outside_is_removed_from_texts_and_counted() -> None:
    content = answer(
        text="See https://evil.test/a and https://example.com/sizes.",
        bullets=["Pay $9,000", "...", "Budget: $5,000"],
        topics=[plain("Mail eve@evil.test", proof("u2", "We ship the beta"))],
        risks=[plain("Call +1 555 999 8888", proof("u2", "never said at all"))],
    )

    found = check(raw(content), TALK, PEOPLE, MONDAY, seat=0)

    assert found.summary.text == f"See {REMOVED} and https://example.com/sizes."
    assert found.summary.bullets == (f"Pay {REMOVED}", "Budget: $5,000")
    assert only(found.topics).text == f"Mail {REMOVED}"
    # Two in the summary, one in the topic, and the risk that nobody mentioned.
    assert (found.dropped, found.removed) == (4, {"address": 2, "item": 1, "money": 1})


def test_what_was_cut_counts_as_dropped() -> None:
    content = raw(answer()).model_copy(update={"cut": 3})

    found = check(content, TALK, PEOPLE, MONDAY, seat=0)

    assert (found.dropped, found.removed) == (3, {"cut": 3})


def test_owners_and_due_words_without_proof_are_counted() -> None:
    proved = proof("u4", "I will write the release notes")
    found = checked(
        action_items=[
            action("Write one", proved, owner="Mallory", due_text="by Easter"),
            action("Review two", proved, owner="everyone", due_text="..."),
            action("Print three", proved, owner="", due_text=""),
        ]
    )

    assert [(one.owner, one.due) for one in found.action_items] == [(None, None)] * 3
    assert (found.dropped, found.removed) == (2, {"due": 1, "owner": 1})


def test_figures_and_names_that_nobody_said_are_taken_out_of_a_true_item() -> None:
    found = checked(decisions=[plain("We ship 35 betas and Mallory Jones will pay", proof("u2", "We ship the beta"))])

    assert only(found.decisions).text == f"We ship {REMOVED} betas and {REMOVED} will pay"
    assert found.removed == {"figure": 1, "name": 1}


def test_a_tidied_quote_proves_less_than_a_verbatim_one_and_is_stored_as_it_was_said() -> None:
    talk = meeting("Ann: So we, uh, we ship the the beta on Friday, you know, at noon.")
    text = plain("We ship the beta on Friday at noon", proof("u1", "we ship the beta on Friday at noon"))

    one = only(checked(talk, decisions=[text]).decisions)

    assert one.evidence[0].quote == "we ship the the beta on Friday, you know, at noon"
    assert one.verified
    assert one.confidence == pytest.approx(CEILING * NEARLY, abs=1e-4)


LIE = plain("The alpha ships", proof("u2", "We ship the alpha"), proof("u99", "never"))


def test_an_item_without_proof_is_marked_where_the_caller_wants_that() -> None:
    found = checked(unverified="mark", decisions=[LIE, plain("The beta ships", proof("u2", "We ship the beta"))])

    claimed, true = found.decisions
    assert (true.verified, claimed.verified) == (True, False)
    assert (claimed.confidence, claimed.text) == (UNPROVED, "The alpha ships")
    assert claimed.evidence == (Evidence(utterances=("s2",), quote="We ship the beta on Friday.", start_s=20.0),)
    assert found.dropped == 0


def test_an_item_that_points_nowhere_is_dropped_all_the_same() -> None:
    assert checked(unverified="mark", topics=[plain("Elephants", proof("u99", "never"), proof("", ""))]).removed == {
        "item": 1
    }


def test_what_is_not_proved_adds_nothing_to_what_is() -> None:
    true = plain("The beta ships", proof("u2", "We ship the beta"))
    again = plain("The beta ships", proof("u9", "We ship no beta"))

    one = only(checked(unverified="mark", decisions=[again, true]).decisions)

    assert one.verified
    assert [piece.utterances for piece in one.evidence] == [("s2",)]


def test_a_place_that_holds_a_whole_meeting_is_shown_in_part() -> None:
    talk = meeting("Ann: " + "so on and so forth " * 9_000)

    one = only(checked(talk, unverified="mark", risks=[plain("Elephants", proof("u1", "elephants"))]).risks)

    assert len(one.evidence[0].quote) <= 300


@pytest.mark.parametrize(
    ("text", "language", "doubted"),
    [
        ("We ship the beta by Bluetooth", "en", True),
        ("We ship the Beta", "en", False),
        ("We ship the beta to Zoe", "en", False),
        ("We ship the beta by USB", "en", False),
        ("We ship the beta zur Zeit", "de", False),
    ],
)
def test_a_name_that_nobody_said_casts_doubt(text: str, language: str, doubted: bool) -> None:
    trusted, one = (
        only(checked(language=language, decisions=[plain(words, proof("u2", "We ship the beta"))]).decisions)
        for words in (text.lower(), text)
    )

    assert one.confidence == pytest.approx(trusted.confidence * (DOUBT if doubted else 1), abs=1e-4)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (plain("We ship the beta", proof("u2", "We ship the beta")), CEILING),
        (plain("Bo ships the beta", proof("u2", "We ship the beta")), CEILING),
        (plain("!? so 1a", proof("u2", "We ship the beta")), CEILING * DOUBT),
        (plain("to be", proof("u2", "We ship the beta")), CEILING),
        (plain("Elephants dance", proof("u2", "We ship the beta")), CEILING * FLOOR),
        (plain("Beta elephants", proof("u2", "We ship the beta")), CEILING * (1 + FLOOR) / 2),
        (plain("We ship the beta", proof("u2", "We ship the beta"), proof("u2", "in May, he said")), CEILING / 2),
        (plain("We ship 7 beta", proof("u2", "We ship the beta")), CEILING * DOUBT * (FLOOR + (1 - FLOOR) * 2 / 3)),
        (plain("We ship 5 thousand", proof("u6", "The budget is five thousand")), CEILING * (FLOOR + (1 - FLOOR) / 3)),
    ],
)
def test_confidence_is_the_strength_of_the_proof(content: JsonObject, expected: float) -> None:
    assert only(checked(decisions=[content]).decisions).confidence == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("owner", "doubted"), [("Ann Lee", False), ("Cy", False), ("", False), ("Dan Poe", True)])
def test_an_owner_who_takes_no_part_near_the_proof_is_doubted(owner: str, doubted: bool) -> None:
    content = action("We ship the beta", proof("u2", "We ship the beta"), owner=owner)

    one = only(checked(action_items=[content]).action_items)

    assert one.confidence == pytest.approx(CEILING * (DOUBT if doubted else 1))


def test_a_seat_that_says_a_thing_twice_says_it_once() -> None:
    found = checked(
        action_items=[
            action("Cy writes the notes", proof("u4", "I will write")),
            action("Cy writes the release notes", proof("u4", "the release notes"), owner="Cy", due_text="Thursday"),
            action("Zoe reviews", proof("u5", "Zoe can review them")),
        ]
    )

    notes, review = found.action_items
    assert notes.owner == Owner(name="Cy Young", id="u2")
    assert notes.due == Due(text="Thursday", date="2026-11-26")
    assert {piece.quote for piece in notes.evidence} == {"I will write", "the release notes"}
    assert review.text == "Zoe reviews"
    assert found.dropped == 0


@pytest.mark.parametrize(
    ("code", "expected"),
    [("en", "en"), ("EN-us", "en-us"), ("zh-Hant-TW", "zh-Hant-TW"), ("English", "und"), ("", "und"), ("e n", "und")],
)
def test_a_language_is_a_code_or_undetermined(code: str, expected: str) -> None:
    assert check(raw(answer(language=code)), TALK, (), None, seat=0).language == expected


def test_ids_do_not_depend_on_seat_order_wording_or_the_names_of_utterances() -> None:
    one, two = plain("Beta ships", proof("u2", "ship the beta")), plain("Notes", proof("u4", "the release notes"))
    reworded = plain("They ship a beta", proof("u2", "We ship the beta on Friday"))
    renamed = Transcript(
        utterances=tuple(one.model_copy(update={"id": f"x{one.id}", "speaker": None}) for one in TALK.utterances)
    )

    ids = [item.id for item in checked(topics=[one, two]).topics]

    assert len(set(ids)) == 2
    assert [item.id for item in checked(topics=[two, one]).topics] == ids
    assert [item.id for item in checked(renamed, topics=[one, two]).topics] == ids
    assert checked(topics=[reworded]).topics[0].id == ids[0]


_QUOTES = st.sampled_from([word for utterance in TALK.utterances for word in (utterance.text, utterance.text[3:14])])
_CLAIMS = st.builds(proof, st.integers(-1, 14).map(lambda n: f"u{n}"), _QUOTES | st.text(max_size=20))
_CONTENTS = st.builds(
    lambda text, claims, owner, due: action(text, *claims, owner=owner, due_text=due),
    st.text(max_size=40) | _QUOTES,
    st.lists(_CLAIMS, max_size=4),
    st.sampled_from(["", "Ann", "Zoe", "Mallory", "Bo", "Dan Poe"]),
    st.sampled_from(["", "by Thursday", "Friday", "soon"]),
)


@given(st.lists(_CONTENTS, max_size=6), st.lists(_CONTENTS, max_size=6), st.sampled_from(["drop", "mark"]))
def test_nothing_that_was_not_said_survives(
    actions: list[JsonObject], topics: list[JsonObject], unverified: Unverified
) -> None:
    found = checked(unverified=unverified, action_items=actions, topics=topics)

    assert found.dropped == sum(found.removed.values())
    assert sum(found.refused.values()) == found.removed.get("item", 0)
    assert all(found.refused.values())

    names = {person.name for person in PEOPLE} | set(TALK.speakers)
    for kind in KINDS:
        assert len({one.id for one in found.of(kind)}) == len(found.of(kind))
        for one in found.of(kind):
            texts = [" ".join(TALK.by_id[name].text for name in piece.utterances) for piece in one.evidence]
            assert one.verified or (unverified == "mark" and one.confidence == UNPROVED)
            assert one.evidence
            assert all(piece.quote in text for piece, text in zip(one.evidence, texts, strict=True))
            assert 0 <= one.confidence <= CEILING
            assert one.owner is None or one.owner.name in names or any(one.owner.name in text for text in texts)
            assert one.due is None or any(one.due.text in text for text in texts)


@given(st.lists(_CONTENTS, max_size=6).flatmap(lambda whole: st.tuples(st.just(whole), st.permutations(whole))))
def test_the_order_of_an_answer_does_not_matter(
    orders: tuple[list[JsonObject], list[JsonObject]],
) -> None:
    as_written, shuffled = orders

    assert checked(action_items=shuffled) == checked(action_items=as_written)

"""Counting phrases, sampling long meetings, hearing voices, and the industry that they speak of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.meeting.cues.english import ENGLISH
from orchestrator.meeting.cues.french import FRENCH
from orchestrator.meeting.cues.german import GERMAN
from orchestrator.meeting.cues.industries import INDUSTRIES
from orchestrator.meeting.cues.jargon import JARGON
from orchestrator.meeting.cues.row import Cues
from orchestrator.meeting.cues.spanish import SPANISH
from orchestrator.meeting.detectors import industry
from orchestrator.meeting.detectors.phrases import PLAIN, STRONG, lexicon, quoted, tally, tokens
from orchestrator.meeting.detectors.sample import WHOLE_CHARACTERS, sample
from orchestrator.meeting.detectors.voices import MOST_HEARD, Voices, listen
from orchestrator.meeting.transcript import Transcript, Utterance

KNOWN = lexicon({"a": Cues(strong="no blockers, stand-up"), "b": Cues(plain="no, 复盘, blockers")})
SAID = {
    "software": "The pull request breaks the API, and the database in the cluster needs a deployment. GitHub shows the "
    "code.",
    "healthcare": "The patient had a new medication after surgery, and the nurse saw the symptoms. The clinical trial "
    "goes on.",
    "finance": "The loan portfolio earns more at these interest rates, and the bonds and equities of the fund are "
    "hedged.",
    "legal": "The plaintiff wants arbitration, and our attorney says the litigation turns on the liability clause and "
    "the patent.",
    "education": "The pupils of both schools follow the new curriculum, and the teachers want smaller classrooms and "
    "less tuition.",
    "public sector": "The prime minister told parliament, and the local authority says the legislation costs the "
    "taxpayers.",
    "manufacturing": "The supplier is late, so the assembly line stands still. The factory needs tooling and raw "
    "materials.",
    "retail": "Shoppers go from the checkout to the tills, the supermarket sells fewer SKUs, and the loyalty program "
    "of e-commerce.",
    "research": "The classifier has a lower error rate than the baseline, so the hypothesis of the experiment on the "
    "corpus holds.",
}


def spoken(*said: tuple[str | None, str]) -> Transcript:
    return Transcript(utterances=tuple(Utterance(id=f"u{n}", speaker=a, text=b) for n, (a, b) in enumerate(said)))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Follow-up, it's DONE.", ["follow", "up", "it", "s", "done"]),
        ("v2 über naïve_x", ["v2", "über", "naïve", "x"]),
        ("复盘 and かな", ["复", "盘", "and", "か", "な"]),
        ("... --", []),
    ],
)
def test_a_text_is_parted_at_all_that_is_no_letter(text: str, parts: list[str]) -> None:
    assert tokens(text) == parts


def test_the_longest_phrase_counts_and_takes_its_words() -> None:
    found = tally(tokens("No blockers. Blockers? No"), KNOWN)

    assert found["a"].counts == (("no blockers", 1),)
    assert found["b"].counts == (("blockers", 1), ("no", 1))
    assert (found["a"].weight, found["b"].weight) == (STRONG, 2 * PLAIN)
    assert (found["a"].strong, found["b"].strong) == (("no blockers",), ())


def test_a_phrase_without_spaces_is_found_within_its_sentence() -> None:
    assert tally(tokens("我们开始复盘吧"), KNOWN)["b"].times == 1


def test_a_beginning_of_a_phrase_is_no_phrase() -> None:
    assert tally(tokens("the stand was up"), KNOWN) == {}


def test_a_phrase_of_two_tables_counts_once_by_its_higher_weight() -> None:
    both = lexicon({"a": Cues(plain="demo")}, {"a": Cues(strong="demo"), "b": Cues(plain="demo")})

    found = tally(["demo"], both)

    assert (found["a"].weight, found["b"].weight) == (STRONG, PLAIN)


def test_the_most_frequent_phrases_are_told_first() -> None:
    assert quoted(tally(tokens("no no stand-up blockers"), KNOWN)["b"], 1) == '"no" 2'


@pytest.mark.parametrize("table", [ENGLISH, SPANISH, FRENCH, GERMAN, JARGON, INDUSTRIES])
def test_no_table_lists_a_phrase_as_strong_and_plain_for_one_label(table: dict[str, Cues]) -> None:
    for label, cues in table.items():
        strong, plain = ({tuple(tokens(one)) for one in listed.split(",")} for listed in (cues.strong, cues.plain))
        assert not (strong & plain) - {()}, label


@pytest.mark.parametrize("table", [ENGLISH, SPANISH, FRENCH, GERMAN])
def test_each_language_has_words_for_each_type_but_general(table: dict[str, Cues]) -> None:
    assert list(table) == list(ENGLISH)
    assert len(table) == 11


def test_a_short_meeting_is_looked_at_whole() -> None:
    assert sample(spoken((None, "Good morning."), (None, "Hello."))) == "Good morning.\nHello."


@settings(max_examples=20, deadline=None)
@given(st.integers(1_000, 60_000))
def test_of_a_long_meeting_its_beginning_its_end_and_its_middle_are_looked_at(words: int) -> None:
    text = " ".join(f"w{n:06}" for n in range(words))

    looked = sample(spoken((None, text[: len(text) // 2]), (None, text[len(text) // 2 :])))

    assert len(looked) <= WHOLE_CHARACTERS + 10_000
    assert looked.startswith("w000000 ")
    assert looked.endswith(f"w{words - 1:06}")
    assert any(f"w{n:06}" in looked for n in range(words * 2 // 5, words * 3 // 5))


def test_voices_are_ordered_by_what_they_say() -> None:
    heard = listen(spoken(("Ann", "Why?"), ("Bo", "Because it is so."), ("Ann", "为什么？"), (None, "Hm.")))

    assert [(one.label, one.characters, one.questions) for one in heard.heard] == [("Bo", 17, 0), ("Ann", 8, 2)]
    assert heard.share(0) == pytest.approx(17 / 25)
    assert heard.share(0, 1, 2) == 1.0
    assert heard.questions == 2
    assert heard.known == pytest.approx(25 / 28)


def test_turns_are_counted_between_speakers() -> None:
    assert listen(spoken(("Ann", "One two."), ("Ann", "Three four."), ("Bo", "Five six."))).words_a_turn == 3.0


def test_a_crowd_is_counted_though_not_all_of_it_is_looked_at() -> None:
    heard = listen(spoken(*((f"P{n}", "Here!") for n in range(MOST_HEARD + 7))))

    assert (len(heard.heard), heard.count) == (MOST_HEARD, MOST_HEARD + 7)


def test_without_voices_nobody_has_a_share() -> None:
    assert Voices(heard=(), count=0, known=0.0, words_a_turn=0.0).share(0) == 0.0


@pytest.mark.parametrize("name", SAID)
def test_an_industry_is_known_by_its_words(name: str) -> None:
    found = industry.find(tokens(SAID[name]))

    assert found is not None
    assert found.value == name
    assert found.because[0].startswith("words of this industry ")


def test_every_industry_has_a_sentence_here() -> None:
    assert set(SAID) == set(INDUSTRIES)


@pytest.mark.parametrize("text", ["We meet on Friday.", f"{SAID['finance']} {SAID['legal']}", "The bank called."])
def test_an_industry_that_is_not_clear_is_none(text: str) -> None:
    assert industry.find(tokens(text)) is None

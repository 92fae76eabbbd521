from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.transcript import Transcript, Utterance
from providers.emulator import meeting as meetings
from providers.emulator.drafts import KINDS
from providers.emulator.material import MAX_QUOTE_CHARACTERS, RESERVE, piles
from tests.unit.emulator.prompts import of_texts, prompt, read, transcript

SPOKEN = st.text(min_size=1, max_size=400).map(clean).filter(bool)


@settings(deadline=None)  # timed by nobody: the machine may be busy
@given(
    st.lists(SPOKEN, min_size=1, max_size=30),
    st.sampled_from([None, "Ann Lee", "Ирина"]),
    st.none() | st.floats(0, 1e5),
)
def test_what_the_product_frames_is_read_back_word_for_word(
    texts: list[str], speaker: str | None, start_s: float | None
) -> None:
    spoken = Transcript(
        utterances=tuple(Utterance(id=str(n), speaker=speaker, start_s=start_s, text=t) for n, t in enumerate(texts))
    )

    meeting = read(spoken)

    assert [said.text for said in meeting.utterances] == texts
    assert [said.id for said in meeting.utterances] == [f"u{n}" for n in range(1, len(texts) + 1)]
    assert {said.speaker for said in meeting.utterances} == {speaker or ""}


def test_nothing_but_a_whole_frame_is_a_meeting() -> None:
    assert meetings.find("u1 - ?: No frame at all.") is None
    assert meetings.find("<<<transcript a>>>\nu1 - ?: Wrong border.\n<<<end b>>>") is None
    assert meetings.find("<<<transcript a>>>\n<<<end a>>>") is None


def test_the_random_border_does_not_change_the_meeting() -> None:
    first, second = prompt(transcript(), "one")[1], prompt(transcript(), "two")[1]

    assert meetings.find(first) is meetings.find(second)


def test_the_language_is_told_by_letters_and_common_words() -> None:
    samples = {
        "en": "We will ship it to the customer and that is the end of it.",
        "de": "Wir haben das nicht beschlossen und der Termin ist offen.",
        "fr": "Nous avons les chiffres et je ne suis pas contre le budget.",
        "es": "El equipo de los datos es el que se queda por la tarde.",
        "zh": "我们决定把发布推迟到下周三,由王芳通知客户。",
        "ja": "来週の水曜日にリリースすることにしました。",
        "ko": "다음 주 수요일에 출시하기로 했습니다.",
        "ru": "Мы решили перенести выпуск на следующую среду.",
    }

    assert {code: read(of_texts(text)).language for code, text in samples.items()} == {code: code for code in samples}


@settings(deadline=None)  # timed by nobody: the machine may be busy
@given(st.lists(SPOKEN, min_size=1, max_size=60))
def test_every_quote_stands_in_its_utterance(texts: list[str]) -> None:
    for pile in piles(read(of_texts(*texts))).values():
        for found in (*pile.shared, *pile.reserve):
            assert found.quote
            assert found.quote in found.utterance.text
            assert len(found.quote) <= MAX_QUOTE_CHARACTERS


def test_noise_is_not_quoted_where_there_is_better() -> None:
    found = piles(read(transcript()))

    assert set(found) == set(KINDS)
    assert all(len(pile.shared) == 7 and len(pile.reserve) == RESERVE for pile in found.values())
    assert not any("[laugh]" in f.quote for pile in found.values() for f in (*pile.shared, *pile.reserve))


def test_cues_come_before_the_lot() -> None:
    questions = piles(read(transcript()))["questions"]

    assert all(found.quote.endswith("?") for found in questions.shared)


def test_with_enough_cues_nothing_is_left_to_the_lot() -> None:
    spoken = of_texts(*(f"Who looks after customer number {n}?" if n % 2 else f"Hall {n} is open." for n in range(40)))

    questions = piles(read(spoken))["questions"]

    assert all("customer" in found.quote for found in (*questions.shared, *questions.reserve))


def test_a_meeting_of_nothing_but_noise_still_yields_something() -> None:
    found = piles(read(of_texts("Mm.", "Yes.")))

    assert [f.quote for f in sorted(found["topics"].shared, key=lambda f: f.utterance.id)] == ["Mm.", "Yes."]


def test_an_endless_sentence_is_cut_at_a_word() -> None:
    words, block = "word " * 100, "字" * 500

    cut = piles(read(of_texts(words)))["topics"].shared[0].quote
    hard = piles(read(of_texts(block)))["topics"].shared[0].quote

    assert cut == ("word " * 48).strip()
    assert hard == "字" * MAX_QUOTE_CHARACTERS

"""In which language a meeting is held."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.cues.function_words import FUNCTION_WORDS, NAMES
from orchestrator.meeting.decoding import decode
from orchestrator.meeting.detectors import languages
from orchestrator.meeting.detectors.phrases import tokens
from orchestrator.meeting.reading import read
from tests.shared_data import shared

SAID = {
    "en": "I think we should wait for the customer before we change it, because they have not told us what they want.",
    "es": "Creo que tenemos que esperar al cliente antes de cambiarlo, porque todavía no nos han dicho lo que quieren.",
    "fr": "Je crois que nous devons attendre le client avant de changer, parce qu'il ne nous a pas dit ce qu'il veut.",
    "de": "Ich glaube, wir müssen auf den Kunden warten, bevor wir es ändern, weil er uns noch nicht gesagt hat, was "
    "er will.",
    "it": "Penso che dobbiamo aspettare il cliente prima di cambiarlo, perché non ci hanno ancora detto che cosa "
    "vogliono.",
    "pt": "Acho que temos que esperar o cliente antes de mudar isso, porque eles ainda não nos disseram o que querem.",
    "nl": "Ik denk dat we op de klant moeten wachten voordat we het veranderen, want ze hebben nog niet gezegd wat ze "
    "willen.",
    "sv": "Jag tror att vi måste vänta på kunden innan vi ändrar det, för de har inte sagt vad de vill ha än.",
    "da": "Jeg tror, at vi skal vente på kunden, før vi laver det om, for de har ikke sagt noget om, hvad de vil have, "
    "og vi ved ikke, hvordan det bliver. Der er også nogle, der siger, at det er for meget nu.",
    "no": "Jeg tror at vi må vente på kunden før vi endrer det, for de har ikke sagt noe om hva de vil ha ennå, og nå "
    "vet dere hvordan det blir. Det er veldig bra at noen sier det nå.",
    "fi": "Minä luulen että meidän pitää odottaa asiakasta, koska he eivät ole vielä sanoneet mitä he haluavat, joo.",
    "pl": "Myślę, że musimy poczekać na klienta, bo jeszcze nie powiedzieli nam, czego chcą, i nie wiem, co może być.",
    "gl": "Coido que temos que agardar polo cliente antes de cambialo, porque aínda non nos dixo o que quere, e é así "
    "moi ben.",
    "af": "Ek dink ons moet vir die kliënt wag voordat ons dit verander, want hulle het nog nie gesê wat hulle wil hê "
    "nie.",
    "vi": "Tôi nghĩ chúng ta phải chờ khách hàng trước khi thay đổi, vì họ chưa nói với chúng ta là họ muốn gì.",
    "ca": "Crec que hem d'esperar el client abans de canviar això, perquè encara no ens ha dit què vol i no és molt "
    "clar.",
    "zh": "我觉得我们应该先等客户，再改这个，因为他们还没有告诉我们想要什么。",
    "ja": "お客様がまだ何が欲しいのか言っていないので、変更する前に待つべきだと思います。",
    "ko": "고객이 아직 무엇을 원하는지 말하지 않았기 때문에 바꾸기 전에 기다려야 한다고 생각합니다",
    "ru": "Я думаю, что мы должны подождать клиента, потому что они ещё не сказали нам, чего хотят.",
    "uk": "Я думаю, що ми маємо почекати клієнта, тому що вони ще не сказали нам, чого хочуть, і це їхнє право.",
    "el": "Νομίζω ότι πρέπει να περιμένουμε τον πελάτη πριν το αλλάξουμε, γιατί δεν μας είπαν τι θέλουν.",
    "ar": "أعتقد أننا يجب أن ننتظر العميل قبل أن نغير ذلك لأنهم لم يقولوا لنا بعد ماذا يريدون",
    "he": "אני חושב שאנחנו צריכים לחכות ללקוח לפני שנשנה את זה כי הם עדיין לא אמרו לנו מה הם רוצים",
}
FOREIGN = {
    "Bulgarian": "Мисля, че трябва да изчакаме клиента, преди да го променим, защото още не са ни казали какво искат.",
    "Persian": "فکر می‌کنم باید قبل از تغییر منتظر مشتری باشیم چون هنوز به ما نگفته‌اند چه می‌خواهند",
    "Turkish": "Sanırım değiştirmeden önce müşteriyi beklemeliyiz, çünkü henüz ne istediklerini söylemediler.",
    "Thai": "ฉันคิดว่าเราควรรอลูกค้าก่อนที่จะเปลี่ยน",
    "numbers": "1 2 3 4 5 6 7 8 9 10",
    "a greeting": "Hello.",
}


@pytest.mark.parametrize("language", SAID)
def test_one_sentence_is_enough_to_know_its_language(language: str) -> None:
    assert languages.find(tokens(SAID[language])).value == language


def test_every_language_that_is_known_has_a_sentence_here_and_a_name() -> None:
    assert set(SAID) == set(NAMES)
    assert set(FUNCTION_WORDS) <= set(NAMES)


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_not_known_is_undetermined_and_says_so(name: str) -> None:
    found = languages.find(tokens(FOREIGN[name]))

    assert (found.value, found.confidence) == ("und", 0.0)
    assert found.because


def test_a_few_words_are_too_little_to_go_by() -> None:
    assert languages.find(tokens("We will ship on Friday.")).because == (
        "1 of 1 parts reads as English",
        "that is too little to go by",
    )


def test_nothing_said_is_in_no_language() -> None:
    assert languages.find([]).value == "und"


def test_a_meeting_in_two_languages_says_so() -> None:
    said = [*6 * tokens(SAID["en"]), *3 * tokens(SAID["de"])]

    found = languages.find(said)

    assert found.value == "en"
    assert any(reason.startswith("the meeting is mixed: German in ") for reason in found.because)
    assert found.confidence < languages.find(said[:100]).confidence


def test_a_meeting_of_which_most_parts_tell_nothing_is_in_no_language_that_is_known() -> None:
    said = [*3 * tokens(SAID["en"]), *(12 * languages.PART_TOKENS * ["blip"])]

    found = languages.find(said)

    assert found.value == "und"
    assert found.because[-1] == "that is too little to go by"


def test_one_small_word_over_and_over_is_a_coincidence() -> None:
    assert languages.find(tokens(60 * "blip the blop ")).value == "und"


def test_terms_of_another_language_do_not_make_a_meeting_mixed() -> None:
    found = languages.find(
        tokens(5 * (SAID["de"] + " Der Sprint, das Backlog, die Roadmap, ein Ticket, das Release. "))
    )

    assert found.value == "de"
    assert not any("mixed" in reason for reason in found.because)


def test_english_terms_in_chinese_leave_it_chinese() -> None:
    assert (
        languages.find(tokens("我们先看 Kubernetes 的 latency 和 API 的错误，然后再讨论 deployment 的计划。")).value
        == "zh"
    )


def test_parts_that_tell_nothing_are_counted() -> None:
    said = [*4 * tokens(SAID["en"]), *(languages.PART_TOKENS * ["blip"])]

    assert any("too short or too foreign to tell" in reason for reason in languages.find(said).because)


@given(st.sampled_from(sorted(SAID)), st.integers(2, 30))
def test_the_more_is_said_the_surer_it_is(language: str, times: int) -> None:
    once, often = (languages.find(tokens(n * f"{SAID[language]} ")) for n in (1, times))

    assert (often.value, often.confidence >= once.confidence) == (language, True)


def test_the_swedish_file_of_the_shared_formats_is_swedish() -> None:
    content = decode(shared("formats/native/webvtt-notes.vtt").read_bytes())

    said = tokens(" ".join(one.text for one in read(content, "auto").utterances))

    assert languages.find(said).value == "sv"


@pytest.mark.parametrize("file", ["odd/windows-1252.srt", "odd/mojibake.vtt"])
def test_a_file_in_a_wrong_encoding_still_shows_its_language(file: str) -> None:
    said = tokens(" ".join(one.text for one in read(decode(shared(f"formats/{file}").read_bytes()), "auto").utterances))

    assert languages.find(said).value == "es"

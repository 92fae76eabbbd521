"""Words, languages and clean sentences, by table and by law."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.extractive import language, tidy, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'll SEND it", ("i", "ll", "send", "it")),
        ("[laugh] right {vocalsound} <pause> so", ("right", "so")),
        ("电池材料", ("电池", "池材", "材料")),
        ("我 see", ("我", "see")),
        ("été déjà", ("été", "déjà")),
        ("--- !!!", ()),
    ],
)
def test_tokens(text: str, expected: tuple[str, ...]) -> None:
    assert words.tokens(text) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("the", ""),
        ("42", ""),
        ("tv", ""),
        ("à", ""),
        ("buttons", "button"),
        ("batteries", "battery"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("电池", "电池"),
        ("的电", ""),
    ],
)
def test_a_term_is_a_word_with_content_in_the_singular(word: str, expected: str) -> None:
    assert words.term(word) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("So what we have to do is that we look at it with the team and see if you are there.", "en"),
        ("El presidente dice que la ley es para los ciudadanos, pero no hay acuerdo con el grupo en este tema.", "es"),
        ("Je pense que nous avons une décision dans le groupe, et les gens ne sont pas pour ce plan.", "fr"),
        ("Ich denke, dass wir das nicht machen, weil die Leute es auch mit der Gruppe und für uns haben.", "de"),
        ("我们决定采用新的电池材料，下周提交报告。", "zh"),
        ("今日は会議を始めます。よろしくお願いします。", "und"),
        ("Eu não sei se você quer uma reunião, mas isso é muito para nós e também são os dados do mês.", "und"),
        ("Ik denk dat het niet goed is voor de mensen, maar we moeten ook naar het plan met een team.", "und"),
        ("Kanban backlog sprint velocity roadmap", "und"),
        ("", "und"),
    ],
)
def test_the_language_is_told_only_when_it_is_clear(text: str, expected: str) -> None:
    assert language.detect(text, words.tokens(text)) == expected


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("um I'll uh send the the minutes", "I'll send the minutes."),
        ("and so, yeah, we we agreed to go", "We agreed to go."),
        ("[laugh] That's fine -- ", "That's fine."),
        ("I think I think we should wait", "We should wait."),
        ("type up the rep reports", "Type up the reports."),
        ("For example you know, providers", "For example providers."),
        ("What is it, you know ?", "What is it, you know?"),
        ("Is that possible?", "Is that possible?"),
        ("we need to go , and", "We need to go."),
        ("呃，我们决定采用新材料", "我们决定采用新材料。"),
        ("um uh [cough]", ""),
        ("", ""),
    ],
)
def test_a_sentence_loses_what_nobody_would_write(spoken: str, written: str) -> None:
    assert tidy.sentence(spoken) == written


def test_a_long_sentence_is_cut_at_a_word() -> None:
    written = tidy.sentence(" ".join(f"word{number}" for number in range(90)))

    assert len(written) <= tidy.MAX_CHARACTERS
    assert written.endswith("word34…")


def test_a_long_run_without_spaces_is_cut_anywhere() -> None:
    written = tidy.sentence("abcdefghij" * 60)

    assert written == "A" + ("abcdefghij" * 60)[1 : tidy.MAX_CHARACTERS - 1] + "…"


@given(st.text(max_size=300))
def test_a_sentence_never_holds_a_word_that_was_not_said(text: str) -> None:
    written = tidy.sentence(text).removesuffix("…")

    said = " ".join(words.tokens(text))
    assert len(written) <= tidy.MAX_CHARACTERS + 1
    assert all(word in said for word in words.tokens(written))

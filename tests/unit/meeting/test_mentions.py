"""Phrases are found as they stand, the longest first, in scripts with spaces and without."""

from orchestrator.meeting.mentions import Mentions, Phrase


def found(text: str, *phrases: str) -> list[str]:
    return [text[start:end] for start, end in Mentions(map(Phrase, phrases)).find(text)]


def test_the_longest_phrase_that_stands_there_is_found_and_one_without_a_word_never() -> None:
    assert found("Falcon Nine, falcon, Falc", "falcon", "Falcon nine", "--") == ["Falcon Nine", "falcon"]


def test_where_no_space_stands_between_words_each_beginning_is_tried() -> None:
    assert found("田舎の田中さんと田中工業", "田中", "田中工業") == ["田中", "田中工業"]
    assert found("no such script", "田中") == []

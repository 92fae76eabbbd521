"""Spanish, French and German number words have the values of their figures."""

import pytest

from orchestrator.analysis.number_words import abroad


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("treinta y cinco mil euros", 35_000),
        ("dos millones quinientos mil", 2_500_000),
        ("veinticinco", 25),
        ("mil", 1_000),
        ("quatre-vingt-dix-neuf", 99),
        ("deux cents", 200),
        ("mille neuf cent quatre-vingt-quatre", 1_984),
        ("soixante et onze", 71),
        ("fünfundzwanzig", 25),
        ("zweihundertfünfzigtausend", 250_000),
        ("dreitausendzweihundertundsieben", 3_207),
        ("hundert", 100),
        ("tausend", 1_000),
        ("fünf millionen", 5_000_000),
    ],
)
def test_number_words_of_other_languages_have_a_value(words: str, meant: int) -> None:
    assert meant in set(abroad(words))


@pytest.mark.parametrize("words", ["", "once", "a cent", "y", "und", "the sex", "null"])
def test_other_words_have_none(words: str) -> None:
    assert set(abroad(words)) == set()

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.emulator.tokens import MESSAGE_TOKENS, count, count_prompt
from providers.pricing import estimate_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("Let us begin.", 4),
        ("internationalisation", 2),
        ("1234567", 3),
        ("a\n\n\nb", 3),
        ("会议纪要", 3),
        ("обсуждение", 2),
        ("snake_case", 3),
    ],
)
def test_a_text_has_so_many_tokens(text: str, tokens: int) -> None:
    assert count(text) == tokens


@given(st.lists(st.text(), max_size=5))
def test_a_prompt_costs_its_texts_and_a_frame_for_each(texts: list[str]) -> None:
    assert count_prompt(texts) == sum(map(count, texts)) + MESSAGE_TOKENS * len(texts)


@pytest.mark.parametrize(
    "text",
    [
        "u12 00:03:41 Ann Lee: I'll send the revised budget for line 12 to everybody by Friday. " * 20,
        "Wir haben beschlossen, die Veröffentlichung auf nächsten Mittwoch zu verschieben. " * 20,
        "我们决定把发布推迟到下周三,由王芳通知客户。" * 20,
        "Мы решили перенести выпуск на следующую среду, Анна сообщит клиентам. " * 20,
        '{"text":"Move hall 7","evidence":[{"utterance":"u12","quote":"hall 7"}]}' * 20,
    ],
    ids=["english", "german", "chinese", "russian", "json"],
)
def test_the_count_stays_near_the_product_s_estimate_and_below_its_margin(text: str) -> None:
    ratio = count(text) / estimate_tokens(text)

    assert 0.7 < ratio < 1.15

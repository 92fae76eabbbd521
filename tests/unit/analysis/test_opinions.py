"""A lead's or judge's reply is kept only if the strategy that asked can read it."""

import pytest

from orchestrator.analysis import judging, opinions, reviews
from orchestrator.analysis.replies import UnreadableReply
from orchestrator.synthesis import STRATEGIES
from providers.calls import Finish, LimitReading, Reply, Usage

REVIEW = '{"decisions": [], "summary": 1, "bullets": []}'


def reply(text: str, *limits: LimitReading) -> Reply:
    return Reply(text=text, finish=Finish.STOP, model_served="lead", usage=Usage(output_tokens=3), limits=limits)


@pytest.mark.parametrize(
    ("schema", "text"),
    [(reviews.SCHEMA_NAME, REVIEW), (judging.SCHEMA_NAME, 'Here you are: {"ranking": [2, 1]}')],
)
def test_an_answer_to_the_question_is_kept_as_it_is(schema: str, text: str) -> None:
    assert opinions.read(schema, reply(text)) == reply(text)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (reviews.SCHEMA_NAME, "I would keep all of them."),
        (reviews.SCHEMA_NAME, '{"ranking": [1, 2]}'),
        (judging.SCHEMA_NAME, REVIEW),
        (judging.SCHEMA_NAME, '{"ranking": ["the first"]}'),
    ],
)
def test_another_answer_is_refused(schema: str, text: str) -> None:
    with pytest.raises(UnreadableReply):
        opinions.read(schema, reply(text))


def test_what_no_row_can_hold_is_taken_out() -> None:
    kept = opinions.read(judging.SCHEMA_NAME, reply('{"ranking": [1]} \0\ud800'))

    assert kept.text == '{"ranking": [1]} ?'


def test_every_strategy_that_asks_has_a_reader() -> None:
    assert sum(bool(rule.asks) for rule in STRATEGIES.values()) == len(opinions.READERS)

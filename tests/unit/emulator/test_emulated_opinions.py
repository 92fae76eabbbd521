"""An emulated lead or judge answers what the product's strategies ask."""

from orchestrator.analysis import judging, reviews
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Inputs, Needs, Replies, Synthesis, drive
from providers.calls import Finish, Reply, Usage
from providers.emulator.answers import Question, answer
from tests.unit.analysis.samples import PLACES, candidate, item

PANEL = {
    0: candidate(item("Ship on Friday", "s1"), item("Hire two", "s2"), summary="They ship."),
    1: candidate(item("Ship on Friday", "s1"), summary="They will ship."),
    2: candidate(item("Ask the supplier", "s3"), summary="They ask."),
}


def conducted(strategy: str) -> tuple[Synthesis, list[str]]:
    inputs = Inputs(candidates=PANEL, places=PLACES, quorum=2, at_hand={"lead": 1, "judge": 3}, boundary="B0")
    rounds: list[Replies] = []
    texts: list[str] = []
    while isinstance(found := drive(STRATEGIES[strategy].strategy(inputs), rounds), Needs):
        said = []
        for number, question in enumerate(found.questions):
            shown = tuple(message.text for message in question.messages)
            said.append(
                answer(Question(model=f"model-{number}", texts=shown, schema=question.json_schema), seed=1).text
            )
        texts += said
        rounds.append([Reply(text=text, finish=Finish.STOP, model_served="any", usage=Usage()) for text in said])
    return found, texts


def test_a_lead_reviews_the_drafts_that_it_is_shown() -> None:
    found, [text] = conducted("hierarchical")

    assert (found.asked, found.heard) == (1, 1)
    assert {one.cluster for one in reviews.read(text).decisions} == {1, 2, 3}
    assert "Ship on Friday" in {one.text for one in found.decisions}


def test_judges_rank_every_candidate_and_differ() -> None:
    found, texts = conducted("competitive")

    assert (found.asked, found.heard) == (3, 3)
    assert all(sorted(judging.numbers_in(text)) == [1, 2, 3] for text in texts)
    assert found.winner in PANEL


def test_the_same_question_gets_the_same_opinion() -> None:
    assert conducted("competitive") == conducted("competitive")


def test_a_prompt_without_drafts_asks_for_no_opinion() -> None:
    said = answer(Question(model="m", texts=("Hello.",), schema={"type": "object", "properties": {}}), seed=1)

    assert said.text == "{}"

"""How a meeting is cut for a window: few parts that fit, all of it shown, or not at all where that is no analysis."""

import pytest

from orchestrator.analysis import prompts
from orchestrator.meeting import cuts
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.routing.estimating import about_tokens
from orchestrator.routing.parting import LEAST_PART_BYTES, MOST_PARTS, SHOWN_BEFORE, Parting, most_parts
from providers.extractive import frame
from tests.unit.routing.narrow import LONG, parting, talk


def test_each_prompt_fits_and_together_they_show_every_utterance_once() -> None:
    made = parting()

    cut = made.cut(11_000)

    assert cut is not None
    shown = made.prompts(cut)
    assert [about_tokens(prompt) <= 11_000 for prompt in shown] == [True] * len(cut)
    names = [line.name for prompt in shown for line in frame.read(prompt)]
    assert names == [f"u{number}" for number in range(1, len(LONG.utterances) + 1)]
    whole = about_tokens(prompts.messages(LONG, "B0", prompts.wording()))
    assert whole / 11_000 < len(cut) <= whole / 11_000 + 2


def test_a_part_shows_the_last_words_of_the_one_before() -> None:
    made = parting()
    cut = made.cut(11_000)

    assert cut is not None
    first, *others = cuts.parts(cut, LONG)
    assert (len(first.context), [len(part.context) for part in others]) == (0, [SHOWN_BEFORE] * len(others))


def test_the_same_room_is_cut_once() -> None:
    made = parting()

    assert made.cut(11_000) is made.cut(11_000)


def test_a_preview_and_its_job_are_cut_alike_whatever_their_boundaries() -> None:
    one, two = (Parting(LONG, boundary, prompts.wording(), MOST_PARTS) for boundary in ("aaaaaaaaaa", "-9_x0-Zq.7"))

    assert one.cut(11_000) == two.cut(11_000)


@pytest.mark.parametrize(
    ("room", "most", "why"),
    [
        (3_500, 15, "there are too many parts"),
        (2_500, 1_000, "a part is too small"),
        (-1_000, MOST_PARTS, "there is no room at all"),
        (11_000, 2, "the job has too little time for all of them"),
    ],
)
def test_there_is_a_point_below_which_it_is_not_split(room: int, most: int, why: str) -> None:
    assert parting(most=most).cut(room) is None, why


def test_a_part_in_a_language_of_many_tokens_is_cut_smaller_than_the_mean_would_have_it() -> None:
    english, chinese = talk(700), talk(700, "我们同意新电池的订单在星期五之前发出，这件事情由他来负责，没有人反对。")
    mixed = Transcript(
        utterances=(
            *english.utterances,
            *_named(chinese),
        )
    )
    made = parting(mixed)

    cut = made.cut(20_000)

    assert cut is not None
    assert max(about_tokens(prompt) for prompt in made.prompts(cut)) <= 20_000


def test_what_no_cutting_makes_fit_is_not_split() -> None:
    """What has four times the tokens of the rest stands together: half of what the mean would have is too much."""
    english, signs = talk(400, "We agreed that the order goes out by Friday. " * 30), talk(30, "!?" * 600)
    made = parting(Transcript(utterances=(*english.utterances, *_named(signs))), most=1_000)

    assert made.cut(20_000) is None


def _named(transcript: Transcript) -> tuple[Utterance, ...]:
    return tuple(one.model_copy(update={"id": f"z{one.id}"}) for one in transcript.utterances)


@pytest.mark.parametrize(("deadline_s", "most"), [(10.0, 0), (45.0, 3), (300.0, 16), (3_600.0, MOST_PARTS)])
def test_a_job_in_a_hurry_is_asked_in_fewer_parts(deadline_s: float, most: int) -> None:
    assert most_parts(deadline_s) == most


def test_the_least_part_is_larger_than_what_is_shown_before_it() -> None:
    assert LEAST_PART_BYTES > 2 * SHOWN_BEFORE * 100

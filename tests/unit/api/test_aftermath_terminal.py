"""What people see of an erasure, of feedback and of providers in a terminal."""

import io

from rich.console import ConsoleRenderable

from api import aftermath_terminal, provider_terminal, terminal
from api.erasure_schemas import ErasureView
from api.feedback_schemas import FeedbackView
from api.provider_schemas import ModelsView, ModelView, ProvidersView, ProviderView


def printed(shown: ConsoleRenderable) -> str:
    out = io.StringIO()
    terminal.console(out).print(shown)
    return out.getvalue()


def in_one_line(shown: ConsoleRenderable) -> str:
    return " ".join(printed(shown).split())


def example(
    shape: type[ErasureView | FeedbackView | ProviderView | ModelsView], **changed: object
) -> dict[str, object]:
    extra = shape.model_config["json_schema_extra"]
    assert isinstance(extra, dict)
    examples = extra["examples"]
    assert isinstance(examples, list)
    first = examples[0]
    assert isinstance(first, dict)
    return {**first, **changed}


def erasure(**changed: object) -> str:
    return in_one_line(aftermath_terminal.erasure(ErasureView.model_validate(example(ErasureView, **changed))))


def test_an_erasure_says_what_is_gone_and_who_was_sent_the_meeting() -> None:
    text = erasure()

    assert "erased at 2026-11-28T09:30:00.000Z" in text
    assert "The transcript is erased." in text
    assert "openai/gpt-6-luna, 1 call, may keep it for a while" in text
    assert "made over its answers" not in text


def test_an_erasure_says_what_went_with_it_and_what_is_kept() -> None:
    recipients = [
        {"provider": "p", "model": "m", "calls": 2, "retains": False, "trains": False, "regions": []},
        {"provider": "q", "model": "n", "calls": 1, "retains": None, "trains": None, "regions": []},
    ]
    kept = {"id": "trn_1", "erased": False, "used_by": ["job_9"]}

    text = erasure(jobs=["job_1", "job_2", "job_3"], transcript=kept, recipients=recipients)

    assert "with 2 jobs made over its answers" in text
    assert "The transcript is kept for job_9" in text
    assert "p/m, 2 calls, keeps nothing" in text
    assert "q/n, 1 call, no longer in the catalog" in text
    assert "were sent" not in erasure(recipients=[])


def test_feedback_is_one_line() -> None:
    item = FeedbackView.model_validate(example(FeedbackView))
    missing = FeedbackView.model_validate(example(FeedbackView, item_id=None, verdict="missing"))
    whole = FeedbackView.model_validate(example(FeedbackView, item_id=None, verdict="right"))

    assert "itm_4k2p8w9x of job_" in in_one_line(aftermath_terminal.feedback(item))
    assert "what is missing of job_" in in_one_line(aftermath_terminal.feedback(missing))
    assert "the result of job_" in in_one_line(aftermath_terminal.feedback(whole))


def test_providers_are_a_table() -> None:
    known = ProviderView.model_validate(example(ProviderView))
    unknown = ProviderView.model_validate(
        example(
            ProviderView, id="bolt", state="unknown", circuit="unknown", error_rate=None, latency_s=None,
            queue={"waiting": None, "in_flight": 0}, reachable=False,
        )
    )  # fmt: skip

    text = printed(provider_terminal.providers(ProvidersView(data=(known, unknown))))

    assert "15%" in text
    assert "1.9 s" in text
    bolt = next(line for line in text.splitlines() if "bolt" in line)
    assert bolt.split() == ["bolt", "unknown", "unknown", "-", "-", "-", "0", "none"]


def test_one_provider_is_shown_with_why_and_what_it_offers() -> None:
    view = ProviderView.model_validate(example(ProviderView))
    models = ModelsView.model_validate(example(ModelsView))
    assert isinstance(models.data[0], ModelView)

    text = printed(provider_terminal.provider(view, models))

    assert "OpenAI (openai): degraded, circuit closed" in text
    assert "3 of the last 20 calls failed" in text
    assert "4 of 128 permits in use" in text
    assert "400,000" in text

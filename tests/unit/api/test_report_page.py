"""The report page: whole, honest, and deaf to whatever a meeting or a model says."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import pages, report
from api.schemas import ContextView, DegradationView, DetectedView, FindingView, JobView
from orchestrator.analysis.items import Due, Missed, Summary
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.work.timeline import StageKind
from tests.unit.api.meetings import analysis, called, item, job, ran, seat, stages, transcript
from tests.unit.api.pages import Page

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "[click](javascript:alert(1))",
    "</style><style>*{display:none}</style>",
    "<!-- <iframe src=//evil.example> -->",
    "{{ 7 * 7 }}{% include 'report.css' %}",
    "<a href='https://evil.example'>here</a>",
    "]]><![CDATA[",
    "&lt;script&gt;",
)
TAGS = frozenset(
    "html head meta title style body a header p h1 h2 h3 ul ol li div span bdi strong b br small dl dt dd nav main"
    " section details summary footer blockquote figure figcaption table caption thead tbody tr th td time svg g circle"
    " rect text".split()
)
ATTRIBUTES = frozenset(
    "lang charset name content http-equiv class id href dir aria-label aria-hidden role tabindex scope"
    " datetime width height viewbox x y cx cy r preserveaspectratio".split()
)


def poisoned(text: str) -> tuple[JobView, Transcript]:
    """A job that says `text` wherever a stranger's words can stand."""
    proof = item(text, ("u1",), text, owner=text)
    whole = analysis(
        **dict.fromkeys(("topics", "decisions", "action_items", "risks", "questions"), (proof,)),
        summary=Summary(text=text, bullets=(text,)),
    )
    found = FindingView(value=text, confidence=0.5, because=(text,))
    context = ContextView(
        type=text,
        language="en",
        industry=text,
        title=text,
        participants=(),
        duration_s=None,
        words=0,
        detected=DetectedView(type=found, language=found, industry=found),
    )
    lost = DegradationView(code="seat-lost", detail=text, seat=1)
    changed = job(
        result=whole,
        context=context,
        label=text,
        degraded=True,
        degradations=(lost,),
        reference=text,
        seats=(seat(0), seat(1, "failed", reason=text)),
    )
    return changed, Transcript(utterances=(Utterance(id=text[:64], speaker=text[:200], text=text),))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words_wherever_they_stand(text: str) -> None:
    changed, lines = poisoned(text)

    page = Page(report.render(changed, lines, stages=stages()))

    assert set(page.tags) <= TAGS
    assert {name for _, name in page.attributes} <= ATTRIBUTES
    assert all(link.startswith("#") for link in page.links)
    assert page.words.count(text) >= 10
    assert (page.misnested, page.unclosed) == ([], [])


@given(st.text(min_size=1, max_size=60))
def test_no_text_at_all_changes_the_shape_of_the_page(text: str) -> None:
    plain = Page(report.render(*poisoned("plain")))

    page = Page(report.render(*poisoned(text)))

    assert set(page.tags) == set(plain.tags)
    assert page.attributes == plain.attributes
    assert (page.misnested, page.unclosed) == ([], [])


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\x1b", "\x00", "\u200f", "\U000e0041"])
def test_characters_that_hide_or_turn_text_around_do_not_reach_the_page(hidden: str) -> None:
    text = report.render(*poisoned(f"safe{hidden}text"), stages=stages())

    assert hidden not in text
    assert "safetext" in text


def test_every_link_on_the_page_leads_to_one_anchor_on_it() -> None:
    page = Page(report.render(job(), transcript(), stages=stages()))

    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert {"#u1", "#u2", "#u3", "#u4", "#decision-1", "#action-2"} <= set(page.links)


def test_without_a_transcript_the_evidence_is_shown_and_leads_nowhere() -> None:
    page = Page(report.render(job(), None))

    assert "ship on Friday" in page.words
    assert not any(re.fullmatch(r"#u\d+", link) for link in page.links)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_the_page_asks_for_nothing_from_outside() -> None:
    text = report.render(job(), transcript(), stages=stages())

    assert "://" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert "<script" not in text


def test_an_action_says_who_when_and_where_it_was_said() -> None:
    words = Page(report.render(job(), transcript())).words

    assert "Write the notes Owner Ann Due by Thursday (2026-11-26)" in words
    assert "I will write the notes by Thursday Ann, 1:05" in words


def test_what_nobody_said_is_not_made_up() -> None:
    words = Page(report.render(job(), transcript())).words

    assert "Tell the others Owner nobody named Due no date said" in words
    assert "quote not verified" in words
    assert "Risks 0 None were found in this meeting." in words


MISSED = (Missed(cue="let us ship", utterances=("u2",), quote="Yes, let us <ship> on Friday."),)


def test_what_may_have_been_missed_is_shown_and_leads_to_its_place() -> None:
    page = Page(report.render(job(result=analysis(possibly_missed=MISSED)), transcript()))

    assert "Possibly missed 1" in page.words
    assert "Yes, let us <ship> on Friday. said: let us ship Ben, 1:01" in page.words
    assert {"#missed", "#u2"} <= set(page.links)
    assert "missed" in page.ids


def test_without_anything_missed_there_is_no_word_of_it() -> None:
    assert "Possibly missed" not in Page(report.render(job(), transcript())).words


def test_a_degraded_job_says_so_before_anything_else() -> None:
    lost = DegradationView(code="seat-lost", detail="the provider was overloaded", seat=1)

    words = Page(report.render(job(degraded=True, label="single of 2", degradations=(lost,)), None)).words

    assert words.index("single of 2") < words.index("Seat 1: the provider was overloaded (seat-lost)")
    assert words.index("(seat-lost)") < words.index("The release goes out")


def test_what_is_said_from_right_to_left_stands_so_and_each_date_and_time_apart() -> None:
    """Numbers behind Arabic words are drawn before them, and a date of three numbers the other way round."""
    said = "سنرسل التقرير"
    one = item(said, ("u1",), said, due=Due(text="يوم الجمعة", date="2026-11-27"))
    lines = Transcript(utterances=(Utterance(id="u1", speaker="ليلى", start_s=3.0, text=said),))

    text = report.render(job(result=analysis(action_items=(one,), decisions=())), lines)

    assert '<bdi>يوم الجمعة</bdi> <bdi dir="ltr">(2026-11-27)</bdi>' in text
    assert "<bdi>ليلى</bdi>, <bdi>0:03</bdi>" in text
    assert 'id="action-1" dir="auto"' in text


def test_a_failed_job_shows_why_and_no_result() -> None:
    error = {"title": "No quorum", "detail": "1 of 2 seats answered"}

    page = Page(report.render(job(status="failed", result=None, label=None, error=error), transcript()))

    assert "Failed No quorum: 1 of 2 seats answered" in page.words
    assert "Summary" not in page.heads
    assert "Transcript" in page.heads


def test_a_job_under_way_says_that_there_is_more_to_come() -> None:
    running = job(status="running", result=None, label=None, finished_at=None, seats=(seat(0), seat(1, "running")))

    words = Page(report.render(running, None)).words

    assert "The job has not ended" in words
    assert "From request to" not in words


def test_the_calls_are_drawn_and_told_in_words() -> None:
    text = report.render(job(), transcript(), stages=stages())

    assert 'aria-label="seat 1 refused: rate limited, from 100 ms, for 300 ms"' in text
    assert "rate limited" in Page(text).words


def test_the_calls_are_told_as_a_table_too_with_how_they_ended_and_what_they_cost() -> None:
    words = Page(report.render(job(), transcript(), stages=stages())).words

    assert "1 acme/model-1 refused: rate limited 300 ms $0.00" in words
    assert "0 acme/model-0 answered 1.9 s $0.0042" in words


def test_who_named_what_is_told_as_a_table_too() -> None:
    words = Page(report.render(job(), transcript())).words

    assert "Seat 0 is acme/model-0; seat 1 is acme/model-1." in words
    assert "Action items Item Seat 0 Seat 1 1. Write the notes no yes 2. Tell the others yes yes" in words


def test_the_page_carries_its_own_policy_for_when_it_is_a_file() -> None:
    text = report.render(job(), transcript())

    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', text)
    assert html.unescape(policy) == pages.POLICY
    assert text.index("http-equiv") < text.index("<style>")


def test_utterances_point_back_to_what_they_prove() -> None:
    words = Page(report.render(job(), transcript())).words

    assert "Yes, let us ship on Friday. Decision 1" in words


def test_content_is_marked_with_its_language_and_the_page_with_ours() -> None:
    german = analysis().model_copy(update={"language": "de"})

    text = report.render(job(result=german), transcript())

    assert '<html lang="en">' in text
    assert '<section lang="de">' in text


def test_every_picture_has_words_and_every_column_a_head() -> None:
    text = report.render(job(), transcript(), stages=stages())

    svgs = re.findall(r"<svg[^>]*>", text)
    heads = re.findall(r"<th[ >][^>]*>?", text)
    assert svgs
    assert all("aria-label=" in svg or 'aria-hidden="true"' in svg for svg in svgs)
    assert all("scope=" in head for head in heads)


def test_while_calls_run_the_picture_ends_with_the_latest_of_them() -> None:
    running = job(status="running", result=None, finished_at=None, started_at=None)

    text = report.render(
        running, None, stages=(ran(StageKind.QUEUED, 0, 0.1), called(0, 0.1, 2.0), called(1, 1.5, None))
    )

    assert 'aria-label="queued, from 0 ms, for 100 ms"' in text
    assert 'aria-label="seat 1 sent, from 1.5 s, for 500 ms"' in text
    assert "synthesis" not in Page(text).words


def test_the_head_names_type_and_language_and_the_reasons_stand_with_how_it_was_made() -> None:
    found = DetectedView(
        type=FindingView(value="standup", confidence=0.81, because=("the title says daily", "4 voices")),
        language=FindingView(value="de", confidence=0.97, because=("9 of 9 parts read as German",)),
    )
    context = job().context.model_copy(update={"type": "standup", "language": "de", "detected": found})

    text = report.render(job(context=context), transcript())

    head, made = text.split('<h2 id="made">')
    assert "<li>standup</li>" in head
    assert "<li>German</li>" in head
    assert "<li>Type: standup, 81 % sure: the title says daily; 4 voices</li>" in made
    assert "<li>Language: German, 97 % sure: 9 of 9 parts read as German</li>" in made


def test_a_job_of_an_older_release_has_no_reasons_to_show() -> None:
    assert "What was found out" not in report.render(job(), transcript())

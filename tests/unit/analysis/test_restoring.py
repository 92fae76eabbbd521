"""Answers come back in true words before they are believed; questions go out without them."""

import json

from orchestrator.analysis.evidence import check
from orchestrator.analysis.replies import read
from orchestrator.analysis.restoring import hidden, restored
from orchestrator.analysis.showing import frame, line
from orchestrator.meeting.context import Person
from orchestrator.meeting.redaction import Redaction, Wish
from orchestrator.meeting.tokens import KINDS
from orchestrator.meeting.transcript import Transcript, Utterance
from providers.calls import JsonObject, Message

TALK = Transcript(
    utterances=(
        Utterance(id="a", speaker="Ann Lee", text="Bob, mail the report to bob@example.com by Friday."),
        Utterance(id="b", speaker="Bob Ray", text="I'll send the report."),
    )
)
BOB = Person(name="Bob Ray", id="p2")
REDACTION = Redaction(TALK, Wish(kinds=KINDS, terms=('Project "F"',)), (BOB,))


def answer(**said: object) -> str:
    empty: dict[str, object] = {kind: [] for kind in ("topics", "decisions", "action_items", "risks", "questions")}
    return json.dumps({"language": "en", "summary": {"text": "", "bullets": []}, **empty, **said})


def action(**said: object) -> JsonObject:
    made: dict[str, object] = {
        "text": "[PERSON_2] mails the report to [email 1]",
        "owner": "PERSON_2",
        "due_text": "by Friday",
        "due_date": "",
        "evidence": [{"utterance": "u1", "quote": "mail the report to [EMAIL_1] by Friday"}],
        **said,
    }
    found: JsonObject = json.loads(json.dumps(made))
    return found


def test_tokens_become_what_was_said_before_evidence_owner_and_due_are_checked() -> None:
    said = read(answer(summary={"text": "To [EMAIL_1]", "bullets": ["[PERSON_1] asks"]}, action_items=[action()]))

    found = check(restored(said, REDACTION), TALK, (BOB,), None, seat=0)

    (item,) = found.action_items
    assert (item.text, item.verified) == ("Bob Ray mails the report to bob@example.com", True)
    assert (item.owner and item.owner.id, item.due and item.due.text) == ("p2", "by Friday")
    assert item.evidence[0].quote == "mail the report to bob@example.com by Friday"
    assert (found.summary.text, found.summary.bullets) == ("To bob@example.com", ("Ann Lee asks",))
    assert found.dropped == 0


def test_a_token_of_nothing_is_taken_out_of_texts_and_proves_nothing_elsewhere() -> None:
    topic = {"text": "Mail to [EMAIL_9]", "evidence": [{"utterance": "u2", "quote": "I'll send the report"}]}
    lie = action(evidence=[{"utterance": "u1", "quote": "mail [EMAIL_9]"}])
    nobody = action(owner="[PERSON_9]", due_text="[PERSON_9]")
    said = read(answer(topics=[topic], action_items=[lie, nobody]))

    found = check(restored(said, REDACTION), TALK, (BOB,), None, seat=0)

    assert [item.text for item in found.topics] == ["Mail to [removed]"]
    assert [(item.owner, item.due) for item in found.action_items] == [(None, None)]
    assert found.removed == {"due": 1, "item": 1, "owner": 1, "token": 1}


def test_of_a_question_the_lines_of_data_are_hidden_and_no_word_of_ours() -> None:
    shown: JsonObject = {
        "candidate": 1,
        "wordings": ['Bob Ray on Project "F" <now>', "bob@exam…"],
        "quotes": [{"utterance": "u1", "quote": "mail bob@example.com"}],
        "good": True,
    }
    text = f"{frame('drafts', [line(shown)], 'b0')}\n\nBob Ray: keep this."

    (message,) = hidden([Message(role="user", text=text)], REDACTION)

    seen = message.text.split("\n")
    assert json.loads(seen[1]) == {
        "candidate": 1,
        "wordings": ['[PERSON_2] on [TERM_0]" <now>', "[EMAIL_1]"],
        "quotes": [{"utterance": "u1", "quote": "mail [EMAIL_1]"}],
        "good": True,
    }
    assert "<now>" not in seen[1]
    assert (seen[0], seen[2:]) == ("<<<drafts b0>>>", ["<<<end b0>>>", "", "Bob Ray: keep this."])

"""What was said in a meeting is gone once it is erased, and nothing that comes later brings it back."""

import json
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from celery.exceptions import Retry
from sqlalchemy import ColumnElement, func, insert, select, text, update

from orchestrator.dispatch import Dispatch
from orchestrator.errors import AlreadyTerminal, Erased, InvalidRequest, NotFound
from orchestrator.ids import new_id
from orchestrator.routing.replays import ReplayRequest
from orchestrator.routing.request import AnalysisRequest
from orchestrator.settings import Settings
from orchestrator.storage import attempts, feedback, idempotency, jobs, results, transcripts
from orchestrator.storage.caller_tables import idempotency_keys
from orchestrator.storage.engine import Database
from orchestrator.storage.feedback import Opinion
from orchestrator.storage.money_tables import ledger
from orchestrator.storage.part_tables import parts
from orchestrator.storage.schema import TENANT_TABLES
from orchestrator.storage.tables import attempts as attempt_table
from orchestrator.storage.tables import candidates, questions
from orchestrator.storage.tables import jobs as job_table
from orchestrator.storage.tables import results as result_table
from orchestrator.storage.tables import seats as seat_table
from orchestrator.storage.tables import transcripts as transcript_table
from orchestrator.tenancy import erasure
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from providers.calls import JsonObject
from providers.sockets import Cancel
from tasks import ask, preparing, recording, synthesize
from tasks.resources import Resources
from tasks.telling import tell
from tests.acceptance.processes import until
from tests.integration.test_webhooks import name_endpoint
from tests.integration.workers_in_test import (
    attempts_of,
    dispatch_of,
    events_of,
    job_of,
    opened,
    producer,
    seats_of,
)
from tests.servers import Tenant, new_tenant

CANARY = "zanzibarquark"  # said in the meeting, and written into everything that goes with it
BUILT_IN = ("extractive/cue-rules", "extractive/central-sentences")
SAID = "\n".join(
    (
        f"Ann: Let us decide on the {CANARY} battery today.",
        f"Bob: We will use the {CANARY} battery.",
        f"Bob: I'll send the {CANARY} report by Friday.",
        f"Ann: One risk is that the {CANARY} does not fit. Who calls {CANARY}?",
    )
)


def request(**fields: Any) -> AnalysisRequest:
    body = {
        "transcript": {"format": "text", "content": SAID},
        "meeting": {
            "title": f"About {CANARY}",
            "type": f"{CANARY} review",
            "industry": CANARY,
            "participants": [{"name": f"Ann {CANARY}", "id": CANARY, "aliases": [f"A {CANARY}"]}],
            "glossary": [CANARY],
        },
        "panel": {"models": list(BUILT_IN)},
        "strategy": "consensus",
        "reference": CANARY,
        "tags": [CANARY],
        "metadata": {CANARY: CANARY},
    }
    return AnalysisRequest.model_validate_json(json.dumps({**body, **fields}))


def holding(database: Database, word: str = CANARY) -> set[str]:
    """Every table of tenants in which a row has the word, as text or bytes; transcripts are looked into."""
    with database.system() as connection:
        found = {
            table.name
            for table in TENANT_TABLES
            if connection.execute(
                text(f"SELECT count(*) FROM {table.name} AS one WHERE one::text ILIKE ANY (:spelled)"),  # noqa: S608 - our own name
                {"spelled": [f"%{word}%", f"%{word.encode().hex()}%"]},
            ).scalar_one()
        }
        bodies = connection.execute(select(transcript_table.c.body)).scalars()
        said = any(word.encode() in zlib.decompress(body) for body in bodies if body)
    return found | ({"transcripts"} if said else set())


def wish(strategy: str = "consensus") -> ReplayRequest:
    return ReplayRequest.model_validate_json(json.dumps({"strategy": strategy}))


@pytest.fixture
def here(settings: Settings) -> Iterator[Resources]:
    """A worker of this process, without a provider."""
    with opened(settings) as held:
        yield held


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return dispatch_of(database, producer(settings))


def submitted(dispatch: Dispatch, tenant: Tenant, **fields: Any) -> str:
    return dispatch.submit(tenant.id, request(**fields)).job_id


def finished(dispatch: Dispatch, database: Database, tenant: Tenant, **fields: Any) -> str:
    job = submitted(dispatch, tenant, **fields)
    for seat in range(len(BUILT_IN)):
        with suppress(Retry):
            ask.ask(job=job, seat=seat, epoch=0)
    synthesize.synthesize(job=job)
    assert job_of(database, job).status is JobStatus.SUCCEEDED
    return job


def first_item(database: Database, job: str) -> str:
    with database.tenant_of(job) as connection:
        found = results.read_result(connection, job)
    assert found is not None
    return next(str(item["id"]) for kind in ("action_items", "decisions", "risks") for item in found[kind])  # type: ignore[index, union-attr, call-overload]


def pretend(database: Database, job: str) -> None:
    """What built-in models never leave: a question to a lead, answers about a part and too late, a complaint."""
    with database.tenant_of(job) as connection:
        connection.execute(
            insert(questions).values(job_id=job, digest="d", document={"q": CANARY}, reply={"r": CANARY})
        )
        spoiled = {"code": "bad_reply", "message": f"cannot read {CANARY}"}
        connection.execute(update(attempt_table).where(attempt_table.c.job_id == job).values(error=spoiled))
        connection.execute(update(seat_table).where(seat_table.c.job_id == job).values(repair={"problems": [CANARY]}))
        answer = {"seat": 0, "part": 1, "attempt_id": new_id("atm"), "served": "x/y", "latency_s": 1.0, "usage": {}}
        connection.execute(insert(parts).values(job_id=job, **answer, document={"text": CANARY}))
        connection.execute(
            text(
                "INSERT INTO spare_answers (attempt_id, job_id, seat, served, latency_s, usage, document)"
                " VALUES (:attempt, :job, 0, 'x/y', 1, '{}', CAST(:document AS jsonb))"
            ),
            {"attempt": new_id("atm"), "job": job, "document": json.dumps({"text": CANARY})},
        )


def count(database: Database, table: Any, *conditions: ColumnElement[bool]) -> int:
    with database.system() as connection:
        return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


# What goes, and what stays


def test_no_table_holds_a_word_of_the_meeting_afterwards(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = finished(dispatch, database, tenant)
    replay = dispatch.replay(tenant.id, job, wish("single")).job_id
    synthesize.synthesize(job=replay)
    pretend(database, job)
    with database.tenant(tenant.id) as connection:
        feedback.give(connection, Opinion(job_id=job, verdict="missing", text=f"{CANARY} was forgotten"), "key_x")
    before = holding(database)

    done = dispatch.erase(tenant.id, job)

    assert before >= {
        "transcripts", "jobs", "seats", "attempts", "candidates", "spare_answers", "questions", "results", "prompts",
        "feedback",
    }  # fmt: skip
    assert holding(database) == set()
    assert done.jobs == (job, replay)
    assert done.users == ()
    assert [table.name for table in erasure.DELETED if count(database, table)] == []


def test_what_was_paid_and_done_stays_known(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = finished(dispatch, database, tenant)
    before, calls = job_of(database, job), attempts_of(database, job)
    booked = count(database, ledger)

    dispatch.erase(tenant.id, job)

    row = job_of(database, job)
    assert (row.status, row.label, row.spent_micro_usd) == (before.status, before.label, before.spent_micro_usd)
    assert (row.strategy_ran, row.finished_at) == (before.strategy_ran, before.finished_at)
    assert row.erased_at is not None
    assert row.context == {"words": before.context["words"], "duration_s": before.context["duration_s"]}
    assert (row.reference, row.tags, row.metadata, row.boundary) == (None, [], {}, "")
    assert attempts_of(database, job) == calls
    assert count(database, ledger) == booked
    assert row.version == before.version + 1
    assert events_of(database, job)[-2:] == ["job.succeeded", "job.erased"]


def test_every_table_of_tenants_is_erased_or_kept_for_a_reason() -> None:
    """Whoever adds a table decides whether it holds what was said."""
    decided = [*(table.name for table in erasure.DELETED), *erasure.EMPTIED, *erasure.KEPT]

    assert sorted(decided) == sorted(table.name for table in TENANT_TABLES)


def test_erasing_twice_is_the_same_as_once(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = finished(dispatch, database, tenant)
    dispatch.replay(tenant.id, job, wish())

    first, version = dispatch.erase(tenant.id, job), job_of(database, job).version
    second = dispatch.erase(tenant.id, job)

    assert second.jobs == first.jobs
    assert second.at == job_of(database, job).erased_at
    assert job_of(database, job).version == version
    assert events_of(database, job).count("job.erased") == 1


def test_a_job_of_another_tenant_cannot_be_erased(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = finished(dispatch, database, tenant)
    stranger = new_tenant(database, "globex")

    with pytest.raises(NotFound):
        dispatch.erase(stranger.id, job)

    assert job_of(database, job).erased_at is None
    assert "results" in holding(database)


def test_what_was_to_be_sent_to_webhooks_goes_with_the_job(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    """Its body holds the caller's reference, in bytes."""
    name_endpoint(database, tenant.id, "https://hooks.example.com/", "job.succeeded")
    job = finished(dispatch, database, tenant)
    tell(database)
    assert "deliveries" in holding(database)

    dispatch.erase(tenant.id, job)
    tell(database)

    assert holding(database) == set()


def test_of_a_meeting_that_several_jobs_share_the_transcript_goes_with_the_last(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    first = finished(dispatch, database, tenant)
    stored = job_of(database, first).transcript_id
    second = finished(dispatch, database, tenant, transcript={"transcript_id": stored})

    kept = dispatch.erase(tenant.id, first)
    between = holding(database)
    with database.tenant(tenant.id) as connection:
        still_there = transcripts.read(connection, stored)
    gone = dispatch.erase(tenant.id, second)

    assert (kept.users, gone.users) == ((second,), ())
    assert "transcripts" in between
    assert still_there.utterances
    assert holding(database) == set()
    with pytest.raises(InvalidRequest, match="no transcript"):
        dispatch.submit(tenant.id, request(transcript={"transcript_id": stored}))


def test_erasing_a_replay_leaves_the_job_that_it_was_made_from(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = finished(dispatch, database, tenant)
    replay = dispatch.replay(tenant.id, job, wish()).job_id

    done = dispatch.erase(tenant.id, replay)

    assert (done.jobs, done.users) == ((replay,), (job,))
    assert count(database, result_table, result_table.c.job_id == job) == 1
    assert count(database, candidates, candidates.c.job_id == replay) == 0


def test_who_was_sent_the_meeting_is_told(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = finished(dispatch, database, tenant)

    done = dispatch.erase(tenant.id, job)

    assert {str(one.target): one.calls for one in done.recipients} == dict.fromkeys(BUILT_IN, 1)


# What may still be under way


def test_an_open_job_is_canceled_first_and_asks_nobody_any_more(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = submitted(dispatch, tenant)
    ask.ask(job=job, seat=0, epoch=0)

    dispatch.erase(tenant.id, job)
    asked = ask.ask(job=job, seat=1, epoch=0)
    synthesize.synthesize(job=job)

    row = job_of(database, job)
    assert asked is False
    assert (row.status, len(attempts_of(database, job))) == (JobStatus.CANCELED, 1)
    assert events_of(database, job)[-2:] == ["job.canceled", "job.erased"]
    assert [seat.status for seat in seats_of(database, job)] == [SeatStatus.ANSWERED, SeatStatus.CANCELED]
    assert holding(database) == set()


def test_an_answer_that_comes_later_is_booked_and_not_kept(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = submitted(dispatch, tenant)
    work = ask._claim(job, 0, 0)
    assert work is not None
    assert not isinstance(work, bool)
    reply = here.client.ask(work.seat.target, work.call, cancel=Cancel(), key=0)
    document = preparing.read(work, reply).model_dump(mode="json")
    assert CANARY in json.dumps(document)

    dispatch.erase(tenant.id, job)
    closed = recording.answered(work.paid, work.account, reply, document, latency_s=0.1)

    (attempt,) = attempts_of(database, job)
    assert closed is False
    assert attempt.state is AttemptState.ANSWERED
    assert holding(database) == set()


def test_a_complaint_that_comes_later_loses_its_words(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = submitted(dispatch, tenant)
    work = ask._claim(job, 0, 0)
    assert work is not None
    assert not isinstance(work, bool)

    dispatch.erase(tenant.id, job)
    with database.tenant_of(job) as connection:
        told: JsonObject = {"code": "refused", "message": f"I will not read {CANARY}"}
        attempts.end(connection, work.call.call_id, AttemptState.REFUSED, cost_micro_usd=0, error=told)

    (attempt,) = attempts_of(database, job)
    assert attempt.error == {"code": "refused"}


@pytest.mark.parametrize("table", [table.name for table in erasure.DELETED])
def test_whatever_is_written_for_an_erased_job_is_passed_over(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources, table: str
) -> None:
    """The rows of a job that was not erased, written again for one that was."""
    job, gone = finished(dispatch, database, tenant), finished(dispatch, database, tenant)
    pretend(database, job)
    with database.tenant(tenant.id) as connection:
        feedback.give(connection, Opinion(job_id=job, verdict="right"), "key_x")
    dispatch.erase(tenant.id, gone)
    (found,) = (one for one in erasure.DELETED if one.name == table)
    own = {"results": (), "feedback": ("id",), "spare_answers": ("attempt_id",)}

    with database.tenant(tenant.id) as connection:
        rows = connection.execute(select(found).where(found.c.job_id == job)).mappings().all()
        for row in rows:
            again = {**row, "job_id": gone, **{name: f"{row[name]}x" for name in own.get(table, ())}}
            connection.execute(insert(found).values(again))

    assert rows
    assert count(database, found, found.c.job_id == gone) == 0


def test_a_write_that_was_there_first_is_waited_for_and_erased(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = submitted(dispatch, tenant)

    with ThreadPoolExecutor(1) as pool:
        with database.tenant(tenant.id) as connection:
            connection.execute(insert(questions).values(job_id=job, digest="d", document={"q": CANARY}))
            erasing = pool.submit(dispatch.erase, tenant.id, job)
            _until_somebody_waits(database)
            early = erasing.done()
        erasing.result(timeout=20)

    assert not early
    assert holding(database) == set()


def test_a_job_that_is_being_made_of_a_transcript_keeps_it(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = finished(dispatch, database, tenant)
    stored = job_of(database, job).transcript_id

    with ThreadPoolExecutor(1) as pool:
        with database.tenant(tenant.id) as connection:
            transcripts.read(connection, stored, hold=True)
            erasing = pool.submit(dispatch.erase, tenant.id, job)
            _until_somebody_waits(database)
            columns = [column.name for column in job_table.columns if column.name not in {"id", "error", "records"}]
            copy = select(text("'job_of_test'"), *(job_table.c[name] for name in columns)).where(job_table.c.id == job)
            connection.execute(insert(job_table).from_select(["id", *columns], copy))
        done = erasing.result(timeout=20)

    assert done.users == ("job_of_test",)
    assert "transcripts" in holding(database)


def _until_somebody_waits(database: Database) -> None:
    def waits() -> bool:
        with database.system() as connection:
            return bool(
                connection.execute(
                    text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('tuple', 'transactionid')")
                ).scalar_one()
            )

    until(waits, "the erasure waits for a lock")


# What is refused afterwards


def test_an_erased_job_is_neither_retried_nor_replayed_nor_judged(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job, canceled = finished(dispatch, database, tenant), submitted(dispatch, tenant)
    item = first_item(database, job)
    for one in (job, canceled):
        dispatch.erase(tenant.id, one)

    for one in (job, canceled):
        with pytest.raises(Erased):
            dispatch.retry(tenant.id, one)
        with pytest.raises(Erased):
            dispatch.replay(tenant.id, one, wish())
    with database.tenant(tenant.id) as connection, pytest.raises(Erased):
        feedback.give(connection, Opinion(job_id=job, item_id=item, verdict="right"), "key_x")
    with pytest.raises(AlreadyTerminal):
        dispatch.cancel(tenant.id, job)
    assert job_of(database, canceled).status is JobStatus.CANCELED


def test_a_key_of_an_erased_job_is_told_so_whatever_the_body(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = dispatch.submit(tenant.id, request(), idempotency_key="k", digest=b"of the body").job_id
    dispatch.erase(tenant.id, job)

    for digest in (b"of the body", b"of another"):
        with pytest.raises(Erased):
            dispatch.submit(tenant.id, request(), idempotency_key="k", digest=digest)
    with database.tenant(tenant.id) as connection:
        kept = connection.execute(select(idempotency_keys.c.request_digest)).scalar_one()
    assert b"body" not in bytes(kept)


def test_a_key_is_forgotten_after_three_days(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    first = dispatch.submit(tenant.id, request(), idempotency_key="k", digest=b"one")
    with database.system() as connection:
        age = func.clock_timestamp() - idempotency.KEPT
        connection.execute(update(idempotency_keys).values(created_at=age))

    second = dispatch.submit(tenant.id, request(), idempotency_key="k", digest=b"two")
    again = dispatch.submit(tenant.id, request(), idempotency_key="k", digest=b"two")

    assert first.job_id != second.job_id == again.job_id
    assert (second.replayed, again.replayed) == (False, True)


def test_erased_jobs_are_listed_without_what_was_said(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    job = finished(dispatch, database, tenant)
    dispatch.erase(tenant.id, job)

    with database.tenant(tenant.id) as connection:
        (row,) = jobs.page(connection, [], 10)

    assert row.id == job
    assert CANARY not in row.model_dump_json()

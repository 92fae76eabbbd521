"""The endpoints that jobs have named themselves: one for each URL of a tenant, made when named, dropped when idle.

A caller may have a URL for each job, and would leave a row behind with each. So beyond `KEPT` of them those go that are
idle, the longest unused first: no open job names it, all events of its jobs are told, and nothing waits to be sent. One
whose secret was taken by its owner stays, and one that its owner has switched off: he is not done with it. Of those in
use there are `MOST` at a time; a job that would add another is refused.

Who names an endpoint holds its row until his job is committed (FOR KEY SHARE, which does not hinder who tells). Who
drops takes rows that nobody holds, and then looks again whether they are idle: that statement sees whatever was
committed before the rows were had, and who comes later finds the row gone and makes another.
"""

from typing import Final

from sqlalchemy import Connection, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.delivery import schedule
from orchestrator.storage.delivery_tables import webhooks as table
from orchestrator.storage.tables import jobs
from orchestrator.storage.webhooks import end_of_feed
from providers.calls import JsonObject

KEPT: Final = 500  # who tells reads all of a tenant's and moves their places: some 30 ms for so many
MOST: Final = 1_000
DROPPED_AT_ONCE: Final = 100  # each goes with its deliveries

_HELD: Final = select(table.c.id).with_for_update(read=True, key_share=True)
_OF_URL: Final = _HELD.where(table.c.url == bindparam("url"), table.c.of_jobs)
_BY_ID: Final = _HELD.where(table.c.id == bindparam("webhook"))

_IN_USE: Final = """
WITH named AS (
    SELECT webhook->>'id' AS id FROM jobs
    WHERE tenant_id = current_setting('meetingmind.tenant_id') AND webhook IS NOT NULL AND finished_at IS NULL
), recent AS (
    SELECT job_id, number FROM events
    WHERE tenant_id = current_setting('meetingmind.tenant_id') AND number IS NULL
    UNION ALL
    SELECT job_id, number FROM events
    WHERE tenant_id = current_setting('meetingmind.tenant_id') AND number > (
        SELECT min(cursor) FROM webhooks
        WHERE tenant_id = current_setting('meetingmind.tenant_id') AND of_jobs AND disabled_at IS NULL
    )
), untold AS (
    SELECT j.webhook->>'id' AS id, recent.number FROM recent JOIN jobs AS j ON j.id = recent.job_id
    WHERE j.tenant_id = current_setting('meetingmind.tenant_id') AND j.webhook IS NOT NULL
)
"""
_IDLE: Final = """
hook.tenant_id = current_setting('meetingmind.tenant_id') AND hook.of_jobs AND hook.old_secret IS NULL
AND (hook.disabled_at IS NULL OR hook.disabled_why = :gone)
AND NOT EXISTS (SELECT FROM named WHERE named.id = hook.id)
AND NOT EXISTS (SELECT FROM untold WHERE untold.id = hook.id AND (untold.number IS NULL OR untold.number > hook.cursor))
AND NOT EXISTS (
    SELECT FROM deliveries AS d
    WHERE d.tenant_id = hook.tenant_id AND d.webhook_id = hook.id AND d.state = 'pending'
)
"""
# Ids of deliveries sort by time.
_TAKE: Final = text(
    _IN_USE  # noqa: S608 - words of our own, as below
    + "SELECT hook.id FROM webhooks AS hook WHERE"
    + _IDLE
    + """
    ORDER BY (SELECT max(d.id) FROM deliveries AS d WHERE d.tenant_id = hook.tenant_id AND d.webhook_id = hook.id)
        NULLS FIRST, hook.id
    LIMIT :most
    FOR UPDATE OF hook SKIP LOCKED
    """
)
_DROP: Final = text(_IN_USE + "DELETE FROM webhooks AS hook WHERE hook.id = ANY(:ids) AND" + _IDLE)  # noqa: S608


def of_url(connection: Connection, url: str) -> str | None:
    """The tenant's endpoint for jobs that name this URL, held until the transaction ends; None: there is none yet."""
    found: str | None = connection.execute(_OF_URL, {"url": url}).scalar_one_or_none()
    return found


def add(connection: Connection, webhook_id: str, url: str, secret: bytes) -> str:
    """Make it, for what happens from now on; returns its id. Safe in a race: who comes second gets the first one's."""
    row = {"id": webhook_id, "url": url, "events": [], "secret": secret, "of_jobs": True}
    made = upsert(table).values(**row, cursor=end_of_feed(connection))
    connection.execute(made.on_conflict_do_nothing(index_elements=["tenant_id", "url"], index_where=table.c.of_jobs))
    return str(connection.execute(_OF_URL, {"url": url}).scalar_one())


def count(connection: Connection) -> int:
    """How many the tenant has."""
    return int(connection.execute(select(func.count()).select_from(table).where(table.c.of_jobs)).scalar_one())


def has_room(connection: Connection) -> bool:
    """Whether the tenant may have one more; idle ones make way for it. Two who ask at once may both be told so."""
    return count(connection) < MOST or drop_idle(connection, KEPT) > 0


def drop_idle(connection: Connection, keep: int) -> int:
    """Drop idle ones with their deliveries, until so many are kept, or as many as is soon done; returns how many.

    Whoever is about to name one, or to tell it, keeps it: nobody waits here.
    """
    excess = count(connection) - keep
    if excess <= 0:
        return 0
    asked = {"gone": schedule.NO_LONGER, "most": min(excess, DROPPED_AT_ONCE)}
    ids = connection.execute(_TAKE, asked).scalars().all()
    if not ids:
        return 0
    return connection.execute(_DROP, {"gone": schedule.NO_LONGER, "ids": list(ids)}).rowcount


def named_by(connection: Connection, job_id: str) -> JsonObject | None:
    """What the job named, if its endpoint is no more: that is held otherwise. None: nothing is to be done."""
    named: JsonObject | None = connection.execute(
        select(jobs.c.webhook).where(jobs.c.id == job_id)
    ).scalar_one_or_none()
    if named is None or connection.execute(_BY_ID, {"webhook": named["id"]}).scalar_one_or_none() is not None:
        return None
    return named


def rename(connection: Connection, job_id: str, webhook: JsonObject) -> None:
    """The job's endpoint is another one from now on."""
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(webhook=webhook))

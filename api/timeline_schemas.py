"""The timeline of a job as the HTTP contract shows it."""

from typing import Literal

from pydantic import ConfigDict

from api.schemas import JobStatus, Shown
from orchestrator.work.attempts import AttemptState
from orchestrator.work.timeline import StageKind


class StageView(Shown):
    """One stage. While it goes on, `ended_at` and `took_s` are null.

    The fields from `seat` on tell of an attempt, and are null for other stages. `hedge`: it was made beside a slow one.
    `part`: of the meeting that it is about; null: all of it.
    """

    stage: StageKind
    started_at: str
    ended_at: str | None
    took_s: float | None
    seat: int | None = None
    part: int | None = None
    role: str | None = None
    target: str | None = None
    state: AttemptState | None = None
    hedge: bool | None = None
    cost_usd: str | None = None
    error: str | None = None


class TimelineView(Shown):
    """Stages in the order in which they began: waiting, every paid call, synthesis, and until the news had gone out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "object": "timeline",
                    "job_id": "job_01k9z6v3m8e5r7t1y4q2w0a9sd",
                    "version": 9,
                    "status": "succeeded",
                    "stages": [
                        {
                            "stage": "queued",
                            "started_at": "2026-11-28T09:00:00.000Z",
                            "ended_at": "2026-11-28T09:00:00.080Z",
                            "took_s": 0.08,
                        },
                        {
                            "stage": "attempt",
                            "started_at": "2026-11-28T09:00:00.090Z",
                            "ended_at": "2026-11-28T09:00:01.990Z",
                            "took_s": 1.9,
                            "seat": 0,
                            "role": "analyst",
                            "target": "openai/gpt-6-luna",
                            "state": "answered",
                            "hedge": False,
                            "cost_usd": "0.004210",
                        },
                        {
                            "stage": "synthesis",
                            "started_at": "2026-11-28T09:00:02.000Z",
                            "ended_at": "2026-11-28T09:00:02.050Z",
                            "took_s": 0.05,
                        },
                        {
                            "stage": "delivery",
                            "started_at": "2026-11-28T09:00:02.050Z",
                            "ended_at": "2026-11-28T09:00:02.060Z",
                            "took_s": 0.01,
                        },
                    ],
                }
            ]
        }
    )

    object: Literal["timeline"] = "timeline"
    job_id: str
    version: int
    status: JobStatus
    stages: tuple[StageView, ...]

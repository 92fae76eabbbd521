"""A Job, its list and a plan as they come back, for the contract's document. Tests hold them to the schemas."""

from typing import Final

from providers.calls import JsonObject

_JOB_ID: Final = "job_06a9zk3w8mxq4v1nd7b2c5hfge"
_NO_MONEY: Final = "0.000000"

ITEM: Final[JsonObject] = {
    "id": "itm_4k2p8w9x",
    "text": "Send the cost report",
    "evidence": [{"utterances": ["u4"], "quote": "I'll send the cost report by Friday", "start_s": 61.2}],
    "confidence": 0.87,
    "seats": [0, 2],
    "verified": True,
    "owner": {"name": "Bob Ray", "id": "u-18"},
    "due": {"text": "by Friday", "date": "2026-11-27"},
}
_RESULT: Final[JsonObject] = {
    "schema_version": 1,
    "language": "en",
    "summary": {"text": "The battery was decided on.", "bullets": ["The conventional battery is used."]},
    "topics": [],
    "decisions": [],
    "action_items": [ITEM],
    "risks": [],
    "questions": [],
    "possibly_missed": [],
    "quality": {"score": 0.91, "components": {"evidence": 1.0, "agreement": 0.74}},
    "provenance": {
        "seats": [0, 1, 2],
        "strategy": "consensus",
        "prompt_version": "meeting-4",
        "catalog_version": "2026-11-20",
    },
}
_SEAT: Final[JsonObject] = {
    "seat": 0,
    "role": "analyst",
    "asked": "openai/gpt-6-luna",
    "served": "openai/gpt-6-luna",
    "provider": "openai",
    "status": "answered",
    "attempts": 1,
    "failovers": 0,
    "reason": None,
    "latency_s": 1.9,
    "cost_usd": "0.004210",
    "usage": {"input_tokens": 1_840, "cached_input_tokens": 0, "output_tokens": 412, "reasoning_tokens": 96},
}
JOB: Final[JsonObject] = {
    "id": _JOB_ID,
    "object": "job",
    "version": 7,
    "status": "succeeded",
    "degraded": False,
    "label": "consensus of 3 models",
    "degradations": [],
    "strategy": {"asked": "auto", "ran": "consensus", "reason": "several models of the policy are at hand"},
    "policy": "balanced",
    "policy_planned": "balanced",
    "project": None,
    "priority": "standard",
    "quorum": 2,
    "context": {
        "type": "standup",
        "language": "en",
        "industry": None,
        "title": None,
        "participants": [{"name": "Bob Ray", "id": "u-18", "speakers": ["Bob"], "role": None}],
        "duration_s": 1_800.0,
        "words": 5_200,
        "detected": {
            "type": {"value": "standup", "confidence": 0.8, "because": ["the words yesterday and today"]},
            "language": {"value": "en", "confidence": 1.0, "because": []},
            "industry": None,
            "speakers": 3,
            "head_count": 3,
        },
    },
    "redaction": {"terms": 0, "hidden": {"email": 2, "person": 3}},
    "seats": [_SEAT],
    "cost": {"bound_usd": "0.081000", "held_usd": _NO_MONEY, "expected_usd": "0.014000", "spent_usd": "0.012630"},
    "result": _RESULT,
    "error": None,
    "reference": "crm-4711",
    "tags": ["weekly"],
    "metadata": {"k": "v"},
    "transcript_id": "trn_06a9zk3w8mxq4v1nd7b2c5hfgm",
    "batch_id": None,
    "replay_of": None,
    "created_at": "2026-11-28T09:30:00.000Z",
    "started_at": "2026-11-28T09:30:00.120Z",
    "finished_at": "2026-11-28T09:30:03.480Z",
    "deadline_at": "2026-11-28T09:35:00.000Z",
    "not_before": None,
    "erased_at": None,
    "links": {
        "self": f"/v1/jobs/{_JOB_ID}",
        "events": f"/v1/jobs/{_JOB_ID}/events",
        "report": f"/v1/jobs/{_JOB_ID}/report",
        "timeline": f"/v1/jobs/{_JOB_ID}/timeline",
    },
}
PAGE: Final[JsonObject] = {"data": [{**JOB, "result": None}], "next_cursor": None}

_OFFER: Final[JsonObject] = {
    "target": "openai/gpt-6-luna",
    "provider": "openai",
    "expected_usd": "0.004100",
    "bound_usd": "0.027000",
}
PLAN: Final[JsonObject] = {
    "object": "plan",
    "strategy": "consensus",
    "reason": "several models of the policy are at hand",
    "policy": {"asked": "balanced", "planned": "balanced", "because": None},
    "quorum": 1,
    "routing": {
        "strategy": "preference",
        "because": "the policy's own",
        "weights": {"quality": 0.4, "cost": 0.2, "order": 0.2, "latency": 0.1, "load": 0.1},
        "scores": [
            {
                "target": "openai/gpt-6-luna",
                "score": 0.81,
                "quality": 0.8,
                "cost": 0.7,
                "order": 1.0,
                "latency": 0.9,
                "load": 1.0,
                "against": [],
                "out": None,
            }
        ],
        "regions": None,
        "zero_retention": False,
    },
    "seats": [
        {
            "seat": 0,
            "role": "analyst",
            "asked": "openai/gpt-6-luna",
            "service_tier": "standard",
            "follows": None,
            "because": ["the best score"],
            "ladder": [_OFFER],
            "candidates": [],
        }
    ],
    "callers": [],
    "needed_usd": "0.027000",
    "expected_usd": "0.004100",
    "bound_usd": "0.081000",
    "cheapest": _OFFER,
    "rejected": [{"target": "google/gemini-4-pro", "code": "no-key", "reason": "there is no key for google"}],
    "advice": [],
    "cache_hits": 0,
    "expected_finish_s": 2.4,
    "budgets": [{"scope": "the tenant's month", "limit_usd": "100.000000", "left_usd": "51.879066"}],
    "admitted": True,
    "redaction": None,
    "refusal": None,
    "context": None,
}
REPORT: Final = "<!doctype html>\n<html lang=en>…</html>\n"
METRICS: Final = 'meetingmind_jobs{status="queued"} 0\n'

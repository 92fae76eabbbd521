"""What Celery must be like, whoever set it. Pure.

Most of it is ours, in orchestrator/broker.py; but Celery lets its own environment variables win over its application,
and a shell in which Flower is configured has them.

Source: Celery 5.7, `celery/app/utils.py`, class Settings; shared design page celery.md for what each setting breaks.
"""

from dataclasses import dataclass
from typing import Final

from orchestrator.safety.findings import Finding, Rule, judge

OLDEST: Final = (5, 7)  # before 5.7 a redelivered header task fires its chord early, with a seat missing
RESULT_BACKEND: Final = "orchestrator.chords:RowsBackend"
_HERE: Final = "in orchestrator/broker.py."


@dataclass(frozen=True)
class CeleryFacts:
    """The settings that an application really has, by Celery's own names.

    `leads_elsewhere` names those addresses of the broker that are not REDIS_URL. `longest_task` says in words which
    task may take `longest_task_s`.
    """

    version: str
    accept_content: tuple[str, ...]
    task_acks_late: bool
    task_reject_on_worker_lost: bool
    worker_prefetch_multiplier: int
    worker_soft_shutdown_timeout: float
    task_create_missing_queues: bool
    task_always_eager: bool
    result_backend: str
    result_backend_always_retry: bool
    worker_deduplicate_successful_tasks: bool
    visibility_timeout_s: float
    leads_elsewhere: tuple[str, ...]
    longest_task_s: float
    longest_task: str


RULES: Final[tuple[Rule[CeleryFacts], ...]] = (
    Rule(
        name="celery-too-old",
        setting="version",
        value=lambda told: told.version,
        is_safe=lambda told: _release(told.version) >= OLDEST,
        wrong="Celery {found} is installed, whose chords lose seats when a message is delivered twice.",
        remedy="Install the packages of requirements.lock, which have Celery 5.7.",
    ),
    Rule(
        name="broker-elsewhere",
        setting="broker_url",
        value=lambda told: told.leads_elsewhere,
        is_safe=lambda told: not told.leads_elsewhere,
        wrong="Celery's own variables lead it to another broker than REDIS_URL ({found}), where nobody listens.",
        remedy="Unset CELERY_BROKER_URL, CELERY_BROKER_READ_URL and CELERY_BROKER_WRITE_URL for our processes.",
    ),
    Rule(
        name="chords-not-in-rows",
        setting="result_backend",
        value=lambda told: told.result_backend,
        is_safe=lambda told: told.result_backend == RESULT_BACKEND,
        wrong="Chords are not counted in rows but by another result backend ({found}), so panels may never close.",
        remedy="Unset CELERY_RESULT_BACKEND for our processes.",
    ),
    Rule(
        name="visibility-timeout",
        setting="visibility_timeout",
        value=lambda told: (
            f"{told.visibility_timeout_s:g} s; {told.longest_task}, the longest task, may take {told.longest_task_s:g}"
        ),
        is_safe=lambda told: told.visibility_timeout_s > told.longest_task_s,
        wrong="The broker delivers a message again while its task may still run (visibility_timeout {found}).",
        remedy="Make that provider's *_TIMEOUT shorter, or visibility_timeout longer " + _HERE,
    ),
    Rule(
        name="acks-early",
        setting="task_acks_late",
        value=lambda told: told.task_acks_late,
        is_safe=lambda told: told.task_acks_late,
        wrong="Messages are acknowledged before their task has ended (task_acks_late {found}): a worker that dies takes"
        " them along.",
        remedy="Set task_acks_late to True " + _HERE,
    ),
    Rule(
        name="lost-workers-acknowledge",
        setting="task_reject_on_worker_lost",
        value=lambda told: told.task_reject_on_worker_lost,
        is_safe=lambda told: told.task_reject_on_worker_lost,
        wrong="A killed worker's message counts as done (task_reject_on_worker_lost {found}).",
        remedy="Set task_reject_on_worker_lost to True " + _HERE,
    ),
    Rule(
        name="prefetches",
        setting="worker_prefetch_multiplier",
        value=lambda told: told.worker_prefetch_multiplier,
        is_safe=lambda told: told.worker_prefetch_multiplier == 1,
        wrong="Workers take more messages than they have hands (worker_prefetch_multiplier {found}), and others wait.",
        remedy="Set worker_prefetch_multiplier to 1 " + _HERE,
    ),
    Rule(
        name="accepts-more-than-json",
        setting="accept_content",
        value=lambda told: told.accept_content,
        is_safe=lambda told: told.accept_content == ("json",),
        wrong="Messages may have other forms than JSON ({found}); with pickle a message is code that runs.",
        remedy="Set accept_content to json alone " + _HERE,
    ),
    Rule(
        name="results-are-retried",
        setting="result_backend_always_retry",
        value=lambda told: told.result_backend_always_retry,
        is_safe=lambda told: not told.result_backend_always_retry,
        wrong="Results are stored again and again (result_backend_always_retry {found}), which breaks chords.",
        remedy="Set result_backend_always_retry to False " + _HERE,
    ),
    Rule(
        name="deduplicates-tasks",
        setting="worker_deduplicate_successful_tasks",
        value=lambda told: told.worker_deduplicate_successful_tasks,
        is_safe=lambda told: not told.worker_deduplicate_successful_tasks,
        wrong="Tasks that ran once are passed over (worker_deduplicate_successful_tasks {found}), which breaks chords.",
        remedy="Set worker_deduplicate_successful_tasks to False " + _HERE,
    ),
    Rule(
        name="makes-queues",
        setting="task_create_missing_queues",
        value=lambda told: told.task_create_missing_queues,
        is_safe=lambda told: not told.task_create_missing_queues,
        wrong="A typo makes a queue that nobody consumes (task_create_missing_queues {found}).",
        remedy="Set task_create_missing_queues to False " + _HERE,
    ),
    Rule(
        name="runs-in-the-caller",
        setting="task_always_eager",
        value=lambda told: told.task_always_eager,
        is_safe=lambda told: not told.task_always_eager,
        wrong="Tasks run where they are published and never reach a worker (task_always_eager {found}).",
        remedy="Set task_always_eager to False " + _HERE,
    ),
    Rule(
        name="stops-hard",
        setting="worker_soft_shutdown_timeout",
        value=lambda told: told.worker_soft_shutdown_timeout,
        is_safe=lambda told: told.worker_soft_shutdown_timeout > 0,
        wrong="A worker that is told to stop cuts calls that are paid for (worker_soft_shutdown_timeout {found}).",
        remedy="Set worker_soft_shutdown_timeout to 30 " + _HERE,
    ),
)


def findings(facts: CeleryFacts) -> tuple[Finding, ...]:
    return judge(RULES, facts)


def _release(version: str) -> tuple[int, ...]:
    """Major and minor; nothing for what is no version, which is older than any."""
    parts = version.split(".")[:2]
    return tuple(int(part) for part in parts) if all(part.isascii() and part.isdigit() for part in parts) else ()

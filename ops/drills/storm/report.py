"""The fault report: what struck, how jobs ended, what was reconciled, how long recoveries took, what broke. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ops.drills.storm import judging
from ops.drills.storm.disks import Hit
from ops.drills.storm.evidence import Event, Evidence
from ops.drills.storm.judging import Finding
from ops.drills.storm.plan import Kind
from ops.drills.storm.probing import Answers
from ops.drills.storm.recovery import Recoveries, Step, Struck, quantile
from ops.drills.storm.residents import Death
from ops.drills.storm.upstream import Log
from orchestrator.work.attempts import AttemptState

MOST_SHOWN: Final = 40  # findings; of a thousand of one kind, the first ones say it all
WORST_SHOWN: Final = 5


@dataclass(frozen=True)
class Run:
    """One run, at rest. `settings` are those that differ from the product's own."""

    title: str
    command: str
    seed: int
    machine: str
    took_s: float
    settings: Mapping[str, str]
    struck: Sequence[Struck]
    evidence: Evidence
    log: Log
    findings: Sequence[Finding]
    recoveries: Recoveries
    promised_s: float
    answers: Answers
    deaths: Sequence[Death]
    hits: Sequence[Hit] = ()

    @property
    def is_sound(self) -> bool:
        return not self.findings


def markdown(run: Run) -> str:
    """A section of its own, to be read as it is or shown by anything that reads Markdown."""
    return "\n".join(
        [
            *_head(run),
            *_faults(run),
            *_jobs(run),
            *_money(run),
            *_recoveries(run),
            *_away(run),
            *_disks(run),
            *_end(run),
        ]
    )


def _head(run: Run) -> Iterator[str]:
    yield f"## {run.title}"
    yield ""
    yield f"`{run.command}`, seed {run.seed}, {run.took_s:.0f} s on {run.machine}."
    told = ", ".join(f"`{name}={value}`" for name, value in sorted(run.settings.items()))
    yield f"Settings that differ from the product's own: {told or 'none'}."
    yield ""


def _faults(run: Run) -> Iterator[str]:
    times: defaultdict[str, list[float]] = defaultdict(list)
    for one in run.recoveries.found:
        times[_kind(one.cause)].append(one.took_s)
    yield "| fault | times | steps disturbed | recovery p50 | p99 | longest |"
    yield "|---|---:|---:|---:|---:|---:|"
    for kind, count in sorted(Counter(_kind(one) for one in run.struck).items()):
        took = sorted(times.get(kind, []))
        shown = " | ".join(f"{quantile(took, share):.1f} s" if took else "-" for share in (0.5, 0.99, 1.0))
        yield f"| {kind} | {count} | {len(took)} | {shown} |"
    yield f"| all | {len(run.struck)} | {len(run.recoveries.found)} | {_three(run.recoveries.times_s)} |"
    yield ""


def _jobs(run: Run) -> Iterator[str]:
    ends = ", ".join(f"{count} {status}" for status, count in sorted(judging.ends(run.evidence).items()))
    posts = Counter("nothing came back" if one.status is None else str(one.status) for one in run.log.posted)
    told = ", ".join(f"{count} x {what}" for what, count in sorted(posts.items()))
    yield f"- Jobs: {len(run.evidence.jobs)} ({ends or 'none'}); {len(run.log.accepted())} keys were told 202."
    yield f"- Posts: {told or 'none'}. Reads that broke and were repeated: {run.log.broken_reads}."
    again = sum(1 for job in run.evidence.jobs.values() if _bodies(job.events) > 1)
    yield f"- Syntheses that were begun again after their process was lost: {again}."


def _money(run: Run) -> Iterator[str]:
    calls = run.evidence.calls
    states = Counter(str(call.state) for call in calls)
    billed, booked = sum(call.billed for call in calls), sum(call.booked for call in calls)
    unknown = [call for call in calls if call.state is AttemptState.AMBIGUOUS]
    above = sum(call.bound - call.billed for call in unknown)
    yield f"- Calls: {len(calls)} ({', '.join(f'{count} {state}' for state, count in sorted(states.items()))})."
    yield (
        f"- Micro-dollars: {billed} billed by the bank, {booked} booked; {len(unknown)} calls of unknown fate are"
        f" booked {above} above their bill; the rest differs by {booked - above - billed}."
    )
    corrected = sum(call.unknown and call.state is AttemptState.ANSWERED for call in calls)
    yield (
        f"- Repeats: {judging.repeats(calls)} seats paid a second call after one of unknown fate, the declared window;"
        f" {corrected} such calls were known after all, and corrected."
    )


def _recoveries(run: Run) -> Iterator[str]:
    times = run.recoveries.times_s
    standstill_s = max((one.standstill_s for one in run.recoveries.found), default=0.0)
    yield (
        f"- Recoveries: {len(times)}; p50 {quantile(times, 0.5):.1f} s, p99 {quantile(times, 0.99):.1f} s,"
        f" longest {quantile(times, 1.0):.1f} s. Promised: p99 at most {run.promised_s:g} s. The longest standstill,"
        f" with whatever struck again in it: {standstill_s:.1f} s."
    )
    yield from _by_step(run)
    for one in sorted(run.recoveries.found, key=lambda one: -one.took_s)[:WORST_SHOWN]:
        where = "" if one.span.seat is None else f" of seat {one.span.seat}"
        yield f"  - {one.took_s:.1f} s: {one.span.step}{where}, {one.span.job}, after {_kind(one.cause)}"
    if run.recoveries.causeless:
        worst = max(span.took_s for span in run.recoveries.causeless)
        yield (
            f"- Slow steps without a fault in them, after-effects of an earlier one or of a busy machine:"
            f" {len(run.recoveries.causeless)}, longest {worst:.1f} s."
        )


def _by_step(run: Run) -> Iterator[str]:
    for step in Step:
        times = sorted(one.took_s for one in run.recoveries.found if one.span.step is step)
        yield f"  - {step}: {len(times)}, p50 {quantile(times, 0.5):.1f} s, longest {quantile(times, 1.0):.1f} s"


def _away(run: Run) -> Iterator[str]:
    for how, some in sorted(run.answers.by_way().items()):
        fine, longest = sum(one.is_fine for one in some), max(one.took_s for one in some)
        yield (
            f"- While PostgreSQL was away ({how}): {fine} of {len(some)} answers were 503 with Retry-After within"
            f" {run.answers.within_s:g} s, the longest took {longest:.2f} s."
        )
    if run.deaths:
        told = Counter(f"{death.name} ({death.code})" for death in run.deaths)
        yield f"- Ended by themselves: {', '.join(f'{count} x {who}' for who, count in sorted(told.items()))}."


def _disks(run: Run) -> Iterator[str]:
    for kind in dict.fromkeys(hit.kind for hit in run.hits):
        some = [hit for hit in run.hits if hit.kind is kind]
        away = sorted(hit.away.lasted_s for hit in some if hit.away is not None)
        outcome = (
            "it took no writes" if kind is Kind.REDIS_SYNC else f"{sum(hit.panicked for hit in some)} panics; away"
        )
        yield (
            f"- {kind}: {len(some)} strikes, {sum(hit.calls for hit in some)} syncs failed; {outcome} for"
            f" {quantile(away, 0.5):.2f} s at p50, {quantile(away, 1.0):.2f} s at the longest."
        )


def _end(run: Run) -> Iterator[str]:
    yield ""
    if run.is_sound:
        yield "**Sound**: no promise was broken."
        return
    broken = Counter(finding.promise for finding in run.findings)
    told = ", ".join(f"{promise} ({count})" for promise, count in broken.items())
    yield f"**Broken**: {told}."
    yield ""
    for finding in run.findings[:MOST_SHOWN]:
        yield f"- {finding}"
    if len(run.findings) > MOST_SHOWN:
        yield f"- ... and {len(run.findings) - MOST_SHOWN} more"


def _kind(struck: Struck) -> str:
    """With whom it struck, where there are several."""
    fault = struck.fault
    if fault.way is not None:
        return f"{fault.kind}: {fault.victim}, {fault.way}"
    name = fault.victim.partition("-")[0]
    return f"{fault.kind} of {name}" if "-" in fault.victim else str(fault.kind)


def _three(times: Sequence[float]) -> str:
    return " | ".join(f"{quantile(times, share):.1f} s" if times else "-" for share in (0.5, 0.99, 1.0))


def _bodies(events: Sequence[Event]) -> int:
    return sum(event.type == "job.synthesizing" for event in events)

"""Resident memory of processes of ours, from /proc: sampled while something goes on, or the peak since a moment."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
FEWEST_SAMPLES: Final = 8  # below that, a half and a quarter of them say nothing
_FORGET_PEAK: Final = "5"  # Source: proc_pid_clear_refs(5), resets VmHWM


@dataclass
class Memory:
    """Resident megabytes of some processes, sampled while something goes on."""

    names: dict[int, str]
    samples: dict[str, list[float]] = field(default_factory=dict)

    def sample(self) -> None:
        for pid, name in self.names.items():
            found = resident_mb(pid)
            if found is not None:
                self.samples.setdefault(name, []).append(found)

    def grown_mb(self, name: str) -> float:
        """The most in the second half, above the most in the first quarter."""
        found = self.samples.get(name, [])
        if len(found) < FEWEST_SAMPLES:
            return 0.0
        return max(found[len(found) // 2 :]) - max(found[: len(found) // 4])

    def told(self) -> list[str]:
        return [
            f"  {name:>24}: {found[0]:6.0f} MB at first, {max(found):6.0f} at most, {found[-1]:6.0f} at last"
            for name, found in sorted(self.samples.items())
        ]


def resident_mb(pid: int) -> float | None:
    """None: it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * PAGE_BYTES / 1e6
    except (OSError, IndexError):
        return None


def forget_peak(pid: int) -> None:
    """From now on `peak_mb` counts. Raises OSError: the process is not ours."""
    Path(f"/proc/{pid}/clear_refs").write_text(_FORGET_PEAK, "ascii")


def peak_mb(pid: int) -> float:
    """The most that was resident since the peak was forgotten, no sample missed: VmHWM of proc_pid_status(5)."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1_024 / 1e6 for line in lines if line.startswith("VmHWM:"))


def parts(stack: int | None) -> dict[int, str]:
    """The stack's Python processes and their names."""
    found: dict[int, str] = {}
    if stack is None:
        return found
    parents = {int(place.name): _parent(place) for place in Path("/proc").iterdir() if place.name.isdigit()}
    family = {stack}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    for pid in family:
        words = _words(pid)
        if "-m" in words:
            found[pid] = f"{' '.join(words[words.index('-m') + 1 :])[:16]} {pid}"
    return found


def _parent(place: Path) -> int:
    try:
        return int((place / "stat").read_text("ascii").rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return 0


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
    except OSError:
        return []

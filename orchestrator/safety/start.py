"""Refuses a start that would break promises, and says by name what must be mended. No setting turns this off."""

import os
from typing import Final

import structlog

from orchestrator.safety import examination, findings
from orchestrator.safety.examination import Subject
from orchestrator.safety.findings import Finding, Verdict

log = structlog.get_logger()

REFUSED: Final = os.EX_CONFIG  # 78, so that a supervisor can tell it from a crash: nothing gets better by itself


class StartCheck:
    """The check of one process, made when it starts.

    A store that is away does not refuse: our processes wait for their stores, and serve when they come. Its part of the
    check is put off, and can be made up for once it is there.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._told: set[str] = set()
        self._is_put_off = False

    def make(self) -> None:
        """Go on if nothing is unsafe. What only warns, and stores that could not be asked, are logged once each.

        Raises:
            SystemExit: with `REFUSED`, after a line for each setting that is unsafe.
        """
        found = examination.examine(self._subject)
        self._is_put_off = bool(findings.of(Verdict.AWAY, found))
        for one in self._untold(findings.of(Verdict.WARNS, found)):
            log.warning("safety.warned", **_shown(one))
        for one in self._untold(findings.of(Verdict.AWAY, found)):
            log.warning("safety.put_off", **_shown(one))
        unsafe = findings.of(Verdict.UNSAFE, found)
        for one in unsafe:
            log.error("safety.refused", **_shown(one))
        if unsafe:
            raise SystemExit(REFUSED)

    def make_up(self) -> None:
        """Make it again if a store was away; otherwise do nothing. Raises as `make`."""
        if self._is_put_off:
            self.make()

    def _untold(self, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
        fresh = tuple(one for one in found if one.name not in self._told)
        self._told.update(one.name for one in fresh)
        return fresh


def _shown(one: Finding) -> dict[str, str]:
    return {"check": one.name, "setting": one.setting, "found": one.found, "wrong": one.wrong, "remedy": one.remedy}

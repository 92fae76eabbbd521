"""Words that teams say in English whatever language they speak. Pure data; counted beside a language's own table."""

from typing import Final

from orchestrator.meeting.context import MeetingType
from orchestrator.meeting.cues.row import Cues

JARGON: Final[dict[MeetingType, Cues]] = {
    "sales": Cues(plain="demo, pilot, roi, saas, crm, leads, discount"),
    "executive": Cues(strong="ebitda, capex, opex", plain="okr, okrs, kpi, kpis, ceo, cfo, cto, q1, q2, q3, q4, board"),
    "standup": Cues(
        strong="standup, daily standup, daily scrum", plain="daily, blocker, blockers, pull request, merge request"
    ),
    "planning": Cues(
        strong="story points, sprint planning, product backlog, planning poker",
        plain=(
            "sprint, sprints, backlog, roadmap, milestone, milestones, user story, user stories, epic, epics, release"
        ),
    ),
    "retrospective": Cues(strong="retro, lessons learned, post mortem, postmortem"),
    "design": Cues(
        strong="wireframe, wireframes, mockup, mockups, mock up, figma, usability, user interface, look and feel",
        plain="design, designs, ux, ui, prototype, prototypes, layout, interface",
    ),
    "support": Cues(
        strong="root cause, workaround, sla, troubleshooting",
        plain="ticket, tickets, bug, bugs, incident, hotfix, support, logs, triage",
    ),
    "one-to-one": Cues(strong="one on one", plain="feedback"),
}

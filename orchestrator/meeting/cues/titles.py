"""Words in the title of a meeting by which its type is known, in ten languages. Pure data.

A calendar's title is what people themselves call the meeting, so that one such word weighs as much as all that is said.
"""

from typing import Final

from orchestrator.meeting.context import MeetingType

TITLES: Final[dict[MeetingType, str]] = {
    "interview": (
        "interview, interviews, candidate, hiring panel, phone screen, podcast, entrevista, entretien, entretien "
        "d'embauche, vorstellungsgespräch, bewerbungsgespräch, interviu, colloquio, intervista, sollicitatiegesprek, "
        "intervju, anställningsintervju, 面试, 采访, 面接"
    ),
    "sales": (
        "sales, sales call, demo, product demo, discovery call, pricing, proposal, negotiation, renewal, prospect, "
        "ventas, propuesta comercial, vente, rendez vous commercial, offre commerciale, vertrieb, verkaufsgespräch, "
        "angebot, vendas, vendite, verkoop, försäljning, 销售, 商談"
    ),
    "executive": (
        "board meeting, board of directors, executive committee, leadership team, exec, executive, c level, earnings "
        "call, earnings, investor call, quarterly business review, qbr, shareholders, town hall, comité ejecutivo, "
        "comité de dirección, consejo de administración, comité de direction, comité exécutif, conseil "
        "d'administration, vorstand, vorstandssitzung, geschäftsführung, aufsichtsrat, diretoria, consiglio di "
        "amministrazione, directie, ledningsgrupp, styrelsemöte, 董事会, 取締役会"
    ),
    "standup": (
        "standup, stand up, daily, daily scrum, daily sync, scrum, diaria, reunión diaria, mêlée quotidienne, point "
        "quotidien, tägliches, morgenrunde, reunião diária, dagelijkse, daglig, dagligt, 站会, 朝会"
    ),
    "planning": (
        "planning, sprint planning, roadmap, backlog, refinement, grooming, estimation, prioritization, "
        "prioritisation, project plan, planificación, hoja de ruta, planification, feuille de route, planung, "
        "sprintplanung, planejamento, planeamento, pianificazione, planering, 计划会, 计划"
    ),
    "retrospective": (
        "retro, retrospective, lessons learned, post mortem, postmortem, after action review, retrospectiva, lecciones "
        "aprendidas, rétrospective, rétro, retour d'expérience, retrospektive, rückblick, retrospettiva, "
        "retrospectief, retrospektiv, återblick, 复盘, 回顾, 振り返り"
    ),
    "design": (
        "design, design review, design critique, ux, ui, prototype, wireframe, wireframes, mockup, mockups, usability, "
        "diseño, revisión de diseño, conception, maquette, entwurf, gestaltung, progetto grafico, ontwerp, "
        "formgivning, 设计, デザイン"
    ),
    "support": (
        "support, support call, incident, incident review, outage, triage, bug triage, escalation, troubleshooting, "
        "war room, helpdesk, help desk, customer issue, soporte, incidencia, incidencias, assistance, dépannage, "
        "störung, supportfall, suporte, supporto, storing, felanmälan, 支持, 故障, サポート"
    ),
    "committee": (
        "committee, subcommittee, council, parliament, plenary, plenary session, hearing, assembly, general assembly, "
        "senate, commission, faculty meeting, comité, pleno, congreso de los diputados, asamblea, commission "
        "parlementaire, conseil municipal, assemblée, ausschuss, ausschusssitzung, bundestag, stadtrat, gemeinderat, "
        "plenum, sitzung, comissão, plenário, commissione, consiglio comunale, commissie, gemeenteraad, utskott, "
        "kommunfullmäktige, 委员会, 委員会"
    ),
    "lecture": (
        "lecture, seminar, class, course, webinar, keynote, training, tutorial, clase, conferencia, curso, cours, "
        "conférence, séminaire, vorlesung, vortrag, seminario, schulung, aula, palestra, lezione, college, "
        "hoorcollege, föreläsning, 讲座, 讲课, 講義"
    ),
    "one-to-one": (
        "1:1, 1 on 1, one on one, one to one, one 2 one, catch up, check in, performance review, uno a uno, tête à "
        "tête, entretien individuel, entretien annuel, vier augen gespräch, mitarbeitergespräch, um a um, uno contro "
        "uno, een op een, functioneringsgesprek, medarbetarsamtal, 一对一, 一对一谈话"
    ),
}

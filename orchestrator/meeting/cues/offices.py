"""Words by which a speaker's label or sentences tell the part that they play. Pure data.

Labels are compared token by token, in lower case: "The Chair (Ann Lee)" is a chair's. What a chair says stands here in
the languages of the type tables.
"""

from typing import Final

from orchestrator.meeting.context import MeetingType

# What the label of a speaker says of their part.
LABELS: Final[dict[str, str]] = {
    "chair": (
        "chair, chairman, chairwoman, chairperson, acting chair, vice chair, moderator, moderatorin, presiding "
        "officer, the speaker, mr speaker, madam speaker, presidente, presidenta, président, présidente, vorsitzender, "
        "vorsitzende, moderador, moderadora, modérateur, 主持人, 司会"
    ),
    "interviewer": "interviewer, interviewers, entrevistador, entrevistadora, intervieweur, host, anchor, 采访者",
    "interviewee": (
        "interviewee, candidate, applicant, guest, entrevistado, entrevistada, candidato, candidata, bewerber, "
        "bewerberin"
    ),
    "presenter": (
        "presenter, lecturer, instructor, teacher, keynote speaker, ponente, profesor, profesora, conférencier, "
        "professeur, dozent, dozentin, referent, referentin, 老师, 讲师"
    ),
    "agent": "agent, support agent, operator, representative, customer service, agente, berater, beraterin, 客服",
    "customer": "customer, client, caller, cliente, kunde, kundin, 客户",
}

# Jobs in the labels of speakers that say what their meeting is: "Agent", "Jane Doe (CFO)", "Cllr Smith".
JOBS: Final[dict[MeetingType, str]] = {
    "interview": LABELS["interviewer"]
    + ", "
    + LABELS["interviewee"]
    + ", recruiter, hiring manager, reclutador, recruteur",
    "sales": (
        "prospect, sales rep, rep, salesperson, sales manager, sales engineer, account executive, account manager, "
        "vendedor, vendedora, commercial, commerciale, verkäufer, verkäuferin"
    ),
    "executive": "ceo, cfo, coo, cto, cmo, chief executive officer, chief financial officer, board member, vorstand",
    "support": LABELS["agent"] + ", " + LABELS["customer"],
    "committee": (
        "hon, honourable, honorable, right hon, mp, mps, am, mep, senator, sen, councillor, councilor, cllr, "
        "councilmember, alderman, alderwoman, minister, mayor, commissioner, congressman, congresswoman, delegate, "
        "rapporteur, diputado, diputada, ministro, ministra, député, députée, ministre, abgeordneter, abgeordnete, "
        "bürgermeister, bürgermeisterin"
    ),
    "lecture": (
        "presenter, lecturer, instructor, keynote speaker, ponente, conférencier, dozent, dozentin, referent, "
        "referentin"
    ),
}

# What a chair says to give the floor or to keep the order.
CHAIRING: Final = (
    "point of order, we'll go to, we'll now go to, we now go to, we'll move to, we'll now move to, we will now proceed "
    "to, the floor is yours, you have the floor, call the meeting to order, the meeting is adjourned, order order, "
    "order please, next question, i call on, i recognize, i recognise, all in favor, all in favour, any objections, "
    "move on to the next item, next item on the agenda, next on the agenda, move on to questions, bring in, tiene la "
    "palabra, tiene usted la palabra, orden del día, se levanta la sesión, silencio por favor, muchas gracias señor, "
    "muchas gracias señora, la parole est à, vous avez la parole, ordre du jour, la séance est, das wort hat, ich rufe "
    "auf, tagesordnungspunkt, wer stimmt dafür"
)

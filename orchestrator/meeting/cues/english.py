"""English words by which the type of a meeting is known; what a row means stands in `row.py`. Pure data."""

from typing import Final

from orchestrator.meeting.context import MeetingType
from orchestrator.meeting.cues.row import Cues

ENGLISH: Final[dict[MeetingType, Cues]] = {
    "interview": Cues(
        strong=(
            "tell me about yourself, tell us about yourself, tell me about a time, tell us about a time, walk me "
            "through your, your resume, your cv, your current role, your previous role, your last job, why do you want "
            "to, notice period, salary expectations, your biggest strength, your greatest strength, your strengths, "
            "your weaknesses, where do you see yourself, this position, the hiring manager, interview process, next "
            "round of interviews, reference check, my guest, our guest, my guest today, thanks for having me, thank "
            "you for having me, thanks for having us, on the show, on the podcast, our listeners, your new book, your "
            "book, thank you for joining us, welcome to the show, questions for us, any questions for me"
        ),
        plain=(
            "interview, interviews, candidate, candidates, the role, this role, the position, your experience, your "
            "background, your career, your role, your team, how did you, what made you, what do you think about, i "
            "graduated, my degree, i studied, i worked at, i worked for, i used to work, years of experience, "
            "qualifications, skills, hiring, hire"
        ),
    ),
    "sales": Cues(
        strong=(
            "free trial, proof of concept, pricing model, pricing page, price per, per seat, per user, list price, "
            "volume discount, procurement, your budget, budget for this, decision maker, decision makers, sign the "
            "contract, sign off on the contract, close the deal, purchase order, return on investment, pain point, "
            "pain points, current vendor, current provider, current solution, competing vendor, send you a quote, send "
            "over a quote, send you a proposal, send over a proposal, master service agreement, annual contract, "
            "annual plan, monthly plan, enterprise plan, statement of work, account executive, sales team, case study, "
            "case studies, buying process, your evaluation, switch from"
        ),
        plain=(
            "pricing, quote, proposal, contract, contracts, discount, discounts, subscription, license, licenses, "
            "licence, licences, renewal, upsell, vendor, vendors, competitor, competitors, onboarding, a demo, the "
            "demo, a pilot, the pilot, trial, rollout, roll out, deal, prospect, prospects, quota, commission, "
            "legalreview, security review, use case, use cases, integrate with, stakeholders"
        ),
    ),
    "executive": Cues(
        strong=(
            "board of directors, the board, shareholders, shareholder, operating margin, gross margin, fiscal year, "
            "fiscal quarter, year over year, year on year, full year guidance, guidance, free cash flow, cash flow, "
            "earnings per share, run rate, burn rate, balance sheet, p and l, net income, operating income, top line, "
            "bottom line growth, market share, capital allocation, mergers and acquisitions, investor relations, "
            "executive team, leadership team, our strategy, strategic priorities, annual plan for the company"
        ),
        plain=(
            "revenue, revenues, earnings, profit, profitability, margin, margins, quarter, quarters, quarterly, "
            "forecast, investors, investor, acquisition, acquisitions, headcount, valuation, funding, runway, churn, "
            "growth, strategy, strategic, restructuring, layoffs, dividend, dividends, ceo, cfo, analysts, outlook"
        ),
    ),
    "standup": Cues(
        strong=(
            "yesterday i, i'm blocked, i am blocked, no blockers, any blockers, blocked on, blocked by, my blockers, "
            "nothing blocking, no impediments, stand up, today i'll, today i'm going to, today i will, today i plan, "
            "that's it for me, that's it from me, that's all from me, that's all from my side, nothing from my side, "
            "nothing else from me, my update, my updates, who's next, who wants to go next, pass it to, pass it on to, "
            "over to you, i'll continue, i will continue, plan for today, for today i"
        ),
        plain=(
            "yesterday, today, blocked, impediment, impediments, in progress, in review, code review, picked up, still "
            "working on, finished the, i finished, i merged, i worked on, i've been working on, i'm working on, "
            "merged, deployed, ticket"
        ),
    ),
    "planning": Cues(
        strong=(
            "definition of done, acceptance criteria, t shirt size, t shirt sizes, our velocity, our capacity, project "
            "plan, release plan, go live date, launch date, critical path, work packages, delivery date, gantt, next "
            "quarter's, quarter goals, split the story, break it down into, how many points, rough estimate, ballpark "
            "estimate"
        ),
        plain=(
            "sprint goal, next sprint, estimate, estimates, estimated, capacity, velocity, prioritize, prioritise, "
            "priority, priorities, deadline, deadlines, timeline, timelines, scope, deliverable, deliverables, "
            "dependency, dependencies, schedule, launch, phase one, phase two, by the end of, man days, person days, "
            "next steps, assign, roadmaps, plan for, planning"
        ),
    ),
    "retrospective": Cues(
        strong=(
            "went well, go well, went really well, went wrong, went badly, didn't go well, did not go well, could be "
            "better, could have been better, could have gone better, could we have done, what worked, what didn't "
            "work, did not work well, didn't work well, start doing, stop doing, keep doing, start stop continue, mad "
            "sad glad, retrospective, do differently, done differently, do better next time, improve next time, lesson "
            "learned, last sprint, the past sprint, sticky notes, vote on the"
        ),
        plain=(
            "retrospectives, improve, improvement, improvements, kudos, shout out, frustrating, frustrated, looking "
            "back, next time, learned, celebrate, process, communication"
        ),
    ),
    "design": Cues(
        strong=(
            "user experience, user friendly, user testing, user test, usability test, functional design, conceptual "
            "design, detailed design, industrial design, graphic design, visual design, design team, design system, "
            "design process, ergonomic, ergonomics, easy to use, colour scheme, color scheme, color palette, colour "
            "palette, typography, sketches, first prototype, look like this, trendy"
        ),
        plain=(
            "designer, designers, designing, designed, button, buttons, icon, icons, menu, menus, colour, colours, "
            "color, colors, shape, shapes, screen, screens, sketch, drawing, device, functionality, functions, "
            "features, interfaces, components, material, materials, appearance, fashionable, users, user, user "
            "requirements, target group, font, navigation, click, swipe, touch screen, touchscreen"
        ),
    ),
    "support": Cues(
        strong=(
            "how can i help you, how may i help you, thank you for calling, thanks for calling, your account number, "
            "reference number, support ticket, support case, service desk, help desk, error message, error messages, "
            "stack trace, can you reproduce, could you reproduce, reproduce the issue, reproduce it, steps to "
            "reproduce, restart the, reboot, turn it off and on, rolled back, roll back, on call, severity one, sev "
            "one, the outage, an outage, escalate, escalated, escalation, open issue, open issues, close this issue, "
            "closed this issue, this issue, assign it to, assigned to, share your screen, clear your cache, reset your "
            "password, refund"
        ),
        plain=(
            "issue, issues, customer, customers, outage, downtime, error, errors, crash, crashed, crashes, crashing, "
            "not working, doesn't work, stopped working, doesn't load, broken, fix, fixed, fixes, patch, debug, "
            "debugging, reproduce, restart, restarted, password, log in, warranty, repair, resolved, resolve, "
            "diagnose, github, complaint"
        ),
    ),
    "committee": Cues(
        strong=(
            "mr chair, madam chair, mister chair, mr chairman, madam chairman, mr speaker, madam speaker, mr "
            "president, madam president, through you, point of order, second the motion, i second, is there a second, "
            "motion to, move to adjourn, motion carries, the motion, all in favor, all in favour, those opposed, any "
            "opposed, abstain, abstentions, the ayes have it, the yeas, the nays, roll call, call to order, call the "
            "meeting to order, quorum, approve the minutes, approval of the minutes, minutes of the last meeting, "
            "apologies for absence, declarations of interest, standing order, standing orders, unanimous consent, "
            "honourable member, honorable member, honourable members, my honourable friend, right honourable, hon "
            "member, the committee, select committee, this committee, committee members, committee meeting, witnesses, "
            "table the, the gentleman, the gentlewoman, public comment, the minister, minister for, prime minister, "
            "members of parliament, first reading, second reading, the floor"
        ),
        plain=(
            "chair, chairman, chairwoman, committee, committees, council, councillor, councillors, councilmember, "
            "minister, ministers, cabinet secretary, parliament, assembly, senate, senator, congress, congressman, "
            "congresswoman, amendment, amendments, legislation, bill, bylaw, bylaws, ordinance, resolution, motion, "
            "motions, inquiry, witness, petition, government, constituents, constituency, opposition, hearing, "
            "testimony, commissioner, commissioners, delegate, delegates"
        ),
    ),
    "lecture": Cues(
        strong=(
            "i'm going to talk about, i am going to talk about, i want to talk about, i'll talk about, i will talk "
            "about, my talk, question from the audience, this lecture, today's lecture, last lecture, next lecture, in "
            "the lecture, this course, the midterm, the final exam, the exam, problem set, homework, textbook, in this "
            "chapter, last week we, last time we saw, as you can see on, on this slide, on the slide, next slide, "
            "let's define, we define, theorem, lemma, proof of, office hours, in today's talk, in this talk, in this "
            "video, in this webinar, welcome to this webinar, raise your hand, write this down, you will learn, we "
            "will learn, we're going to learn"
        ),
        plain=(
            "lecture, lectures, slide, slides, student, students, professor, exam, quiz, chapter, equation, "
            "definition, concept, concepts, audience, webinar, talk about, recall that, remember that, in other words, "
            "for example, for instance, let's look at, let's say, suppose, thank you very much for"
        ),
    ),
    "one-to-one": Cues(
        strong=(
            "how are you feeling, how are you doing with, how have you been, your workload, work life balance, your "
            "goals, your development, your growth, career path, career goals, my career, your career, performance "
            "review, promotion, salary increase, pay rise, my manager, how can i support you, feedback for me, "
            "feedback for you, anything on your mind, on your plate, on my plate, burned out, burnt out, burnout, "
            "mentor, mentoring, my one on one, our one on one, direct reports, your strengths"
        ),
        plain=(
            "vacation, time off, holiday, holidays, stressed, overwhelmed, motivated, motivation, proud of, confident, "
            "comfortable, goals, career, workload, catch up, weekend, family, appreciate"
        ),
    ),
}

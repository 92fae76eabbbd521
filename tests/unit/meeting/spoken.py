"""Short meetings as people hold them, a type and a language each, written for these tests."""

from orchestrator.meeting.context import MeetingType
from orchestrator.meeting.transcript import Transcript, Utterance

MEETINGS: dict[tuple[MeetingType, str], str] = {
    ("interview", "en"): """
Dana: Thanks for coming in. Tell me about yourself, and why do you want to work here?
Ali: I graduated in 2016, and since then I worked for two insurers as an analyst. I would say that my biggest
 project was the
 claims engine, which we rebuilt from scratch in a year and a half with a team of five people.
Dana: What was hard about it? How did you convince the others?
Ali: Mostly the data. Nobody had written down what the fields meant, so I sat with the claims people for two months.
Dana: Where do you see yourself in five years?
Ali: I would like to lead a team, and still write some code myself on most days of the week if that can be had.
Dana: What is your notice period? And what are your salary expectations for this position?
Ali: Three months, and about what I have now plus ten percent. I am open to talk about that of course.
Dana: Do you have any questions for us?
Ali: How large is the team that I would join?
""",
    ("sales", "en"): """
Rosa: Thanks for making time. Last week you saw the demo, and you said that reporting is your main pain point.
Joe: Yes. Our current vendor needs two days for it. What I need to know is the pricing, per user and per year.
Rosa: The list price is forty dollars per seat. With an annual contract there is a volume discount.
Joe: Our budget is tight, and procurement will want a quote. We would start with a pilot of twenty licenses.
Rosa: A pilot is fine, and there is a free trial as well. Who is the decision maker on your side?
Joe: My director, and legal review looks at every contract.
Rosa: Then I send you a proposal by Thursday.
Kim: Please add a case study with it, and the return on investment that others saw.
""",
    ("executive", "en"): """
Marta: Let us begin with the quarter. Revenue is up eight percent year over year, gross margin went down by a point.
Luis: The board will ask about guidance. We said twelve percent growth for the fiscal year.
Marta: We keep the guidance. Cash flow is strong, and headcount stays flat until the acquisition closes.
Chen: Investors worry about churn. Market share in the north is lower than in our forecast.
Luis: Shareholders want to see the operating margin back at twenty. That is the strategy we promised them.
Marta: Then restructuring must be on the agenda of the next meeting of the board.
""",
    ("standup", "en"): """
Ben: Good morning. Yesterday I finished the export, today I'm going to write its tests. No blockers.
Ida: Yesterday I worked on the login page. It is in review. I'm blocked on the certificates, Tom has them.
Tom: I'll send them after this. Yesterday I merged the cache. Today I'll look at the slow query. That's it from me.
Ben: Who's next? Eva?
Eva: Still working on the import, nothing blocking. Over to you, Ben.
""",
    ("planning", "en"): """
Ana: We have two weeks. What goes into the next sprint? The backlog is long.
Olaf: The import must be done by the deadline in May. I estimate eight story points.
Ana: Our capacity is thirty. Priority one is the import, then the milestone for the partner.
Sven: There is a dependency on the other team. We should split the story, and the scope of the second part is not
 clear.
Olaf: Acceptance criteria are missing. With those my estimate would be five.
Ana: Then the timeline holds. I put the rest onto the roadmap for the quarter.
""",
    ("retrospective", "en"): """
Pia: Let's look at the last sprint. What went well, what could have been better?
Jan: The pairing went well. I learned a lot. What didn't go well was the release, we found out too late.
Mei: I would stop doing reviews on Friday. And keep doing the demos, they worked.
Jan: Communication with the other team could be better. That was frustrating.
Pia: So what do we do differently next time? I write it down as an improvement.
""",
    ("design", "en"): """
Kit: I have three sketches of the screen. In the first the buttons stand below, with large icons.
Lou: The shape is fine, but the colours are too weak for the target group. Is it easy to use with one hand?
Kit: The first prototype was not ergonomic. In the usability test people did not find the menu.
Ray: The user interface should have fewer functions. One button, one colour, and a font that everybody can read.
Lou: And the layout of the settings? The navigation was confusing.
Kit: I will draw another mockup and show it to the designers.
""",
    ("support", "en"): """
Sam: Thank you for calling, how can I help you today?
Uma: The app stopped working this morning. I get an error message when I log in.
Sam: Can you tell me what the error says? I open a ticket for it.
Uma: It says time out. I restarted it twice, that did not fix it. My colleague has the same issue.
Sam: There is an outage since eight. I escalate it now. As a workaround you can reset your password on the web page.
Uma: All right. When will it be resolved?
Sam: I call you back. Your reference number is on the ticket.
""",
    ("committee", "en"): """
The Chair: I call the meeting to order. First the approval of the minutes. Is there a motion?
Cllr Ames: I move to approve them, Madam Chair.
Cllr Okoro: I second the motion.
The Chair: All in favour? Any opposed? The motion carries. We now go to the petition on the bridge.
Cllr Ames: On a point of order, Madam Chair, the amendment must be heard first, as this council resolved in May.
The Chair: You have the floor. Then the committee hears the two witnesses.
""",
    ("lecture", "en"): """
Ms Roy: Good morning. In today's lecture we look at the second chapter. Last lecture we defined a group, and the
 homework was
 about that. As you can see on this slide, a subgroup is closed. Let's define what we mean by that. Suppose we take
 two elements.
 For example two rotations, then their product is a rotation again. This is a theorem, and you need it in the exam.
 Write this
 down please. On the next slide there is a picture of it, and you find the proof of it in the textbook on page forty.
 So recall
 that the order of a subgroup divides the order of the group, which is a concept that we will use all the time in
 this course.
 Let us look at that more closely, one step after another, since students tend to mix up the two words and the exam
 asks for
 exactly that difference. An element has an order too, and it is the size of what it generates.
Student: Is that always so?
Ms Roy: Always, if the group is finite. We will learn next week what happens if it is not, and that is it for today.
""",
    ("one-to-one", "en"): """
Nora: So, how have you been? How are you feeling about your workload?
Theo: It is a lot at the moment. I was close to burned out in spring, but after the vacation it is better.
Nora: Good to hear. What is on your plate that I could take away?
Theo: The reports. And I wanted to talk about my career, where I could grow.
Nora: Let us look at your goals for the performance review. Do you have feedback for me?
Theo: I would like more time with you, honestly. Work life balance is fine now.
""",
    ("standup", "de"): """
Ben: Guten Morgen. Gestern habe ich den Export fertig gemacht, heute mache ich die Tests. Keine Blocker.
Ida: Gestern hab ich an der Anmeldung gearbeitet, die ist im Review. Ich bin blockiert, mir fehlen die Zertifikate.
Tom: Die schicke ich dir gleich. Heute werde ich mir die langsame Abfrage ansehen, von meiner Seite nichts weiter.
""",
    ("committee", "de"): """
Frau Lang: Ich rufe Tagesordnungspunkt drei auf. Das Wort hat der Abgeordnete Weber.
Herr Weber: Frau Präsidentin, meine Damen und Herren, unsere Fraktion lehnt den Gesetzentwurf ab. Dazu liegt ein
 Änderungsantrag vor.
Frau Lang: Wer stimmt dafür? Gegenstimmen? Enthaltungen? Damit ist der Antrag angenommen.
""",
    ("retrospective", "es"): """
Pia: Vamos a hablar del último sprint. ¿Qué salió bien y qué podemos mejorar?
Jan: Salió bien el trabajo en parejas. Salió mal la entrega, nos enteramos tarde y fue frustrante.
Mei: Tenemos que dejar de hacer revisiones el viernes, y seguir haciendo las demos.
""",
    ("support", "es"): """
Sam: Gracias por llamar, ¿en qué puedo ayudarle?
Uma: La aplicación no funciona desde esta mañana, me sale un mensaje de error cuando entro.
Sam: Hay una incidencia desde las ocho. Le abro un ticket. ¿Puede reiniciar el equipo y cambiar la contraseña?
Uma: Ya lo he hecho y el fallo sigue. Mis clientes no pueden esperar.
""",
    ("sales", "fr"): """
Rosa: Merci pour votre temps. Vous avez vu la démo, et votre fournisseur actuel ne vous suffit plus.
Joe: Oui. Ce qui compte pour nous, c'est le prix par utilisateur, et une remise pour un contrat d'un an.
Rosa: Il y a un essai gratuit. Je peux vous envoyer une proposition et un devis cette semaine.
Kim: Notre budget est serré, il nous faut le retour sur investissement avant de signer le contrat.
""",
    ("committee", "fr"): """
Mme Roux: La séance est ouverte. L'ordre du jour appelle la discussion du projet de loi. La parole est à monsieur
 Blanc.
M. Blanc: Madame la présidente, mes chers collègues, je défends cet amendement au nom de la commission.
Mme Roux: Nous passons au vote. Qui est pour ? Qui s'abstient ? L'amendement est adopté.
""",
}


def meeting(text: str) -> Transcript:
    """From lines `Name: words`; a line that begins with a space goes on with the words before it."""
    lines = text.strip().replace("\n ", " ").splitlines()
    parts = [line.split(": ", 1) for line in lines]
    return Transcript(
        utterances=tuple(Utterance(id=f"u{n}", speaker=who, text=said) for n, (who, said) in enumerate(parts, start=1))
    )


def unlabelled(text: str) -> Transcript:
    """The same words without anybody's name."""
    spoken = meeting(text)
    return Transcript(utterances=tuple(one.model_copy(update={"speaker": None}) for one in spoken.utterances))

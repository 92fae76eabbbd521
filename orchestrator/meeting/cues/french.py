"""French words by which the type of a meeting is known; what a row means stands in `row.py`. Pure data."""

from typing import Final

from orchestrator.meeting.context import MeetingType
from orchestrator.meeting.cues.row import Cues

FRENCH: Final[dict[MeetingType, Cues]] = {
    "interview": Cues(
        strong=(
            "parlez moi de vous, parlez nous de vous, présentez vous, votre parcours, ton parcours, votre cv, ce "
            "poste, vos prétentions salariales, pourquoi voulez vous, notre invité, notre invitée, merci de nous "
            "recevoir, merci d'avoir accepté cette interview, merci de m'avoir invité, votre dernier emploi, votre "
            "livre"
        ),
        plain=(
            "interview, candidat, candidate, candidats, le poste, votre expérience, votre carrière, diplôme, "
            "recrutement, embauche, compétences"
        ),
    ),
    "sales": Cues(
        strong=(
            "essai gratuit, prix par utilisateur, par utilisateur, bon de commande, retour sur investissement, votre "
            "fournisseur actuel, envoyer un devis, envoyer une proposition, signer le contrat, service achats, cas "
            "client, votre budget"
        ),
        plain=(
            "devis, proposition commerciale, contrat, contrats, remise, remises, abonnement, licence, licences, "
            "renouvellement, fournisseur, fournisseurs, concurrents, une démo, un pilote, tarif, tarifs, commercial, "
            "achat"
        ),
    ),
    "executive": Cues(
        strong=(
            "conseil d'administration, actionnaires, marge brute, marge opérationnelle, exercice fiscal, flux de "
            "trésorerie, part de marché, comité de direction, comité exécutif, codir, comex, trésorerie, d'une année "
            "sur l'autre"
        ),
        plain=(
            "chiffre d'affaires, bénéfice, bénéfices, marge, marges, trimestre, trimestriel, prévisions, "
            "investisseurs, acquisition, effectifs, rentabilité, stratégie, stratégique, dividende, croissance"
        ),
    ),
    "standup": Cues(
        strong=(
            "hier j'ai, aujourd'hui je vais, aujourd'hui je continue, je suis bloqué, je suis bloquée, pas de blocage, "
            "aucun blocage, des blocages, rien à signaler, c'est tout pour moi, à qui le tour, à toi"
        ),
        plain=(
            "hier, aujourd'hui, bloqué, bloquée, blocage, blocages, en cours, en revue, j'ai terminé, j'ai fini, "
            "tâche, tâches"
        ),
    ),
    "planning": Cues(
        strong=(
            "feuille de route, prochain sprint, récits utilisateur, critères d'acceptation, date de livraison, date de "
            "lancement, plan de projet, chemin critique, rétroplanning"
        ),
        plain=(
            "estimation, estimations, estimer, délai, délais, jalon, jalons, priorité, priorités, prioriser, "
            "périmètre, livrable, livrables, dépendances, calendrier, échéance, échéances, capacité, planifier, "
            "planning, phase"
        ),
    ),
    "retrospective": Cues(
        strong=(
            "bien marché, bien fonctionné, s'est bien passé, s'est mal passé, mal fonctionné, pas marché, pas "
            "fonctionné, à améliorer, rétrospective, rétro, leçons apprises, retour d'expérience, arrêter de, dernier "
            "sprint, faire mieux"
        ),
        plain="améliorer, amélioration, améliorations, frustrant, la prochaine fois, appris",
    ),
    "design": Cues(
        strong=(
            "expérience utilisateur, interface utilisateur, facile à utiliser, maquette, maquettes, croquis, "
            "ergonomie, ergonomique, test utilisateur, tests utilisateurs, charte graphique"
        ),
        plain=(
            "prototypes, conception, designer, interfaces, bouton, boutons, écran, écrans, icône, icônes, couleur, "
            "couleurs, forme, police, utilisateur, utilisateurs, matériaux"
        ),
    ),
    "support": Cues(
        strong=(
            "comment puis je vous aider, en quoi puis je vous aider, merci de votre appel, numéro de client, numéro de "
            "dossier, message d'erreur, reproduire le problème, cause racine, service client, assistance technique, "
            "contournement"
        ),
        plain=(
            "incident, incidents, panne, pannes, client, clients, ne marche pas, ne fonctionne pas, ne marche plus, "
            "redémarrer, erreur, erreurs, bogue, dépannage, mot de passe, résolu, résoudre, réclamation, remboursement"
        ),
    ),
    "committee": Cues(
        strong=(
            "monsieur le président, madame la présidente, monsieur le ministre, madame la ministre, ordre du jour, "
            "projet de loi, proposition de loi, amendement, amendements, assemblée nationale, chers collègues, la "
            "parole est à, vous avez la parole, mise aux voix, qui est pour, qui s'abstient, abstentions, procès "
            "verbal, séance est levée, séance est ouverte, rapporteur, rapporteure, mes chers collègues"
        ),
        plain=(
            "commission, député, députée, députés, sénat, sénateur, sénatrice, gouvernement, vote, motion, conseil "
            "municipal, maire, ministre, délibération, scrutin, quorum"
        ),
    ),
    "lecture": Cues(
        strong=(
            "dans ce cours, le cours d'aujourd'hui, au dernier cours, prochain cours, examen final, sur cette "
            "diapositive, diapositive suivante, théorème, dans cette vidéo, dans cette conférence, nous définissons, "
            "on définit"
        ),
        plain=(
            "cours, diapositive, diapositives, étudiants, élèves, professeur, examen, chapitre, équation, définition, "
            "notion, par exemple, c'est à dire"
        ),
    ),
    "one-to-one": Cues(
        strong=(
            "comment tu te sens, comment vous sentez vous, ta charge de travail, votre charge de travail, tes "
            "objectifs, ton évolution, ta carrière, ma carrière, entretien annuel, augmentation, mon manager, "
            "promotion, comment je peux t'aider, équilibre vie"
        ),
        plain=(
            "vacances, congés, stressé, stressée, débordé, débordée, motivé, motivée, objectifs, week end, famille, "
            "ressenti"
        ),
    ),
}

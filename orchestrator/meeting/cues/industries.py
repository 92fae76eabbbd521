"""Words by which the industry of a meeting is known, English first, then Spanish, French and German. Pure data."""

from typing import Final

from orchestrator.meeting.cues.row import Cues

INDUSTRIES: Final[dict[str, Cues]] = {
    "software": Cues(
        strong=(
            "pull request, pull requests, merge request, kubernetes, docker, github, gitlab, api, apis, sdk, backend, "
            "back end, frontend, front end, database, databases, deployment, deploy, deployed, repository, open "
            "source, source code, microservice, microservices, unit tests, test coverage, cluster, clusters, "
            "terraform, aws, azure, devops, endpoint, endpoints, javascript, typescript, python, code review, "
            "codebase, smart contract, mainnet, testnet, runtime"
        ),
        plain=(
            "code, software, server, servers, cloud, app, bug, bugs, release, feature flag, data model, stack, cache, "
            "container, containers, pipeline, developer, developers, node, nodes, gpu, desarrolladores, código, "
            "développeurs, entwickler"
        ),
    ),
    "healthcare": Cues(
        strong=(
            "patient, patients, clinical, clinician, clinicians, nurse, nurses, diagnosis, physician, physicians, "
            "dosage, symptoms, surgery, surgeon, therapy, oncology, medication, medications, prescription, clinical "
            "trial, electronic health record, paciente, pacientes, enfermera, médico, médicos, infirmière, médecin, "
            "médecins, patienten, ärzte, pflege"
        ),
        plain=(
            "hospital, hospitals, doctor, doctors, health care, healthcare, treatment, care, ward, hôpital, "
            "krankenhaus, santé, salud"
        ),
    ),
    "finance": Cues(
        strong=(
            "portfolio, hedge, equities, bond, bonds, asset management, loan, loans, mortgage, mortgages, interest "
            "rate, interest rates, underwriting, insurer, insurance policy, liquidity, balance sheet, credit risk, "
            "ebitda, private equity, basis points, hipoteca, préstamo, hypothèque, prêt, kredit, kredite, anleihen, "
            "zinsen"
        ),
        plain=(
            "bank, banks, banking, credit, investment, investments, fund, funds, capital, trading, insurance, audit, "
            "banco, banque"
        ),
    ),
    "legal": Cues(
        strong=(
            "plaintiff, defendant, litigation, attorney, attorneys, deposition, settlement agreement, your honor, your "
            "honour, counsel, objection sustained, indemnification, intellectual property, patent, patents, trademark, "
            "subpoena, arbitration, liability clause, demandante, acusado, abogado, abogados, avocat, avocats, "
            "tribunal, kläger, rechtsanwalt"
        ),
        plain=(
            "court, judge, clause, clauses, lawyer, lawyers, legal, liability, jurisdiction, case law, juez, juge, "
            "gericht, klage"
        ),
    ),
    "education": Cues(
        strong=(
            "curriculum, pupils, classroom, classrooms, teachers, teaching, schools, school year, learners, tuition, "
            "syllabus, enrolment, enrollment, exam results, special educational needs, higher education, faculty, "
            "alumnos, profesores, colegios, élèves, enseignants, écoles, schüler, lehrer, schulen, unterricht, "
            "学生, 老师, 学校"
        ),
        plain=(
            "school, teacher, students, student, university, college, education, learning, grades, degree, escuela, "
            "école, schule"
        ),
    ),
    "public sector": Cues(
        strong=(
            "minister, ministers, prime minister, parliament, honourable member, mr speaker, madam speaker, mr chair, "
            "madam chair, constituents, constituency, legislation, federal government, welsh government, local "
            "authority, local authorities, city council, taxpayers, public services, senator, congressman, señoría, "
            "señorías, grupo parlamentario, ministro, ministra, ayuntamiento, monsieur le ministre, assemblée "
            "nationale, députés, bundesregierung, abgeordnete, bundestag"
        ),
        plain=(
            "government, governments, committee, policy, municipality, citizens, amendment, mayor, public, gobierno, "
            "gouvernement, regierung, ley, europe, congreso"
        ),
    ),
    "manufacturing": Cues(
        strong=(
            "production line, assembly line, factory, factories, supplier, suppliers, injection moulding, injection "
            "molding, tooling, raw material, raw materials, bill of materials, lean manufacturing, quality control, "
            "production cost, production costs, production price, machining, shop floor, fábrica, proveedores, usine, "
            "chaîne de production, werk, fertigung, lieferanten, 工厂, 生产线"
        ),
        plain=(
            "production, manufacturing, manufacture, machine, machines, plastic, steel, rubber, batteries, battery, "
            "components, parts, plant, producción, produktion, assembly"
        ),
    ),
    "retail": Cues(
        strong=(
            "shoppers, in store, checkout, merchandise, merchandising, supermarket, e commerce, ecommerce, basket "
            "size, footfall, stock keeping, skus, sku, loyalty programme, loyalty program, franchise, tienda, tiendas, "
            "magasin, magasins, filiale, filialen"
        ),
        plain=(
            "store, stores, shop, shops, retail, retailer, retailers, customers, inventory, brand, brands, promotion, "
            "discounts, clientes"
        ),
    ),
    "research": Cues(
        strong=(
            "hypothesis, experiment, experiments, corpus, data set, dataset, data sets, datasets, baseline, "
            "statistically significant, conference paper, journal, grant proposal, peer review, phd, literature "
            "review, classifier, neural net, neural network, annotation, annotations, recognizer, error rate, error "
            "rates, lab, hipótesis, experimento, hypothèse, expérience, versuch, hypothese"
        ),
        plain=(
            "paper, papers, results, model, models, training, recordings, study, studies, research, researcher, "
            "researchers, variance, features, algorithm, analysis, estudio, étude, studie"
        ),
    ),
}

"""What each word, pair of words and circumstance adds to the odds that a statement is an item. Pure data.

The model `central-sentences` adds these up, as a logistic classifier does; there are no phrases and no grammar here.
The numbers started as log odds of the words in annotated meetings (AMI, ICSI), were smoothed by hand over words of the
same meaning, and were rounded: a table that can be read beats a third decimal.
"""

from typing import Final, TypeAlias

from providers.extractive.findings import Kind

Weights: TypeAlias = dict[str, float]


# language -> kind -> weight -> words and pairs of words (joined by "_").
_WORDS: Final[dict[str, dict[Kind, dict[float, str]]]] = {
    "en": {
        "action_items": {
            2.4: (
                "i_ll work_on look_into follow_up put_together your_job your_task action_item "
                "action_items specific_instructions you_do you_look want_me look_at come_up"
            ),
            1.8: (
                "you_ll make_sure can_you could_you you_could next_meeting send email mail minutes report ll_do "
                "to_do i_will doing_individually"
            ),
            1.3: (
                "prepare design designer working investigate explore check write type draft post share "
                "update create schedule document add task instructions please before_the tomorrow "
                "will_work ll_put ll_try ticket issue_for"
            ),
            0.8: (
                "ll will will_be ll_be you_re allocate research instructions next work try volunteer "
                "expert need_to by monday tuesday wednesday thursday friday week going_to meeting "
                "you_need each get_back everybody follow"
            ),
            0.4: "gonna can your somebody should also",
            -0.6: "was were would think because people they if like said",
            -1.0: "there_will that_ll it_ll it_will which cuz cause lunch",
            -1.2: "i_think don_t did i_d would_be ll_say ll_start ll_just_say didn",
        },
        "decisions": {
            2.6: "we_decided we_agreed decided agreed decision we_want let_s_go go_with carried adopted",
            1.8: (
                "want_something we_need let_s we_ll final_decision so_we have_to_be need_to not_worth "
                "stick_with motion should_be gonna_be to_be_able"
            ),
            1.2: (
                "want will_be has_to be_able must only maximum minimum euro euros price cost company "
                "then_we profit requirement requirements going_for simple no_longer somewhere_on approved"
            ),
            0.8: (
                "we_re we_can we_have use our should gonna going_to without include buttons colour color "
                "definitely each probably to_use to_make send run sell target function functions"
            ),
            0.4: "we need will have_a just new design make so",
            -0.6: "i was if they did know mean said would you_know they_re he she him people like_a",
            -1.0: "lunch break another_meeting next_meeting minutes finish individual",
            -1.2: "i_think_it don_t_know was_like i_mean what how why when_i did_you",
        },
        "risks": {
            2.4: (
                "risk risks danger problem problems concern concerned worry worried trouble difficult difficulty threat"
            ),
            1.4: (
                "expensive complicated hard confusing issue fail lose impossible unreliable delay late "
                "won_t cost break challenge"
            ),
            0.7: "too might not_enough if doesn can_t cannot without unless depends but however worse",
            -0.6: "good great nice will solve solved thanks next",
            -1.5: "no_problem don_t_worry issue_number no_issue",
        },
        "questions": {
            2.2: ("don_t_know not_sure wonder wondering the_question open_question whether figure_out find_out"),
            1.2: (
                "how_do how_much how_many should_we do_we are_we which why what_is who_is would_we "
                "could_we is_there how_can"
            ),
            0.6: "what how who where when if or any",
            -1.2: ("you_know what_i i_know you_mean right okay hello thanks any_questions do_you_want how_are"),
        },
    },
    "es": {
        "action_items": {
            1.8: "voy_a me_encargo vamos_a por_favor tenemos_que pido puede podría",
            1.2: ("enviar preparar presentar hacer revisar propuesta compromiso semana próxima trabajar impulsar"),
        },
        "decisions": {
            2.2: "acuerdo decidido acordado aprobado aprueba aprobar votación queda_aprobada",
            1.2: "hemos ley medida votos enmienda propuesta",
        },
        "risks": {
            2.2: "riesgo riesgos peligro amenaza problema preocupa grave crisis",
            0.8: "pero difícil falta",
        },
        "questions": {
            1.4: "cómo qué_va cuándo cuál por_qué quién pregunta sabemos",
            0.5: "qué si",
        },
    },
    "fr": {
        "action_items": {
            1.8: "je_vais on_va nous_allons il_faut m_engage pouvez_vous",
            1.2: "envoyer préparer faire proposer demander semaine prochaine mettre",
        },
        "decisions": {
            2.2: "décidé décision accord adopté convenu choisi",
            1.2: "nous_avons voté retenu",
        },
        "risks": {
            2.2: "risque risques danger problème crainte inquiétude menace crise",
            0.8: "mais difficile",
        },
        "questions": {
            1.4: "comment pourquoi quand est_ce question combien",
            0.5: "que quel quelle",
        },
    },
    "de": {
        "action_items": {
            1.8: "ich_werde wir_müssen kannst_du bitte ich_kümmere wir_sollten ich_schicke",
            1.2: "schicken vorbereiten machen prüfen klären woche nächste aufgabe",
        },
        "decisions": {
            2.2: "beschlossen entschieden geeinigt entscheidung beschluss angenommen",
            1.2: "wir_nehmen wir_machen wollen",
        },
        "risks": {
            2.2: "risiko risiken gefahr problem sorge schwierig",
            0.8: "aber leider",
        },
        "questions": {
            1.4: "wie warum wann wer frage unklar ob",
            0.5: "was welche",
        },
    },
    "zh": {
        "action_items": {
            1.8: "我会 我来 负责 跟进 请大 需要 安排",
            1.0: "准备 整理 联系 提交 推进 下周 尽快",
        },
        "decisions": {
            2.2: "决定 同意 通过 确定 一致",
            1.0: "要求 必须 采用 应该",
        },
        "risks": {
            2.2: "风险 危险 担心 隐患 威胁 困难 挑战",
            0.8: "问题 不足 缺乏",
        },
        "questions": {
            1.6: "怎么 如何 为什 是否 多少 哪些",
            0.8: "什么 吗？ 请问",
        },
    },
}

# What the circumstances add. `central` and `position` run from 0 to 1 and are multiplied; the others hold or do not.
CIRCUMSTANCES: Final[dict[Kind, dict[str, float]]] = {
    "action_items": {
        "central": 0.6,
        "position": 0.9,
        "late": 0.9,
        "chair": 0.7,
        "assent": 0.5,
        "taken": 0.8,
        "asks": -0.4,
        "short": -1.6,
        "long": -0.6,
        "due": 0.9,
    },
    "decisions": {
        "central": 1.0,
        "position": 0.5,
        "late": 0.3,
        "chair": 0.9,
        "assent": 0.6,
        "asks": -2.4,
        "short": -1.4,
        "long": -0.6,
        "number": 0.5,
    },
    "risks": {"central": 0.6, "asks": -0.8, "short": -1.4, "long": -0.4, "chair": -0.2},
    "questions": {"central": 0.6, "asks": 1.6, "short": -1.4, "long": -0.6, "chair": -0.2},
}

# Below this sum a statement is no item, however short the list would be.
BIAS: Final[dict[Kind, float]] = {"action_items": 4.2, "decisions": 4.2, "risks": 2.6, "questions": 2.8}


def of(language: str, kind: Kind) -> Weights:
    """Weights by word or pair, of one language; of all when the language has no table."""
    tables = [_WORDS[language]] if language in _WORDS else list(_WORDS.values())
    return {word: weight for table in tables for weight, group in table[kind].items() for word in group.split()}

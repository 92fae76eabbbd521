"""English cues for what somebody takes on or is given to do; what a row means stands in `row.py`. Pure data."""

from typing import Final

from providers.extractive.cue_tables.row import Row, row

_TASK: Final = (
    "add|allocate|analyse|analyze|announce|arrange|ask|assign|attach|bring|build|check|circulate|clarify|collect|"
    "come (?:back|up with)|compare|compile|confirm|contact|coordinate|create|define|deliver|design|develop|distribute|"
    "do|document|draft|draw|e-?mail|examine|explore|file|fill|finali[sz]e|find|finish|fix|follow up|focus on|forward|"
    "gather|generate|get|give (?:them|him|her|it)|go back|have a look|implement|improve|include|investigate|invite|"
    "keep|look (?:into|at|for|up|more|around)|make|mention|merge|monitor|organi[sz]e|ping|post|prepare|produce|"
    "propose|provide|publish|push|put|raise|reach out|record|refine|release|rename|report|research|resend|review|"
    "rewrite|run|schedule|script|search|send|set up|share|sort|submit|summari[sz]e|tag|take (?:care|on|that|this|it)|"
    "talk (?:to|with)|test|think about|touch base|track|try|type|update|upload|verify|work|write"
)
VERB: Final = (
    rf"(?:(?:{_TASK})(?:ing)?|writing|preparing|making|creating|sharing|coming back|investigating|updating|producing|"
    r"getting|putting|running|setting up|looking (?:into|at|for|up|more))\b"
)
ADVERBS: Final = (
    r"(?:(?:also|just|probably|definitely|then|now|maybe|certainly|actually|really|still|please|each|all|try to|"
    r"try and|go ahead and|go and|be|have to|need to|be able to|continue to|be sure to|make sure to|like to),? ){0,4}"
)
_NOT_A_NAME: Final = (
    r"(?:I|We|You|It|He|She|They|That|This|What|There|Who|One|And|But|So|Or|If|When|Then|Now|As|Because|Just|Maybe|"
    r"Can|Could|Would|Will|Shall|Should|Do|Did|Are|Have|Also|Well|Yes|Yeah|Okay)\b"
)
_CAPITALISED: Final = rf"(?!{_NOT_A_NAME})[A-ZÀ-Þ][\w'-]{{0,40}}(?: [A-Z][\w'-]{{0,40}}){{0,2}}"
_POSITION: Final = (
    r"(?:the )?(?:[a-z]{2,14} ){0,2}(?:designer|manager|expert|engineer|developer|marketing|chair|chairman|secretary|"
    r"clerk|treasurer|lead|maintainers?|core team|team|committee|minister|government|department)"
)
# Two of each, since a group name may stand only once in a pattern of several alternatives.
NAME: Final = rf"(?-i:(?P<name>{_CAPITALISED}))"
NAME_AGAIN: Final = rf"(?-i:(?P<name_again>{_CAPITALISED}))"
ROLE: Final = rf"(?P<role>{_POSITION})"
ROLE_AGAIN: Final = rf"(?P<role_again>{_POSITION})"

ENGLISH_TASKS: Final[tuple[Row, ...]] = (
    # commitments of the speaker
    row(
        "action_items",
        "speaker",
        3.0,
        "ll will",
        rf"\bI(?:'ll| will) {ADVERBS}{VERB}",
    ),
    row(
        "action_items",
        "speaker",
        3.0,
        "m am",
        rf"\bI(?:'m| am) (?:going to|gonna) {ADVERBS}{VERB}",
    ),
    row(
        "action_items",
        "speaker",
        1.6,
        "can could",
        rf"\bI (?:can|could) {ADVERBS}{VERB}",
    ),
    row(
        "action_items",
        "speaker",
        1.6,
        "need have should ought",
        rf"\bI (?:need to|have to|should|ought to) {ADVERBS}{VERB}",
    ),
    row(
        "action_items",
        "speaker",
        3.2,
        "take volunteer me happy",
        r"\bI(?:'ll| will| can) take (?:that|this|it|care|an action)\b",
        r"\bI(?:'ll)? volunteer\b",
        r"\bput me (?:down|as)\b",
        r"\bleave (?:that|it) (?:to|with) me\b",
        r"\bI(?:'d| would|'m| am|'ll)? (?:be )?(?:happy|glad) to (?:do|take|contribute|help|volunteer)\b",
    ),
    row(
        "action_items",
        "speaker",
        -3.5,
        "ll will m",
        (
            r"\bI(?:'ll| will|'m (?:going to|gonna)) (?:just )?(?:be (?:honest|brief|quick)|say|stop|pass|"
            r"hand|turn|start|begin|go (?:first|ahead|on|next|through)|give you|let (?:you|him|her|them)|"
            r"tell you|show you|admit|guess|bet|assume|skip|move|read|present|speak|talk about|call on|yield|"
            r"mute|shut up|try to be|get (?:to|back to) (?:that|it)|do (?:that|it|this) now|take (?:that|it|"
            r"this) (?:as|under|to mean)|never|miss|never)\b"
        ),
    ),
    # what the group takes on
    row(
        "action_items",
        "group",
        1.8,
        "ll will going gonna",
        rf"\bwe(?:'ll| will|'re (?:going to|gonna)| are going to| gonna) {ADVERBS}{VERB}",
    ),
    row(
        "action_items",
        "group",
        1.4,
        "need have should must let",
        rf"\bwe (?:need to|have to|should|must) {ADVERBS}{VERB}",
        (
            rf"\blet's {ADVERBS}(?:explore|investigate|research|check|find out|look into|create|write|"
            r"schedule|set up)\b"
        ),
    ),
    row(
        "action_items",
        "group",
        2.6,
        "action todo do next homework task tasks",
        r"\baction (?:items?|points?)\b",
        r"\bto-?do (?:list|item)s?\b",
        r"\bnext steps?\b",
        r"\bhomework\b",
        r"\byour (?:task|job|action|assignment)s?\b",
    ),
    # what is given to somebody
    row(
        "action_items",
        "addressee",
        2.6,
        "ll will re are going gonna",
        rf"\byou(?:'ll| will|'re (?:going to|gonna)| are going to| gonna) (?:all )?{ADVERBS}{VERB}",
    ),
    row(
        "action_items",
        "addressee",
        1.4,
        "need should have can must",
        rf"\byou (?:need to|should|have to|must|guys can) {ADVERBS}{VERB}",
    ),
    row(
        "action_items",
        "addressee",
        2.3,
        "you",
        (
            r"^\W*(?:(?:so|and|then|okay|now|but),? )*(?:if )?you (?:guys )?(?:(?:could|can|may|might|will|"
            rf"then|maybe|just|also) )*{VERB}"
        ),
        rf"\byou want me to {VERB}",
    ),
    row(
        "action_items",
        "addressee",
        2.6,
        "can could would will",
        (
            r"\b(?:can|could|would|will) (?:you|somebody|someone|anybody|one of you)(?: guys| all)?(?: "
            rf"mind)? {ADVERBS}{VERB}"
        ),
    ),
    row(
        "action_items",
        "addressee",
        2.2,
        "please sure",
        rf"\bplease {ADVERBS}{VERB}",
        r"\b(?:just |please )?make sure (?:that )?(?:you|to|we|everybody)\b",
    ),
    row(
        "action_items",
        "group",
        2.6,
        "specific instructions allocate divide individual individually assignment assignments",
        r"\b(?:get|receive|got) (?:your |our )?(?:own |specific |further )?instructions\b",
        r"\binstructions (?:will|are going to)\b",
        r"\bdoing individually\b",
        r"\bindividual (?:work|actions?|tasks?|assignments?)\b",
    ),
    row(
        "action_items",
        "named",
        3.0,
        "will going gonna ll you",
        (
            rf"{NAME}(?:'ll| will|,? you(?:'re| are)? (?:going to|gonna|can)?| is (?:going to|gonna)|'s "
            rf"(?:going to|gonna)|,? you) {ADVERBS}{VERB}"
        ),
    ),
    row(
        "action_items",
        "named",
        2.6,
        "to",
        rf"^\W*(?:and |so )?{NAME} to {VERB}",
    ),
    row(
        "action_items",
        "named",
        3.0,
        "can could would will",
        rf"{NAME},? (?:can|could|would|will) you {ADVERBS}{VERB}",
        rf"\b(?:can|could|would) you,? {NAME_AGAIN},? {VERB}",
    ),
    row(
        "action_items",
        "named",
        3.0,
        (
            "designer manager expert engineer developer marketing chair chairman secretary clerk treasurer "
            "lead maintainer maintainers team committee minister government department"
        ),
        (
            rf"\b{ROLE}(?:'ll| will| is going to|'s going to|'s gonna| should|,? you(?:'re| "
            rf"are)? going to) {ADVERBS}{VERB}"
        ),
        rf"\b{ROLE_AGAIN},? (?:that's|this is) for\b",
    ),
    row(
        "action_items",
        "named",
        2.4,
        "ask urge call calls asks",
        rf"\b(?:I|we) (?:would )?(?:ask|urge|call (?:up)?on|encourage) {ROLE} to\b",
    ),
    row(
        "action_items",
        "",
        1.2,
        "next before meeting",
        r"\b(?:before|for|until|at|in) (?:the |our )?next (?:meeting|time|call|session|week)\b",
    ),
    row(
        "action_items",
        "",
        -2.0,
        "if would wouldn imagine could",
        r"\bif (?:I|we|they|it|there)\b",
        r"\bI'd\b",
        r"\bimagine\b",
    ),
    row(
        "action_items",
        "",
        -2.0,
        "know mean way people user users when whenever time",
        r"\b(?:the way|whenever|every time|people|users?|when) (?:you|they|I)\b",
    ),
)

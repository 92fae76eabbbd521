"""English cues for topics, decisions, risks and questions; what a row means stands in `row.py`. Pure data."""

from typing import Final

from providers.extractive.cue_tables.row import Row, row

ENGLISH: Final[tuple[Row, ...]] = (
    # topics
    row(
        "topics",
        "",
        2.4,
        "let moving move talk discuss talking turn turning",
        (
            r"\blet's (?:\w+ )?(?:talk about|discuss|move on(?: to)?|look at|start with|go (?:on )?to|turn "
            r"to)\b"
        ),
        r"\bmov(?:e|ing) on(?: to)?\b",
        r"\b(?:want|wanted|going|like|gonna|here) to (?:talk about|discuss|turn to)\b",
        r"\bturning to\b",
    ),
    row(
        "topics",
        "",
        2.2,
        "next first second third last item topic agenda",
        (
            r"\b(?:next|first|second|third|last|another|final) (?:item|topic|thing|point|issue|question|one|"
            r"petition|presentation)(?: on the agenda| here| up)?(?: is|,| was|:)?\b"
        ),
        r"\bagenda (?:item )?is\b",
        r"\bnext up(?: is)?\b",
    ),
    row(
        "topics",
        "",
        2.0,
        "regarding regard subject issue petition regards statement",
        (
            r"\b(?:regarding|with regards? to|on the (?:issue|subject|question|topic|matter) of|petition "
            r"(?:on|about|regarding|calling)|statement (?:on|about))\b"
        ),
    ),
    # decisions
    row(
        "decisions",
        "",
        3.2,
        "decided agreed concluded settled resolved agreement decision",
        (
            r"\b(?:we|we've|we have|have|been|already) (?:all |already |pretty much |basically |kind of "
            r")?(?:decided|agreed|concluded|settled|resolved)\b"
        ),
        r"\b(?:the |our )(?:final )?decision (?:is|was|to)\b",
        r"\bdecided (?:to|that|on|not)\b",
        r"\bagreed (?:to|that|on|upon)\b",
        r"\bwe(?:'re| are) (?:all )?(?:agreed|in agreement)\b",
    ),
    row(
        "decisions",
        "",
        3.0,
        "let",
        r"\blet's (?:just |all )?(?:go with|go for|stick|settle|do away|drop|skip|leave out|keep)\b",
    ),
    row(
        "decisions",
        "",
        2.4,
        "let",
        r"\blet's (?:just |not |all )?(?:use|make|leave|have|not|take)\b",
    ),
    row(
        "decisions",
        "",
        2.6,
        "ll will going gonna go",
        (
            r"\bwe(?:'ll| will|'re (?:going to|gonna)| are going to| gonna) (?:just |probably |then |"
            r"definitely |only |not |all )*(?:go (?:with|for)|use|have|keep|stick|leave|drop|adopt|choose|"
            r"include|need|merge|give|run|send|be (?:using|having|making|selling|going))\b"
        ),
        r"\bwe (?:just |probably |should |can )*(?:go with|go for|stick (?:to|with)|settle (?:on|for))\b",
    ),
    row(
        "decisions",
        "",
        2.4,
        "gonna going will only",
        (
            r"\b(?:it|this|that|they|which|there|remote|product|one|buttons?)(?:'s|'re| is| are)? (?:only |"
            r"just |not |all )*(?:gonna|going to|will) (?:only |just |not )?(?:be|have|include|look|cost|"
            r"contain|use|need)\b"
        ),
    ),
    row(
        "decisions",
        "",
        2.4,
        "want wants like",
        (
            r"\b(?:we|they|company|management|client|customer)(?:'d| would)? (?:all )?(?:want|wants|like) "
            r"(?:it |this |something|to (?:sell|have|make|use|keep|get|be)|a|us to|the)\b"
        ),
    ),
    row(
        "decisions",
        "",
        1.6,
        "should must need needs has have supposed ought",
        (
            r"\b(?:it|that|this|they|we|which|remote|product|design|there|buttons?) (?:should|must|(?:has|"
            r"have|needs?) to|ought to|is supposed to|are supposed to) (?:probably |definitely |only |just |"
            r"not |also )*(?:be|have|look|include|fit|use|make|keep|go|stay)\b"
        ),
    ),
    row(
        "decisions",
        "",
        2.2,
        "not don no worth away remove without rid forget",
        r"\bnot (?:really )?worth\b",
        r"\b(?:we|you) (?:don't|won't|do not|will not) (?:need|want|use|do|include|have)\b",
        r"\b(?:do away with|get rid of|leave out|forget about|rule out|no longer)\b",
    ),
    row(
        "decisions",
        "",
        1.4,
        (
            "maximum minimum least most target limit budget requirement requirements price cost costs aim "
            "euro euros dollars percent"
        ),
        (
            r"\b(?:maximum|minimum|at (?:least|most) (?:[0-9]+|one|two|three|five|ten|twenty|fifty)|no more "
            r"than|target|limit|budget|requirements?|selling price|profit aim|production cost)\b"
        ),
    ),
    row(
        "decisions",
        "",
        3.2,
        "motion carried adopted approved passed ordered amendment vote consent",
        (
            r"\b(?:motion|amendment|bill|resolution|report|recommendations?|agenda|minutes) (?:is|was|are|"
            r"were|has been|have been|be) (?:\w+ )?(?:carried|agreed|adopted|approved|passed|defeated|"
            r"rejected|accepted)\b"
        ),
        r"\bso ordered\b",
        r"\bunanimous consent\b",
        r"\b(?:carried|approved) unanimously\b",
    ),
    row(
        "decisions",
        "",
        1.4,
        "think guess prefer suggest agree fine good",
        r"\bI (?:think|guess) (?:we|it|that|they)(?:'ll| will|'re| are|'s| is| should) \b",
        r"\bI (?:suggest|propose|prefer|vote)\b",
        r"\bthat (?:sounds|works|would be|'s) (?:good|fine|great|for me)\b",
    ),
    row(
        "decisions",
        "",
        1.0,
        "so",
        r"^\W*(?:okay,? |alright,? |and )?so (?:we|it|that|the|they|basically|then)\b",
    ),
    row(
        "decisions",
        "",
        -1.5,
        "good great nice difficult hard complicated increase cool",
        (
            r"\b(?:be|look) (?:very |really |quite |pretty |so |a )*(?:good|great|nice|difficult|hard|"
            r"complicated|cool|interesting|fine|better|easier)\b"
        ),
    ),
    row(
        "decisions",
        "",
        -2.0,
        "let example say suppose",
        r"\blet's (?:say|see)\b",
        r"\bfor example\b",
        r"\bsuppose\b",
    ),
    row(
        "decisions",
        "",
        -1.8,
        "lunch break minutes hour meeting time minute",
        (
            r"\b(?:lunch|break|(?:\w+ )?minutes|half an hour|another meeting|next (?:meeting|time)|this "
            r"meeting)\b"
        ),
    ),
    row(
        "decisions",
        "",
        -1.2,
        "if maybe might could would whether",
        r"\bif (?:I|we|you|they|it|there)\b",
        r"\b(?:maybe|might|whether|perhaps)\b",
        r"\b(?:would|could) (?:be|have)\b",
    ),
    row(
        "decisions",
        "",
        -1.5,
        "was were did had used",
        r"\b(?:they|he|she|it|I|people) (?:was|were|did|had|used to|said|went)\b",
    ),
    # risks
    row(
        "risks",
        "",
        3.0,
        "risk risks risky danger dangerous threat threats",
        r"\b(?:risks?|risky|danger(?:ous)?|threats?)\b",
    ),
    row(
        "risks",
        "",
        2.4,
        (
            "problem problems issue issues trouble catch downside drawback disadvantage challenge bottleneck "
            "limitation limitations"
        ),
        (
            r"\b(?:the|a|one|another|only|big|biggest|main|real|have|is|some|few|any) (?:other |only |big |"
            r"biggest |main |real |little |small |thing )?(?:problems?|trouble|downside|drawback|"
            r"disadvantage|challenge|bottleneck|limitations?)\b"
        ),
        r"\b(?:issue|problem) (?:is|with|of|for|on)\b",
        r"\bcauses? (?:a |some )?(?:problem|trouble)s?\b",
    ),
    row(
        "risks",
        "",
        2.4,
        "concern concerns concerned worry worried afraid fear",
        r"\b(?:concerns?|concerned|worr(?:y|ied|ying)|afraid|fear)\b",
    ),
    row(
        "risks",
        "",
        2.0,
        (
            "difficult hard expensive costly impossible fail fails failed delay delayed late break breaks "
            "lose slow unreliable"
        ),
        (
            r"\b(?:too|very|more|quite|really|so|pretty) (?:difficult|hard|expensive|costly|late|slow|"
            r"complicated|complex)\b"
        ),
        (
            r"\b(?:it|that|this|we|they) (?:might|may|could|can|will|would) (?:not work|fail|break|be "
            r"(?:delayed|late|difficult|hard|expensive|lost))\b"
        ),
        r"\bimpossible\b",
        r"\bunreliable\b",
    ),
    row(
        "risks",
        "",
        2.0,
        "won not doesn can cannot enough without",
        (
            r"\b(?:won't|doesn't|can't|cannot|might not|may not) (?:\w+ )?(?:work|fit|scale|have enough|get|"
            r"afford|be able|finish|make it|support)\b"
        ),
        r"\bnot enough\b",
    ),
    row(
        "risks",
        "",
        2.0,
        "blocked blocker depends unclear uncertain vulnerable exceeded confusing",
        r"\b(?:block(?:ed|er|ing)|depends on|unclear|uncertain(?:ty)?|vulnerab\w+|exceeded|confusing)\b",
    ),
    row(
        "risks",
        "",
        -3.0,
        "no problem worry not risk",
        (
            r"\b(?:no|not a|isn't a|not the|any) (?:big )?(?:problems?|worr\w+|issues?|concerns?|risks?|"
            r"trouble)\b"
        ),
        r"\b(?:don't|not to) worry\b",
        r"\bsolve[sd]? (?:that|the|this) problem\b",
    ),
    # questions
    row(
        "questions",
        "",
        3.0,
        "know sure wonder wondering clear idea dunno",
        (
            r"\b(?:we|I|nobody) (?:still )?(?:don't|do not|didn't) (?:really |quite |even )?know (?:if|"
            r"whether|how|what|which|why|who|when)\b"
        ),
        (
            r"\bnot (?:really |quite |entirely |so )?(?:sure|clear) (?:if|whether|how|what|which|why|who|"
            r"when|about)\b"
        ),
        r"\bI(?:'m| was| am)? (?:just )?wonder(?:ing)?\b",
        r"\bno idea (?:if|whether|how|what|which|why)\b",
        r"\bI dunno (?:if|whether|how|what|which|why)\b",
    ),
    row(
        "questions",
        "",
        3.0,
        "question questions open find figure decide seen clarify",
        (
            r"\b(?:the|an?|my|one|open|another|big) (?:only |open |other |main |big )?question (?:is|was|of|"
            r"whether)\b"
        ),
        r"\bopen questions?\b",
        (
            r"\b(?:need|have|try|want) to (?:find out|figure out|decide|clarify|work out) (?:if|whether|how|"
            r"what|which|who|when|on)\b"
        ),
        r"\bremains to be seen\b",
    ),
    row(
        "questions",
        "",
        2.0,
        "whether",
        r"\bwhether (?:or not )?(?:we|it|to|they|the|that|there|you)\b",
    ),
    row(
        "questions",
        "",
        1.6,
        "how what which who when where why should do are is would will could can shall",
        (
            r"^\W*(?:(?:so|and|but|um|uh|well|or|okay|yeah),? )*(?:how|what|which|who|when|where|why|should "
            r"we|do we|are we|is (?:it|there|that)|would (?:we|it)|will (?:we|it|the)|could we|can we|shall "
            r"we)\b"
        ),
    ),
    row(
        "questions",
        "",
        -3.0,
        "any mean right that ready about you guys said saying",
        r"\b(?:any|other|more|further) (?:other )?(?:questions?|comments?|thoughts)\b",
        (
            r"\b(?:you know what|what do you (?:mean|think)|what about you|how are (?:you|we)|how's|can you "
            r"(?:hear|see)|are (?:you|we) ready|is that (?:it|okay|all|right|correct)|did you say|what "
            r"(?:was|did) (?:that|you|he|she|i)|what'?s (?:that|it|your|this))\b"
        ),
    ),
)

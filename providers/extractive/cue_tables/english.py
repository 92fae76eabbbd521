"""English cues for topics, risks and questions; what a row means stands in `row.py`. Pure data.

Tasks and decisions, which are told by more, have tables of their own.
"""

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

"""English cues for what a meeting settles; what a row means stands in `row.py`. Pure data."""

from typing import Final

from providers.extractive.cue_tables.row import Row, row

ENGLISH_DECISIONS: Final[tuple[Row, ...]] = (
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
)

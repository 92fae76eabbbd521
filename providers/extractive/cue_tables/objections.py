"""What speaks against taking words at face value, by language; `objections.py` says how. Pure data.

The patterns see straight apostrophes and no fillers, and ignore case.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Objections:
    """Patterns of one language, each list of alternatives.

    `retracted`: the speaker takes back what was just said. `requests`: a question that asks somebody to act.
    `unsettled`: wishes, reminders, plans and suppositions. `settled`: a choice in so many words, which holds in spite
    of those. `asks_back`: somebody makes sure that a task is theirs. `conduct`: how the meeting itself is run.
    """

    retracted: tuple[str, ...]
    requests: tuple[str, ...]
    unsettled: tuple[str, ...]
    settled: tuple[str, ...]
    asks_back: tuple[str, ...]
    conduct: tuple[str, ...]


OBJECTIONS: Final[dict[str, Objections]] = {
    "en": Objections(
        retracted=(
            r"\bactually,? no\b",
            r"\bno,? (?:wait|sorry|actually)\b",
            r"\bsorry,? no\b",
            r"\bscratch that\b",
            r"\b(?:no|or|so),? never mind\b",
            r"\bforget (?:I said|what I said)\b",
            r"\bI take that back\b",
            r"\bno,? no,? no\b",
        ),
        requests=(
            (  # "what can you do?" wants to know, and asks for nothing to be done
                r"(?<!\bwhat )(?<!\bhow )(?<!\bwhy )(?<!\bwhere )(?<!\bwhen )(?<!\bmuch )(?<!\bmany )(?<!\bwhich )"
                r"\b(?:can|could|would|will|won't) (?:you|somebody|someone|anybody|anyone|one of|each of|the)\b"
            ),
            r"\b(?:can|could|would|will),? [\w' ]{2,40},? you\b",
            r"\bplease\b",
            r"\byou mind\b",
            r"\b(?:can|could|may) (?:I|we) (?:ask|get) (?:you|somebody|someone|the|one of)\b",
        ),
        unsettled=(
            r"\b(?:we're|we are|they're|they are|I'm|I am|you're) (?:just |really |still |also )?trying to\b",
            r"\bremember\b",
            r"\bbefore (?:deciding|finali[sz]ing|we (?:decide|agree|finali[sz]e))\b",
            (
                r"\bwe (?:must|should|have to|need to|can|could|might) (?:\w+ )?(?:discuss|talk about|"
                r"think about|look at|consider|decide|see)\b"
            ),
            r"\b(?:what|even|as|only) if\b",
            r"^\W*(?:(?:so|and|but|or|well|because),? )*(?:if|unless|suppose|imagine)\b",
            r"\bif (?:we|you|it|they|I|there) (?:\w+ )?(?:were|was|had|did|could|would|wanted)\b",
            r"\bwould(?:n't)? have\b",
            r"\b(?:haven't|have not|not) (?:\w+ )?(?:decided|agreed|settled|sure)\b",
            r"\b(?:our|the|today's) agenda (?:today |for today )?is\b",
            r"\b(?:next|this|another|after the|a|our) meeting\b",
            r"\b(?:maybe|perhaps) we\b",
            r"\bwe (?:might|should perhaps|should maybe)\b",
            r"\bpossibilit(?:y|ies)\b",
            r"\bwe (?:all |already )?know\b",
            r"\bas (?:we|you) (?:know|said)\b",
            r"\b(?:original|the) plan (?:is|was)\b",
            r"\bI (?:don't think|hope|wish|wonder|wouldn't|didn't)\b",
            r"\bhopefully\b",
            r"\b(?:you'll|you will) be (?:\w+ing|getting)\b",
            r"\bwe'll (?:each|be \w+ing)\b",
        ),
        settled=(
            (
                r"\b(?:we|we've|we have|they|they've|everybody|everyone) (?:all |already |pretty much |"
                r"basically |just |also |then |finally )?(?:decided|agreed|concluded|settled|chose)\b"
            ),
            r"\b(?:decision|decided|agreed) (?:is|was|to|that|on|upon|not)\b",
            r"\blet's (?:just |all )?(?:go with|go for|use|stick|settle|drop|skip|leave out|keep|do away)\b",
            (
                r"\bwe(?:'ll| will|'re going to|'re gonna) (?:just |definitely |then )?(?:go with|go for|use|"
                r"stick|settle|drop|leave out)\b"
            ),
            r"\b(?:carried|adopted|approved|rejected|so ordered|unanimous)\b",
        ),
        asks_back=(
            (
                r"\b(?:you want me to|you'd like me to|you mean I|(?:shall|should|must) I|"
                r"so I(?:'ll| will| should| have to| need to))\b"
            ),
        ),
        conduct=(
            r"\b(?:hand|pass|turn|give) (?:it|this|that|things) (?:off|over|back|on) to\b",
            r"\b(?:next|another|the) meeting (?:starts|is in|will start|begins|ends)\b",
            (
                r"\b(?:have|having|take|taking|break for|go to) (?:\w+ )?(?:lunch|another meeting|a break|"
                r"another one of these)\b"
            ),
            r"\bfinish up (?:here|now)\b",
            r"\b(?:minutes|half an hour) left\b",
        ),
    ),
    "es": Objections(
        retracted=(
            r"\bno,? (?:espera|perdón|mejor no)\b",
            r"\bmejor dicho\b",
            r"\bbueno,? no\b",
        ),
        requests=(
            r"\b(?:puedes?|pueden|podrías?|podrían|podéis)\b",
            r"\bpor favor\b",
            r"\bpodemos pedir\b",
        ),
        unsettled=(
            r"\b(?:estamos|estoy) (?:tratando|intentando)\b",
            r"\brecuerd\w+\b",
            r"\bsi (?:hubi|fuer|tuvi)\w+\b",
            r"\bojalá\b",
        ),
        settled=(
            r"\b(?:hemos|han|se ha|queda|quedan) (?:decidido|acordado|aprobad\w+|rechazad\w+)\b",
            r"\b(?:decidimos|acordamos)\b",
        ),
        asks_back=(
            r"\b(?:quieres?|quieren) que yo\b",
            r"\bentonces yo\b",
        ),
        conduct=(
            r"\b(?:tiene|doy|pasa) la palabra\b",
            r"\bse (?:suspende|levanta|reanuda) la sesión\b",
            r"\bhacemos una pausa\b",
        ),
    ),
    "fr": Objections(
        retracted=(r"\b(?:non,? attends|en fait,? non|enfin,? non|non,? pardon)\b",),
        requests=(
            r"\b(?:pouvez|pourriez|peux|pourrais|voulez|veux|peut|pourrait)[- ](?:vous|tu|on|quelqu'un)\b",
            r"\b(?:tu|vous) (?:peux|pourrais|pouvez|pourriez)\b",
            r"\bs'il (?:te|vous) plaît\b",
            r"\best-ce que (?:tu|vous) p\w+\b",
        ),
        unsettled=(
            r"\bon essaie de\b",
            r"\bnous essayons\b",
            r"\b(?:rappel|souvi|souven)\w+\b",
            r"\bsi (?:on|nous|je) \w+(?:ait|ions|ais)\b",
        ),
        settled=(r"\b(?:a|avons|ont|est|été) (?:décidé|convenu|adopté|voté|retenu)\w*\b",),
        asks_back=(
            r"\b(?:tu veux|vous voulez) que je\b",
            r"\bdonc je\b",
        ),
        conduct=(
            r"\b(?:passe|donne|a) la parole\b",
            r"\b(?:lever|levée|suspendre) (?:de )?la séance\b",
            r"\bfai(?:re|sons) une pause\b",
        ),
    ),
    "de": Objections(
        retracted=(r"\b(?:nein,? (?:warte|doch nicht|moment)|ach,? nein|doch nicht|quatsch)\b",),
        requests=(
            r"\b(?:kannst|könntest|können|könnten|kann|könnte|würdest|würden|magst) (?:du|ihr|sie|jemand|wer)\b",
            r"\bbitte\b",
        ),
        unsettled=(
            r"\bwir versuchen\b",
            r"\b(?:denk|denkt|erinner\w+) (?:daran|euch|dich)\b",
            r"\b(?:hätten|wären|würden) wir\b",
        ),
        settled=(r"\b(?:beschlossen|entschieden|geeinigt|angenommen|abgelehnt)\b",),
        asks_back=(
            r"\b(?:soll|muss) ich\b",
            r"\balso (?:mache|soll|werde) ich\b",
        ),
        conduct=(r"\b(?:das wort (?:hat|geht|übergeben)|machen (?:wir )?eine pause|nach der pause)\b",),
    ),
    "zh": Objections(
        retracted=("(?:不对|说错了|算了)[，,。]",),
        requests=(
            "请",
            "麻烦",
            "能不能",
            "能否",
            "可不可以",
            "可以吗",
        ),
        unsettled=(
            "记得",
            "别忘了",
            "如果",
            "假如",
            "希望",
        ),
        settled=(
            "(?:决定|同意|通过|商定|确定)(?:了|采用|使用|要)",
            "就这么定",
        ),
        asks_back=("(?:要|让|需要)我.{0,20}[吗？?]",),
        conduct=(
            r"休息(?:一下|\w{1,3}分钟)",
            "散会",
            "有请",
        ),
    ),
}

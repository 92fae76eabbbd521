"""Words by what they do rather than what they mean: English, Spanish, French and German in one. Pure data.

A word that two of the languages share stands once; where it means more in one of them ("die"), the harmless reading
was left out. All are in folded form (see `quotes.fold`).
"""

from typing import Final

# Said while thinking: nobody misses them in a quote.
FILLERS: Final = frozenset(
    """ah ahm eeh eh ehm er erm euh hein heu hm hmm mhm mm mmm oh uh uhh uhm um umm äh ähm öh öhm yeah yep okay ok
    """.split()
)

# What turns a statement into its opposite.
NEGATIONS: Final = frozenset(
    """no not never none nor nothing nobody neither without cannot
    jamás nada nadie ni ninguna ninguno ningún nunca sin tampoco
    aucun aucune guère jamais ni nul pas personne rien sans
    kein keine keinem keinen keiner keines keinesfalls nein nicht nichts nie niemals niemand ohne weder""".split()
)

# What makes a statement less than one, or another one.
HEDGES: Final = frozenset(
    """almost barely before after could except hardly if instead maybe might only perhaps possibly probably rather
    should than too unless until would
    acaso aunque casi después antes excepto podría posiblemente quizá quizás salvo si solo sólo tal
    après avant devrait faillit peut-être plutôt pourrait presque sauf sauf seulement si
    außer bevor eventuell fast könnte kaum nachdem nur sofern sollte sonst statt vielleicht wahrscheinlich wenn würde
    """.split()
)

# What holds sentences together: its loss or gain changes the style of a quote, not what it says.
FUNCTION_WORDS: Final = frozenset(
    """a about actually all also am an and any are as at be because been being but by can did do does for from get got
    had has have he her here him his how i in into is it its just kind know let like mean me my now of on or our
    out really right she so some sort that the their them then there these they thing this those to uh up us very was we
    well were what when which who will with yes you your
    al algo así aquí bueno como con cual de del donde el ella ellas ellos en era es esa ese eso esta este esto estos
    está están fue ha hay han he hemos la las le les lo los me mi muy más nos nosotros o para pero por porque pues que
    qué se ser son su sus también te tenemos todo tu un una uno va vale vamos voy y ya yo
    ai alors as au aussi aux avec avez avons bah bien c car ce cela ces cette ceux d dans de des donc du elle elles en
    est et eux fait fois il ils j je l la le les leur là m ma mais me mes moi mon même n ne nos notre nous on ont ou
    oui par plus pour qu quand que qui quoi s sa se ses son sont sur t ta te toi ton tout tu un une va vais voilà vos
    votre vous y à ça était être
    aber also alle als am an auch auf aus bei bin bis bist da dann das dass dem den der des dich dir doch du eben ein
    eine einem einen einer er es euch für genau gibt habe haben hat hier ich ihm ihn ihr im in ist ja jetzt kann mal
    man mein mich mir mit na noch nun ob oder schon sehr sein sich sie sind so soll tja um und uns unser von vor war
    was weil wer wie wir wird wo zu zum zur über""".split()
)

# Short forms of speech and the long ones that a careful writer puts for them.
CONTRACTIONS: Final[dict[str, tuple[str, ...]]] = {
    "can't": ("can", "not"),
    "cannot": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "let's": ("let", "us"),
    "gonna": ("going", "to"),
    "wanna": ("want", "to"),
    "gotta": ("got", "to"),
    "cos": ("because",),
    "kinda": ("kind", "of"),
    "dunno": ("do", "not", "know"),
    "zum": ("zu", "dem"),
    "zur": ("zu", "der"),
}
# The second halves of English short forms; French ones are halves of a word as they stand.
ENDINGS: Final[dict[str, str]] = {"re": "are", "ll": "will", "ve": "have", "m": "am", "s": "is", "d": "would"}

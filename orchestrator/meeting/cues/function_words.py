"""The small words of sixteen languages that are written in Latin letters. Pure data.

They are what every speaker says whatever the meeting is about: articles, pronouns, prepositions, forms of "to be". A
word that several languages have counts for each of them in part. Danish, Norwegian, Finnish, Polish, Galician,
Afrikaans, Vietnamese and Catalan stand here so that they are not taken for others; all are told apart.
"""

from typing import Final

FUNCTION_WORDS: Final[dict[str, frozenset[str]]] = {
    "en": frozenset(
        "the of and to that is it you we this for with have are was be they what not but on can do would if "
        "will your i my there from at so about or just all like yeah think know as had has were been our their "
        "its an which when who how don ll re ve he she them because should could some more than then very "
        "going get got".split()
    ),
    "es": frozenset(
        "el la los las que y en por con para una un es del lo como más mas pero su sus este esta esto hay está "
        "están muy nos porque también tambien usted señor hemos son yo de se no le les al ya si sí cuando "
        "donde todo todos ser tiene fue han qué eso esa ese entonces vamos nosotros ustedes mi te me a hoy "
        "ayer bueno estoy voy tenemos".split()
    ),
    "fr": frozenset(
        "le la les des et est pas que vous je nous dans une un du de pour qui ce il ne sur au avec mais c qu "
        "ça plus été sont être cette aux tout on en se son sa ses elle ils j d l n s y a ont ai suis fait donc "
        "alors oui non comme bien si parce leur moi tu votre notre mon même très peut".split()
    ),
    "de": frozenset(
        "der die das und ist nicht ich wir ein eine zu den mit auf es auch für sie dass haben wird werden sind "
        "dem von oder noch aber wie kann sich im am um aus bei nach so ja nein wenn da dann was wer hat war "
        "hier mal schon nur einen einer einem des als man habe uns unser ihr doch jetzt vom zum zur gut also "
        "bin gestern heute".split()
    ),
    "it": frozenset(
        "il lo la gli le di a da in con su per tra fra un una uno che non è e o ma se come più questo questa "
        "quello quella sono sei siamo ho hai ha abbiamo hanno del dello della dei delle degli nel nella nei al "
        "alla alle ai si mi ti ci vi ne io noi voi lui lei loro anche quindi allora perché perche molto poi c "
        "essere stato fare fatto bene cosa quando oggi ieri".split()
    ),
    "pt": frozenset(
        "o a os as um uma uns de do da dos das em no na nos nas por para pelo pela com não é e ou mas se como "
        "mais isso isto essa esse este esta são sou somos está estão foi ser ter tem temos têm que eu nós você "
        "vocês ele ela eles elas muito também já ao à aos às seu sua meu minha nosso nossa porque então aqui "
        "ainda até bem quando hoje ontem vai vamos fazer".split()
    ),
    "nl": frozenset(
        "de het een en van in is dat op te niet met voor zijn er maar om aan ook als ik je jij u we wij ze zij "
        "hij die dit deze dan nog wel naar bij of door over uit kan moet zou heb hebben heeft had was waren "
        "wordt worden geen wat wie hoe waar nu al zo mijn ons onze jullie hun mij dus want ja nee gaan gaat "
        "goed even vandaag gisteren".split()
    ),
    "sv": frozenset(
        "och att det som en ett är på för med av den de inte jag vi du han hon ni har hade kan ska skulle vill "
        "till från om men så var vad när hur här där nu också eller man sig mig dig oss er min mitt vår vårt "
        "bara mycket blir bli blev måste alla detta denna dom ju då ja nej efter kommer gör göra igår idag bra".split()
    ),
    "da": frozenset(
        "og at det som en et er på for med af den de ikke jeg vi du han hun i har havde kan skal skulle vil "
        "til fra om men så var hvad når hvordan her der nu også eller man sig mig dig os jer min mit vores "
        "bare meget bliver blive blev må alle denne dette jo da ja nej efter kommer gør gøre noget nogle lige "
        "vores godt".split()
    ),
    "no": frozenset(
        "og å det som en et er på for med av den de ikke jeg vi du han hun har hadde kan skal skulle vil til "
        "fra om men så var hva når hvordan her der nå også eller man seg meg deg oss dere min mitt vår vårt "
        "bare mye blir bli ble må alle denne dette jo da ja nei etter kommer gjør gjøre noe noen litt veldig "
        "bra".split()
    ),
    "fi": frozenset(
        "ja on ei että se ne me te he minä sinä hän mä sä oli olla ovat olen olemme ole mutta tai kun kuin "
        "niin nyt myös tämä tuo mikä mitä missä miten jos sitten vain vielä joka jotka sen siitä siinä meidän "
        "teidän minun sinun pitää voi voidaan ihan niitä joo kyllä tässä tätä sitä".split()
    ),
    "pl": frozenset(
        "i w na z do nie się to jest że o jak ale za po od przez dla tak co czy są był była było będzie już "
        "tylko tego tym ten ta te ja ty my wy on ona ono oni mnie mi nas nam was jego jej ich może można "
        "bardzo jeszcze więc bo gdy który która które mamy mam ma być no też".split()
    ),
    "gl": frozenset(
        "o a os as un unha uns unhas dun dunha do da dos das no na nos nas non que é e ou máis mais polo pola "
        "polos co coa ao á para por como ten teñen son está foi ser esta este isto súa seu seus teu eu ti el "
        "ela nós vós eles moi tamén xa cando porque aínda agora hai cada todo toda todos ningún ninguén".split()
    ),
    "af": frozenset(
        "die en van nie het is dat wat vir om te met op aan by sy hulle ons jy ek hy dit hierdie daardie word "
        "deur uit nog ook maar as of sal kan moet was wees waar hoe wie elke enige geen baie nou so my jou hul "
        "haar hom na tot".split()
    ),
    "vi": frozenset(
        "và của là có không được các những một người cho với trong này đó thì tôi anh chị em chúng ta mình đã "
        "sẽ đang cũng như khi nếu mà để ở từ về ra vào lại rất nào gì hay hoặc bị phải mọi theo sự".split()
    ),
    "ca": frozenset(
        "els les i amb que no és per una un més però aquest aquesta hem molt som també ens dels el la de del "
        "al als en va vaig són està això com perquè jo tu ell nosaltres vostè si quan on ha han fer molt tots "
        "aquests aquestes".split()
    ),
}

# What a reader calls them, and those that are known by their letters.
NAMES: Final[dict[str, str]] = {
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "sv": "Swedish",
    "da": "Danish",
    "no": "Norwegian",
    "fi": "Finnish",
    "pl": "Polish",
    "gl": "Galician",
    "af": "Afrikaans",
    "vi": "Vietnamese",
    "ca": "Catalan",
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
    "ru": "Russian",
    "uk": "Ukrainian",
    "el": "Greek",
    "ar": "Arabic",
    "he": "Hebrew",
}

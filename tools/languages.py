"""Which language a text is in, told by its small words. Knows words, nothing of indexes or files.

Languages go by the names of their Snowball stemmers; `none` leaves words as they are. A text is
taken for English until its small words say otherwise: tables and lists have few in any language.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache

import Stemmer

from .documents import Page
from .errors import SettingsError
from .meant import meant

ENGLISH, NONE = "english", "none"

_SAMPLE = 30_000
"""Characters that are looked at, in pieces from all over the text."""
_PIECES = 10
_WORD = re.compile(r"[^\W\d_]{2,}")
"""Single letters stand in tables and formulas of every language."""

_FEWEST = 6
"""Small words that a text must have to be taken for another language than English ..."""
_SHARE = 0.10
"""... how many of its words they must be ..."""
_MARGIN = 1.5
"""... and how many times as many as the English ones there."""

_SMALL_WORDS = {
    # The English ones are those that `tools/lexical.py` has always left out of the ranking.
    ENGLISH: """
        a an and are as at be been but by can could did do does for from had has have he her his
        how i if in into is it its me my no not of on or our she should so such than that the
        their them then there these they this those to up us was we were what when where which who
        whom whose why will with would you your""",
    "german": """
        aber als am an auch auf aus bei bin bis da dann das dass dem den der des die dies diese
        diesem diesen dieser dieses doch du durch ein eine einem einen einer eines er es für gegen
        hat haben hatte ich ihr ihre ihrem ihren ihrer im in ist ja kann kein keine man mit nach
        nicht noch nur ob oder ohne sehr sein seine seinem seinen seiner sich sie sind so über um
        und uns unser unter vom von vor war waren was welche welchem welchen welcher welches wenn
        wer werden wie wir wird wo wurde wurden zu zum zur zwischen""",
    "french": """
        à au aux avec c car ce ces cet cette comme d dans de des donc du elle elles en entre est
        et été être eu il ils j je l la le les leur leurs lui m mais même n ne nos notre nous on
        ont ou où par pas plus pour qu quand que quel quelle quelles quels qui s sa sans se sera
        ses si son sont sous sur t te tu un une vos votre vous y était""",
    "spanish": """
        a al antes como con contra cual cuales cuando de del desde donde dos durante e el él ella
        ellas ellos en entre era es esa ese eso esta está están este esto estos estas fue fueron
        ha han hasta hay la las le les lo los más me mi muy ni no nos o para pero por porque que
        qué se ser si sí sin sobre son su sus también tiene tu un una uno unos unas y ya yo""",
    "italian": """
        a ad agli ai al alla alle allo anche c che chi ci come con cui da dagli dai dal dalla
        dalle dallo degli dei del dell della delle dello di dove e è ed era essere fra gli ha
        hanno i il in io l la le lo loro ma mi nei negli nel nell nella nelle non o per più quale
        quali quando quanto questa questo queste questi se si sono su sua sue sugli sul sulla
        sulle suo tra un una uno""",
    "portuguese": """
        a à ao aos as às até com como da das de do dos e é ela ele eles em entre era essa esse
        esta está este eu foi foram há isso já lhe mais mas me mesmo na não nas nem no nos o os ou
        para pela pelas pelo pelos por qual quando quanto que quem se sem ser seu seus sua suas
        são só também tem têm um uma umas uns você""",
    "dutch": """
        aan al als bij dan dat de der deze die dit door een en er geen had heb heeft hem het hij
        hoe hun ik in is je kan maar me meer men met mijn na naar niet nog nu of om onder ons ook
        op over te ten toch tot uit uw van veel voor waar was wat werd werden wie wij wordt worden
        zal ze zich zij zijn zo zonder zou""",
    "swedish": """
        alla att av blev bli blir de dem den denna deras dess det detta dig din du där efter ej
        eller en ett från för ha hade han har hon honom hur här i icke inte jag kan man med men
        mig min mycket ni nu när någon något några och om oss på samma sedan sig sin sina skulle
        som så till under upp ut utan vad var vara varit vi vid vilken är över""",
    "danish": """
        af alle at blev blive bliver da de dem den denne der deres det dette dig din disse dog du
        efter eller en end er et for fra ham han hans har havde hende her hos hun hvad hvis hvor i
        ikke jeg jo kan kunne man mange med meget men mere mig min mod når nogle nu også og om op
        os over på sig sin skal som til ud under var vi vil være været""",
    "norwegian": """
        alle at av ble bli blir da de deg dem den denne der deres det dette du eller en enn er et
        etter for fra få ha hadde han hans har her hun hva hvem hver hvis hvor hvordan i ikke jeg
        kan kunne man med meg meget men mer mot ned noe noen nå når og også om opp oss over på seg
        selv sin skal som så til under ut var ved vi vil være vært""",
    "finnish": """
        ei eli en ennen että ettei hän häntä he ja jo joka jos jossa jotka kanssa koska kuin kun
        me mikä mitä mukaan mutta myös ne niin niitä nyt näin oli olla olivat on ovat se sekä sen
        siitä sillä sitä tai tämä tämän tässä vaan vai vain voi voidaan""",
    "polish": """
        a ale bez bo by był była było być co czy dla do gdy go i ich ile jak jako jego jej jest
        jeszcze już kiedy która które którego której który których lub ma można na nad nie niż o
        od oraz po pod przed przez przy są się tak także tego tej ten to tu tylko tym u w we więc
        z za ze że""",
    "czech": """
        a aby ale ani až bez bude by byl byla bylo být co či do i jak jako je jeho její jejich jen
        ještě již jsem jsou k kde kdo kdy když která které který mezi na nad ne nebo než o od po
        pod pro proto před při s se si tak také ten to toho tom tu u v ve však z za ze že""",
    "romanian": """
        a acest această aceste al ale am ar are au ca că care ce cel cele cu cum cât când de decât
        din dintre dacă dar doar e ei el este eu fi fie fost în într îl la le lor lui mai ne nu o
        ori pe pentru prin sau se si și sunt sub său să tot un una unei unor unui va vor""",
    "hungarian": """
        a az azt azok ahol aki akik ami amely amelyek be csak de e ebben egy egyik el én és ez
        ezek ezt fel ha hogy hol így is ki kell le lesz már meg még mely melyet mert mi milyen
        mint most nagyon ne nem ő ők s saját sem szerint több után vagy van vannak volt""",
    "turkish": """
        ama ancak bir biz bu bunu bunun çok da daha de değil diye en gibi göre hangi hem her hiç
        için ile ise kadar ki kim mi mu nasıl ne neden nerede o olan olarak oldu olduğu olması onu
        onun sonra şu tarafından üzere ve veya ya yok""",
    "russian": """
        а без бы был была были было быть в вам вас во вот все вы где да для до его ее если есть
        еще же за и из или им их к как какой когда которая которые который кто ли между мы на над
        не него нет но о об он она они оно от по под при с со так также то только у уже что чтобы
        это этого этой""",
}
"""Written from general knowledge; also what is not looked for in a question of that language."""

LANGUAGES = tuple(sorted({*Stemmer.algorithms(), NONE} - {"porter", "dutch_porter"}))
"""Every language that can be set; those with small words are also recognised."""


@cache
def small_words(language: str) -> frozenset[str]:
    """Words that say nothing of a text's subject; none where we have none."""
    return frozenset(_SMALL_WORDS.get(language, "").split())


def check_language(name: str) -> str:
    """The name, when it is one of a language. Raises `SettingsError`, naming the nearest."""
    if name in LANGUAGES:
        return name
    near = meant(name, LANGUAGES)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(LANGUAGES)}"
    raise SettingsError(f"unknown language {name!r}: {hint}")


_FOREIGN = re.compile(
    r"[\s\u00bf\u00a1]*(?:wie|welche[rmns]?|wer|wann|wof\u00fcr|warum|wieviel|quel(?:le)?s?|combien"
    r"|quand|pourquoi|est-ce|qu'est|cu[a\u00e1]l(?:es)?|cu[a\u00e1]nt[oa]s?|cu[a\u00e1]ndo|qu[e\u00e9]"
    r"|qui[e\u00e9]n|d[o\u00f3]nde|quanto|quale|quando|chi|dove|hoe|welke?|wanneer|hoeveel|waar)\b",
    re.IGNORECASE,
)


def is_foreign(question: str) -> bool:
    """Whether a question begins as one in another language than English plainly does.

    >>> is_foreign("Wie hoch ist die Kaution?"), is_foreign("What is the deposit?")
    (True, False)
    """
    return bool(_FOREIGN.match(question))


def detect(pages: Sequence[Page]) -> str:
    """The language of a document, from its pages. English where nothing clearly says otherwise."""
    counts: Counter[str] = Counter()
    step = max(1, len(pages) // _PIECES)
    chosen = pages[::step]
    for page in chosen:
        counts.update(_WORD.findall(page.text[: _SAMPLE // len(chosen)].lower()))
    found = {name: sum(counts[word] for word in small_words(name)) for name in _SMALL_WORDS}
    best = max(found, key=lambda name: found[name])
    least = max(_FEWEST, _SHARE * counts.total(), _MARGIN * found[ENGLISH])
    return best if best != ENGLISH and found[best] >= least else ENGLISH


def of_question(question: str, languages: Collection[str]) -> tuple[str, ...]:
    """Which of an index's languages a question is asked in; all of them where it does not show."""
    if len(languages) < 2:
        return tuple(languages) or (ENGLISH,)
    words = _WORD.findall(question.lower())
    found = {
        name: sum(word in small_words(name) for word in words) for name in sorted(set(languages))
    }
    most = max(found.values())
    best = [name for name, count in found.items() if count == most]
    return tuple(best) if most and len(best) == 1 else tuple(found)

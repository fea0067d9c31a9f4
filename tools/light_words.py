"""English words that carry little of what is asked: those an answer may do without.

Knows words only, of no document or field in particular, and none that stands for another.
"""


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


FLUFF = _set("""
    somebody someone anybody anyone nobody everybody thing things something anything
    way ways job put puts go goes going went come make makes made start started still yet get got
    let lets able happen happens possible actually really please exactly know tell told want wants
    wish like look looking looked think thought say said point stretch case line lot bit kind sort
    type use used using before after again altogether total once ever never always soon quickly
    quick badly much many day someone's might could would should we us our i me my you your
    whole also even just own else another other others different early earlier later late latest
    normal ordinary regular usual certain given particular actual currently now today present
    try set keep take takes turn turns run runs runs stay stays hold holds bring put done do did
    reach around roughly about nearly almost per each every
""")
"""Words of a question that a sentence which answers it need not hold."""

LIGHT = _set("""
    accept achieve act admit advise announce answer argue ask disclose mention state
    adopt affect aim allow amount appear apply approach arrange arrive assign
    assume attend avoid badly become begin behave believe belong better bother break brief broad
    build busy calculate cause celebrate challenge choose chose chosen cite claim clean clear
    collect combine common compare complete concern conduct consider consist contain continue
    contribute correct count create current cut deal decide demand depend depends derive deserve
    desire determine develop differ difficult direct discuss double doubt draw drive drop easy
    effect enable encounter enjoy ensure enter entire equal essential exact exceed exist explain
    express extra facing face fair famous fast favour feature feel fill final find fine firm fit
    fix follow force form formats free fresh full general generate genuine good grant great grow
    guess guide handle happen hard have heap help high hit hope hurt identify imagine immediate
    impact imply important impose include indicate individual initial insist intend introduce
    involve issue join kick large lead leave legal likely link list live load local locate lodge
    loose lower main maintain major manage matter mean meet mention minor mind miss modern move
    name natural necessary need nick nicked normal note notice observe obtain obvious occur odd
    official open operate oppose organise original overall owe own particular pick place plain
    plan play point poor popular pose prefer prepare present press prevent previous principal
    private produce promise proper protect prove public publish pull purpose push qualify question
    quit rather reach react ready real receive recognise recommend refer reflect refuse relate
    relevant rely remain remember remind require rest result ring rough rule safe satisfy scale
    see seek seem sell send sense separate serious serve settle shape share shave shift short
    shortest significant similar simple single situation sit size slight small solid sound spare
    speak special specific spread stand state step stick stop straight stretch strict strong
    struggle succeed suffer suggest suit sum supply support suppose switch talk tend term throw
    tied tier tight top total touch track treat true trust typical undertake unlikely unusual
    usual valid various view visit wait walk want warn watch welcome whole wide win wish wonder
    work worry worth wrong newest lately twice hear heard breaking involved wanted chosen offered
    exceeding leftover excluding including regarding concerning counting considering
""")
"""Common verbs and adjectives: where no evidence has one it was reworded. A noun is what is asked
for."""

"""Lists of English words, by what they are good for. Knows nothing else."""


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


STOP = _set("""
    a about above after again all also am an and any are as at be because been before being
    below between both but by can could did do does doing done down during each few for from
    further get gets give given gives had has have having he her here hers him his how i if in
    into is it its itself just let me more most my of off on once only or our ours out over own
    please s same she should so some such t tell than that the their theirs them then there
    these they this those through to too under until up us very was we were what when where
    which while who whom whose why will with would you your yours show say says said many much
    long often old far big large according based exactly stated mentioned described per want
    need know find primarily roughly approximately mainly generally overall historically onward
    every several currently recently ever there's what's who's where's etc vs versus via upon
    within
""")
"""Words that say nothing of what a text is about."""
GENERIC = _set("""
    amount total figure value number level question answer report reported company group fiscal
    year years annual end ended ending statement unit units percent percentage percents round
    decimal place places million millions billion billions thousand thousands usd eur euro euros
    dollar dollars period quarter document documents page provide calculate compute define
    defined name list give state use using information data detail details shown line items
    respond response solution base judgement exact please tell many much whole overall rate
""")
"""Words of a question that say nothing of what is looked for."""
OPERATIONS = _set("""
    change changed difference differ differs increase increased decrease decreased grow grew
    grown growth rise rose risen fall fell fallen decline declined drop dropped more less higher
    lower larger smaller greater fewer ratio share percentage percent proportion fraction margin
    sum total combined together average mean compare compared relative cagr compound times
    multiple absolute terms add added divided per improve improved between year-over-year over
    yoy represent represents account accounted make made up part exceed exceeded spend spent one
    two three four five six gap apart minus happen happens happened meant intended possible
    carried carry stand stood expect bring brought come came comes take taken took need needed
    ask asks asked get kind sort type big show earned earn pay paid work worked works use used
    using
""")
"""Words of comparing and computing, and verbs as general as these."""
OPENERS = _set("""
    what who when where which why how is are was were do does did has have had can could should
    will would may might must in on at by for from of to the a an list name give show find
    describe explain compare calculate compute tell according assuming based using under over if
    please and or during between among as with within taking assume answer roughly state provide
    define respond approach round express also fiscal
""")
"""Words that may begin a question with a capital and are no name."""
CALENDAR = _set("""
    january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday
""")
"""Months and days: capitals that name nobody."""
SPANS = _set("""
    minutes minute hour hours day days week weeks month months year years
""")
"""Units of time."""
MEASURES = _set("""
    seconds minutes hours days weeks months years second minute hour day week month year min h
    kg g mg t km m cm mm mi ft m/s km/h w kw mw v a ah wh kwh gb mb tb hz khz mhz ghz l ml
    people employees users customers stations pages requests shares countries nautical metres
    meters kilometres kilograms grams litres °c °f hpa bar percent million billion thousand
""")
"""Words after a number that are its unit."""

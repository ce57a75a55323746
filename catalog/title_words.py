"""The words of mashup titles as data: what joins sources, names makers, or tells of no songs."""

from __future__ import annotations

import re
from dataclasses import dataclass


def _word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


MASHUP = r"(?:(?:mega|live)?mash(?:ed)?[- ]?ups?|매[시쉬]업|マッシュアップ)"
MASHUP_OF = re.compile(rf"\W*(?:\w+ )?{MASHUP} (?:of|between)\b", re.IGNORECASE)
_ADJECTIVE = (
    r"piano|guitar|violin|beatbox|acoustic|live|overdub|official|epic|awesome|flawless|amazing"
    r"|best|new|my|dubstep|quick|short|full|perfect|great|cool|vocal|a ?capp?ella|random|fan|video"
    r"|music|original|first|second|last"
)


@dataclass(frozen=True, slots=True)
class Negative:
    """A sign that a title names no two songs; `always` outweighs even a list of names."""

    reason: str
    pattern: re.Pattern[str]
    always: bool


NEGATIVES = (
    Negative(
        "a mix of many songs",
        _words(
            r"mega ?mix(?:es)?|year ?mix|year[- ]end|united state of pop|danthology|pop songs world"
            r"|(?:\d{2,}|several|many|dozens of|all the) (?:\w+ )?(?:songs?|hits|tracks)|top \d{2,}"
        ),
        always=True,
    ),
    Negative(
        "films or games, not songs",
        _words(r"trailers?|movie mash[- ]?up|film mash[- ]?up|supercuts?|amv"),
        always=True,
    ),
    Negative(
        "about making mashups",
        _words(r"tutorials?|lesson|walkthrough|making of|behind the scenes|interview|documentary"),
        always=True,
    ),
    Negative(
        "an album, playlist or set",
        _words(
            r"full album|mash[- ]?up (?:album|pack|contest|battle|challenge|thread)s?"
            r"|compilation|playlist|mix ?tape|(?:live|dj) set|non-?stop|jukebox|podcast|radio show"
        ),
        always=True,
    ),
    Negative(
        "a dated or numbered mix",
        _words(
            r"\w+ (?:mix|set|edition) (?:#|no\.? ?|vol(?:ume|\.)? ?|ep\.? ?)?\d+|vol(?:ume|\.) ?\d+"
            rf"|best (?:of|songs?|hits|{MASHUP})|(?:songs?|hits|{MASHUP}) (?:of )?(?:19|20)\d\d"
            r"|(?:summer|winter|spring|autumn|party|dance|club|workout) mix|\d{4} recap|medley"
        ),
        always=False,
    ),
    Negative(
        "a question or a performance, no list of songs",
        _words(
            r"how (?:to|i)|looking for|requests?|reaction|review|explained|launchpad"
            r"|(?:\d\d)?\d0'?s"
        ),
        always=False,
    ),
)

# Brackets that name makers or circumstances; a list of names beside the word `mashup` is kept.
MAKER_BRACKET = _words(
    rf"{MASHUP}|\w*mix|rmx|re-?edit|edit|bootleg|blend|rework|refix|flip|medley|prod(?:uced)?\.?|by"
    r"|performed|vip|live|cover(?:s|ed|ing)?|acoustic|piano|guitar|remake|version|remaster(?:ed)?"
    r"|video|overdub|clip|mv|instrumental|acapella|demo|concept|slowed|reverb|sped|beatbox"
)
# What a poster adds to a title; a bracket starts with it and lists no names.
POSTER_NOTE = re.compile(
    r"(?:x-?post|cross-?post|request(?:ed)?|official|free|download|my|first|feedback|link|repost"
    r"|re-?up(?:load)?|not mine|warning|nsfw|fixed|lyrics?|audio|out now|explicit|soundcloud|mp3"
    r"|(?:\d{4}|hd|hq|4k|oc|self|clean|\d+ ?kbps)$)\b",
    re.IGNORECASE,
)
PERFORMED = _words(
    r"beatbox|acoustic|cover(?:s|ed|ing)?|loop ?station|sings?|singing|performed|unplugged"
)

TAG_PREFIX = re.compile(
    rf"^\W*(?:(?:(?:here'?s |this is |i made |i did )?(?:my|an?|the|this|our)\s+)?"
    rf"(?:(?:{_ADJECTIVE})\s+)*{MASHUP}(?:\s+(?:of|between|by me|i made)\b)?[\s:!,\])]*"
    r"|i (?:just )?(?:made|did|mashed)(?: up)?\s+(?:(?:an?|this|my)\s+)?)",
    re.IGNORECASE,
)
TAG_SUFFIX = re.compile(
    rf"[\s(\[,|]{{0,4}}(?<!\w)(?:(?:{_ADJECTIVE})\s+)*{MASHUP}"
    r"(?:\s+(?:by|prod|on|i made|for|from|with my|ft\.?|feat\.?)(?!\w).*)?"
    r"(?:\s+(?:\d{4}|4k|hd|hq|\d{3,4}p))*[\s)\]!.]*$",
    re.IGNORECASE,
)
TAG_BEFORE_DASH = re.compile(rf"\w.*{MASHUP}[\s)\]]*\s-+\s", re.IGNORECASE)
BY_MAKER = re.compile(r"\s+(?:prod(?:uced)?\.? )?by\s+[^/,()]{2,40}$", re.IGNORECASE)
MORE_ITEM = re.compile(r"^(?:(?:and|&)\s+)?(?:(?:many |some )?more|others?|etc)\W*$", re.IGNORECASE)

# Names that hold what elsewhere separates names.
UNSPLIT_NAMES = (
    "AC/DC", "Earth, Wind & Fire", "Matt & Kim", "Simon & Garfunkel", "Hall & Oates",
    "Mumford & Sons", "Coheed & Cambria", "Above & Beyond", "Chase & Status", "Tegan & Sara",
    "Of Monsters & Men", "Tyler, the Creator", "Crosby, Stills, Nash & Young",
    "Crosby, Stills & Nash", "Macklemore & Ryan Lewis", "Blood, Sweat & Tears",
    "Ike & Tina Turner", "Sonny & Cher", "She & Him", "Peaches & Herb", "Iron & Wine",
    "Belle & Sebastian", "Angus & Julia Stone", "Sam & Dave", "Years & Years", "Big & Rich",
    "Zager & Evans", "Peter, Bjorn & John", "Peter, Paul & Mary", "Emerson, Lake & Palmer",
    "Captain & Tennille", "Axwell /\\ Ingrosso", "Dimitri Vegas & Like Mike", "Seals & Crofts",
    "Loggins & Messina", "Jan & Dean", "Eric B. & Rakim", "Pete Rock & CL Smooth",
    "Mike + The Mechanics", "Dan + Shay", "Brooks & Dunn", "Charles & Eddie", "Ashford & Simpson",
    "Zion & Lennox", "Wisin & Yandel", "Aly & AJ", "Maddie & Tae", "Foster & The People",
    "Florence + The Machine", "R & B", "Drum & Bass", "Rock & Roll", "Black & White", "You & I",
    "You & Me", "Up & Down", "Day & Night", "9/11", "24/7",
)  # fmt: skip
# `X & the Ys`, `X and his Ys` are one band.
BAND_TAIL = re.compile(r"(?<=\w)(\s+(?:&|and|\+)\s+)(?=(?:the|his|her|their)\s)", re.IGNORECASE)

# Words that song names hold and artists' names seldom do.
SONG_WORDS = _word_set(
    """
    again all always am anything are as at away baby back be been being break but call can
    cannot cant come comes could dance dancing day did didnt do does dont down dream dreams drop
    ever every everything feel feeling feels fight for forever from get gets getting give gives
    go goes going gone gonna got gotta hate heart here hit hold how i id if ill im in is it its
    ive just keep kiss know knows leave let lets life like look lose love loved loves loving
    make makes me miss much my need never night no nobody not nothing of on only our out
    remember ride run said say says see seen shake shall should so somebody something song stay
    still stop take takes tell than that there think this time to today tomorrow tonight too
    touch turn u up us wanna want was we were what whats when where who why will with without
    wont work world would ya you your youre
    """
)
# Plain words: song names are made of them, but some bands' names are too.
PLAIN_WORDS = _word_set(
    """
    air angel angels animal arms babe beat beautiful believe bells best better big bitter blame
    blind blood blue boat body born breath breathe bright bring broken bullet burn bye car
    careless castle chain chance change cheap children city clean clock clocks close cloud cold
    colors cool crash crazy cross cruel cry cut dark dead dear death deep devil diamonds die
    dirt dirty doctor door drink drive drown drunk dust dying earth easy empty end enough epic
    evil eye eyes face fade faded fake fall falling family famous fast feet fever field fire
    first flame flash float flower flowers fly fool fools free friend friends fun future game
    gangsta ghost girls glass glory gold golden good gravity great green grey ground guilty gun
    halo hand hands happy hard heaven hell hello hero hey hide high highway hips holiday home
    honey hope horse hot hotel house human hungry hurricane hurt ice imagine insane island
    jealous jump kids kill killing kingdom land last late laugh lay lean learn left less letter
    level lies lift light lights line lips listen little live living lonely long lord lost loud
    lover lovers low lucky mad magic mama man mashed mean memories memory men mercy message
    midnight million mind mine miracle mirror mirrors money monkey monster moon morning mother
    motion mountain mouth move murder music naked name new next nice nights number ocean old
    ones open order other outside over pain paper paradise part party past people perfect
    photograph picture piece place play please pocket poison poker power pray pretty price
    problems promise proud pump pure push rain rainbow ready real reason red rehab rich right
    ring riot rise river road rock roll roof room rough royals rude sad safe sail same save
    school sea secret secrets seven sex sexy shadow shallow shame shape ship shit shoes shot
    shots shout show shower sick side sign silence simple sing single sister sky sleep slow
    small smell smells smile smoke snow soldier some someone soul sound space spirit spring
    stand star starlight stars start starts state step stereo stitches stone storm story
    straight strange street stronger style sugar suit summer sun sunday sunshine super sweet
    swim system talk tears teenage thing things thinking thousand thrift thunder tie till times
    tiny tired together town toxic toy train trap treasure trouble trust truth try umbrella
    under upside use valley venom village voice wait waiting wake walk walking wall war warm
    watch water wave waves weak wear week weekend west white wicked wild wind window wine wings
    winter wish woman wonder wonderful wonderwall word words worry worth wrong year years yellow
    yesterday young
    """
)
# Words that artists' names hold: titles, kinds of ensembles, given names.
ARTIST_WORDS = _word_set(
    """
    aaron abby abel adam adrian alan alex alice alicia allen amanda amy andre andrew andy angela
    anna annie anthony ariana arthur ashley austin avril band barbra barry ben bernard beth
    betty bill billy blake bob bobby bonnie boys brandon brenda brett brian britney brooke bros
    brothers brown bruce bruno bryan bryant calvin carl carlos carly carole caroline carrie cat
    charles charli charlie cher chester chris christina chuck clan clarence claude cliff club
    collective conan conor corey craig crew curtis cyndi dan daniel daryl dave david debbie demi
    dennis derek diana dionne dizzee dj djs doja dolly dolores don donna dr dre drew dwight ed
    eddie eddy edgar ellie elton elvis emma enrique ensemble eric ernest etta eva feat featuring
    felix fergie fiona five florence francis frank freddie freddy ft gang gene george gerry gil
    glen gloria gotye grace graham greg gregory gwen hank harris harry heidi helen henry howard
    hozier hugh ian iggy imogen ingrid isaac jack jackson jacques jake james jamie jamiroquai
    janelle janet jared jason jay jean jeff jennifer jenny jerry jess jesse jessie jim jimi
    jimmy joan joe john johnny johnson jojo jon jonas jonathan jones joni jordan jose josh joss
    juan julia julian julie justin kanye kate katy keith kelis kelly ken kendall kendrick kenny
    kesha kevin kid kings kirk kris kurt kyle kylie lady lana laura lauren lauryn lee lenny leo
    leon leona leonard lewis liam lil lionel lisa liza lloyd lois lorde loretta lou louis lucas
    luke luther lynn machine marc marcus margo maria mariah marina mario mark martin marvin mary
    matt mavis max mc meghan mel melanie merle michael mick mike miley missy mitch moby monica
    morgan mr mrs nancy nas nat natalie natasha neil nelly neneh nick nicki nico nicole nina
    noah noel norah norman olivia omar orchestra oscar otis otto owen ozzy pat patrick patsy
    patti paul paula peggy peppers percy perry peter pharrell phil phillip phoebe project
    quartet queens quincy rachel ralph randy raphael ray rebecca regina rex ricardo richard rick
    ricky rita rob robbie robert robin robyn rod rodney roger roland ron ronnie rosa roy rufus
    russell ruth ryan sade saint sam sammy sandra santana sara sarah scott sean selena serge
    shawn sheryl sid simon sinead sir sisters smith snoop sonny sophie stan stephanie stephen
    steve stevie stewart sufjan susan sylvester t-pain taylor ted teddy terence terry thelonious
    theo thom thomas tiffany tim timothy tina toby todd tom tommy tony tori tracy travis trent
    trey tribe trio ty tyler van vanessa vic victor vince virginia vivian wanda warren wayne
    wendy wes whitney williams willie wilson winston wiz wyclef xavier yoko yusuf zac zach zara
    zayn ziggy
    """
)

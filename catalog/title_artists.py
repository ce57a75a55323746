"""Widely known artists, from general knowledge: evidence that a part of a title names an artist.

A name that is missing here is not less of an artist; a catalogue of songs still decides.
"""

from __future__ import annotations

import re
from functools import lru_cache

from catalog import names, title_words

# Separated by semicolons; written from memory, none taken from a data set.
_SIXTIES_TO_EIGHTIES = """
    ABBA; AC/DC; Aerosmith; a-ha; Al Green; Alice Cooper; Aretha Franklin; B.B. King; Bananarama;
    Barry White; The Beach Boys; The Beatles; Bee Gees; Bill Withers; Billy Idol; Billy Joel;
    Black Sabbath; Blondie; Bob Dylan; Bob Marley; Bobby McFerrin; Bon Jovi; Boney M;
    Bonnie Tyler; Boston; Bruce Springsteen; Bryan Adams; The Cars; Cat Stevens; Chaka Khan;
    Cheap Trick; Cher; Chic; Chicago; Chuck Berry; The Clash; Coolio;
    Creedence Clearwater Revival; The Cure; Culture Club; Cyndi Lauper; Daryl Hall & John Oates;
    Hall & Oates; David Bowie; Dead or Alive; Deep Purple; Def Leppard; Depeche Mode; Devo;
    Diana Ross; Dire Straits; Dolly Parton; Donna Summer; The Doors; Duran Duran; Eagles;
    Earth, Wind & Fire; Echo & the Bunnymen; Electric Light Orchestra; Elton John; Elvis Presley;
    Erasure; Eric Clapton; Etta James; Europe; Eurythmics; Fleetwood Mac; Foreigner; Four Tops;
    Frank Sinatra; Frankie Goes to Hollywood; Gary Numan; Genesis; George Harrison;
    George Michael; Gloria Gaynor; Guns N' Roses; Herbie Hancock; The Human League; Iggy Pop;
    INXS; Iron Maiden; The Jackson 5; Jackson 5; James Brown; Janis Joplin; Jefferson Airplane;
    Jethro Tull; Jimi Hendrix; Joan Jett; John Denver; John Lennon; Johnny Cash; Joni Mitchell;
    Journey; Joy Division; Judas Priest; Kansas; Kate Bush; Kenny Loggins; Kenny Rogers; KISS;
    The Kinks; Kool & The Gang; Kraftwerk; Led Zeppelin; Lionel Richie; Louis Armstrong;
    Lynyrd Skynyrd; Madness; Madonna; The Mamas & the Papas; Marvin Gaye; Meat Loaf; Men at Work;
    Metallica; MC Hammer; Michael Jackson; Modern Talking; The Monkees; Motörhead; Neil Diamond;
    Neil Young; New Order; Nina Simone; Otis Redding; Ozzy Osbourne; Patti Smith; Paul Simon;
    Pet Shop Boys; Peter Gabriel; Phil Collins; Pink Floyd; Pixies; The Police; Prince; Queen;
    Ramones; Ray Charles
"""
_EIGHTIES_TO_NOUGHTIES = """
    Red Hot Chili Peppers; R.E.M.; REM; Rick Astley; Rick James; Rod Stewart; The Rolling Stones;
    Roxy Music; Run-DMC; Rush; Sade; Salt-N-Pepa; Santana; Sex Pistols; Simon & Garfunkel;
    Simple Minds; The Smiths; Soft Cell; Spandau Ballet; Stan Getz; Steely Dan; Steppenwolf;
    Stevie Nicks; Stevie Wonder; Sting; The Stooges; The Supremes; Supertramp; Survivor;
    Sylvester; T. Rex; Talking Heads; Tears for Fears; The Temptations; Thin Lizzy; Tina Turner;
    Tom Jones; Tom Petty; Tom Waits; Toto; U2; Van Halen; Van Morrison; The Velvet Underground;
    Village People; Wham!; Whitesnake; Whitney Houston; The Who; Yazoo; ZZ Top; The Zombies;
    2 Unlimited; 2Pac; Tupac; 50 Cent; 98 Degrees; A Tribe Called Quest; Aaliyah; Ace of Base;
    Air; Alanis Morissette; Alice in Chains; Alicia Keys; Amy Winehouse; Annie Lennox; Aphex Twin;
    Aqua; Arcade Fire; Arctic Monkeys; Ashanti; Avril Lavigne; Backstreet Boys; Basement Jaxx;
    Beastie Boys; Beck; Belle and Sebastian; Ben Folds; Beyoncé; Big Pun; Biggie; Björk;
    Black Eyed Peas; The Black Keys; Blink-182; Bloc Party; Bloodhound Gang; Blur;
    Bone Thugs-N-Harmony; Boyz II Men; Bran Van 3000; Britney Spears; Busta Rhymes; Cake;
    The Cardigans; Celine Dion; The Chemical Brothers; Christina Aguilera; Ciara; Coldplay;
    The Cranberries; Craig David; Creed; Crystal Method; Cypress Hill; D'Angelo; Daft Punk;
    Dave Matthews Band; De La Soul; Death Cab for Cutie; Deftones; Destiny's Child; Dido;
    Dizzee Rascal; DMX; Dr. Dre; Eiffel 65; Elliott Smith; Eminem; Enrique Iglesias; Enya;
    Evanescence; Everlast; Faith No More; Faithless; Fall Out Boy; Fatboy Slim; Feist;
    The Flaming Lips; Foo Fighters; Franz Ferdinand; Fugees; Garbage; Gnarls Barkley; Goldfrapp;
    Goo Goo Dolls; Gorillaz; Green Day; Groove Armada; Gwen Stefani; Haddaway; The Hives; Hot Chip
"""
_NINETIES_AND_NOUGHTIES = """
    House of Pain; Ice Cube; Incubus; Interpol; Ja Rule; James Blunt; Jamiroquai; Janet Jackson;
    Jay-Z; Jay Z; Jennifer Lopez; Jet; Jimmy Eat World; John Legend; John Mayer; Justice;
    Justin Timberlake; Kaiser Chiefs; Kanye West; Keane; Kelis; Kelly Clarkson; Kid Rock;
    The Killers; Kings of Leon; Korn; Kylie Minogue; La Roux; Lady Gaga; Lauryn Hill;
    LCD Soundsystem; Lenny Kravitz; Lil' Kim; Lil Jon; Lil Wayne; Limp Bizkit; Linkin Park;
    Lily Allen; LL Cool J; Lou Bega; Lou Reed; Ludacris; M.I.A.; Manu Chao; Marilyn Manson;
    Mariah Carey; Mark Ronson; Maroon 5; Massive Attack; Method Man; MGMT; Missy Elliott; Moby;
    Modest Mouse; Moloko; Muse; My Chemical Romance; N.W.A; Nas; Natalie Imbruglia; Nate Dogg;
    Nelly; Nelly Furtado; N.E.R.D; Nickelback; Nine Inch Nails; Nirvana; No Doubt;
    The Notorious B.I.G.; Notorious B.I.G.; NSYNC; Oasis; The Offspring; Ol' Dirty Bastard;
    OutKast; Papa Roach; Passion Pit; Paul McCartney; Peaches; Pearl Jam; Pharrell;
    Pharrell Williams; Phoenix; Pink; P!nk; Pitbull; Placebo; POD; Portishead; The Postal Service;
    The Presets; The Prodigy; Public Enemy; Puff Daddy; Pulp; Queens of the Stone Age; R. Kelly;
    Radiohead; Rage Against the Machine; Rammstein; The Raconteurs; Robbie Williams; Robyn;
    The Roots; Röyksopp; Scissor Sisters; Seal; Shaggy; Shakira; Shania Twain; Sigur Rós;
    Sir Mix-a-Lot; Sisqó; Slipknot; The Smashing Pumpkins; Smash Mouth; Smashing Pumpkins;
    Snoop Dogg; Snow Patrol; Sonic Youth; Soundgarden; Spice Girls; Spoon; Stereolab; The Streets;
    The Strokes; Sublime; Sufjan Stevens; Sugababes; Sum 41; System of a Down; t.A.T.u.;
    Tenacious D; The Ting Tings; The Verve; TLC; Tool; Travis; Underworld; Usher; Vampire Weekend;
    Vanilla Ice; Vengaboys; Warren G; Weezer; Wheatus; The White Stripes; Will Smith;
    Wu-Tang Clan; Yeah Yeah Yeahs
"""
_LATER = """
    2 Chainz; A$AP Rocky; Adele; Afrojack; Aloe Blacc; alt-J; Ariana Grande; Ava Max; Avicii;
    Azealia Banks; B.o.B; Bad Bunny; Bastille; Bebe Rexha; The Bloody Beetroots; Billie Eilish;
    BLACKPINK; Bon Iver; Boys Noize; Bruno Mars; BTS; Calvin Harris; Camila Cabello; Cardi B;
    Carly Rae Jepsen; The Chainsmokers; Charli XCX; Chance the Rapper; Cheryl Cole;
    Childish Gambino; Chris Brown; CHVRCHES; Clean Bandit; Cobra Starship; Crystal Castles;
    Cut Copy; Chappell Roan; Dan Deacon; David Guetta; DaBaby; deadmau5; Demi Lovato; Diplo;
    Disclosure; DJ Khaled; DJ Snake; Doja Cat; Drake; Dua Lipa; Duck Sauce; Ed Sheeran;
    Ellie Goulding; Empire of the Sun; Far East Movement; Fergie; Fifth Harmony; Fleet Foxes;
    Flo Rida; Florence + the Machine; Florence and the Machine; Foster the People; Frank Ocean;
    Fun.; Future; G-Eazy; Girl Talk; Glass Animals; Gotye; Grimes; Grizzly Bear; Grouplove;
    Gucci Mane; Gym Class Heroes; Haim; Halsey; Harry Styles; Hozier; Icona Pop; Ice Spice;
    Iggy Azalea; Imagine Dragons; J. Cole; Jack Harlow; James Blake; Janelle Monáe; Jason Derulo;
    Jason Mraz; Jessie J; Jonas Brothers; Juice WRLD; Justin Bieber; Kaskade; Katy Perry;
    Kavinsky; Ke$ha; Kesha; Khalid; Kendrick Lamar; Keri Hilson; Kid Cudi; Knife Party; The Knife;
    Lana Del Rey; Lil Nas X; Lizzo; Little Mix; Lorde; Lewis Capaldi; LMFAO; Lumineers;
    Lupe Fiasco; M83; Mac Miller; Macklemore; Macklemore & Ryan Lewis; Major Lazer; Marshmello;
    Martin Garrix; MF DOOM; Metro Boomin; Meghan Trainor; Miley Cyrus; Megan Thee Stallion
"""
_LATEST = """
    Migos; Miike Snow; The Mountain Goats; Mumford & Sons; Neon Trees; Ne-Yo; NewJeans;
    Nicki Minaj; Odesza; Of Monsters and Men; Olivia Rodrigo; One Direction; OneRepublic;
    Owl City; Panic! at the Disco; Paramore; Passenger; Pendulum; Peter Bjorn and John;
    Philip Glass; PinkPantheress; Plain White T's; Post Malone; PSY; Pusha T; Rick Ross; Rihanna;
    Rita Ora; Rosalía; Run the Jewels; Sam Smith; Sean Kingston; Sean Paul; Selena Gomez;
    Shawn Mendes; Sia; Simian Mobile Disco; Skrillex; Sleigh Bells; Soulja Boy; St. Vincent;
    Stromae; Swedish House Mafia; SZA; T-Pain; T.I.; Tame Impala; Taio Cruz; Taylor Swift;
    Tegan and Sara; The 1975; The Temper Trap; The Weeknd; The xx; The Wanted; TV on the Radio;
    The Script; The Hood Internet; Tiësto; Timbaland; Tinie Tempah; Tove Lo; Toro y Moi;
    Travis Scott; Train; Trey Songz; Troye Sivan; Twenty One Pilots; Two Door Cinema Club;
    Ty Dolla $ign; Tyler, The Creator; Waka Flocka Flame; Walk the Moon; will.i.am; Wiz Khalifa;
    Yelle; Years & Years; Young Thug; Zara Larsson; Zayn; Zedd; Xzibit; Wolfmother; Washed Out;
    The Naked and Famous; The National; Tally Hall; Neutral Milk Hotel; Animal Collective;
    Beach House; Band of Horses; Broken Social Scene; Boards of Canada; Burial; Bonobo; Caribou;
    Cold War Kids; Edward Sharpe; Flight of the Conchords; Flux Pavilion; Flying Lotus; Four Tet;
    Nero; Ratatat; Rusko; Sleater-Kinney; Stone Temple Pilots; Third Eye Blind;
    They Might Be Giants; Three 6 Mafia; The Bangles; The Hollies; The Isley Brothers;
    The Turtles; Ben E. King; Bobby Brown; Gladys Knight; Nancy Sinatra; Dusty Springfield;
    Grandmaster Flash; Sugarhill Gang; Isaac Hayes; Curtis Mayfield; Sly & The Family Stone
"""

_TEXTS = (_SIXTIES_TO_EIGHTIES, _EIGHTIES_TO_NOUGHTIES, _NINETIES_AND_NOUGHTIES, _LATER, _LATEST)
MAX_ARTIST_WORDS = 5
_JOINS = re.compile(r"\s*(?:[&+/,:;-]|(?:and|ft|feat|featuring|vs?|x|with|w|by)\b)", re.IGNORECASE)
_WORD = re.compile(r"\S+")


def _key(name: str) -> str:
    """A folded name without `and`: `Hall & Oates`, `Hall and Oates` and a hidden `&` are one."""
    return names.fold(name).replace(" and ", " ")


KNOWN_ARTISTS = frozenset(
    _key(" ".join(name.split())) for text in _TEXTS for name in text.split(";")
)


@lru_cache(maxsize=4096)  # the rules ask again and again for the names of one title
def is_known_artist(name: str) -> bool:
    """Whether a name, however written, is one of the widely known artists.

    A plain word that songs are called as too (`Train`, `Future`) does not tell.
    """
    folded = names.fold(name)
    is_common = folded in title_words.PLAIN_WORDS or folded in title_words.SONG_WORDS
    return _key(name) in KNOWN_ARTISTS and not is_common


def known_artists_in(text: str) -> list[str]:
    """The known artists that stand in a text, the longest names first taken, in their order."""
    words = list(_WORD.finditer(text))
    found: list[str] = []
    index = 0
    while index < len(words):
        for last in range(min(index + MAX_ARTIST_WORDS, len(words)) - 1, index - 1, -1):
            name = text[words[index].start() : words[last].end()]
            if is_known_artist(name):
                found.append(name)
                index = last
                break
        index += 1
    return found


def split_after_artist(text: str) -> tuple[str, str] | None:
    """`Nirvana Come As You Are` as artist and rest, where a known artist's name starts the text."""
    ends = [word.end() for word in _WORD.finditer(text)][:-1]
    for end in reversed(ends[:MAX_ARTIST_WORDS]):
        if is_known_artist(text[:end]):
            is_joined = bool(_JOINS.match(text[end:])) or is_known_artist(text)
            return None if is_joined else (text[:end], text[end:].strip())
    return None


def split_before_artist(text: str) -> tuple[str, str] | None:
    """`Smells Like Water Nirvana` as rest and artist, where a known artist's name ends it."""
    starts = [word.start() for word in _WORD.finditer(text)][1:]
    for start in starts[-MAX_ARTIST_WORDS:]:
        if is_known_artist(text[start:]):
            return text[:start].strip(), text[start:]
    return None

"""What the band knows by heart: styles, grooves, bass lines, chord figures, progressions, names.

Tables only. Rows are one bar of sixteen steps; how they are read stands beside each table.
"""

from __future__ import annotations

from dataclasses import dataclass

# A drum row: X accent, x normal, o soft, - ghost note, . rest.
VELOCITIES = {"X": 1.0, "x": 0.8, "o": 0.55, "-": 0.3}

GROOVES: dict[str, dict[str, str]] = {
    "rock": {"kick": "X.....o.x.......", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.o."},
    "driving": {"kick": "X...x...X...x.o.", "snare": "....X.......X..-", "hat": "xoxoxoxoxoxoxoxo"},
    "half time": {
        "kick": "X.........o.....",
        "snare": "........X.......",
        "ride": "x...o...x...o...",
    },
    "pop": {"kick": "X......xx.......", "clap": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
    "four floor": {
        "kick": "X...X...X...X...",
        "clap": "....x.......x...",
        "hat": "X...X...X...X...",
        "open": "..o...o...o...o.",
    },
    "disco": {
        "kick": "X...X...X...X...",
        "snare": "....x.......x...",
        "hat": "xo.oxo.oxo.oxo.o",
        "open": "..o...o...o...o.",
    },
    "boom bap": {
        "kick": "X......x.xo.....",
        "snare": "....X..-....X...",
        "hat": "x.x.x.x.x.x.x.xo",
    },
    "trap": {"kick": "X.....x...x.....", "clap": "........X.......", "hat": "x.x.x.xxx.x.xoxo"},
    "funk": {"kick": "X.x....o..x.....", "snare": "....X.-.-...X..-", "hat": "xoxoxoxoxoxoxox."},
    "one drop": {"kick": "x.......X.......", "rim": "........X....-..", "hat": "x.x.x.x.x.x.x.xo"},
    "brushes": {
        "kick": "x.........o.....",
        "rim": "....x.......x...",
        "shaker": "xoxoxoxoxoxoxoxo",
    },
    "stomp": {"kick": "X...X...X...X...", "clap": "....X.......X...", "tom": "..............oo"},
    "breakbeat": {
        "kick": "X.x.......x.....",
        "snare": "....X..-.-..X..-",
        "ride": "x.x.x.x.x.x.x.x.",
    },
}

# A bass row: r root, f fifth, o octave, t third, a approach to the next root, - hold, . rest.
BASS_LINES: dict[str, str] = {
    "whole": "r---------------",
    "halves": "r-------r-----f-",
    "eighths": "r.r.r.r.r.r.r.r.",
    "driving": "r-r-r-r-f-r-r-a-",
    "off beat": "..r-..r-..r-..r-",
    "gallop": "r-rrr-rrr-rrr-rr",
    "octaves": "r.o.r.o.r.o.r.o.",
    "syncopated": "r--r--r---r-f-a-",
    "funk": "r-.r..o.r..t.fa.",
    "dub": "r-----..r-f-....",
    "walking": "r---t---f---a---",
    "trap": "r---------r---..",
}

# A chord row: X and x strike, - hold, . rest.
FIGURES: dict[str, str] = {
    "whole": "X---------------",
    "halves": "X-------x-------",
    "quarters": "X---x---x---x---",
    "skank": "....x.......x...",
    "up beats": "..x...x...x...x.",
    "house stab": "X..x..x...x..x..",
    "eighths": "x-x-x-x-x-x-x-x-",
    "strum": "X---x-x-..x-x-x-",
    "push": "X-----x---x---x-",
    "ballad": "X---x---X---x-x-",
    "charleston": "X-----x-........",
}

PROGRESSIONS: dict[str, tuple[str, ...]] = {
    "major": (
        "I V vi IV", "vi IV I V", "I IV V IV", "I vi IV V", "I iii IV V", "IV V iii vi",
        "I V ii IV", "ii V I vi", "I bVII IV I", "I ii IV V", "vi V IV V", "I IV vi V",
        "IV I V vi", "I I IV V",
    ),
    "minor": (
        "i bVI bIII bVII", "i bVII bVI bVII", "i iv v i", "i bVI iv V", "i bIII bVII iv",
        "i iv bVI V", "bVI bVII i i", "i v bVI iv", "i bVII iv bVI", "iv i bVI bVII",
        "i i bVI bVII", "i bIII iv bVI",
    ),
}  # fmt: skip

FORMS: tuple[tuple[str, ...], ...] = (
    ("verse", "chorus", "verse", "chorus", "break", "chorus"),
    ("verse", "verse", "chorus", "verse", "chorus", "break"),
    ("chorus", "verse", "chorus", "break", "verse", "chorus"),
    ("verse", "chorus", "break", "verse", "chorus", "chorus"),
)

# How likely each layer plays in each section; the voice is composed apart.
LAYER_CHANCES: dict[str, dict[str, float]] = {
    "intro": {"drums": 0.5, "bass": 0.45, "chords": 0.8, "pad": 0.4, "arp": 0.5, "lead": 0.5},
    "verse": {"drums": 0.95, "bass": 0.95, "chords": 0.9, "pad": 0.25, "arp": 0.25, "lead": 0.0},
    "chorus": {"drums": 1.0, "bass": 1.0, "chords": 1.0, "pad": 0.8, "arp": 0.5, "lead": 0.15},
    "break": {"drums": 0.4, "bass": 0.5, "chords": 0.7, "pad": 0.7, "arp": 0.5, "lead": 0.8},
    "outro": {"drums": 0.6, "bass": 0.6, "chords": 0.9, "pad": 0.4, "arp": 0.4, "lead": 0.3},
}


@dataclass(frozen=True, slots=True)
class Style:
    """The habits of one kind of music, from which each song draws its own."""

    name: str
    bpm: tuple[float, float]
    minor_share: float
    grooves: tuple[str, ...]
    kits: tuple[str, ...]
    bass_sounds: tuple[str, ...]
    bass_lines: tuple[str, ...]
    chord_sounds: tuple[str, ...]
    figures: tuple[str, ...]
    lead_sounds: tuple[str, ...]
    chord_size: int = 3  # 2 power chord, 3 triad, 4 seventh chord
    swing: tuple[float, float] = (0.0, 0.0)  # share of a step by which off steps come late
    swing_steps: int = 1  # 1: sixteenths swing, 2: eighths swing
    loose_ms: float = 4.0  # how far players stray from the grid, standard deviation
    ducking: float = 0.0  # how deep the kick ducks the rest
    rap_share: float = 0.0


STYLES: tuple[Style, ...] = (
    Style("pop", (95, 130), 0.4, ("pop", "driving", "four floor"), ("studio", "machine"),
          ("picked bass", "saw bass", "sub bass"), ("eighths", "syncopated", "driving", "halves"),
          ("piano", "electric piano", "soft pad", "bright synth"), ("quarters", "push", "whole"),
          ("square lead", "bell", "glass"), ducking=0.25),
    Style("rock", (105, 148), 0.35, ("rock", "driving", "half time"), ("studio", "garage"),
          ("picked bass", "driven bass"), ("eighths", "driving", "halves"),
          ("power guitar", "crunch guitar", "organ"), ("eighths", "push", "quarters"),
          ("crunch guitar", "organ"), chord_size=2, loose_ms=6.0),
    Style("house", (118, 130), 0.6, ("four floor", "disco"), ("machine", "deep"),
          ("saw bass", "sub bass", "square bass"), ("off beat", "octaves", "syncopated"),
          ("bright synth", "electric piano", "organ", "supersaw"),
          ("house stab", "up beats", "push"),
          ("square lead", "glass", "supersaw"), chord_size=4, loose_ms=0.0, ducking=0.55),
    Style("hip hop", (82, 98), 0.7, ("boom bap", "half time"), ("dusty", "deep"),
          ("sub bass", "picked bass"), ("syncopated", "dub", "halves"),
          ("electric piano", "piano", "string section"), ("charleston", "halves", "whole"),
          ("bell", "flute", "nylon guitar"), chord_size=4, swing=(0.1, 0.3), rap_share=0.6),
    Style("trap", (130, 150), 0.8, ("trap",), ("machine", "deep"),
          ("sub bass",), ("trap", "whole"), ("bell", "soft pad", "glass", "nylon guitar"),
          ("halves", "whole"), ("flute", "bell", "square lead"), loose_ms=0.0, rap_share=0.5),
    Style("ballad", (80, 96), 0.4, ("half time", "brushes", "rock"), ("studio", "brush"),
          ("picked bass", "upright bass", "sub bass"), ("whole", "halves"),
          ("piano", "nylon guitar", "string section", "electric piano"),
          ("ballad", "quarters", "whole"),
          ("flute", "bell", "string section"), loose_ms=8.0),
    Style("lo-fi", (80, 92), 0.5, ("boom bap", "brushes"), ("dusty", "brush"),
          ("upright bass", "sub bass"), ("walking", "dub", "syncopated"),
          ("electric piano", "nylon guitar", "piano"), ("charleston", "ballad", "whole"),
          ("flute", "glass", "marimba"), chord_size=4, swing=(0.2, 0.33), loose_ms=9.0),
    Style("synthwave", (84, 120), 0.7, ("driving", "rock", "four floor"), ("gated", "machine"),
          ("saw bass", "square bass"), ("eighths", "gallop", "octaves"),
          ("supersaw", "soft pad", "bright synth"), ("whole", "quarters", "push"),
          ("square lead", "supersaw", "bell"), loose_ms=0.0, ducking=0.35),
    Style("funk", (96, 118), 0.5, ("funk", "disco", "breakbeat"), ("studio", "garage"),
          ("slap bass", "picked bass"), ("funk", "syncopated", "octaves"),
          ("clean guitar", "electric piano", "organ", "brass"),
          ("house stab", "up beats", "charleston"),
          ("brass", "organ", "square lead"), chord_size=4, swing=(0.0, 0.15)),
    Style("reggae", (80, 100), 0.5, ("one drop", "half time"), ("studio", "deep"),
          ("sub bass", "upright bass"), ("dub", "syncopated"), ("clean guitar", "organ", "piano"),
          ("skank", "up beats"), ("brass", "organ", "flute"), swing=(0.0, 0.2), swing_steps=2),
    Style("folk", (86, 126), 0.3, ("brushes", "stomp", "rock"), ("brush", "studio"),
          ("upright bass", "picked bass"), ("halves", "whole", "walking"),
          ("nylon guitar", "steel guitar", "piano"), ("strum", "eighths", "ballad"),
          ("flute", "marimba", "steel guitar"), swing=(0.0, 0.25), swing_steps=2, loose_ms=8.0),
    Style("trance", (128, 142), 0.7, ("four floor", "disco"), ("machine", "gated"),
          ("saw bass", "square bass"), ("off beat", "gallop"),
          ("supersaw", "bright synth", "soft pad"),
          ("whole", "house stab", "eighths"), ("supersaw", "glass", "square lead"),
          loose_ms=0.0, ducking=0.6),
)  # fmt: skip

# List lengths are pairwise coprime where two are combined, so that neighbouring seeds
# meet every combination once before any repeats (Chinese remainder theorem).
ARTIST_FIRST = (
    "Velvet", "Paper", "Hollow", "Copper", "Lunar", "Quiet", "Feral", "Amber", "Plastic", "Ivory",
    "Brindle", "Cobalt", "Drowsy", "Ember", "Fable", "Gilded", "Harbour", "Indigo", "Jasper",
    "Kindled", "Lacquer", "Marble", "Nimbus", "Ochre", "Pewter", "Quartz", "Rusted", "Saffron",
    "Tidal", "Umber", "Vesper", "Willow", "Xylo", "Yonder", "Zephyr", "Crooked", "Dusty",
    "Electric", "Frozen", "Gentle", "Wandering",
)  # fmt: skip
ARTIST_SECOND = (
    "Anchors", "Heron", "Comets", "Lantern", "Orchard", "Radios", "Staircase", "Magpies", "Engine",
    "Parade", "Thimbles", "Avenue", "Badgers", "Cartel", "Dominoes", "Elbows", "Ferry",
    "Gardeners", "Hinge", "Islands", "Jackdaws", "Kettles", "Ledger", "Mirrors", "Narwhal",
    "Otters", "Pilots", "Quarry", "Relay", "Satchel", "Turnstile", "Umbrellas", "Valley",
    "Whistlers", "Yardstick", "Zinnias", "Archive", "Bakery", "Circuit", "Dioramas", "Estuary",
    "Foxglove", "Greenhouse",
)  # fmt: skip
TITLE_FIRST = (
    "Midnight", "Golden", "Broken", "Seventh", "Silver", "Burning", "Paper", "Borrowed", "Hidden",
    "Slow", "Distant", "Empty", "Falling", "Glass", "Heavy", "Inner", "Lonely", "Morning",
    "Nervous", "Open", "Patient", "Quick", "Restless", "Secret", "Tender", "Upper", "Violet",
    "Winter", "Yellow", "Counting", "Chasing", "Leaving", "Holding", "Painting", "Stolen",
    "Wooden", "Perfect",
)  # fmt: skip
TITLE_SECOND = (
    "Signals", "Tide", "Windows", "Avenue", "Machines", "Promise", "Harvest", "Static", "Gravity",
    "Weather", "Letters", "Fever", "Ladders", "Oceans", "Neighbours", "Shadows", "Currents",
    "Satellites", "Maps", "Rivers", "Engines", "Candles", "Horizon", "Stairs", "Mountains",
    "Telephones", "Colours", "Riddles", "Sparrows", "Avalanche", "Carousel", "Kingdom", "Tomorrow",
    "Houses", "Magnets", "Orbit", "Pavement", "Question", "Rooftops", "Sundays", "Trains",
    "Umbrella", "Voltage", "Wishes", "Years", "Zero", "Daylight",
)  # fmt: skip
# {0} and {1} are the two words; most names are plain, some carry what name parsers trip over.
ARTIST_SHAPES = (
    "{0} {1}", "The {0} {1}", "{0} & the {1}", "{0} {1}", "{0} {1} Trio", "{0}-{1}", "{0} {1}",
    "DJ {0} {1}", "{1} of {0}",
)  # fmt: skip
TITLE_SHAPES = (
    "{0} {1}", "The {0} {1}", "{0} {1}", "Don't Need {0} {1}", "{0} {1} (Part 2)", "{0} {1}",
    "{1} - {0}", "{0} {1} Tonight",
)  # fmt: skip

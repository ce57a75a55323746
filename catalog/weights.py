"""Every number by which songs are chosen, as data, each with its reason.

A song's score is 1 minus its penalties. It is taken when it reaches a threshold *and* leads the
next best song by a gap. Names decide first (`choice`, `match`, `candidates`), then the ears weigh
in (`evidence`).
"""

from __future__ import annotations

import re

# What a whole mismatch of each part weighs.
WEIGHTS: dict[str, float] = {
    "artist": 3.0,  # another artist is another recording
    "title": 3.0,  # another title is another song
}
# Penalties, in shares of the part's weight, where a title leaves the part out.
ARTIST_NOT_NAMED = 0.25
GUESTS_DIFFER = 0.15  # `A ft. B` was asked for
TITLE_NOT_NAMED = 0.45  # artists make many songs
TITLE_NOT_NAMED_ONLY_SONG = 0.3  # but this catalogue holds just one of theirs
TITLE_HIDDEN = 0.08  # its words stand in the mashup's own name

# Penalties on the score itself for a recording other than the plain one.
VERSION_PENALTIES: dict[str, float] = {
    "karaoke": 0.3,  # neither singer nor record
    "reaction": 0.3,
    "mashup": 0.3,  # a mashup is no source of one
    "cover": 0.2,  # another singer
    "sped up": 0.15,  # tempo and key are not the song's
    "slowed": 0.15,
    "8d": 0.15,  # moving stereo image
    "reverb": 0.1,
    "remix": 0.1,  # another bed
    "live": 0.1,  # another take, free tempo
    "acoustic": 0.1,
    "demo": 0.1,
    "instrumental": 0.06,  # lacks the voice
    "acapella": 0.06,  # lacks the bed
    "edit": 0.04,
    "extended": 0.02,
    "radio edit": 0.01,
    "remaster": 0.01,
}
# Somebody other than the artist or an automatic `- Topic` channel published it.
UNOFFICIAL_CHANNEL = 0.02

THRESHOLD = 0.74  # below it nothing is taken
GAP = 0.06  # to the next best song; closer than that is a guess
MIN_HIDDEN = 0.6  # share of a title's letters to be found in the mashup's name
HEARD_WEIGHT = 9.0  # a song located by ear outweighs a doubtful name
PAIR_FLOOR = 0.6  # a song less likely than this is not proposed, to the ears or to a person

# What a search offers is judged more strictly: among millions of uploads the plain recording is
# nearly always there, so that another version must not win because nothing better was listed.
OFFER_THRESHOLD = 0.84
OFFER_VERSION_FACTOR = 2.0
ARTIST_IN_WORDS = 0.8  # likeness where the artist stands somewhere in a video's title
ARTIST_AS_CHANNEL = 0.95  # likeness where only the channel is named like the artist
NOT_A_SONG = 1.0  # a live stream, a private video
TOO_SHORT_S, SHORT_S, LONG_S, TOO_LONG_S = 30.0, 60.0, 480.0, 900.0
TOO_SHORT, SHORT, LONG, TOO_LONG = 0.4, 0.1, 0.1, 0.5
DURATION_FREE_S = 3.0  # recordings of one master differ by this much
DURATION_DIFFERS_S = 14.0  # spotDL drops a candidate here; videos have intros, so here it costs
DURATION_DIFFERS = 0.12

# Words in a video's title that tell it from a recording: name, pattern, penalty.
CONTENT_PENALTIES: tuple[tuple[str, re.Pattern[str], float], ...] = tuple(
    (name, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE), penalty)
    for name, pattern, penalty in (
        ("mashup", r"vs\.?|megamix|medley", 0.4),
        ("lesson", r"tutorial|lesson|how to (?:play|sing)|tabs?|chords", 0.4),
        ("loop", r"\d+ hours?|hour loop|loop(?:ed)?", 0.4),
        ("album", r"full album|playlist|compilation|greatest hits|best of", 0.4),
        ("parody", r"parody|type beat|ai (?:cover|version)", 0.4),
        ("talk", r"interview|explained|behind the scenes|making of|trailer|teaser", 0.4),
        ("played by others", r"(?:drum|guitar|bass|piano|violin) (?:cover|version)|8-?bit", 0.3),
        ("bass boosted", r"bass boosted|boosted", 0.2),
    )
)

# A pair that the ears have heard: both songs' scores, their mean, and what is added to each.
BED_NOT_LOCATED = 0.2  # chroma finds nearly every backing song that is there
VOICE_NOT_LOCATED = 0.0  # unverified is never a reason against
ANOTHER_FITS = 0.5  # an unlocated song that another one could stand for
PAIR_REVIEW_FLOOR = 0.45  # below it a person's time would be wasted

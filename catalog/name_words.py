"""The words that describe a recording rather than name a song, as data."""

from __future__ import annotations

import re


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


# What a bracket or a trailing field says about the recording: standard word -> how makers write it.
VERSION_WORDS: dict[str, re.Pattern[str]] = {
    "live": _words(r"live|in concert|unplugged|mtv unplugged"),
    "remix": _words(r"remix(?:ed)?|re-mix|rmx|bootleg|flip|vip mix|club mix|\w+ mix|dub mix|dub"),
    "cover": _words(r"cover(?:ed)?(?: version| by)?|tribute|in the style of"),
    "karaoke": _words(r"karaoke(?: version)?|backing track|sing[- ]?along"),
    "instrumental": _words(r"instrumental(?: version)?|inst\.?"),
    "acapella": _words(r"a ?capp?ella|vocals? only|isolated vocals?|studio acapella"),
    "acoustic": _words(r"acoustic(?: version)?|stripped"),
    "sped up": _words(r"sped[- ]?up|speed up|nightcore|fast version"),
    "slowed": _words(r"slowed(?: down)?|slow version|daycore|chopped (?:and|&|n) screwed"),
    "reverb": _words(r"reverb"),
    "8d": _words(r"8d(?: audio)?"),
    "extended": _words(r"extended(?: version| mix)?|12\"(?: mix)?|12 inch"),
    "radio edit": _words(r"radio (?:edit|version|mix)"),
    "edit": _words(r"re-?edit|(?<!radio )edit"),
    "demo": _words(r"demo(?: version)?"),
    "remaster": _words(r"(?:digital(?:ly)? )?remaster(?:ed)?(?: version)?"),
    "mashup": _words(r"mash[- ]?ups?"),
    "reaction": _words(r"reaction"),
}

# Brackets that say nothing about the music.
NOISE_BRACKET = _words(
    r"official|offical|video|audio|visuali[sz]er|lyrics?|hd|hq|4k|1080p|720p|full song|download"
    r"|free (?:download|dl)|explicit|clean|uncensored|m/?v|clip|x-?post.*|stereo|mono|prod\.?.*"
    r"|(?:album|single|original|full) version|original mix|re-?up(?:load)?(?:ed)?|out now"
)

FEATURING = re.compile(r"(?:^|\s+)(?:feat|ft|featuring)(?:\.\s*|\s+)", re.IGNORECASE)

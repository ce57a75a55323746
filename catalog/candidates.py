"""Which of a search's results is the song that a mashup's title names, with the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from catalog import choice, names, weights
from catalog.catalogue import ALIAS_LIKENESS, CREDITS
from catalog.name_index import compact
from catalog.names import find_versions, fold, parse_song, song_key
from catalog.records import StandardName
from catalog.weights import GAP, OFFER_THRESHOLD, WEIGHTS
from catalog.youtube.records import VideoFacts

SURE_LIKENESS = 0.9  # of an artist or title from here up it is taken for the wanted one


@dataclass(frozen=True, slots=True)
class Wanted:
    """The song that is looked for."""

    name: StandardName
    duration_s: float | None = None  # of the recording, where a database knows it


@dataclass(frozen=True, slots=True)
class Offer:
    """A video that may be the song, and why it scores as it does."""

    facts: VideoFacts
    name: StandardName
    song: str  # uploads of one song share it
    score: float  # 0 to 1
    penalties: Mapping[str, float]  # by name, each its share of 1


@dataclass(frozen=True, slots=True)
class Selection:
    """The offer that was chosen, or the reason why none was."""

    offer: Offer | None
    reason: str = ""


def rank(results: Sequence[VideoFacts], wanted: Wanted) -> tuple[Offer, ...]:
    """Score the results of a search, best first; of equal ones the site's first stays first."""
    offers = [_offer(facts, wanted) for facts in results]
    return tuple(sorted(offers, key=lambda offer: -offer.score))


def select(offers: Sequence[Offer], wanted: Wanted) -> Selection:
    """Choose the best offer where it reaches the threshold and no other song comes near it."""
    if not offers:
        return Selection(None, f'the search for "{wanted.name}" found nothing')
    best = offers[0]
    if best.score < OFFER_THRESHOLD:
        why = ", ".join(f"{name} {value:.2f}" for name, value in best.penalties.items())
        near = f'"{best.facts.title}" ({best.score:.2f}, {OFFER_THRESHOLD} is needed: {why})'
        return Selection(None, f'nothing found is enough like "{wanted.name}"; nearest is {near}')
    rival = next((offer for offer in offers if offer.song != best.song), None)
    if rival is not None and best.score - rival.score < GAP:
        two = f'"{best.facts.title}" and "{rival.facts.title}"'
        return Selection(None, f'two songs found for "{wanted.name}" are equally likely: {two}')
    return Selection(best)


def _offer(facts: VideoFacts, wanted: Wanted) -> Offer:
    name = parse_song(facts.title, channel=facts.channel)
    if facts.artist and facts.track:  # music metadata knows better than a typed title
        stated = parse_song(f"{facts.artist} - {facts.track}")
        name = StandardName(stated.artist, stated.title, (*stated.version, *name.version))
    artist, title = _artist_likeness(facts, name, wanted), _title_likeness(name, wanted)
    named = dict(_name_penalties(wanted, artist, title))
    found = named | _version_penalties(facts, name, wanted) | _video_penalties(facts, wanted)
    penalties = {reason: value for reason, value in found.items() if value > 0}
    score = max(0.0, 1 - sum(penalties.values()))
    is_artist, is_title = artist >= SURE_LIKENESS, title >= SURE_LIKENESS
    known = StandardName(
        wanted.name.artist if is_artist and wanted.name.artist else name.artist or facts.channel,
        wanted.name.title if is_title else name.title,
    )
    return Offer(facts, name, song_key(known), score, penalties)


def _name_penalties(wanted: Wanted, artist: float, title: float) -> Iterator[tuple[str, float]]:
    total = sum(WEIGHTS.values())
    if wanted.name.artist is None:
        yield "artist not named", WEIGHTS["artist"] * weights.ARTIST_NOT_NAMED / total
    else:
        yield "artist differs", WEIGHTS["artist"] * choice.mismatch(artist) / total
    if wanted.name.title is None:
        yield "title not named", WEIGHTS["title"] * weights.TITLE_NOT_NAMED / total
    else:
        yield "title differs", WEIGHTS["title"] * choice.mismatch(title) / total


def _artist_likeness(facts: VideoFacts, name: StandardName, wanted: Wanted) -> float:
    """How like the wanted artist a video's is: by its title, its channel, or its words."""
    if wanted.name.artist is None:
        return 0.0
    asked = _plain(wanted.name.artist)
    likeness = [0.0]
    if name.artist:
        credited = [_plain(part) for part in CREDITS.split(name.artist)]
        likeness.append(_ratio(asked, _plain(name.artist)))
        likeness.append(ALIAS_LIKENESS if asked in credited else 0.0)
    elif facts.channel and asked == fold(facts.channel):
        likeness.append(weights.ARTIST_AS_CHANNEL)
    if f" {asked} " in f" {fold(facts.title)} ":
        likeness.append(weights.ARTIST_IN_WORDS)
    return max(likeness)


def _title_likeness(name: StandardName, wanted: Wanted) -> float:
    """How like the wanted title a video's is, with or without the artist's words before it."""
    if wanted.name.title is None:
        return 0.0
    asked = _plain(wanted.name.title)
    texts = [_plain(name.title)] if name.title else []
    if wanted.name.artist and name.artist is None:
        texts.append(f" {fold(name.title or '')} ".replace(f" {fold(wanted.name.artist)} ", " "))
    return max((_ratio(asked, text.strip()) for text in texts), default=0.0)


def _version_penalties(facts: VideoFacts, name: StandardName, wanted: Wanted) -> dict[str, float]:
    """Version words and contents that were not asked for, wherever they stand in the title."""
    text = names.standardize(facts.title)
    asked = {*wanted.name.version, *find_versions(str(wanted.name))}
    found = {
        word: weights.OFFER_VERSION_FACTOR * weights.VERSION_PENALTIES.get(word, 0.05)
        for word in dict.fromkeys((*name.version, *find_versions(text)))
        if word not in asked
    }
    for content, pattern, penalty in weights.CONTENT_PENALTIES:
        if pattern.search(text) and not pattern.search(str(wanted.name)):
            found.setdefault(content, penalty)
    return found


def _video_penalties(facts: VideoFacts, wanted: Wanted) -> dict[str, float]:
    """What speaks against the video itself: its length, who published it, whether it ends."""
    return {
        "live stream": weights.NOT_A_SONG if facts.is_live else 0.0,
        "private": weights.NOT_A_SONG if facts.is_private else 0.0,
        **_duration_penalties(facts.duration_s, wanted.duration_s),
        "unofficial channel": 0.0 if _is_official(facts, wanted) else weights.UNOFFICIAL_CHANNEL,
    }


def _duration_penalties(duration_s: float | None, wanted_s: float | None) -> dict[str, float]:
    if duration_s is None:
        return {}
    if wanted_s is not None:
        span_s = weights.DURATION_DIFFERS_S - weights.DURATION_FREE_S
        beyond_s = abs(duration_s - wanted_s) - weights.DURATION_FREE_S
        share = min(1.0, max(0.0, beyond_s / span_s))
        return {"duration differs": weights.DURATION_DIFFERS * share} | _implausible(duration_s)
    return _implausible(duration_s)


def _implausible(duration_s: float) -> dict[str, float]:
    """What a length costs that songs seldom have."""
    if duration_s < weights.SHORT_S:
        is_far = duration_s < weights.TOO_SHORT_S
        return {"too short for a song": weights.TOO_SHORT if is_far else weights.SHORT}
    if duration_s > weights.LONG_S:
        is_far = duration_s > weights.TOO_LONG_S
        return {"too long for a song": weights.TOO_LONG if is_far else weights.LONG}
    return {}


def _is_official(facts: VideoFacts, wanted: Wanted) -> bool:
    """Whether the artist, an automatic `- Topic` channel or an official one published a video."""
    if facts.channel is None:
        return True
    automatic = names.channel_artist(facts.channel)
    channel = compact(fold(automatic or facts.channel))
    if wanted.name.artist is None:
        return automatic is not None or "official" in channel
    return "official" in channel or compact(fold(wanted.name.artist)) in channel


def _plain(text: str) -> str:
    """A name folded, without guests."""
    return song_key(StandardName(None, text))[1:]


def _ratio(a: str, b: str) -> float:
    return fuzz.ratio(a, b) / 100

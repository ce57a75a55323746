"""Which songs is this mashup made of? Ranked hypotheses from title, description and metadata."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from catalog import names, title_words
from catalog.descriptions import listed_sources
from catalog.records import StandardName
from catalog.title_cores import cores
from catalog.title_parts import TitleParts, shield, split_listing, take_apart
from catalog.title_reading import Reading
from catalog.title_rules import PAIR_RULES, RULES, artists_mentioned

MAX_HYPOTHESES = 6
MAX_TITLE_CHARS = 400  # sites allow 100 to 300; what is longer is no title, and slow to read
MAX_DESCRIPTION_CHARS = 20_000
MIN_CONFIDENCE = 0.05
_WITHOUT = "without the mashup's name or maker"
SURE = 0.8  # confidence from which a reading needs no second look at the title
MUSIC_METADATA_TRUST = 0.97


@dataclass(frozen=True, slots=True)
class TitleHypothesis:
    """One guess at a mashup's sources; an unknown artist or title is None."""

    sources: tuple[StandardName, ...]
    confidence: float  # 0 to 1
    evidence: tuple[str, ...]
    mashup_name: str = ""  # words in which the names of the songs may hide (`Chasing Kids`)

    def to_json(self) -> dict[str, object]:
        """What a program reads: sources, confidence, evidence."""
        return {
            "sources": [{"artist": name.artist, "title": name.title} for name in self.sources],
            "confidence": round(self.confidence, 3),
            "evidence": list(self.evidence),
        }


def hypothesize(
    title: str,
    *,
    channel: str | None = None,
    description: str | None = None,
    music: Sequence[StandardName] = (),
    chapters: Sequence[str] = (),
) -> list[TitleHypothesis]:
    """Ranked hypotheses for the songs of a mashup, the likeliest first.

    Parameters
    ----------
    title : the video's title or a file's stem, as scraped
    channel : who published it; a field of the title that names the channel is the maker
    description : makers list their sources there; read line by line
    music : what a site's music metadata says is heard
    chapters : the titles of the chapters

    Returns
    -------
    At most six hypotheses; none where the title lists no two songs: megamixes, trailers, tutorials.
    """
    title = title[:MAX_TITLE_CHARS]
    written = _from_lists(title, description, chapters, music)
    parts = _without_channel(take_apart(title), channel)
    readings = [reading for rule in RULES for reading in rule(parts) if len(reading.sources) > 1]
    if not written and _negative_reason(title, parts):
        return []
    if not parts.is_performed:
        readings += _pairs_of_cores(title, readings)
    return _ranked([*written, *readings, *_not_covered(artists_mentioned(parts), readings)])


def _pairs_of_cores(title: str, readings: Sequence[Reading]) -> list[Reading]:
    """Where no sure reading pairs artists and songs, those of the title without name or maker."""
    if any(reading.confidence >= SURE and _is_complete(reading) for reading in readings):
        return []
    found = {
        reading.sources: replace(reading, evidence=f"{_WITHOUT}: {reading.evidence}")
        for parts in map(take_apart, reversed(cores(title)))
        for rule in PAIR_RULES
        for reading in rule(parts)
        if _is_complete(reading)
    }
    known = {reading.sources for reading in readings}
    return [reading for sources, reading in found.items() if sources not in known]


def _is_complete(reading: Reading) -> bool:
    return all(source.artist and source.title for source in reading.sources)


def _not_covered(mentioned: Sequence[Reading], readings: Sequence[Reading]) -> list[Reading]:
    """Readings by mentioned artists, but for those whose artists another reading names too."""
    found = [{names.fold(s.artist) for s in reading.sources if s.artist} for reading in readings]
    return [
        reading
        for reading in mentioned
        if not any({names.fold(s.artist or "") for s in reading.sources} <= got for got in found)
    ]


def to_json(title: str, hypotheses: Sequence[TitleHypothesis]) -> dict[str, object]:
    """One line of `flows titles`: the best hypothesis's sources, and all hypotheses."""
    best = hypotheses[0].to_json() if hypotheses else {"sources": [], "confidence": 0.0}
    return {
        "title": title,
        "sources": best["sources"],
        "confidence": best["confidence"],
        "hypotheses": [hypothesis.to_json() for hypothesis in hypotheses],
    }


def _from_lists(
    title: str, description: str | None, chapters: Sequence[str], music: Sequence[StandardName]
) -> list[Reading]:
    """Hypotheses from what is written beside the title, each with the trust that it deserves."""
    readings = []
    if len(music) > 1:
        readings.append(Reading(tuple(music), MUSIC_METADATA_TRUST, "the site's music metadata"))
    for text, where in ((description or "", "description"), ("\n".join(chapters), "chapters")):
        listed = listed_sources(text[:MAX_DESCRIPTION_CHARS], title=title)
        if len(listed.sources) > 1:
            readings.append(Reading(listed.sources, listed.trust, f"the {where} lists them"))
    return readings


def _without_channel(parts: TitleParts, channel: str | None) -> TitleParts:
    """The parts without fields that only repeat who published the video."""
    if channel is None:
        return parts
    maker = names.fold(names.standardize(channel))
    fields = tuple(field for field in parts.fields if names.fold(field) != maker)
    return replace(parts, fields=fields)


def _negative_reason(title: str, parts: TitleParts) -> str | None:
    """Why a title is set aside as no mashup of listed songs, or None."""
    text = names.standardize(title)
    texts = (*parts.fields, *parts.brackets)
    has_list = any(split_listing(shield(part)).is_strong for part in texts)
    for negative in title_words.NEGATIVES:
        if (negative.always or not has_list) and negative.pattern.search(text):
            return negative.reason
    return None


def _ranked(readings: Iterable[Reading]) -> list[TitleHypothesis]:
    """Readings of the same sources merged, sorted by confidence, the faint ones dropped."""
    merged: dict[tuple[str, ...], TitleHypothesis] = {}
    for reading in sorted(readings, key=lambda reading: -reading.confidence):
        key = tuple(names.song_key(source) for source in reading.sources)
        known = merged.get(key)
        if known is None:
            if reading.confidence >= MIN_CONFIDENCE:
                merged[key] = TitleHypothesis(
                    reading.sources, reading.confidence, (reading.evidence,), reading.mashup_name
                )
        elif reading.evidence not in known.evidence:
            merged[key] = TitleHypothesis(
                known.sources,
                1 - (1 - known.confidence) * (1 - reading.confidence),
                (*known.evidence, reading.evidence),
                known.mashup_name or reading.mashup_name,
            )
    ranked = sorted(merged.values(), key=lambda hypothesis: -hypothesis.confidence)
    return ranked[:MAX_HYPOTHESES]

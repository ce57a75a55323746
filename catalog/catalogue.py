"""The songs that are known, indexed so that one among a million is found in milliseconds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from catalog import choice, names, weights
from catalog.choice import Candidate
from catalog.name_index import Groups, NameIndex, group
from catalog.name_words import FEATURING
from catalog.records import StandardName, Track, TrackKind

MAX_SONGS_PER_NAME = 400  # of one artist or one title looked at per source
ALIAS_LIKENESS = 0.95  # one of several credited artists
PART_LIKENESS = 0.85  # the name and something else
NEAR_TITLE = 0.75  # below this likeness an artist's song is not the one asked for
MIN_EDGE_LETTERS = 5

CREDITS = re.compile(r"\s+(?:&|and|x|feat\.?|ft\.?|featuring|with|vs\.?)\s+|\s*,\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Query:
    """One source as it is looked up: ids of like names with their likeness, folded texts."""

    asked: StandardName
    artists: Mapping[int, float]
    titles: Mapping[int, float]
    title: str
    mashup_name: str


class Catalogue:
    """Distinct songs of known tracks; several recordings of one song count as one song."""

    def __init__(self, tracks: Iterable[Track]) -> None:
        self._recordings: list[list[Track]] = []
        self._keys: list[tuple[str, str]] = []
        by_key: dict[str, int] = {}
        for track in tracks:
            if track.kind is TrackKind.MASHUP:
                continue
            key = names.song_key(track.name)
            song = by_key.setdefault(key, len(self._keys))
            if song == len(self._keys):
                artist, _, title = key.partition("|")
                self._keys.append((artist, title))
                self._recordings.append([])
            self._recordings[song].append(track)
        self._index()

    def __len__(self) -> int:
        return len(self._keys)

    def _index(self) -> None:
        """Index titles and artists, every credited artist on their own too."""
        self._titles = NameIndex(title for _, title in self._keys)
        credits = [(alias, song) for song in range(len(self)) for alias in self._credited(song)]
        self._artists = NameIndex(alias for alias, _ in credits)
        self._by_title = _grouped(
            self._titles, ((title, song) for song, (_, title) in enumerate(self._keys))
        )
        self._by_artist = _grouped(self._artists, credits)

    def _credited(self, song: int) -> list[str]:
        """The folded artist of a song and, where several are credited, each of them."""
        whole = self._keys[song][0]
        artist = self._recordings[song][0].name.artist
        if not artist:
            return []
        parts = CREDITS.split(artist)
        return [whole] if len(parts) == 1 else list(dict.fromkeys([whole, *map(names.fold, parts)]))

    def is_artist(self, name: str) -> bool:
        """Whether a folded name is a known artist's."""
        return self._artists.exact(name) is not None

    def is_title(self, name: str) -> bool:
        """Whether a folded name is a known song's title."""
        return self._titles.exact(name) is not None

    def candidates(self, asked: StandardName, *, mashup_name: str = "") -> list[Candidate]:
        """Known songs that fit a source, best first; `mashup_name` may hide an unnamed title."""
        query = _Query(
            asked=asked,
            artists=_similar(self._artists, asked.artist, CREDITS),
            titles=_similar(self._titles, asked.title, None),
            title=names.song_key(StandardName(None, asked.title))[1:] if asked.title else "",
            mashup_name=names.fold(mashup_name) if mashup_name else "",
        )
        of_artists = self._songs_of(query.artists, self._by_artist)
        of_titles = self._songs_of(query.titles, self._by_title)
        if asked.title is None:
            of_titles, is_alone = {}, len(of_artists) == 1
        else:
            of_artists = {
                song: like for song, like in of_artists.items() if self._is_near(song, query)
            }
            is_alone = False
        songs = of_artists.keys() | of_titles.keys()
        found = (
            self._candidate(
                song, query, of_artists.get(song, 0.0), of_titles.get(song, 0.0), is_alone
            )
            for song in songs
        )
        return sorted(found, key=lambda candidate: (-candidate.score, candidate.track.track_id))

    def _songs_of(self, found: Mapping[int, float], groups: Groups) -> dict[int, float]:
        """Songs of the names found, each with the likeness of the best of its names."""
        songs: dict[int, float] = {}
        for name_id, likeness in sorted(found.items(), key=lambda item: -item[1]):
            for song in groups.of(name_id)[:MAX_SONGS_PER_NAME].tolist():
                songs.setdefault(song, likeness)
        return songs

    def _is_near(self, song: int, query: _Query) -> bool:
        """Whether an artist's song may be the one asked for."""
        return fuzz.token_set_ratio(self._keys[song][1], query.title) >= 100 * NEAR_TITLE

    def _candidate(
        self,
        song: int,
        query: _Query,
        artist_likeness: float,
        title_likeness: float,
        is_alone: bool,
    ) -> Candidate:
        title = self._keys[song][1]
        shares: dict[str, float] = {}
        if query.asked.artist is None or not self._keys[song][0]:
            shares["artist not named"] = weights.ARTIST_NOT_NAMED
        else:
            likeness = artist_likeness or self._likeness_of(song, query.artists, self._by_artist)
            shares["artist differs"] = choice.mismatch(likeness)
            if self._lacks_guests(song, query.asked.artist):
                shares["artist's guests differ"] = weights.GUESTS_DIFFER
        if query.asked.title is not None:
            ratio = fuzz.ratio(title, query.title) / 100
            shares["title differs"] = choice.mismatch(max(title_likeness, ratio))
        else:
            shares |= choice.unnamed_title(title, query.mashup_name, is_alone=is_alone)
        return choice.best_recording(self._recordings[song], query.asked, shares)

    def _lacks_guests(self, song: int, artist: str) -> bool:
        """Whether guests are asked for (`A ft. B`) that no recording of the song credits."""
        if not FEATURING.search(artist):
            return False
        credited = (track.name.artist or "" for track in self._recordings[song])
        return names.fold(_spell_featuring(artist)) not in map(
            names.fold, map(_spell_featuring, credited)
        )

    def _likeness_of(self, song: int, found: Mapping[int, float], groups: Groups) -> float:
        return max(
            (like for name_id, like in found.items() if song in groups.of(name_id)), default=0.0
        )


def _spell_featuring(artist: str) -> str:
    return FEATURING.sub(" feat. ", artist)


def _grouped(index: NameIndex, pairs: Iterable[tuple[str, int]]) -> Groups:
    """Songs by the id of their name in `index`."""
    known = [(index.exact(name), song) for name, song in pairs]
    table = np.array([pair for pair in known if pair[0] is not None], dtype=np.int32).reshape(-1, 2)
    return group(table[:, 0], table[:, 1], n_groups=len(index))


def _similar(
    index: NameIndex, text: str | None, credits: re.Pattern[str] | None
) -> dict[int, float]:
    """Ids of names like `text`, its first credit, or a known name that it starts or ends with."""
    if text is None:
        return {}
    key = names.song_key(StandardName(None, text))[1:]  # without guests
    found = {hit.name_id: hit.similarity for hit in index.find(key)}
    if max(found.values(), default=0.0) == 1.0:
        return found
    parts = [names.fold(part) for part in credits.split(text)] if credits else []
    for part in parts if len(parts) > 1 else ():
        if (known := index.exact(part)) is not None:
            found[known] = max(found.get(known, 0.0), ALIAS_LIKENESS)
    if (known := _longest_edge(index, key.split())) is not None:
        found[known] = max(found.get(known, 0.0), PART_LIKENESS)
    return found


def _longest_edge(index: NameIndex, words: list[str]) -> int | None:
    """The longest known name that the words start or end with, of at least five letters."""
    for length in range(len(words) - 1, 0, -1):
        for edge in (words[:length], words[-length:]):
            name = " ".join(edge)
            if len(name) >= MIN_EDGE_LETTERS and (known := index.exact(name)) is not None:
                return known
    return None

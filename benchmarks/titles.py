"""How well titles are read and resolved: `python -m benchmarks.titles [--songs N] [--json]`.

Rules were tuned on the half of the corpus that `is_tuning` selects; the other is only reported.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from youtube_title_parse import get_artist_title

from catalog.catalogue import Catalogue
from catalog.match import match
from catalog.names import fold, song_key
from catalog.records import Entry, StandardName, Track, TrackKind
from catalog.titles import TitleHypothesis, hypothesize

OTHER_SONGS = 5_000
FIRST = 3  # hypotheses among which the right pair may stand

Parser = Callable[[str], list[TitleHypothesis]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A real mashup title and who is in it, as a person labelled it."""

    title: str
    sources: tuple[StandardName, ...]
    is_run_together: bool  # the songs' names are melted into one: `Chasing Kids`


@dataclass(frozen=True, slots=True)
class TitleScores:
    """Shares of 1 over a set of titles, with the counts that they come from."""

    titles: int
    artist_precision: float
    artist_recall: float
    artist_sets_right: float
    explicit_pairs: int
    explicit_pairs_right: float
    melted_pairs: int
    melted_pairs_right: float
    right_among_first_three: float
    negatives: int
    negatives_left_empty: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """How mashups resolve against a catalogue that holds their songs among others."""

    mashups: int
    songs: int
    exact: float
    wrong: float
    partly: float  # nothing wrong, but not every source
    review: float
    cpu_ms_per_title: float  # reading and resolving


def is_tuning(title: str) -> bool:
    """The half on which rules may be tuned: an even first byte of the title's SHA-256."""
    return hashlib.sha256(title.encode()).digest()[0] % 2 == 0


def read_corpus(path: Path) -> list[Labelled]:
    """The labelled titles of `titles.jsonl`."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Labelled(
            row["title"],
            tuple(StandardName(source["artist"], source["title"]) for source in row["sources"]),
            row["fmt"] == "PORT",
        )
        for row in rows
    ]


def plain_split(title: str) -> list[TitleHypothesis]:
    """The baseline: artists before the first dash, songs after it, split at separators."""
    text = re.sub(r"[(\[].*?[)\]]", "", title)
    before, _, after = text.partition(" - ")
    split = re.compile(r"\s+(?:vs\.?|x|\+|&|and|ft\.?|feat\.?)\s+|\s*[/,]\s*", re.IGNORECASE)
    artists = [part.strip() for part in split.split(before) if part.strip()]
    songs = [part.strip() for part in split.split(after) if part.strip()]
    if len(artists) == len(songs):
        sources = tuple(map(StandardName, artists, songs))
    else:
        sources = tuple(StandardName(artist, None) for artist in artists)
    return [TitleHypothesis(sources, 1.0, ("split at separators",))]


def title_parse(title: str) -> list[TitleHypothesis]:
    """The baseline `youtube-title-parse`, made for one song a title: one artist, one song."""
    found = get_artist_title(title)
    if not found:
        return []
    return [TitleHypothesis((StandardName(*found),), 1.0, ("youtube-title-parse",))]


def score(rows: Sequence[Labelled], parse: Parser) -> TitleScores:
    """Score a parser's first hypothesis, and its first three, on labelled titles."""
    found = [(row, parse(row.title)) for row in rows]
    mashups = [(row, got) for row, got in found if row.sources]
    empty = [not got for row, got in found if not row.sources]
    sets = [(_artists(row.sources), _artists(_top(got))) for row, got in found]
    shared = sum(len(want & got) for want, got in sets)
    explicit = _pairs_right((row, got) for row, got in mashups if not row.is_run_together)
    melted = _pairs_right((row, got) for row, got in mashups if row.is_run_together)
    apart = [(row, got) for row, got in mashups if not row.is_run_together]
    return TitleScores(
        titles=len(rows),
        artist_precision=_share(shared, sum(len(got) for _, got in sets)),
        artist_recall=_share(shared, sum(len(want) for want, _ in sets)),
        artist_sets_right=_mean(
            _artists(row.sources) == _artists(_top(got)) for row, got in mashups
        ),
        explicit_pairs=len(explicit),
        explicit_pairs_right=_mean(explicit),
        melted_pairs=len(melted),
        melted_pairs_right=_mean(melted),
        right_among_first_three=_mean(
            any(_fits(row, h) for h in got[:FIRST]) for row, got in apart
        ),
        negatives=len(empty),
        negatives_left_empty=sum(empty),
    )


def _top(hypotheses: Sequence[TitleHypothesis]) -> tuple[StandardName, ...]:
    return hypotheses[0].sources if hypotheses else ()


def _artists(sources: Iterable[StandardName]) -> set[str]:
    return {fold(source.artist) for source in sources if source.artist}


def _pairs_right(found: Iterable[tuple[Labelled, list[TitleHypothesis]]]) -> list[bool]:
    """For each labelled artist and song whether the first hypothesis pairs them."""
    return [
        (fold(want.artist), fold(want.title))
        in {
            (fold(got.artist), fold(got.title))
            for got in _top(hypotheses)
            if got.artist and got.title
        }
        for row, hypotheses in found
        for want in row.sources
        if want.artist and want.title
    ]


def _fits(row: Labelled, hypothesis: TitleHypothesis) -> bool:
    """Whether every labelled source is in the hypothesis, as far as it is labelled."""
    return all(any(_agrees(want, got) for got in hypothesis.sources) for want in row.sources)


def _agrees(want: StandardName, got: StandardName) -> bool:
    parts = ((want.artist, got.artist), (want.title, got.title))
    return all(
        asked is None or (has is not None and fold(asked) == fold(has)) for asked, has in parts
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _mean(values: Iterable[bool]) -> float:
    listed = list(values)
    return _share(sum(listed), len(listed))


def resolve(
    rows: Sequence[Labelled], *, same_artists: int, songs: int = OTHER_SONGS, seed: int = 0
) -> Resolution:
    """Resolve labelled mashups against their own songs among as many invented `songs`.

    Where a label leaves the artist or the title open, the song is the one that another label gives
    that title or artist, else an invented one; so an artist named alone has one song of their own
    here. Of the invented songs `same_artists` are by labelled artists, and a title that names only
    artists becomes ambiguous.
    """
    rng = random.Random(seed)
    mashups = [row for row in rows if len(row.sources) > 1]
    truth = _complete(mashups, rng)
    own = {song_key(name): name for names in truth for name in names}
    artists = [name.artist for name in own.values()]
    others = [StandardName(rng.choice(artists), _invented(rng)) for _ in range(same_artists)]
    others += [StandardName(_invented(rng), _invented(rng)) for _ in range(songs - same_artists)]
    catalogue = Catalogue(
        _track(name, number) for number, name in enumerate([*own.values(), *others])
    )
    start = time.process_time()
    chosen = [_resolved_keys(row.title, catalogue) for row in mashups]
    seconds = time.process_time() - start
    wanted = [{song_key(name) for name in names} for names in truth]
    exact = _mean(got == want for got, want in zip(chosen, wanted, strict=True))
    wrong = _mean(bool(got - want) for got, want in zip(chosen, wanted, strict=True))
    per_title = 1000 * seconds / len(mashups)
    review = _mean(not got for got in chosen)
    partly = 1 - exact - wrong - review
    return Resolution(len(mashups), len(catalogue), exact, wrong, partly, review, per_title)


def _resolved_keys(title: str, catalogue: Catalogue) -> set[str]:
    result = match(hypothesize(title), catalogue, title=title)
    return {song_key(track.name) for track in result.tracks}


_SYLLABLES = ("ka", "lo", "mi", "ren", "sta", "vel", "dor", "an", "ti", "shu", "bra", "gel", "wex")


def _invented(rng: random.Random) -> str:
    words = (
        "".join(rng.choices(_SYLLABLES, k=rng.randint(1, 3))) for _ in range(rng.randint(1, 3))
    )
    return " ".join(words).title()


def _complete(rows: Sequence[Labelled], rng: random.Random) -> list[list[StandardName]]:
    """The songs of each mashup, unlabelled parts filled from other labels, else invented."""
    sources = [source for row in rows for source in row.sources]
    full = [source for source in sources if source.artist and source.title]
    by_artist = {fold(source.artist or ""): source for source in full}
    by_title = {fold(source.title or ""): source for source in full}
    songs = []
    for row in rows:
        names = []
        for source in row.sources:
            if source.title is None:
                invented = StandardName(source.artist, _invented(rng))
                names.append(by_artist.setdefault(fold(source.artist or ""), invented))
            elif source.artist is None:
                invented = StandardName(_invented(rng), source.title)
                names.append(by_title.setdefault(fold(source.title), invented))
            else:
                names.append(source)
        songs.append(names)
    return songs


def _track(name: StandardName, number: int) -> Track:
    track_id = f"sha256:{number:016x}"
    entry = Entry(track_id, TrackKind.SONG, str(name), Path(track_id))
    return Track(track_id, TrackKind.SONG, name, entry)


def measure(corpus: Path, *, songs: int) -> dict[str, object]:
    """All numbers of this benchmark, by name, with `songs` invented songs in the catalogue."""
    rows = read_corpus(corpus / "titles.jsonl")
    halves = {
        "tuning half": [row for row in rows if is_tuning(row.title)],
        "reported half": [row for row in rows if not is_tuning(row.title)],
    }
    parsers: dict[str, Parser] = {
        "rules": hypothesize,
        "plain split": plain_split,
        "youtube-title-parse": title_parse,
    }
    report: dict[str, object] = {
        f"{half}, {name}": asdict(score(part, parse))
        for half, part in halves.items()
        for name, parse in parsers.items()
    }
    for half, part in halves.items():
        for same in (0, 500):
            label = f"{half}, resolved among {songs} songs, {same} of them by the same artists"
            report[label] = asdict(resolve(part, same_artists=same, songs=songs))
    return report


def main() -> None:
    """Print every number, for people or as JSON."""
    default = os.environ.get("MASHUP_CORPUS", Path(__file__).parents[2] / "shared" / "corpus")
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--corpus", type=Path, default=Path(default))
    arguments.add_argument("--songs", type=int, default=OTHER_SONGS)
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    report = measure(options.corpus, songs=options.songs)
    if options.json:
        print(json.dumps(report, indent=2))
        return
    for name, numbers in report.items():
        print(name)
        for key, value in numbers.items() if isinstance(numbers, dict) else ():
            print(f"  {key:26} {value:.3f}" if isinstance(value, float) else f"  {key:26} {value}")


if __name__ == "__main__":
    main()

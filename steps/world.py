"""A small world to run the line on: songs a band in code plays, and mashups a person might make.

Everything true about it is written beside it, so that what the line finds can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from audio.band import BandSong, play
from audio.decode import encode_mp3
from audio.made import Recipe, mix_parts
from audio.params import RENDER_RATE_HZ
from audio.recipe import Taste, band_facts, random_recipe
from audio.timemap import Segment
from catalog.names import parse_song, song_key
from catalog.records import TrackKind
from steps.sounds import Stereo, load, two_minutes
from steps.workbench import Workbench
from storage.files import write_atomic
from storage.records import PairRecord

TRUTH = "truth.json"
SONG_S, MASHUP_S = 64.0, 48.0
# Songs 9, 11, 16 and 20 fall into the test split by their names, the others into training.
MULTITRACKS = (4, 7, 8, 16, 20)
# Title, the song that sings, the song that plays: written as people on the web write them.
MASHUPS = (
    ("{voice} vs. {bed} (DJ Nobody Mashup)", 0, 1),
    ("{voice_artist} × {bed_artist} – {voice_title} ／ {bed_title} [MASHUP] - YouTube", 2, 3),
    ("{bed_title} x {voice_title} ｜ mashup by nobody 👌", 5, 0),
    ("{voice} Vs {bed} (HQ) [3꞉45]", 3, 2),
    ("{voice_artist} vs {bed_artist} - {voice_title} vs {bed_title}", 9, 11),
    ("{bed} ⧸ {voice} (Mashup)", 11, 9),
)
MODEST = Taste(max_voice_stretch=0.12, max_bed_stretch=0.06, max_voice_shift=2)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a world's files lie."""

    root: Path

    @property
    def songs(self) -> Path:
        return self.root / "songs"

    @property
    def mashups(self) -> Path:
        return self.root / "mashups"

    @property
    def multitracks(self) -> Path:
        return self.root / "multitracks"


def build_world(root: Path) -> Folders:
    """Play songs, mix mashups of them, add what a real folder has: a megamix and a broken file.

    A world that is complete stays as it is.
    """
    folders = Folders(root)
    if (root / TRUTH).is_file():
        return folders
    for folder in (folders.songs, folders.mashups, folders.multitracks):
        folder.mkdir(parents=True, exist_ok=True)
    numbers = sorted({seed for _, *seeds in MASHUPS for seed in seeds} | {*MULTITRACKS})
    with ThreadPoolExecutor(max_workers=2) as pool:
        played = pool.map(lambda seed: play(seed, duration_s=SONG_S), numbers)
        band = dict(zip(numbers, played, strict=True))
        list(pool.map(lambda file: write_mp3(*file), files(folders, band)))
    write_oddities(folders)
    truth = [truth_of(number, band) for number in range(len(MASHUPS))]
    write_atomic(root / TRUTH, json.dumps(truth, ensure_ascii=False, indent=2).encode())
    return folders


def files(folders: Folders, band: Mapping[int, BandSong]) -> Iterator[tuple[Path, Stereo]]:
    """Yield every sound file of the world with its sound."""
    for seed in sorted({seed for _, *seeds in MASHUPS for seed in seeds}):
        yield folders.songs / f"{name_of(band[seed])}.mp3", band[seed].mix
    for seed in MULTITRACKS:
        stem = folders.multitracks / name_of(band[seed])
        yield stem.with_name(f"{stem.name}_vocals.mp3"), band[seed].vocals
        yield stem.with_name(f"{stem.name}_instrumental.mp3"), band[seed].instrumental
    for number, (_, voice, bed) in enumerate(MASHUPS):
        recipe = recipe_of(number, band)
        parts = mix_parts(
            band[voice].vocals, band[bed].instrumental, recipe, sample_rate_hz=RENDER_RATE_HZ
        )
        yield folders.mashups / f"{title_of(number, band)}.mp3", parts.mashup


def write_mp3(path: Path, sound: Stereo) -> None:
    """Write a sound, peaks held below full scale as a maker would."""
    peak = float(np.abs(sound).max(initial=1e-9))
    encode_mp3(path, sound * np.float32(min(1.0, 0.98 / peak)), tags={})


def write_oddities(folders: Folders) -> None:
    """Add what folders of the real world have too: a megamix, and a download that went wrong."""
    some_song = min(folders.songs.iterdir())
    megamix = folders.mashups / "Best of 2026 MEGAMIX (100 songs).mp3"
    megamix.write_bytes(some_song.read_bytes()[: 1 << 19])
    (folders.mashups / "unfinished download.mp3").write_bytes(b"<html>429 Too Many Requests</html>")


def name_of(song: BandSong) -> str:
    return f"{song.artist} - {song.title}"


def title_of(number: int, band: Mapping[int, BandSong]) -> str:
    """Return a mashup's title, as messy as its maker left it."""
    pattern, voice, bed = MASHUPS[number]
    songs = {"voice": band[voice], "bed": band[bed]}
    words = {role: name_of(song) for role, song in songs.items()}
    for role, song in songs.items():
        words |= {f"{role}_artist": song.artist, f"{role}_title": song.title}
    return pattern.format(**words)


def recipe_of(number: int, band: Mapping[int, BandSong]) -> Recipe:
    _, voice, bed = MASHUPS[number]
    return random_recipe(
        np.random.default_rng(number),
        band_facts(band[voice]),
        band_facts(band[bed]),
        duration_s=MASHUP_S,
        taste=MODEST,
    )


def truth_of(number: int, band: Mapping[int, BandSong]) -> dict[str, Any]:
    """Return what is true about a mashup: per role the song, its segments and its shift."""
    _, voice, bed = MASHUPS[number]
    recipe = recipe_of(number, band)
    return {
        "title": title_of(number, band),
        **{
            role: {"song": name_of(band[seed]), **asdict(getattr(recipe, role))}
            for role, seed in (("voice", voice), ("bed", bed))
        },
    }


def compare_with_truth(bench: Workbench, folders: Folders) -> list[dict[str, Any]]:
    """Return one row per mashup and role: what was found, and how far it is from the truth."""
    truth = json.loads((folders.root / TRUTH).read_text(encoding="utf-8"))
    pairs = {pair.mashup_id: pair for pair in bench.ledger.pairs.list()}
    mashups = {track.raw_title: track for track in bench.ledger.tracks.list(kind=TrackKind.MASHUP)}
    rows = []
    for each in truth:
        mashup = mashups[each["title"]]
        pair = pairs.get(mashup.track_id)
        start_s = two_minutes(load(folders.mashups / f"{each['title']}.mp3")).start_s
        rows += [compare_role(bench, role, each, pair, start_s) for role in ("voice", "bed")]
    return rows


def compare_role(
    bench: Workbench, role: str, truth: dict[str, Any], pair: PairRecord | None, start_s: float
) -> dict[str, Any]:
    """Return one song's row: errors in milliseconds, percent and semitones where it was located."""
    row = {"song": truth[role]["song"], "role": role}
    found = (pair.location or {}).get(role) if pair else None
    if pair is None or not found or not found["segments"]:
        return row | {"found": "no", "error_ms": None, "ratio_error_%": None, "semitones": None}
    track = bench.ledger.tracks.require(getattr(pair, f"{role}_id"))
    true, heard = Segment(**truth[role]["segments"][0]), Segment(**found["segments"][0])
    middle_s = (heard.mashup_start_s + heard.mashup_end_s) / 2
    error_s = heard.song_time(middle_s) - true.song_time(middle_s + start_s)
    right = song_key(parse_song(row["song"])) == track.song_key
    return row | {
        "found": "yes" if right else "other song",
        "error_ms": 1000 * error_s,
        "ratio_error_%": 100 * (heard.tempo_ratio / true.tempo_ratio - 1),
        "semitones": f"{found['semitones']:+d}, true {truth[role]['semitones']:+.0f}",
    }

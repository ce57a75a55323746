"""A workbench on a temporary folder, and two songs of the band with a mashup of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from audio.band import BandSong, play
from audio.decode import encode_mp3
from audio.made import Recipe, mix_parts
from audio.params import RENDER_RATE_HZ
from audio.recipe import Taste, band_facts, random_recipe
from steps.sources import Sources
from steps.workbench import Workbench, open_workbench

MASHUP_S = 28.0


@dataclass(frozen=True)
class SmallWorld:
    """Files of two songs, one mashup of them and one multitrack pair, with the mashup's truth."""

    sources: Sources
    voice: BandSong
    bed: BandSong
    recipe: Recipe
    title: str


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    bench = open_bench(tmp_path)
    yield bench
    bench.ledger.close()


def open_bench(root: Path) -> Workbench:
    return open_workbench(
        store_url=f"file://{root / 'data'}",
        ledger_url=f"sqlite:///{root / 'work' / 'ledger.db'}",
        work_dir=root / "work",
    )


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    root = tmp_path_factory.mktemp("world")
    sources = Sources(root / "mashups", root / "songs", root / "multitracks")
    for folder in (sources.mashups, sources.songs, sources.multitracks):
        assert folder is not None
        folder.mkdir()
    voice, bed = play(1, duration_s=40.0), play(2, duration_s=40.0)
    for song in (voice, bed):
        encode_mp3(root / "songs" / f"{song.artist} - {song.title}.mp3", song.mix, tags={})
        stem = root / "multitracks" / f"{song.artist} - {song.title}"
        encode_mp3(Path(f"{stem}_vocals.mp3"), song.vocals, tags={})
        encode_mp3(Path(f"{stem}_instrumental.mp3"), song.instrumental, tags={})
    recipe = random_recipe(
        np.random.default_rng(0),
        band_facts(voice),
        band_facts(bed),
        duration_s=MASHUP_S,
        taste=Taste(max_voice_stretch=0.1, max_voice_shift=2),
    )
    mashup = mix_parts(voice.vocals, bed.instrumental, recipe, sample_rate_hz=RENDER_RATE_HZ).mashup
    title = f"{voice.artist} vs. {bed.artist} - {voice.title} vs. {bed.title} (Nobody Mashup)"
    peak = np.abs(mashup).max()
    encode_mp3(root / "mashups" / f"{title}.mp3", mashup * np.float32(0.9 / peak), tags={})
    return SmallWorld(sources, voice, bed, recipe, title)

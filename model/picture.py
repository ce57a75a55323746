"""A mashup at a glance: both songs and the result as spectrograms, and who is heard when."""

from __future__ import annotations

import warnings
from pathlib import Path

import librosa
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from audio.decode import to_analysis
from audio.params import PARAMS
from audio.spectrogram import stft
from model.plan import Plan, SongId
from model.render import Mashup
from storage.files import atomic_path

SIZE_INCHES = (13.0, 8.6)
DPI = 110
COLUMNS = 1200  # time steps in a picture: about one a pixel
MEL_BANDS = 96
RANGE_DB = 70.0
# Paper and inks; A and B are told apart in grey and by the colour-blind as well.
PAPER, INK, FAINT = "#fbfaf7", "#22252b", "#8b8f98"
COLOURS: dict[SongId, str] = {"A": "#c8452f", "B": "#1f6f8b"}
SILENT = "#e4e2dc"
COLOUR_MAP = "magma"


def draw(mashup: Mashup, plan: Plan, path: Path, *, title: str) -> None:
    """Write a PNG of a mashup; it appears whole or not at all.

    Parameters
    ----------
    title : any text; taken literally
    """
    figure = Figure(figsize=SIZE_INCHES, dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        4,
        1,
        height_ratios=(3, 3, 1.5, 3.6),
        hspace=0.16,
        left=0.07,
        right=0.985,
        top=0.89,
        bottom=0.06,
    )
    rows = [figure.add_subplot(grid[row]) for row in range(4)]
    show_spectrogram(rows[0], mashup.a_audio, _song_caption(plan, "A"), COLOURS["A"])
    show_spectrogram(rows[1], mashup.b_audio, _song_caption(plan, "B"), COLOURS["B"])
    _ribbon(rows[2], plan)
    show_spectrogram(rows[3], mashup.audio, "the mashup", INK)
    for row in rows:
        _time_axis(row, plan, last=row is rows[3])
    _headline(figure, mashup, plan, title)
    write_figure(figure, path)


def show_spectrogram(axes: Axes, audio: NDArray[np.float32], caption: str, colour: str) -> None:
    """Draw mel levels of `(channels, samples)` in dB, the lowest band at the bottom."""
    levels = mel_picture(audio)
    axes.imshow(
        levels.T,
        origin="lower",
        aspect="auto",
        cmap=COLOUR_MAP,
        vmin=float(levels.max()) - RANGE_DB,
        extent=(0.0, audio.shape[1] / 44_100, 0.0, float(MEL_BANDS)),
        interpolation="bilinear",
    )
    hz = librosa.mel_frequencies(MEL_BANDS + 2, fmin=30, fmax=PARAMS.sample_rate_hz / 2)
    marks = (100, 500, 2000, 8000)
    axes.set_yticks([float(np.interp(mark, hz, np.arange(MEL_BANDS + 2))) - 0.5 for mark in marks])
    axes.set_yticklabels(["100", "500", "2k", "8k Hz"], fontsize=7.5, color=FAINT)
    axes.text(
        0.006, 0.94, caption, transform=axes.transAxes, va="top", ha="left", fontsize=9,
        color="white", parse_math=False,
        bbox={"facecolor": colour, "edgecolor": "none", "pad": 3.5},
    )  # fmt: skip


def mel_picture(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `(columns, MEL_BANDS)` dB of `(channels, samples)`, the peak of each column."""
    magnitude = stft(to_analysis(audio)).abs().numpy()
    bank = librosa.filters.mel(
        sr=PARAMS.sample_rate_hz, n_fft=PARAMS.n_fft, n_mels=MEL_BANDS, fmin=30, norm=None
    )
    power = np.square(magnitude) @ bank.T
    edges = np.unique(np.linspace(0, len(power), min(COLUMNS, len(power)) + 1).astype(int))
    columns = np.maximum.reduceat(power, edges[:-1], axis=0)
    return np.asarray(10 * np.log10(columns + 1e-9), np.float32)


def _ribbon(axes: Axes, plan: Plan) -> None:
    """Draw two lanes: each song while it is heard, strong where it leads, with its singing."""
    for lane, song in ((1, "A"), (0, "B")):
        axes.barh(lane, plan.duration_s, height=0.86, left=0, color=SILENT, linewidth=0)
        _lane(axes, plan, "A" if song == "A" else "B", lane)
    for part in plan.parts:
        axes.axvline(part.start_s, color=PAPER, linewidth=1.4)
        lane = 1 if (part.voice or part.bed) == "A" else 0
        if part.end_s - part.start_s > 0.03 * plan.duration_s:
            axes.text(
                part.start_s + 0.006 * plan.duration_s, lane, part.label, va="center", ha="left",
                fontsize=8, color="white", parse_math=False,
            )  # fmt: skip
    axes.vlines(plan.downbeats_s, 1.47, 1.62, color=FAINT, linewidth=0.7)
    axes.set_ylim(-0.5, 1.65)
    axes.set_yticks([1, 0])
    axes.set_yticklabels(["A", "B"], fontsize=10, fontweight="bold")
    for label, song in zip(axes.get_yticklabels(), ("A", "B"), strict=True):
        label.set_color(COLOURS["A" if song == "A" else "B"])


def _lane(axes: Axes, plan: Plan, song: SongId, lane: int) -> None:
    colour = COLOURS[song]
    for part in plan.parts:
        if song not in (part.voice, part.bed):
            continue
        leads = part.voice == song or part.voice is None
        axes.barh(
            lane, part.end_s - part.start_s, left=part.start_s, height=0.86, linewidth=0,
            color=colour, alpha=1.0 if leads else 0.55,
        )  # fmt: skip
    for start_s, end_s in plan.song(song).singing:
        axes.barh(lane - 0.34, end_s - start_s, left=start_s, height=0.1, color="white", alpha=0.9)


def _time_axis(axes: Axes, plan: Plan, *, last: bool) -> None:
    axes.set_xlim(0, plan.duration_s)
    step_s = 5 if plan.duration_s <= 45 else 10 if plan.duration_s <= 150 else 30
    ticks_s = np.arange(0, plan.duration_s, step_s)
    axes.set_xticks(ticks_s)
    axes.set_xticklabels(
        [f"{int(t // 60)}:{int(t % 60):02d}" for t in ticks_s] if last else [],
        fontsize=8,
        color=FAINT,
    )
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _song_caption(plan: Plan, song: SongId) -> str:
    planned = plan.song(song)
    tempo = (
        "no beat" if planned.bpm is None else f"{planned.bpm:.1f} BPM x{planned.tempo_ratio:.3f}"
    )
    shift = f", {planned.semitones:+d} semitones" if planned.semitones else ""
    return f"{song}   {_short(planned.name, 70)}   ({tempo}{shift})"


def _headline(figure: Figure, mashup: Mashup, plan: Plan, title: str) -> None:
    figure.text(
        0.07, 0.955, _short(title, 95), fontsize=15, fontweight="bold", color=INK, parse_math=False
    )
    facts = (
        f"{plan.duration_s:.0f} s at {plan.bpm:.1f} BPM   ·   {mashup.lufs:.1f} LUFS,"
        f" {mashup.true_peak_dbtp:.1f} dBTP   ·   masks: {mashup.masker}"
        "   ·   ribbon: dark leads, light accompanies, white line sings, ticks are downbeats"
    )
    figure.text(0.07, 0.92, facts, fontsize=9, color=FAINT, parse_math=False)


def _short(text: str, length: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def write_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG; it appears whole or not at all."""
    with atomic_path(path) as partial, warnings.catch_warnings():
        # A script that the font lacks is drawn as boxes, which is no reason to fail.
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        figure.savefig(partial, format="png", facecolor=PAPER)

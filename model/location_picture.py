"""Where a song plays in a mashup, for a person to check: mashup, song laid on it, song itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from audio.params import RENDER_RATE_HZ
from audio.timemap import Segment
from model.picture import COLOURS, DPI, FAINT, INK, PAPER, show_spectrogram, write_figure

SIZE_INCHES = (13.0, 8.0)
Stereo = NDArray[np.float32]  # (2, samples) at RENDER_RATE_HZ


def draw_location(
    path: Path,
    *,
    mashup: Stereo,
    warped: Stereo,
    song: Stereo,
    segments: Sequence[Segment],
    caption: str,
) -> None:
    """Write a PNG; it appears whole or not at all.

    Parameters
    ----------
    warped
        The song on the mashup's timeline, silent where it was not found: what lines up with the
        picture above it is located right.
    segments
        Drawn as lines from each stretch of the mashup to the part of the song that plays there.
    caption : any text; taken literally
    """
    figure = Figure(figsize=SIZE_INCHES, dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        4,
        1,
        height_ratios=(3, 3, 1.2, 3),
        hspace=0.08,
        left=0.05,
        right=0.985,
        top=0.92,
        bottom=0.05,
    )
    rows = [figure.add_subplot(grid[row]) for row in range(4)]
    show_spectrogram(rows[0], mashup, "the mashup", INK)
    show_spectrogram(rows[1], warped, "the song, laid on the mashup", COLOURS["A"])
    draw_lines(rows[2], segments, seconds_of(mashup), seconds_of(song))
    show_spectrogram(rows[3], song, "the song itself", COLOURS["B"])
    for row in (rows[0], rows[1]):
        row.set_xticks([])
    figure.text(0.05, 0.945, caption, fontsize=12, color=INK, parse_math=False)
    write_figure(figure, path)


def draw_lines(axes: Axes, segments: Sequence[Segment], mashup_s: float, song_s: float) -> None:
    """Join each segment's ends above, in shares of the mashup, with those below, of the song."""
    for segment in segments:
        above = [segment.mashup_start_s / mashup_s, segment.mashup_end_s / mashup_s]
        below = [segment.song_start_s / song_s, segment.song_end_s / song_s]
        axes.fill(
            [above[0], above[1], below[1], below[0]],
            [1, 1, 0, 0],
            color=COLOURS["A"],
            alpha=0.25,
            linewidth=0,
        )
        for top, bottom in zip(above, below, strict=True):
            axes.plot([top, bottom], [1, 0], color=COLOURS["A"], linewidth=1)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_axis_off()
    if not segments:
        axes.text(0.5, 0.5, "not located", ha="center", va="center", color=FAINT)


def seconds_of(sound: Stereo) -> float:
    return float(sound.shape[1]) / RENDER_RATE_HZ

"""Reading: what a mashup's title, channel and description say of its songs, and who confirms it."""

from __future__ import annotations

from functools import partial

from catalog.confirm import confirm
from catalog.titles import TitleHypothesis, hypothesize
from steps.workbench import Workbench
from storage.records import TrackRecord


def read_title(
    bench: Workbench, mashup: TrackRecord, *, ask: bool = False
) -> list[TitleHypothesis]:
    """Return the ranked hypotheses for a mashup's songs.

    Parameters
    ----------
    ask
        Let MusicBrainz be asked, where the bench has it; else only its kept answers are read.
    """
    hypotheses = hypothesize(
        mashup.raw_title, channel=mashup.channel, description=mashup.description
    )
    if bench.musicbrainz is None:
        return hypotheses
    return confirm(hypotheses, partial(bench.musicbrainz.find, ask=ask))

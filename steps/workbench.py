"""The workbench of every step: a store, a ledger, and a local folder that may be wiped."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from catalog.musicbrainz import MusicBrainz
from catalog.splits import TEST_SHARE
from catalog.youtube.breaker import Breaker
from catalog.youtube.client import Options
from catalog.youtube.service import Turn, YouTube
from catalog.youtube.throttle import PAUSE_S, Gate, Pace
from storage.ledger import Ledger
from storage.options import StoreOptions
from storage.stores import DEFAULT_OPTIONS, Store, open_store
from storage.workplaces import workplace_of


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a step needs besides its item; safe to share between threads."""

    store: Store
    ledger: Ledger
    work_dir: Path
    youtube: YouTube
    test_share: float = TEST_SHARE  # of the songs, kept out of training to compare on
    made_mixes: int = 1  # of each pair of multitracks, each with another tempo, key and place
    musicbrainz: MusicBrainz | None = None  # asked nothing where it is None


def open_workbench(
    *,
    store_url: str,
    ledger_url: str,
    work_dir: Path,
    store_options: StoreOptions = DEFAULT_OPTIONS,
    youtube: YouTube | None = None,
    workplace: str = "",
    test_share: float = TEST_SHARE,
    made_mixes: int = 1,
    musicbrainz: MusicBrainz | None = None,
) -> Workbench:
    """Open the store and the ledger, and make the work folder.

    Parameters
    ----------
    youtube
        Made with its defaults where it is None; nothing is asked of it before a step needs it.
    workplace
        Name of this work folder among the workers of a ledger; see `storage/workplaces.py`.

    Raises
    ------
    StorageError
        A URL names nothing that can be opened, or the ledger is newer than this program.
    """
    work_dir.mkdir(parents=True, exist_ok=True)
    return Workbench(
        open_store(store_url, store_options),
        Ledger(ledger_url, workplace=workplace or workplace_of(ledger_url, work_dir)),
        work_dir,
        youtube or open_youtube(work_dir),
        test_share,
        made_mixes,
        musicbrainz,
    )


def open_youtube(
    work_dir: Path,
    *,
    client: str = "auto",
    options: Options | None = None,
    pause_s: float = PAUSE_S,
    turn: Turn = nullcontext,
) -> YouTube:
    """Return YouTube with its originals and its circuit breaker in the work folder.

    Parameters
    ----------
    pause_s
        Mean time between two jobs of this process; each wait is up to a third shorter or longer.
    turn
        A limit that this process shares with others.
    """
    pace = Pace(shortest_s=pause_s * 2 / 3, longest_s=pause_s * 4 / 3)
    gate = Gate(Breaker(work_dir / "youtube-breaker.json"), pace)
    folder = work_dir / "originals"
    return YouTube(client, options or Options(), folder=folder, gate=gate, turn=turn)

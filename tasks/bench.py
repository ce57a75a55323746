"""Opens the workbench of this process from the machine's settings."""

from __future__ import annotations

import shlex
from functools import lru_cache

from catalog.musicbrainz import ROOT, MusicBrainz
from catalog.youtube.client import Options
from catalog.youtube.errors import OptionsError
from settings import Settings, get_settings
from steps.workbench import Workbench, open_workbench, open_youtube
from tasks.limits import youtube_turn
from tasks.stores import store_options


@lru_cache(maxsize=1)
def bench() -> Workbench:
    """Return this process's workbench; opened once, safe to use from many threads."""
    settings = get_settings()
    return open_workbench(
        store_url=settings.store_url,
        ledger_url=settings.ledger_url,
        work_dir=settings.work_dir,
        store_options=store_options(settings),
        youtube=open_youtube(
            settings.work_dir,
            client=settings.youtube_client,
            options=youtube_options(settings),
            pause_s=settings.youtube_pause_s,
            turn=youtube_turn,
        ),
        workplace=settings.workplace,
        test_share=settings.test_share,
        made_mixes=settings.made_mixes,
        musicbrainz=musicbrainz(settings),
    )


def musicbrainz(settings: Settings) -> MusicBrainz | None:
    """Return the client of MusicBrainz where the settings want it."""
    if not settings.musicbrainz:
        return None
    folder, root = settings.work_dir / "musicbrainz", settings.musicbrainz_root or ROOT
    return MusicBrainz(folder, contact=settings.musicbrainz_contact, root=root)


def youtube_options(settings: Settings) -> Options:
    """Return what the machine's settings say to the YouTube clients.

    Raises
    ------
    OptionsError
        `MASHUP_YOUTUBE_OPTIONS` holds an open quote.
    """
    try:
        arguments = tuple(shlex.split(settings.youtube_options))
    except ValueError as error:
        raise OptionsError(
            f"expected MASHUP_YOUTUBE_OPTIONS as on yt-dlp's command line, got an {error}"
        ) from error
    key = settings.youtube_api_key
    return Options(
        proxy=settings.youtube_proxy,
        cookies_file=settings.youtube_cookies,
        ytdlp_arguments=arguments,
        cache_dir=settings.work_dir / "yt-dlp",
        api_key=key.get_secret_value() if key else None,
    )

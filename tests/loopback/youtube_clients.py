"""Points the project's real YouTube clients at a loopback server."""

from __future__ import annotations

import os

from catalog.youtube.client import Options
from tests.loopback.youtube import Loopback
from tests.loopback.youtube_world import PLAYLIST_ID

PLAYLIST_URL = f"https://www.youtube.com/playlist?list={PLAYLIST_ID}"
CHANNEL_URL = "https://www.youtube.com/@kjmixes"
# yt-dlp trusts SSL_CERT_FILE only without certifi; its retries need not wait here.
YTDLP_ARGUMENTS = (
    "--compat-options=no-certifi",
    "--retry-sleep=http:0",
    "--retry-sleep=extractor:0",
)


def trust(loopback: Loopback) -> None:
    """Make this process trust the loopback's authority: all clients read SSL_CERT_FILE."""
    os.environ["SSL_CERT_FILE"] = str(loopback.ca_file)


def scraping_options(loopback: Loopback, *, ytdlp_arguments: tuple[str, ...] = ()) -> Options:
    """Return options for yt-dlp, pytubefix and pytube."""
    arguments = (*YTDLP_ARGUMENTS, *ytdlp_arguments)
    return Options(proxy=loopback.url, timeout_s=10, ytdlp_arguments=arguments)


def api_options(loopback: Loopback, *, key: str = "LOOPBACK") -> Options:
    """Return options for the Data API, which is asked directly and without TLS."""
    return Options(api_key=key, api_endpoint=loopback.url, timeout_s=10)

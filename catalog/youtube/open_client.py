"""Builds the client that a person chose by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from catalog.youtube.auto_client import AutoClient
from catalog.youtube.client import Client, Options
from catalog.youtube.data_api_client import DataApiLister
from catalog.youtube.errors import OptionsError
from catalog.youtube.pytube_client import PytubeClient
from catalog.youtube.pytubefix_client import PytubefixClient
from catalog.youtube.retry import Retry
from catalog.youtube.ytdlp_client import YtdlpClient

_CHOICES: Mapping[str, tuple[Callable[[Options], Client], ...]] = {
    "auto": (YtdlpClient, PytubefixClient),
    "yt-dlp": (YtdlpClient,),
    "pytubefix": (PytubefixClient,),
    "pytube": (PytubeClient,),
}


def open_client(choice: str, options: Options, *, retry: Retry | None = None) -> AutoClient:
    """Return the client called `choice`: auto, yt-dlp, pytubefix or pytube.

    With an API key, `auto` lists through the Data API first.

    Raises
    ------
    OptionsError
        There is no such client, or an option is wrong.
    """
    if choice not in _CHOICES:
        raise OptionsError(f"expected a client of {', '.join(_CHOICES)}, got {choice!r}")
    lister = DataApiLister(options) if choice == "auto" and options.api_key else None
    clients = [make(options) for make in _CHOICES[choice]]
    return AutoClient(clients, first_lister=lister, retry=retry, name=choice)

"""The client `auto`: each job goes to the first client that manages it.

A broken client and a bot wall are reasons to ask the next one. A refusal of the video itself and a
429 are not: the next client would be told the same, and 429 wants fewer requests. A listing that is
shorter than its page states is accepted and says so, for hidden videos are counted too.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from catalog.youtube.client import Client, Lister, Objection, no_objection
from catalog.youtube.errors import BotWallError, ClientBrokenError
from catalog.youtube.records import Fetched, Listing, VideoFacts
from catalog.youtube.retry import Retry

logger = logging.getLogger(__name__)
Asked = TypeVar("Asked", bound=Lister)
Result = TypeVar("Result")
Failure = ClientBrokenError | BotWallError


class AutoClient:
    """Falls back from client to client, and retries each while the network stumbles."""

    def __init__(
        self,
        clients: Sequence[Client],
        *,
        first_lister: Lister | None = None,
        retry: Retry | None = None,
        name: str = "auto",
    ) -> None:
        self.name = name
        self._clients = tuple(clients)
        self._listers = ((first_lister,) if first_lister else ()) + self._clients
        self._retry = retry or Retry()

    def list_videos(self, url: str, *, limit: int | None = None) -> Listing:
        """Return the first listing that a client manages, with notes on what went wrong."""
        notes: list[str] = []
        listing = self._ask(
            self._listers, lambda client: client.list_videos(url, limit=limit), notes
        )
        if listing.missing:
            notes.append(
                f"the page states {listing.stated_count} videos, {listing.client} saw "
                f"{len(listing.entries)}: the others are hidden, or the page came short"
            )
        return dataclasses.replace(listing, notes=(*listing.notes, *notes))

    def fetch_audio(
        self, video_id: str, target_dir: Path, *, objection: Objection = no_objection
    ) -> Fetched:
        """Return the audio from the first client that can fetch it."""

        def fetch(client: Client) -> Fetched:
            return client.fetch_audio(video_id, target_dir, objection=objection)

        return self._ask(self._clients, fetch, [])

    def close(self) -> None:
        """Let every client go of its connections."""
        for client in self._clients:
            client.close()

    def search(self, text: str, *, limit: int = 5) -> tuple[VideoFacts, ...]:
        """Return the results of the first client that can search."""
        return self._ask(self._clients, lambda client: client.search(text, limit=limit), [])

    def _ask(
        self, clients: Sequence[Asked], job: Callable[[Asked], Result], notes: list[str]
    ) -> Result:
        """Return the first result; raise the gravest failure when every client fails."""
        failures: list[Failure] = []
        for client in clients:
            try:
                return self._retry.run(lambda client=client: job(client))  # type: ignore[misc]
            except (ClientBrokenError, BotWallError) as error:
                logger.warning("%s gives up: %s", client.name, error)
                failures.append(error)
                notes.append(f"{client.name}: {error}")
        raise _gravest(failures)


def _gravest(failures: Sequence[Failure]) -> Failure:
    """Return a bot wall if one was met, for it means waiting; else all that was said, in one."""
    walls = [failure for failure in failures if isinstance(failure, BotWallError)]
    if walls:
        return walls[0]
    if len(failures) == 1:
        return failures[0]
    return ClientBrokenError("no client works: " + "; ".join(map(str, failures)))

"""How pytube and pytubefix reach the network: with a time limit, a proxy, an end, and our errors.

Both request through `urlopen` of their own `request` module, mostly without a time limit.
`set_opener` puts an opener there that has one, and the proxy; the documented `proxies=` would
change `urllib` for the whole process instead.
"""

from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from catalog.youtube.classify import classify
from catalog.youtube.client import Options
from catalog.youtube.errors import TransientError

MAX_REQUESTS_PER_JOB = 100  # two hours of audio need about 30


class _Job(threading.local):
    """What one thread asks for one listing, search or download.

    It ends what the libraries leave open, and bounds what they would ask without end: pytubefix
    repeats its request for ever while empty answers come.
    """

    def __init__(self) -> None:
        self.requests = 0
        self.responses: list[Any] = []

    def count(self) -> None:
        """Count a request; raise when there were too many."""
        self.requests += 1
        if self.requests > MAX_REQUESTS_PER_JOB:
            raise TransientError(f"gave up after {MAX_REQUESTS_PER_JOB} requests for one job")


_job = _Job()


@contextmanager
def one_job(client: str, *, video_id: str | None = None) -> Iterator[None]:
    """Run one listing, search or download; whatever it raises comes out in the taxonomy."""
    _job.requests, _job.responses = 0, []
    try:
        yield
    except Exception as error:  # the libraries let errors of any kind through
        raise classify(error, client=client, video_id=video_id) from error
    finally:
        for response in _job.responses:
            response.close()


def set_opener(request_module: Any, options: Options) -> None:
    """Make `request_module` of pytube or pytubefix open urls with the proxy and a time limit."""
    proxies = {"http": options.proxy, "https": options.proxy} if options.proxy else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))

    def urlopen(request: Any, timeout: Any = None) -> Any:
        _job.count()
        unset = timeout is None or timeout is socket._GLOBAL_DEFAULT_TIMEOUT  # type: ignore[attr-defined]
        response = opener.open(request, timeout=options.timeout_s if unset else timeout)
        _job.responses.append(response)
        return response

    request_module.urlopen = urlopen

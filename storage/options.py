"""What stores need besides their URL; plain values, so that a store can open itself again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

BLOCK_BYTES = 256 * 1024  # chunks of a resumable upload are multiples of this


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before trying again: `first_s * factor**n`, at most `cap_s`, jittered."""

    first_s: float = 0.5
    factor: float = 1.618
    cap_s: float = 20.0
    tries: int = 16  # with the values above: about four minutes in all

    def wait_s(self, attempt: int) -> float:
        """Return the longest wait after failed try number `attempt`, counted from 0."""
        return min(self.cap_s, self.first_s * self.factor**attempt)


@dataclass(frozen=True, slots=True)
class DriveOptions:
    """How to reach Google Drive."""

    api_root: str = ""  # another server than Google's, such as a loopback one in tests
    token_file: Path | None = None  # what `python -m flows login` wrote
    service_account_file: Path | None = None
    secret: str = field(default="", repr=False)  # the text of one of the two, from elsewhere
    state_dir: Path | None = None  # remembers ids between runs; `~/.cache/song-masher` if None
    max_bytes_s: float | None = None  # up and down together; None: as fast as it goes
    chunk_bytes: int = 64 * BLOCK_BYTES
    timeout_s: float = 60.0
    backoff: Backoff = Backoff()


@dataclass(frozen=True, slots=True)
class ObjectOptions:
    """How to reach an object store."""

    endpoint: str = ""  # `http://host:port` of a server that is neither Amazon's nor Google's


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """What the stores of all schemes may need."""

    drive: DriveOptions = DriveOptions()
    objects: ObjectOptions = ObjectOptions()

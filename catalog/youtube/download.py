"""Downloads one video's audio so that a visible file is always a whole, checked one.

A client works in a staging folder, where a later run resumes. What passes the checks is renamed to
`<video id>.<container>`, its sidecar written before; what fails is quarantined and fetched anew.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from catalog.youtube.address import check_video_id
from catalog.youtube.client import Client, Objection, no_objection
from catalog.youtube.errors import DamagedDownloadError, FilteredError, UnavailableError
from catalog.youtube.records import Fetched
from catalog.youtube.sidecar import Downloaded, read_sidecar, sha256_of, write_sidecar

logger = logging.getLogger(__name__)

DURATION_TOLERANCE_S = 2.0
ATTEMPTS = 3
STAGING = ".part"
QUARANTINE = ".quarantine"
# Decodes a whole file and returns its duration in seconds; raises ValueError where it cannot.
CheckAudio = Callable[[Path], float]
Ask = Callable[[Callable[[], Fetched]], Fetched]
_PICTURES = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG", "png"), (b"RIFF", "webp"))


def at_once(job: Callable[[], Fetched]) -> Fetched:
    """Run a job without waiting."""
    return job()


def download(
    client: Client,
    video_id: str,
    folder: Path,
    *,
    check_audio: CheckAudio,
    objection: Objection = no_objection,
    attempts: int = ATTEMPTS,
    ask: Ask = at_once,
) -> Downloaded:
    """Return the checked audio of a video, from `folder` if it lies there already.

    Parameters
    ----------
    check_audio
        Decodes a file to its end and returns its duration in seconds, or raises ValueError.
    ask
        Runs each job that asks YouTube, when its turn has come; checks wait for no turn.

    Raises
    ------
    DamagedDownloadError
        All `attempts` brought a file that is empty, cut short, not decodable or of wrong length.
    YouTubeError
        Whatever the client raised.
    """
    found = find_download(folder, video_id)
    if found is not None:
        return found
    staging = folder / STAGING / check_video_id(video_id)
    for attempt in range(1, attempts + 1):
        staging.mkdir(parents=True, exist_ok=True)
        try:
            fetched = ask(lambda: client.fetch_audio(video_id, staging, objection=objection))
            return _keep(fetched, folder, client.name, check_audio, attempt)
        except DamagedDownloadError as error:
            logger.warning("try %d of %d: %s: %s", attempt, attempts, video_id, error)
            quarantine(staging, folder / QUARANTINE / video_id, str(error))
            if attempt == attempts:
                raise
        except (UnavailableError, FilteredError):
            shutil.rmtree(staging)  # nothing of it will ever be resumed
            raise
    raise AssertionError("attempts is at least 1")


def find_download(folder: Path, video_id: str) -> Downloaded | None:
    """Return a finished download whose bytes still are what they were, without any request."""
    found = read_sidecar(folder / f"{check_video_id(video_id)}.json")
    if found is None or not found.path.is_file():
        return None
    if sha256_of(found.path) != found.sha256:
        logger.warning("%s changed since it was downloaded; it is fetched again", found.path)
        return None
    return found


def quarantine(staging: Path, target: Path, reason: str) -> None:
    """Move `staging` to `target` with a note; only the newest failure of a video is kept."""
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    staging.replace(target)
    (target / "reason.txt").write_text(reason + "\n", encoding="utf-8")


def _keep(
    fetched: Fetched, folder: Path, client: str, check_audio: CheckAudio, attempt: int
) -> Downloaded:
    """Check `fetched` and move it to its final place; the rename comes last."""
    duration_s = _checked_duration(fetched, check_audio)
    kept = Downloaded(
        path=folder / f"{fetched.facts.video_id}.{fetched.container}",
        container=fetched.container,
        size_bytes=fetched.size_bytes,
        duration_s=duration_s,
        sha256=sha256_of(fetched.path),
        facts=fetched.facts,
        client=client,
        thumbnail=_keep_thumbnail(fetched, folder),
        attempts=attempt,
        throttled=fetched.throttled,
    )
    write_sidecar(folder / f"{fetched.facts.video_id}.json", kept)
    fetched.path.replace(kept.path)
    shutil.rmtree(fetched.path.parent)
    return kept


def _checked_duration(fetched: Fetched, check_audio: CheckAudio) -> float:
    """Return the decoded duration; raise what is wrong with the file."""
    size, expected = fetched.size_bytes, fetched.expected_bytes
    if size == 0:
        raise DamagedDownloadError("the downloaded file is empty")
    if expected is not None and size != expected:
        raise DamagedDownloadError(f"expected {expected} bytes, got {size}: the file is not whole")
    try:
        duration_s = check_audio(fetched.path)
    except ValueError as error:
        raise DamagedDownloadError(f"the file does not decode: {error}") from error
    stated_s = fetched.facts.duration_s
    if stated_s is not None and abs(duration_s - stated_s) > DURATION_TOLERANCE_S:
        raise DamagedDownloadError(
            f"expected {stated_s:.0f} s of audio, got {duration_s:.1f} s: cut short or wrong file"
        )
    return duration_s


def _keep_thumbnail(fetched: Fetched, folder: Path) -> Path | None:
    """Move the picture beside the audio, named for what its first bytes say it is."""
    if fetched.thumbnail is None:
        return None
    head = fetched.thumbnail.read_bytes()[:8]
    kind = next((kind for magic, kind in _PICTURES if head.startswith(magic)), None)
    if kind is None:
        return None
    target = folder / f"{fetched.facts.video_id}.{kind}"
    fetched.thumbnail.replace(target)
    return target

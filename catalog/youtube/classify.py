"""Turns what a client raised, said or was answered into the taxonomy of `errors.py`.

Clients word the same refusal differently but all quote YouTube, so phrases decide first, then HTTP
statuses, then the kind of exception. The tables are data: one row each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from json import JSONDecodeError

from catalog.youtube.errors import (
    BotWallError,
    ClientBrokenError,
    DamagedDownloadError,
    ThrottledError,
    TransientError,
    UnavailableError,
    Why,
    YouTubeError,
)

# First match wins: a bot wall also says "sign in", a members' video also "unavailable".
_BOT_WALL = re.compile(
    r"not a bot|detected as a bot|captcha|unusual traffic|IP is likely being blocked", re.I
)
_THROTTLED = re.compile(
    r"HTTP (Error )?429|too many requests|rate-limited|isn't available, try again later", re.I
)
_UNAVAILABLE: tuple[tuple[re.Pattern[str], Why], ...] = (
    (
        re.compile(r"(playlist|channel) (does not exist|cannot be found|is private)", re.I),
        Why.NO_LIST,
    ),
    (re.compile(r"private video|video is private|is a private", re.I), Why.PRIVATE),
    (re.compile(r"members-only|join this channel|channel's members", re.I), Why.MEMBERS),
    (re.compile(r"confirm your age|age.restrict|age restrictions|inappropriate", re.I), Why.AGE),
    (re.compile(r"in your country|in your region|geo.?restrict|from your location", re.I), Why.GEO),
    (re.compile(r"\bDRM\b", re.I), Why.DRM),
    (re.compile(r"live event|live stream|streaming live|premieres? in|is_live", re.I), Why.LIVE),
    (
        re.compile(
            r"been removed|been terminated|no longer available|Deleted video|does not exist", re.I
        ),
        Why.REMOVED,
    ),
    (re.compile(r"unavailable|not available|cannot be found", re.I), Why.UNKNOWN),
)
_BROKEN = re.compile(
    r"unable to extract|failed to extract|failed to parse|could not find match|"
    r"PoToken|signature|cipher|streaming data is missing|unknown error",
    re.I,
)
_CUT_SHORT = re.compile(
    r"timed? ?out|reset by peer|connection (aborted|refused|broken)|IncompleteRead|"
    r"Remote end closed|EOF occurred|bytes read|more expected|Maximum number of retries|"
    r"content too short|Downloaded \d+ bytes, expected",
    re.I,
)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_STATUS = re.compile(r"HTTP Error ([45]\d\d)")
_TRIMMINGS = re.compile(r"^(ERROR|WARNING):\s*|\[youtube[^\]]*\] *|\b[A-Za-z0-9_-]{11}: ")
_SAYS_NOTHING = ("No video formats found", "Retrying", "No supported JavaScript runtime")
_TRANSIENT_STATUS = frozenset({408, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """The HTTP answer behind an error: its status, and how long YouTube asks to wait."""

    status: int
    retry_after_s: float | None = None


def classify(
    error: BaseException, *, client: str, said: Sequence[str] = (), video_id: str | None = None
) -> YouTubeError:
    """Return the taxonomy's error for what `client` raised.

    Parameters
    ----------
    error
        The exception as the client raised it; its causes are searched too.
    said
        Warnings that the client printed on the way: yt-dlp reports a 429 of the player only there.
    """
    if isinstance(error, YouTubeError):
        return error
    chain = list(_causes(error))
    spoken = [_ANSI.sub("", text) for text in (*said, *map(str, chain))]
    text, short = " | ".join(spoken), _shortest_truth(spoken, error)
    answers = [*_quoted_answers(said), *filter(None, map(_answer_of, chain))]
    for cause in chain:
        _release(cause)
    return (
        _by_waiting(text, answers, client)
        or _by_phrase(text, chain, answers, video_id)
        or _by_answer(answers, client, short)
        or _by_kind(chain, text, client, short)
    )


def _by_waiting(text: str, answers: Sequence[Answer], client: str) -> YouTubeError | None:
    if _BOT_WALL.search(text):
        return BotWallError(
            f"YouTube asks {client} to prove that it is no bot: wait, or set a cookies file"
        )
    waits = [answer.retry_after_s for answer in answers if answer.status == 429]
    if waits or _THROTTLED.search(text):
        retry_after_s = max((wait for wait in waits if wait is not None), default=None)
        return ThrottledError(
            f"YouTube asks {client} to slow down (HTTP 429)", retry_after_s=retry_after_s
        )
    return None


def _by_phrase(
    text: str,
    chain: Sequence[BaseException],
    answers: Sequence[Answer],
    video_id: str | None,
) -> YouTubeError | None:
    stumbled = any(answer.status in _TRANSIENT_STATUS for answer in answers)
    if stumbled or any(isinstance(cause, JSONDecodeError) for cause in chain):
        return None  # "Service Unavailable" is not about the video
    for phrase, why in _UNAVAILABLE:
        if phrase.search(text):
            return UnavailableError(why, video_id=video_id)
    return None


def _by_answer(answers: Sequence[Answer], client: str, short: str) -> YouTubeError | None:
    for answer in answers:
        if answer.status in _TRANSIENT_STATUS:
            return TransientError(f"YouTube answered {client} with HTTP {answer.status}")
        if answer.status == 416:
            return DamagedDownloadError("the part that lies here is longer than the video")
        if answer.status >= 400:
            return ClientBrokenError(
                f"YouTube refused {client} with HTTP {answer.status} ({short}): "
                "usually an outdated client; update it or use another"
            )
    return None


def _by_kind(chain: Sequence[BaseException], text: str, client: str, short: str) -> YouTubeError:
    malformed = any(isinstance(cause, JSONDecodeError) for cause in chain)
    if malformed or _BROKEN.search(text):
        return ClientBrokenError(f"{client} does not understand YouTube's answer: {short}")
    if _CUT_SHORT.search(text) or any(isinstance(c, OSError | HTTPException) for c in chain):
        return TransientError(f"the connection of {client} broke: {short}")
    return ClientBrokenError(
        f"{client} failed in an unknown way: {type(chain[0]).__name__}: {short}"
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and everything behind it, each once: causes, contexts, yt-dlp's `exc_info`."""
    queue: list[object] = [error]
    seen: set[int] = set()
    while queue:
        cause = queue.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        exc_info = getattr(cause, "exc_info", None) or ()
        queue += [*exc_info[1:2], getattr(cause, "cause", None), getattr(cause, "reason", None)]
        queue += [cause.__cause__, cause.__context__]


def _answer_of(error: BaseException) -> Answer | None:
    """Return the HTTP answer that an exception of urllib, httplib2 or yt-dlp carries."""
    for name in ("status", "code"):
        status = getattr(error, name, None)
        if isinstance(status, int) and 400 <= status < 600:
            return Answer(status, _retry_after(error))
    return None


def _release(error: BaseException) -> None:
    """Close the connection that an HTTP error still holds; the clients leave that to chance."""
    for holder in (getattr(error, "response", None), error):
        close = getattr(holder, "close", None)
        if callable(close):
            close()


def _retry_after(error: BaseException) -> float | None:
    """Return the Retry-After header in seconds; YouTube sends numbers, never dates."""
    source = getattr(error, "response", None) or error
    headers = getattr(source, "headers", None)
    value = headers.get("Retry-After") if headers is not None else None
    return float(value) if value and str(value).isdigit() else None


def _quoted_answers(said: Sequence[str]) -> list[Answer]:
    """Return the HTTP statuses that warnings quote."""
    return [Answer(int(status)) for text in said for status in _STATUS.findall(text)]


def _shortest_truth(spoken: Sequence[str], error: BaseException) -> str:
    """Return the first sentence that tells a person something, without the client's trimmings."""
    for text in spoken:
        line = _TRIMMINGS.sub("", text.split("; please report")[0]).strip().split("\n")[0]
        if line and not line.startswith(_SAYS_NOTHING):
            return line[:200]
    return type(error).__name__

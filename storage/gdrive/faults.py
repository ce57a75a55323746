"""What an error of Google Drive means: whether to try again, and what a person should do.

Reasons and their meaning: https://developers.google.com/workspace/drive/api/guides/handle-errors
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httplib2
from google.auth.exceptions import GoogleAuthError, TransportError
from googleapiclient.errors import HttpError

from storage.errors import (
    DiskFullError,
    MissingFileError,
    PausedError,
    StorageError,
    StoreAccessError,
    StoreUnavailableError,
)

LOST_LINE: tuple[type[Exception], ...] = (
    httplib2.HttpLib2Error,
    http.client.HTTPException,
    ConnectionError,
    TimeoutError,
    ssl.SSLError,
    socket.gaierror,
    TransportError,
)
KNOWN: tuple[type[Exception], ...] = (HttpError, GoogleAuthError, *LOST_LINE)
RATE = {"rateLimitExceeded", "userRateLimitExceeded", "sharingRateLimitExceeded"}
DAILY = {"dailyLimitExceeded", "dailyLimitExceededUnreg", "downloadQuotaExceeded"}
FULL = {
    "storageQuotaExceeded": "Free some space, empty the bin, or buy more, and run again.",
    "teamDriveFileLimitExceeded": "The Shared Drive holds as many files as it may. Use another.",
    "numChildrenInNonRootLimitExceeded": "The folder holds as many files as it may.",
    "activeItemCreationLimitExceeded": "The account holds as many files as it may.",
}
# Google's limit per minute says "User Rate Limit Exceeded"; that of 750 GB a day says the same in
# these letters. rclone and others tell them apart so; a few tries make sure.
UPLOAD_LIMIT = "User rate limit exceeded."
UPLOAD_LIMIT_TRIES = 5
UPLOAD_LIMIT_PAUSE = timedelta(hours=24)
MAX_SERVER_WAIT_S = 120.0
LOGIN = (
    "Run `python -m flows login` again. Logins of an app whose consent screen is in 'Testing' end "
    "after 7 days: publish the app to keep them."
)


class IdTakenError(StorageError):
    """A file with the id of the create request exists: an earlier request arrived."""


class IdUnusableError(StorageError):
    """The reserved id cannot be used any more."""


class SessionGoneError(StorageError):
    """The upload session is over; another one must be begun."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about an error: raise `error` after so many tries."""

    error: StorageError
    tries: int | None = 1  # None: as many as the backoff allows
    wait_s: float = 0.0  # what the server asks for


@dataclass(frozen=True, slots=True)
class Answer:
    """What an error answer says."""

    status: int
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.status} {self.reason}: {self.message[:200]}"


def judge(error: Exception, doing: str, *, uploads: bool = False, session: bool = False) -> Verdict:
    """Return what to do about an error that one of `KNOWN` is.

    Parameters
    ----------
    doing
        What was being done, to begin the message with.
    uploads
        It was sending content: the daily limit applies.
    session
        It was a request to an upload session: refusals end the session, not the upload.
    """
    if isinstance(error, HttpError):
        answer = read_answer(error)
        verdict = _judge_limits(answer, doing, uploads=uploads)
        if verdict:
            return Verdict(verdict.error, verdict.tries, _server_wait_s(error))
        if session and answer.status not in (401, 403):
            return Verdict(SessionGoneError(f"{doing}: the upload session is over ({answer})"))
        return _judge_refusal(answer, doing)
    if isinstance(error, GoogleAuthError) and not isinstance(error, TransportError):
        return _judge_login(error, doing)
    return Verdict(_unavailable(doing, f"{type(error).__name__}: {error}"), tries=None)


def read_answer(error: HttpError) -> Answer:
    """Take an error answer apart; bodies that are no JSON leave reason and message empty."""
    try:
        detail: Any = json.loads(error.content)["error"]
        first = (detail.get("errors") or [{}])[0]
        return Answer(
            int(error.resp.status), first.get("reason", ""), str(detail.get("message", ""))
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Answer(int(error.resp.status), "", str(error.resp.reason))


def _judge_limits(answer: Answer, doing: str, *, uploads: bool) -> Verdict | None:
    """Judge answers that say too much, too often or not now; None for others."""
    if answer.reason in RATE and uploads and answer.message == UPLOAD_LIMIT:
        until = datetime.now(UTC) + UPLOAD_LIMIT_PAUSE
        return Verdict(_paused(doing, "750 GB of uploads a day", until), UPLOAD_LIMIT_TRIES)
    if answer.reason in RATE or answer.status in (408, 429) or answer.status >= 500:
        return Verdict(_unavailable(doing, str(answer)), tries=None)
    if answer.reason in DAILY:
        return Verdict(_paused(doing, "the day's quota", _midnight_at_google()))
    if answer.reason in FULL:
        return Verdict(_full(answer, doing))
    return None


def _judge_refusal(answer: Answer, doing: str) -> Verdict:
    if answer.status == 404:
        return Verdict(MissingFileError(f"{doing}: Google Drive has no such file ({answer})"))
    if answer.status == 409:
        return Verdict(IdTakenError(f"{doing}: {answer}"))
    if answer.status == 400 and "ID" in answer.message:
        return Verdict(IdUnusableError(f"{doing}: {answer}"))
    if answer.status == 401:
        return Verdict(StoreAccessError(f"{doing}: the login is not valid ({answer}). {LOGIN}"))
    if answer.reason == "accessNotConfigured":
        advice = "Enable the Google Drive API in the project that the login belongs to."
        return Verdict(StoreAccessError(f"{doing}: {answer}. {advice}"))
    if answer.status == 403:
        advice = (
            "Share the folder with the account that is logged in, as editor or content manager; "
            "an own app (scope drive.file) sees only folders that it made itself, as "
            "`python -m flows login` does."
        )
        return Verdict(StoreAccessError(f"{doing}: no permission ({answer}). {advice}"))
    return Verdict(StorageError(f"{doing}: Google Drive refused: {answer}"))


def _judge_login(error: GoogleAuthError, doing: str) -> Verdict:
    text = str(error.args[0] if error.args else error)[:200]
    if error.retryable:
        return Verdict(_unavailable(doing, text), tries=None)
    return Verdict(
        StoreAccessError(f"{doing}: the login has expired or was revoked ({text}). {LOGIN}")
    )


def _unavailable(doing: str, what: str) -> StoreUnavailableError:
    return StoreUnavailableError(
        f"{doing}: Google Drive did not answer as it should, however often it was tried; at last "
        f"{what}. Check the network and run again: it carries on where it stopped."
    )


def _paused(doing: str, limit: str, until: datetime) -> PausedError:
    return PausedError(
        f"{doing}: Google Drive's limit is reached ({limit}). Nothing is lost: run again after "
        f"{until:%Y-%m-%d %H:%M} UTC and it carries on.",
        until,
    )


def _full(answer: Answer, doing: str) -> DiskFullError:
    advice = FULL[answer.reason]
    if "service account" in answer.message.lower():
        advice = (
            "Service accounts have no storage of their own. Make a Shared Drive, add the service "
            "account as content manager, and use a folder there as the store."
        )
    return DiskFullError(f"{doing}: no room on Google Drive ({answer}). {advice}")


def _server_wait_s(error: HttpError) -> float:
    asked = str(error.resp.get("retry-after", ""))
    return min(MAX_SERVER_WAIT_S, float(asked)) if asked.isdigit() else 0.0


def _midnight_at_google() -> datetime:
    """Return the next midnight in California, where Google's days begin."""
    here = datetime.now(ZoneInfo("America/Los_Angeles"))
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), here.tzinfo)
    return midnight.astimezone(UTC)

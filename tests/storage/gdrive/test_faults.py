from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta

import httplib2
import pytest
from google.auth.exceptions import RefreshError, TransportError
from googleapiclient.errors import HttpError

from storage.errors import (
    DiskFullError,
    MissingFileError,
    PausedError,
    StorageError,
    StoreAccessError,
    StoreUnavailableError,
)
from storage.gdrive.faults import IdTakenError, IdUnusableError, SessionGoneError, judge


def answer(status: int, reason: str = "", message: str = "", **headers: str) -> HttpError:
    detail = {"code": status, "message": message, "errors": [{"reason": reason}]}
    response = httplib2.Response({"status": status, **headers})
    response.reason = "Reason"
    return HttpError(response, json.dumps({"error": detail}).encode(), uri="https://secret")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (403, "rateLimitExceeded"),
        (403, "userRateLimitExceeded"),
        (403, "sharingRateLimitExceeded"),
        (408, ""),
        (429, ""),
        (500, "internalError"),
        (502, ""),
        (503, "backendError"),
    ],
)
def test_what_time_heals_is_tried_again(status: int, reason: str) -> None:
    verdict = judge(answer(status, reason), "listing", uploads=True, session=True)
    assert verdict.tries is None
    assert isinstance(verdict.error, StoreUnavailableError)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(104, "reset"),
        TimeoutError(),
        socket.gaierror(-2, "unknown host"),
        httplib2.ServerNotFoundError("no such server"),
        TransportError("no route"),
        RefreshError("backend error", retryable=True),
    ],
)
def test_lost_connections_are_tried_again(error: Exception) -> None:
    verdict = judge(error, "listing")
    assert verdict.tries is None
    assert isinstance(verdict.error, ConnectionError)


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (answer(403, "storageQuotaExceeded"), DiskFullError, "Free some space"),
        (
            answer(403, "storageQuotaExceeded", "Service Accounts do not have storage quota."),
            DiskFullError,
            "Make a Shared Drive",
        ),
        (answer(403, "numChildrenInNonRootLimitExceeded"), DiskFullError, "as many files"),
        (answer(403, "insufficientFilePermissions"), StoreAccessError, "Share the folder"),
        (answer(403, "appNotAuthorizedToFile"), StoreAccessError, "scope drive.file"),
        (answer(403, "accessNotConfigured"), StoreAccessError, "Enable the Google Drive API"),
        (answer(401, "authError"), StoreAccessError, "flows login` again.*after 7 days"),
        (
            RefreshError("invalid_grant: Token has been expired or revoked.", {"a": "secret"}),
            StoreAccessError,
            "expired or was revoked.*flows login` again.*after 7 days",
        ),
        (answer(404, "notFound", "File not found: x."), MissingFileError, "no such file"),
        (answer(409, "fileIdInUse"), IdTakenError, "fileIdInUse"),
        (
            answer(400, "invalid", "The provided file ID is not usable."),
            IdUnusableError,
            "not usable",
        ),
        (answer(400, "invalid", "Bad field"), StorageError, "refused: 400 invalid: Bad field"),
    ],
)
def test_what_is_final_says_what_to_do(
    error: Exception, kind: type[StorageError], message: str
) -> None:
    verdict = judge(error, "uploading 'a'")
    assert verdict.tries == 1
    with pytest.raises(kind, match=f"(?s)uploading 'a'.*{message}"):
        raise verdict.error
    assert "secret" not in str(verdict.error)


@pytest.mark.parametrize("status", [400, 404, 409, 410, 412])
def test_a_refused_session_is_begun_anew(status: int) -> None:
    verdict = judge(answer(status), "uploading", session=True)
    assert isinstance(verdict.error, SessionGoneError)


def test_the_days_quota_ends_at_midnight_in_california() -> None:
    error = judge(answer(403, "dailyLimitExceeded"), "listing").error
    assert isinstance(error, PausedError)
    assert timedelta(0) < error.until - datetime.now(UTC) <= timedelta(hours=25)
    assert error.until.hour in (7, 8)
    assert f"{error.until:%Y-%m-%d %H:%M} UTC" in str(error)


def test_an_upload_limit_is_one_only_for_uploads() -> None:
    error = answer(403, "userRateLimitExceeded", "User rate limit exceeded.")
    assert judge(error, "uploading", uploads=True).tries == 5
    assert judge(error, "listing").tries is None


def test_the_servers_own_wait_is_kept_within_reason() -> None:
    assert judge(answer(429, **{"retry-after": "7"}), "x").wait_s == 7
    assert judge(answer(503, **{"retry-after": "99999"}), "x").wait_s == 120
    assert judge(answer(503, **{"retry-after": "soon"}), "x").wait_s == 0


def test_an_answer_that_is_no_json_is_judged_by_its_status() -> None:
    response = httplib2.Response({"status": 502})
    response.reason = "Bad Gateway"
    error = judge(HttpError(response, b"<html>"), "listing").error
    assert "502 : Bad Gateway" in str(error)

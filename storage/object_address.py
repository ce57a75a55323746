"""From `s3://bucket/prefix` or `gs://bucket/prefix` to a filesystem of pyarrow, and its errors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from pyarrow import fs

from storage.errors import (
    MissingFileError,
    StorageError,
    StoreAccessError,
    StoreUnavailableError,
    StoreUrlError,
)
from storage.options import ObjectOptions

TRIES = 10
RETRY_LIMIT = timedelta(minutes=5)
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
_NO_ACCESS = (
    "ACCESS_DENIED",
    "INVALID_ACCESS_KEY_ID",
    "SIGNATURE_DOES_NOT_MATCH",
    "EXPIRED_TOKEN",
    "Permission denied",
    "Unauthenticated",
    "Unauthorized",
    "HTTP response code 403",
)
_NO_BUCKET = ("NO_SUCH_BUCKET", "specified bucket does not exist")


@dataclass(frozen=True, slots=True)
class ObjectAddress:
    """Where an object store's keys begin."""

    scheme: str
    bucket: str
    prefix: str  # without slashes at its ends; may be empty

    @property
    def root(self) -> str:
        """The path that pyarrow's filesystem has for it."""
        return f"{self.bucket}/{self.prefix}" if self.prefix else self.bucket


def parse_url(url: str) -> ObjectAddress:
    """Return bucket and prefix of a URL.

    Raises
    ------
    StoreUrlError
        It names no bucket, or says more than bucket and prefix.
    """
    parts = urlsplit(url)
    prefix = unquote(parts.path).strip("/")
    odd = parts.query or parts.fragment or "@" in parts.netloc or "//" in prefix
    if not parts.netloc or odd:
        raise StoreUrlError(
            f"cannot open store {parts.scheme}://{parts.hostname or ''}...: expected "
            f"{parts.scheme}://bucket/prefix and nothing else. Keys belong in the environment "
            "(AWS_ACCESS_KEY_ID or GOOGLE_APPLICATION_CREDENTIALS), the address of a server of "
            "your own in MASHUP_OBJECT_ENDPOINT."
        )
    return ObjectAddress(parts.scheme, parts.netloc, prefix)


def open_filesystem(address: ObjectAddress, options: ObjectOptions) -> fs.FileSystem:
    """Return pyarrow's filesystem for an address; logins come from the environment.

    Raises
    ------
    StoreUrlError
        The endpoint is no address of a server, or there is no such bucket.
    """
    endpoint = urlsplit(options.endpoint)
    if options.endpoint and (endpoint.scheme not in ("http", "https") or not endpoint.netloc):
        raise StoreUrlError(
            f"cannot use the endpoint {options.endpoint!r}: expected http://host:port or "
            "https://host:port. Change MASHUP_OBJECT_ENDPOINT."
        )
    if address.scheme == "s3":
        retries = fs.AwsStandardS3RetryStrategy(max_attempts=TRIES)
        return fs.S3FileSystem(
            endpoint_override=options.endpoint or None,
            region=_region(address.bucket, options),
            retry_strategy=retries,
        )
    if options.endpoint:
        return fs.GcsFileSystem(
            anonymous=True,
            scheme=endpoint.scheme,
            endpoint_override=endpoint.netloc,
            retry_time_limit=RETRY_LIMIT,
        )
    return fs.GcsFileSystem(retry_time_limit=RETRY_LIMIT)


@contextmanager
def explained(url: str, verb: str, key: str) -> Iterator[None]:
    """Turn what pyarrow raises into errors that say what to do.

    Raises
    ------
    MissingFileError, StoreAccessError, StoreUrlError, StoreUnavailableError
        What the filesystem's error means.
    """
    doing = f"{verb} {key!r}"
    try:
        yield
    except StorageError:
        raise
    except FileNotFoundError as error:
        if any(sign in str(error) for sign in _NO_BUCKET):
            raise _no_bucket(url, doing) from error
        raise MissingFileError(
            f"no file {key!r} in {url}. Run `python -m flows verify` to see what is gone."
        ) from error
    except OSError as error:
        if error.errno:  # of this machine's disk
            raise
        raise _judge(str(error), url, doing) from error


def _judge(text: str, url: str, doing: str) -> StorageError:
    if any(sign in text for sign in _NO_BUCKET):
        return _no_bucket(url, doing)
    if any(sign in text for sign in _NO_ACCESS):
        return StoreAccessError(
            f"{doing} in {url}: the login is missing or does not allow it ({text[:200]}). Set "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or GOOGLE_APPLICATION_CREDENTIALS."
        )
    return StoreUnavailableError(
        f"{doing} in {url} failed, also when it was tried again: {text[:300]}. Check the network "
        "and run again: it carries on where it stopped."
    )


def _no_bucket(url: str, doing: str) -> StoreUrlError:
    return StoreUrlError(
        f"{doing}: the bucket of {url} does not exist. Make it, or correct MASHUP_STORE_URL."
    )


def _region(bucket: str, options: ObjectOptions) -> str | None:
    """Return the bucket's region where Amazon must be asked for it; None where it is known."""
    if options.endpoint or any(name in os.environ for name in _REGIONS):
        return None
    try:
        return str(fs.resolve_s3_region(bucket))
    except OSError as error:
        raise StoreUrlError(
            f"cannot find the region of bucket {bucket!r}: {str(error)[:200]}. Check the name, or "
            "set AWS_REGION."
        ) from error

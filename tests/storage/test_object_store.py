from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from pyarrow import fs

from storage.errors import (
    ChecksumError,
    StoreAccessError,
    StoreUnavailableError,
    StoreUrlError,
)
from storage.files import TEMP_PREFIX, md5_bytes
from storage.object_address import ObjectAddress, explained, parse_url
from storage.object_store import AT_ONCE_BYTES, ObjectStore
from storage.options import ObjectOptions, StoreOptions
from tests.storage.store_contract import StoreContract

BUCKET = "mashups"


@pytest.fixture(scope="module")
def s3() -> Iterator[ObjectOptions]:
    """A loopback S3 with one bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    options = ObjectOptions(endpoint=f"http://127.0.0.1:{port}")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "loopback")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "loopback")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        amazon = fs.S3FileSystem(
            endpoint_override=options.endpoint, region="us-east-1", allow_bucket_creation=True
        )
        amazon.create_dir(BUCKET)
        yield options
    server.stop()


@pytest.fixture(scope="module")
def gcs() -> Iterator[ObjectOptions]:
    """A loopback Google Cloud Storage; its own process, for pyarrow keeps the GIL while it asks."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gcp_storage_emulator", "start", "--in-memory"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--default-bucket", BUCKET]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        _wait_for(port)
        yield ObjectOptions(endpoint=f"http://127.0.0.1:{port}")
        server.kill()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the loopback Google Cloud Storage did not start within 20 seconds")


class _Contract(StoreContract):
    """The contract, and what only object stores can get wrong."""

    @pytest.fixture
    def options(self, objects: ObjectOptions) -> StoreOptions:
        return StoreOptions(objects=objects)

    def test_a_large_file_arrives_by_a_copy_and_leaves_nothing_else(
        self, store: ObjectStore, tmp_path: Path
    ) -> None:
        data = os.urandom(AT_ONCE_BYTES + 7)
        (tmp_path / "large").write_bytes(data)
        stored = store.put(tmp_path / "large", "shards/large")
        assert store.stat("shards/large") == stored
        assert stored.md5 == md5_bytes(data)
        assert store.fetch("shards/large", tmp_path / "back").read_bytes() == data
        assert [Path(info.path).name for info in store._files_below("")] == ["large"]

    def test_what_another_program_put_is_read_for_its_md5(self, store: ObjectStore) -> None:
        with store._fs.open_output_stream(store._path("a")) as writer:
            writer.write(b"data")
        stat = store.stat("a")
        assert stat is not None
        assert stat.md5 == md5_bytes(b"data")

    def test_bytes_that_are_not_those_that_were_stored_are_an_error(
        self, store: ObjectStore, tmp_path: Path
    ) -> None:
        with store._create(store._path("a"), md5_bytes(b"other")) as writer:
            writer.write(b"data")
        with pytest.raises(ChecksumError, match="a came with md5"):
            store.read_bytes("a")
        with pytest.raises(ChecksumError, match="from a backup"):
            store.fetch("a", tmp_path / "target")
        assert not (tmp_path / "target").exists()

    def test_what_a_killed_writer_left_is_invisible_and_swept_when_old(
        self, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with store._create(f"{store._address.root}/a/{TEMP_PREFIX}1", "") as writer:
            writer.write(b"half")
        assert (store.list(), store.sweep("a/")) == ((), 0)
        monkeypatch.setattr("storage.object_store.TEMP_MAX_AGE_S", -60)
        assert store.sweep("a/") == 1


class TestS3(_Contract):
    @pytest.fixture
    def objects(self, s3: ObjectOptions) -> ObjectOptions:
        return s3

    @pytest.fixture
    def store(self, objects: ObjectOptions, tmp_path: Path) -> ObjectStore:
        return ObjectStore(f"s3://{BUCKET}/{tmp_path.name}/deeper", objects)

    def test_a_bucket_that_is_not_there_is_explained(self, objects: ObjectOptions) -> None:
        store = ObjectStore("s3://nowhere/x", objects)
        with pytest.raises(StoreUrlError, match="bucket of s3://nowhere/x does not exist"):
            store.write_bytes("a", b"data")


class TestGoogleCloudStorage(_Contract):
    @pytest.fixture
    def objects(self, gcs: ObjectOptions) -> ObjectOptions:
        return gcs

    @pytest.fixture
    def store(self, objects: ObjectOptions, tmp_path: Path) -> ObjectStore:
        return ObjectStore(f"gs://{BUCKET}/{tmp_path.name}", objects)


def test_a_url_names_bucket_and_prefix() -> None:
    assert parse_url("s3://bucket/a%20b/c/") == ObjectAddress("s3", "bucket", "a b/c")
    assert parse_url("gs://bucket").root == "bucket"


@pytest.mark.parametrize("url", ["s3://", "s3://key:secret@bucket/x", "gs://bucket/x?y=1"])
def test_a_url_that_says_more_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(StoreUrlError, match="://bucket/prefix and nothing else") as caught:
        parse_url(url)
    assert "secret" not in str(caught.value)


def test_an_endpoint_is_the_address_of_a_server() -> None:
    with pytest.raises(StoreUrlError, match="expected http://host:port"):
        ObjectStore("s3://bucket", ObjectOptions(endpoint="localhost:9000"))


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("AWS Error ACCESS_DENIED during PutObject", StoreAccessError, "AWS_ACCESS_KEY_ID"),
        ("google::cloud::Status(Unauthenticated)", StoreAccessError, "GOOGLE_APPLICATION"),
        ("AWS Error NO_SUCH_BUCKET during ListObjectsV2", StoreUrlError, "Make it"),
        ("AWS Error NETWORK_CONNECTION", StoreUnavailableError, "Check the network"),
    ],
)
def test_what_went_wrong_is_explained(text: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message), explained("s3://bucket", "storing", "a"):
        raise OSError(text)


def test_an_error_of_the_own_disk_stays_what_it_is() -> None:
    with pytest.raises(OSError, match="No space left"), explained("s3://bucket", "fetching", "a"):
        raise OSError(28, "No space left on device")

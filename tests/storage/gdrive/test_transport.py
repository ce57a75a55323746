from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor

from storage.gdrive.store import DriveStore
from tests.loopback.drive import LoopbackDrive

DATA = os.urandom(200_000)


def _part(store: DriveStore, file_id: str, number: int) -> bool:
    start = number * 311 % 190_000
    return store.read_bytes("a", file_id=file_id, start=start, length=5000) == DATA[start:][:5000]


def test_eight_threads_read_the_right_bytes(store: DriveStore) -> None:
    file_id = store.write_bytes("a", DATA).file_id
    with ThreadPoolExecutor(8) as pool:
        right = list(pool.map(lambda number: _part(store, file_id, number), range(200)))
    assert all(right)


def test_a_forked_process_does_not_use_its_parents_connection(
    drive: LoopbackDrive, store: DriveStore
) -> None:
    file_id = store.write_bytes("a", DATA).file_id
    context = multiprocessing.get_context("fork")
    parent_http = store._client._http.get()
    with context.Pool(2) as pool:
        jobs = [pool.apply_async(_others, (store, file_id, id(parent_http))) for _ in range(4)]
        assert all(_part(store, file_id, number) for number in range(40))
        assert [job.get(30) for job in jobs] == [True] * 4


def _others(store: DriveStore, file_id: str, parent_http: int) -> bool:
    right = all(_part(store, file_id, number) for number in range(40))
    return right and id(store._client._http.get()) != parent_http

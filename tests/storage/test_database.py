from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.database import Database, upsert
from storage.errors import LedgerError, StoreUrlError
from storage.tables import META


def _pragma(database: Database, name: str) -> object:
    with database.read() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def _set(database: Database, key: str, value: str) -> None:
    with database.write() as connection:
        upsert(connection, META, {"key": key, "value": value}, update=["value"])


def _get(database: Database, key: str) -> str | None:
    query = sa.select(META.c.value).where(META.c.key == key)
    with database.read() as connection:
        return connection.execute(query).scalar_one_or_none()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new folder' / 'ledger.db'}"


def test_sqlite_keeps_what_it_confirmed_and_waits_for_writers(url: str) -> None:
    database = Database(url)
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    assert [_pragma(database, name) for name in pragmas] == ["wal", 2, 1, 60_000]
    database.close()


def test_opening_twice_changes_nothing(url: str) -> None:
    for value in ("1", "2"):
        database = Database(url)
        _set(database, "kept", value)
        database.close()
    database = Database(url)
    assert (_get(database, "kept"), _get(database, "version")) == ("2", "1")
    database.close()


def test_a_newer_ledger_is_refused_and_left_alone(url: str) -> None:
    database = Database(url)
    _set(database, "version", "99")
    database.close()
    with pytest.raises(LedgerError, match=r"has version 99; this program knows 1. Update"):
        Database(url)


def test_a_failing_transaction_leaves_nothing(url: str) -> None:
    database = Database(url)
    with pytest.raises(RuntimeError), database.write() as connection:
        upsert(connection, META, {"key": "a", "value": "1"})
        raise RuntimeError
    assert _get(database, "a") is None
    database.close()


def test_an_upsert_tells_whether_it_changed_anything(url: str) -> None:
    database = Database(url)
    row = {"key": "a", "value": "1"}
    with database.write() as connection:
        assert upsert(connection, META, row)
        assert not upsert(connection, META, row)
        assert upsert(connection, META, row, update=["value"])
        never = META.c.value == "other"
        assert not upsert(connection, META, row, update=["value"], where=never)
    database.close()


def test_threads_that_read_and_write_lose_no_update(url: str) -> None:
    database = Database(url)
    _set(database, "count", "0")

    def count_up() -> None:
        for _ in range(20):
            with database.write() as connection:
                query = sa.select(META.c.value).where(META.c.key == "count")
                value = int(connection.execute(query).scalar_one())
                changed = {"key": "count", "value": str(value + 1)}
                upsert(connection, META, changed, update=["value"])

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _get(database, "count") == "80"
    database.close()


def test_a_new_ledger_may_be_opened_by_many_at_once(url: str) -> None:
    errors: list[Exception] = []

    def open_it() -> None:
        try:
            Database(url).close()
        except LedgerError as error:
            errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://me:secret@host/db", r"mysql://me:\*\*\*@host/db'.*supported: sqlite"),
        ("sqlite://", "outlives its process, name a file"),
        ("sqlite:///:memory:", "outlives its process, name a file"),
        ("nonsense:secret", "it is no database URL.*MASHUP_LEDGER_URL"),
    ],
)
def test_a_url_that_opens_no_ledger_is_explained(url: str, message: str) -> None:
    with pytest.raises(StoreUrlError, match=message) as caught:
        Database(url)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(LedgerError, match="could not be used: file is not a database"):
        Database(f"sqlite:///{tmp_path / 'ledger.db'}")


def test_a_locked_ledger_is_explained(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT_S", 0.05)
    database = Database(url)
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match=r"database is locked.*run again"):
        _set(database, "a", "1")
    other.close()
    database.close()


def test_a_full_disk_is_explained_and_costs_only_the_step(url: str) -> None:
    database = Database(url)
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # no page more than there are
    with pytest.raises(LedgerError, match=r"disk is full.*Nothing of this step was written"):
        _set(database, "a", "x" * 1_000_000)
    assert _get(database, "a") is None
    database.close()

from __future__ import annotations

import sqlite3
import threading
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.database import Database, upsert
from storage.errors import LedgerError, StoreUrlError
from storage.tables import LEDGER_VERSION, META, METADATA, TRACKS, Text, UtcTime
from tests.flows.prefect_server import free_port
from tests.postgres import Postgres
from tests.storage.ledgers import Ledgers


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
def url(ledgers: Ledgers) -> str:
    return ledgers.url()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new folder' / 'ledger.db'}"


def test_sqlite_keeps_what_it_confirmed_and_waits_for_writers(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    assert [_pragma(database, name) for name in pragmas] == ["wal", 2, 1, 60_000]
    database.close()


def test_opening_twice_changes_nothing(url: str) -> None:
    for value in ("1", "2"):
        database = Database(url)
        _set(database, "kept", value)
        database.close()
    database = Database(url)
    assert (_get(database, "kept"), _get(database, "version")) == ("2", str(LEDGER_VERSION))
    database.close()


def test_a_newer_ledger_is_refused_and_left_alone(url: str) -> None:
    database = Database(url)
    _set(database, "version", "99")
    _set(database, "layout", "99:more")
    database.close()
    with pytest.raises(LedgerError, match=r"has version 99; this program knows \d+. Update"):
        Database(url)


def test_an_older_ledger_keeps_what_it_knows_and_is_brought_up_to_date(url: str) -> None:
    database = Database(url)
    _set(database, "version", "1")
    _set(database, "layout", "1:fewer")
    _set(database, "kept", "1")
    with database.write() as connection:
        connection.exec_driver_sql("DROP TABLE trash")
    database.close()
    database = Database(url)
    assert (_get(database, "kept"), _get(database, "version")) == ("1", str(LEDGER_VERSION))
    assert sa.inspect(database.engine).has_table("trash")
    database.close()


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
        ("mysql://me:secret@host/db", r"mysql://me:\*\*\*@host/db'.*supported: sqlite, postgresql"),
        ("sqlite://", "outlives its process, name a file"),
        ("sqlite:///:memory:", "outlives its process, name a file"),
        ("nonsense:secret", "it is no database URL.*MASHUP_LEDGER_URL"),
        ("postgresql://me:se/cret@host:secret/db", "it is no database URL.*MASHUP_LEDGER_URL"),
        ("postgres://me:secret@host/db?password=secret", "supported: sqlite, postgresql"),
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


def test_a_locked_ledger_is_explained(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.backends.BUSY_TIMEOUT_S", 0.05)
    database = Database(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match=r"database is locked.*run again"):
        _set(database, "a", "1")
    other.close()
    database.close()


def test_a_full_disk_is_explained_and_costs_only_the_step(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # no page more than there are
    with pytest.raises(LedgerError, match=r"disk is full.*Nothing of this step was written"):
        _set(database, "a", "x" * 1_000_000)
    assert _get(database, "a") is None
    database.close()


def test_text_sorts_by_code_point_and_loses_its_nuls(url: str) -> None:
    database = Database(url)
    for key in ("b", "Z", "a\0b", "é", "_", "a:b", "ab\U0001d11e"):
        _set(database, key, "x")
    query = sa.select(META.c.key).where(META.c.value == "x").order_by(META.c.key)
    with database.read() as connection:
        found = connection.execute(query).scalars().all()
    assert found == ["Z", "_", "a:b", "ab", "ab\U0001d11e", "b", "é"]
    database.close()


def test_every_text_of_the_ledger_is_of_that_kind() -> None:
    kinds = (Text, UtcTime)
    assert [
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.String) and not isinstance(column.type, kinds)
    ] == []
    assert isinstance(TRACKS.c.title.type, Text)


def test_readers_see_one_state_while_others_write(url: str) -> None:
    database = Database(url)
    _set(database, "a", "1")
    query = sa.select(META.c.value).where(META.c.key == "a")
    with database.read() as connection:
        before = connection.execute(query).scalar_one()
        _set(database, "a", "2")
        assert (before, connection.execute(query).scalar_one()) == ("1", "1")
    assert _get(database, "a") == "2"
    database.close()


def test_a_wrong_password_is_explained_without_it(postgres: Postgres) -> None:
    url = postgres.url("wrong").replace(postgres.password, "s3cr3t")
    with pytest.raises(LedgerError, match=r"password authentication failed.*Check that the") as e:
        Database(url)
    assert "s3cr3t" not in "".join(traceback.format_exception(e.value))


def test_a_server_that_is_not_there_is_explained(postgres: Postgres) -> None:
    url = f"postgresql://me:s3cr3t@127.0.0.1:{free_port()}/db"
    with pytest.raises(LedgerError, match=r"could not be used: .*onnection.*run again") as caught:
        Database(url)
    assert "s3cr3t" not in "".join(traceback.format_exception(caught.value))


def test_a_connection_that_breaks_costs_only_its_step(postgres: Postgres) -> None:
    database = Database(postgres.url("breaks"))
    with pytest.raises(LedgerError, match="could not be used"), database.write() as connection:
        upsert(connection, META, {"key": "a", "value": "1"})
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        postgres.run(f"SELECT pg_terminate_backend({mine})")
        upsert(connection, META, {"key": "b", "value": "1"})
    assert _get(database, "a") is None
    _set(database, "a", "2")
    database.close()


def test_a_writer_that_waits_too_long_for_another_is_told_so(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.backends.BUSY_TIMEOUT_S", 0.1)
    database = Database(postgres.url("waits"))
    with database.write(), pytest.raises(LedgerError, match=r"lock timeout.*run again"):
        _set(database, "a", "1")
    database.close()


def test_what_an_error_shows_holds_no_parameters(url: str) -> None:
    database = Database(url)
    with pytest.raises(LedgerError) as caught, database.write() as connection:
        row = {"key": None, "value": "https://upload/session"}
        connection.execute(sa.insert(META).values(row))
    assert "upload/session" not in "".join(traceback.format_exception(caught.value))
    database.close()

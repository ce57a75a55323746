"""Every test that takes `ledgers` or `ledger` runs on SQLite and on Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from storage.ledger import Ledger
from tests.storage.ledgers import Ledgers, OpenLedger, PostgresLedgers, SqliteLedgers, opener


@pytest.fixture(params=["sqlite", "postgres"])
def ledgers(request: pytest.FixtureRequest, tmp_path: Path) -> Ledgers:
    """Where the ledgers of this test lie."""
    if request.param == "sqlite":
        return SqliteLedgers(tmp_path)
    server = request.getfixturevalue("postgres")
    return PostgresLedgers(server, f"t{uuid4().hex[:12]}")


@pytest.fixture
def open_ledger(ledgers: Ledgers) -> OpenLedger:
    return opener(ledgers)


@pytest.fixture
def ledger(open_ledger: OpenLedger) -> Iterator[Ledger]:
    with open_ledger() as opened:
        yield opened

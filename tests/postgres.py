"""A real Postgres server in a temporary folder, for tests of the shared ledger."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.flows.prefect_server import free_port

ROLE = "ledger"
# What is killed in these tests are our processes, never the server: it need not wait for the disk.
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")


@dataclass(frozen=True)
class Postgres:
    """A running server; `url` names a ledger of its own for each schema."""

    folder: Path
    port: int
    password: str

    def url(self, schema: str) -> str:
        """Return a ledger URL, by password over loopback, and make its schema."""
        with psycopg.connect(self._address("postgres")) as connection:
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'.encode())
        options = quote(f"-csearch_path={schema}")
        address = self._address("postgres").replace("postgresql:", "postgresql+psycopg:")
        return f"{address}?options={options}"

    def drop(self, schema: str) -> None:
        """Lose a ledger."""
        with psycopg.connect(self._address("postgres")) as connection:
            connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'.encode())

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement as the server's owner."""
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    def _address(self, database: str) -> str:
        return f"postgresql://{ROLE}:{self.password}@127.0.0.1:{self.port}/{database}"


def find_binaries() -> Path | None:
    """Return the folder with Postgres' programs, the newest version's, or None."""
    found = shutil.which("initdb")
    if found and shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda path: int(re.sub(r"\D", "", str(path)) or 0), default=None)


@contextmanager
def run_postgres(binaries: Path) -> Iterator[Postgres]:
    """Run a server for as long as the block lasts; it leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="mashup-pg-") as name:
        folder, password = Path(name), secrets.token_hex(8)
        secret = folder / "password"
        secret.write_text(password)
        user = _user()
        _hand_over(folder, user)
        data, port = folder / "data", free_port()
        _call(
            binaries / "initdb", "-D", data, "-U", ROLE, "--auth=scram-sha-256", "-N",
            "-E", "UTF8", "--locale=C.UTF-8", f"--pwfile={secret}", user=user,
        )  # fmt: skip
        listen = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder}"
        options = " ".join([listen, *(f"-c {each}" for each in FAST)])
        control = (binaries / "pg_ctl", "-D", data, "-w", "-t", "60")
        _call(*control, "-l", folder / "log", "-o", options, "start", user=user)
        try:
            yield Postgres(folder, port, password)
        finally:
            _call(*control, "-m", "immediate", "stop", user=user)


def _user() -> str | None:
    """Return whom the server runs as: never root, which it refuses; None for ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _hand_over(folder: Path, user: str | None) -> None:
    for path in (folder, *folder.iterdir()) if user else ():
        shutil.chown(path, user)


def _call(*arguments: object, user: str | None) -> None:
    """Run one of Postgres' programs; what it says is part of the error."""
    groups = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    run = subprocess.run(
        [str(argument) for argument in arguments],
        stdout=subprocess.DEVNULL,  # a pipe would stay open as long as the server lives
        stderr=subprocess.PIPE if "start" not in arguments else subprocess.DEVNULL,
        cwd="/",
        check=False,
        **groups,
    )
    assert run.returncode == 0, f"{arguments[0]}: {(run.stderr or b'').decode(errors='replace')}"

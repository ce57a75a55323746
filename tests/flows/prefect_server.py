"""A real Prefect server on loopback, with a home of its own, for tests of the literal commands."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PREFECT = str(Path(sys.executable).with_name("prefect"))


@dataclass(frozen=True)
class Server:
    """A running server: its address and the environment in which commands reach it."""

    api_url: str
    env: Mapping[str, str]

    def prefect(self, *arguments: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run `prefect ...` in the project folder, as a person would."""
        return subprocess.run(
            [PREFECT, "--no-prompt", *arguments],
            cwd=ROOT,
            env=dict(self.env),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    @contextmanager
    def worker(self, *, pool: str) -> Iterator[None]:
        """Run a worker on `pool` for as long as the block lasts."""
        arguments = ["worker", "start", "--pool", pool]
        process = subprocess.Popen([PREFECT, *arguments], cwd=ROOT, env=dict(self.env))
        try:
            yield
        finally:
            end(process)


@contextmanager
def run_server(home: Path, *, extra_env: Mapping[str, str]) -> Iterator[Server]:
    """Start a server that keeps everything in `home`; it ends with the block."""
    port = free_port()
    api_url = f"http://127.0.0.1:{port}/api"
    env = {
        **os.environ,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        **extra_env,
    }
    arguments = ["server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen([PREFECT, *arguments], env=env, stdout=log, stderr=log)
        try:
            wait_until_healthy(api_url, within_s=120)
            yield Server(api_url=api_url, env=env)
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop; a busy machine may need the second, harder word."""
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(api_url: str, *, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{api_url}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(f"no healthy Prefect server at {api_url} within {within_s:.0f} s")

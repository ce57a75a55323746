"""What must never be committed: large files and secrets. Pre-commit gives the files' names."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

MAX_BYTES = 3_000_000
MAX_WEIGHTS_BYTES = 12_000_000  # of the masher that ships
SECRET = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"  # PEM
    rb"|AIza[0-9A-Za-z_-]{35}"  # Google API key
    rb"|ya29\.[0-9A-Za-z_-]{20,}"  # Google access token
    rb'|"(?:client_secret|refresh_token)"\s*:\s*"[^"]{8,}"'
    rb"|AKIA[0-9A-Z]{16}"  # AWS access key
)


def find_large(paths: Iterable[Path]) -> list[str]:
    """Return a complaint for each file above the limit."""
    sizes = ((path, path.stat().st_size) for path in paths if path.is_file())
    return [
        f"{path}: {size:,} bytes, at most {limit_of(path):,} may be committed"
        for path, size in sizes
        if size > limit_of(path)
    ]


def limit_of(path: Path) -> int:
    return MAX_WEIGHTS_BYTES if path.suffix == ".safetensors" else MAX_BYTES


def find_secrets(paths: Iterable[Path]) -> list[str]:
    """Return a complaint for each file that holds something like a key or token."""
    return [
        f"{path}: looks like it holds a secret; keep it in a block, the environment or .env"
        for path in paths
        if path.is_file() and SECRET.search(path.read_bytes())
    ]


if __name__ == "__main__":
    find = {"large": find_large, "secrets": find_secrets}[sys.argv[1]]
    complaints = find(map(Path, sys.argv[2:]))
    sys.exit("\n".join(complaints))

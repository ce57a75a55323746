"""`make bench`: every benchmark after the other, each with its rival in the same run."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = ("titles", "ears", "beats", "mash", "stores", "prepare", "read")


def main() -> int:
    """Run all benchmarks; return the first exit status that is not 0."""
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        for name in BENCHMARKS
    ]
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main())

"""The doctor's checks of this machine: each finds one thing, judges it, and names the cure.

A check never raises and never shows a secret. Those that need Prefect stand in `tasks/doctor.py`.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import ffmpeg
import httpx
import torch
from packaging.requirements import Requirement

from audio.errors import AudioError
from audio.ffmpeg_cli import ffmpeg_path, reason, run

OLDEST_PYTHON = (3, 11)
CLOCK_WARN_S, CLOCK_FAIL_S = 30.0, 300.0  # Google and Amazon refuse signatures that are 5 min off
DISK_WARN_GB, DISK_FAIL_GB = 10.0, 1.0
TIMEOUT_S = 10.0
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)  # no clock that is right shows an earlier time
_COMMENT = re.compile(r"\s#.*")


class Health(StrEnum):
    """How well one thing is."""

    OK = "ok"
    WARN = "warn"  # works, or is not needed by everybody
    FAIL = "fail"  # the line cannot run


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, how it is, what was found, what helps."""

    check: str
    health: Health
    found: str
    cure: str = ""


def ok(check: str, found: str) -> Finding:
    return Finding(check, Health.OK, found)


def warn(check: str, found: str, cure: str) -> Finding:
    return Finding(check, Health.WARN, found, cure)


def fail(check: str, found: str, cure: str) -> Finding:
    return Finding(check, Health.FAIL, found, cure)


def check_python(*, oldest: tuple[int, int] = OLDEST_PYTHON) -> Finding:
    """Python is new enough."""
    found = f"{platform.python_version()} in {sys.prefix}"
    if sys.version_info[:2] >= oldest:
        return ok("python", found)
    wanted = ".".join(map(str, oldest))
    return fail("python", found, f"install Python {wanted} or newer and run `make setup`")


def check_packages(requirements: Path) -> Finding:
    """The installed packages are those of the requirements file."""
    try:
        lines = requirements.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        return warn("packages", f"{requirements}: {error.strerror}", "run from a clone")
    wanted = [
        Requirement(text)
        for line in lines
        if (text := _COMMENT.sub("", line).strip("# ")) and not line.startswith("#")
    ]
    needed = [each for each in wanted if each.marker is None or each.marker.evaluate()]
    wrong = [said for each in needed if (said := _difference(each))]
    if not wrong:
        return ok("packages", f"{len(needed)} as pinned")
    return fail("packages", "; ".join(wrong), f"pip install -r {requirements}")


def check_ffmpeg() -> Finding:
    """ffmpeg starts, and writes an mp3."""
    try:
        program = ffmpeg_path()
        silence = ffmpeg.input("anullsrc", format="lavfi", t=0.1)
        done = run(silence.output("pipe:", format="mp3"))
    except (AudioError, OSError, subprocess.SubprocessError) as error:
        return fail("ffmpeg", str(error), "pip install --force-reinstall imageio-ffmpeg")
    if done.returncode or not done.stdout:
        return fail("ffmpeg", f"{program}: {reason(done)}", "unset IMAGEIO_FFMPEG_EXE")
    return ok("ffmpeg", program)


def check_disk(
    name: str, folder: Path, *, warn_gb: float = DISK_WARN_GB, fail_gb: float = DISK_FAIL_GB
) -> Finding:
    """The disk of a folder, which may not be there yet, has room."""
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())
    free_gb = shutil.disk_usage(there).free / 1e9
    found = f"{free_gb:.1f} GB free in {there}"
    cure = "`python -m flows clean`, `python -m flows compact`, or another disk"
    if free_gb < fail_gb:
        return fail(name, found, cure)
    return warn(name, found, cure) if free_gb < warn_gb else ok(name, found)


def check_work_folder(folder: Path) -> Finding:
    """The work folder takes files."""
    probe = folder / f".tmp-doctor-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"probe")
        probe.unlink()
    except OSError as error:
        cure = "give this user the right to write there, or set MASHUP_WORK_DIR"
        return fail("work folder", f"{folder}: {error.strerror}", cure)
    return ok("work folder", str(folder.resolve()))


def check_clock(server: str) -> Finding:
    """The clock agrees with that of a server; `server` may be empty."""
    now = datetime.now(UTC)
    offset = now.astimezone().strftime("UTC%z")
    if now < RELEASED:
        return fail("clock", f"{now:%Y-%m-%d %H:%M} is in the past", "set the clock (NTP)")
    if not server:
        return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC, local time is {offset}; not compared")
    try:
        told = httpx.head(server, timeout=TIMEOUT_S).headers["date"]
        away_s = abs((datetime.now(UTC) - parsedate_to_datetime(told)) / timedelta(seconds=1))
    except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError) as error:
        return warn("clock", f"{server} told no time: {type(error).__name__}", "check the network")
    found = f"{away_s:.0f} s from that of {server}, local time is {offset}"
    if away_s > CLOCK_WARN_S:
        judge = fail if away_s > CLOCK_FAIL_S else warn
        return judge("clock", found, "let NTP set it: `timedatectl set-ntp true`")
    return ok("clock", found)


def check_gpu() -> Finding:
    """torch sees the graphics card that is there; training runs without one too, slower."""
    if torch.cuda.is_available():
        card = torch.cuda.get_device_properties(0)
        return ok(
            "gpu", f"{card.name}, {card.total_memory / 1e9:.0f} GB, CUDA {torch.version.cuda}"
        )
    if shutil.which("nvidia-smi"):
        cure = "install the torch wheel for this driver: https://pytorch.org/get-started"
        return warn("gpu", "there is one, but torch cannot use it", cure)
    return ok("gpu", f"none; training runs on {os.cpu_count()} CPU cores")


def worst(findings: Iterable[Finding]) -> Health:
    """Return how bad the worst finding is."""
    order = list(Health)
    return max((each.health for each in findings), key=order.index, default=Health.OK)


def _difference(wanted: Requirement) -> str:
    """Say how what is installed differs from a pin; empty where it does not."""
    try:
        found = version(wanted.name)
    except PackageNotFoundError:
        return f"{wanted.name} is missing"
    return "" if wanted.specifier.contains(found, prereleases=True) else f"{wanted.name} is {found}"

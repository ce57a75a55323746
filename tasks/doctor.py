"""The doctor's round: every check with this machine's settings, and those that need Prefect."""

from __future__ import annotations

from importlib.metadata import entry_points, version
from pathlib import Path

import httpx
import yaml
from prefect.settings import get_current_settings

from settings import Settings
from steps import doctor, doctor_sources
from steps.doctor import TIMEOUT_S, Finding, fail, ok, warn
from storage.errors import StorageError
from storage.options import StoreOptions
from tasks.stores import drive_options, store_options

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = "mashup-short-names"


def examine(settings: Settings) -> list[Finding]:
    """Run every check; nothing is changed but for a probe that is written and deleted."""
    api_url = str(get_current_settings().api.url or "")
    return [
        doctor.check_python(),
        doctor.check_packages(ROOT / "requirements.txt"),
        doctor.check_ffmpeg(),
        doctor.check_work_folder(settings.work_dir),
        doctor.check_disk("work disk", settings.work_dir),
        *check_stored(settings, api_url),
        doctor_sources.check_env_file(Path(".env")),
        doctor_sources.check_youtube_client(settings.youtube_client),
        doctor_sources.check_js_runtime(),
        doctor_sources.check_cookies(settings.youtube_cookies),
        doctor_sources.check_breaker(settings.work_dir / "youtube-breaker.json"),
        check_server(api_url),
        check_pin(ROOT / "prefect.yaml"),
        check_plugin(),
        doctor.check_gpu(),
    ]


def check_stored(settings: Settings, api_url: str) -> list[Finding]:
    """Check store, its login and disk, the ledger, and the clock by the store's or Prefect's."""
    url, findings = settings.store_url, []
    options = StoreOptions(drive_options(settings))
    try:
        options = store_options(settings)
    except StorageError as error:
        findings.append(fail("secret block", str(error), "make the block in the Prefect UI"))
    if url.startswith("gdrive:"):
        findings.append(doctor_sources.check_drive_login(options))
    findings.append(doctor_sources.check_store(url, options))
    folder = doctor_sources.store_folder(url)
    if folder is not None:
        findings.append(doctor.check_disk("store disk", folder))
    findings.append(doctor_sources.check_ledger(settings.ledger_url))
    health = f"{api_url}/health" if api_url else ""
    findings.append(doctor.check_clock(doctor_sources.clock_server(url, options) or health))
    return findings


def check_server(api_url: str) -> Finding:
    """The Prefect server answers and is of this program's version."""
    if not api_url:
        return ok("prefect server", "ephemeral: each command starts its own; PREFECT_API_URL unset")
    cure = "`prefect server start`, or correct PREFECT_API_URL"
    try:
        answer = httpx.get(f"{api_url}/admin/version", timeout=TIMEOUT_S)
        answer.raise_for_status()
        served = str(answer.json())
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return fail("prefect server", f"{type(error).__name__} at {shown(api_url)}", cure)
    if served != version("prefect"):
        found = f"{shown(api_url)} is {served}, here is {version('prefect')}"
        return warn("prefect server", found, "the same version on both sides")
    return ok("prefect server", f"{served} at {shown(api_url)}")


def check_pin(deployments: Path) -> Finding:
    """The installed Prefect is the one that prefect.yaml was written for."""
    pinned = str(yaml.safe_load(deployments.read_text(encoding="utf-8"))["prefect-version"])
    found = version("prefect")
    if found == pinned:
        return ok("prefect", found)
    return fail("prefect", f"{found}, {deployments.name} is for {pinned}", "make setup")


def check_plugin() -> Finding:
    """`prefect deployment run train-mashup` works without the flow's name."""
    plugins = get_current_settings().plugins
    cure = "pip install --no-deps --editable ."
    if PLUGIN not in {each.name for each in entry_points(group="prefect.plugins")}:
        return warn("short names", "the plugin is not installed", cure)
    if not plugins.enabled or (plugins.allow is not None and PLUGIN not in plugins.allow):
        cure = "run in the project's folder: its prefect.toml turns the plugin on"
        return warn("short names", "the plugin is not enabled here", cure)
    return ok("short names", "`prefect deployment run train-mashup` works")


def shown(url: str) -> str:
    """Return an address without the user and password that it may hold."""
    try:
        return str(httpx.URL(url).copy_with(userinfo=b"", query=None))
    except httpx.InvalidURL:
        return "an address that is none"

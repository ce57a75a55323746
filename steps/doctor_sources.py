"""The doctor's checks of what the line reads and fills: store, ledger, logins, YouTube."""

from __future__ import annotations

import re
import stat
import time
from contextlib import suppress
from datetime import date
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from catalog.youtube.breaker import Breaker
from catalog.youtube.errors import PausedError
from catalog.youtube.ytdlp_options import find_js_runtime
from steps.doctor import Finding, fail, ok, warn
from storage.backends import SQLITE, parse_url, shown
from storage.errors import StorageError, StoreUrlError
from storage.gdrive.credentials import default_token_file, load_credentials
from storage.ledger import Ledger
from storage.options import StoreOptions
from storage.stores import open_store

PRIVATE = stat.S_IRWXG | stat.S_IRWXO
DAY_S = 24 * 3600.0
OLD_CLIENT_DAYS = 120  # YouTube changes faster than this
OLD_COOKIES_DAYS = 180
PROBE = "reports/doctor-"


def check_store(url: str, options: StoreOptions) -> Finding:
    """The store takes a file, gives it back and deletes it."""
    key, data = f"{PROBE}{uuid4().hex}.txt", b"written by python -m flows doctor"
    began = time.monotonic()
    try:
        store = open_store(url, options)
        try:
            store.write_bytes(key, data)
            same = store.read_bytes(key) == data
        finally:
            with suppress(StorageError, OSError):  # the first error says more
                store.delete(key)
    except (StorageError, OSError) as error:
        cure = "set MASHUP_STORE_URL" if isinstance(error, StoreUrlError) else "see what it says"
        return fail("store", f"{type(error).__name__}: {error}", cure)
    if not same:
        return fail("store", f"{store.url} gives back other bytes than it took", "check that disk")
    seconds = time.monotonic() - began
    return ok("store", f"{store.url}: wrote, read and deleted a file in {seconds:.2f} s")


def check_ledger(url: str) -> Finding:
    """The ledger opens; one that is a file is not made by looking."""
    try:
        parsed = parse_url(url)
        if parsed.get_backend_name() == SQLITE and not Path(str(parsed.database)).exists():
            return ok("ledger", f"{shown(parsed)} is not there yet; the first run makes it")
        with Ledger(url) as ledger:
            tracks = len(ledger.tracks.list())
    except (StorageError, OSError) as error:
        cure = "correct MASHUP_LEDGER_URL; a lost ledger comes back by `python -m flows recover`"
        return fail("ledger", str(error), cure)
    return ok("ledger", f"{shown(parsed)}: {tracks} tracks")


def check_drive_login(options: StoreOptions) -> Finding:
    """There is a login for Google Drive, and only this user can read it."""
    drive = options.drive
    try:
        login = load_credentials(drive)
    except StorageError as error:
        return fail("drive login", str(error), "`python -m flows login`")
    if login is None or drive.secret:
        return ok("drive login", "from a Prefect block" if drive.secret else "none is needed")
    file = drive.service_account_file or drive.token_file or default_token_file()
    if not file.is_file():
        return ok("drive login", "application default credentials of this machine")
    return ok("drive login", f"{file}, {age_days(file):.0f} days old, mode {mode(file)}")


def check_cookies(file: Path | None) -> Finding:
    """The cookies file is one, is private and not too old."""
    if file is None:
        return ok("cookies", "not set; needed for age-restricted videos only")
    cure = "export it from the browser in Netscape form, or unset MASHUP_YOUTUBE_COOKIES"
    try:
        head = file.read_text(encoding="utf-8", errors="replace")[:200]
    except OSError as error:
        return fail("cookies", f"{file}: {error.strerror}", cure)
    if "HTTP Cookie File" not in head.partition("\n")[0]:
        return fail("cookies", f"{file} is no Netscape cookies file", cure)
    found = f"{file}, {age_days(file):.0f} days old, mode {mode(file)}"
    if file.stat().st_mode & PRIVATE:
        return warn("cookies", found, f"others can read it: chmod 600 {file}")
    if age_days(file) > OLD_COOKIES_DAYS:
        return warn("cookies", found, "logins end: export it anew")
    return ok("cookies", found)


def check_env_file(file: Path) -> Finding:
    """A `.env` that holds a key or password is private."""
    secrets = r"^MASHUP_(YOUTUBE_API_KEY=.|(LEDGER_URL|YOUTUBE_PROXY)=\S*://[^/\s]*:[^/\s]*@)"
    if not file.is_file():
        return ok(".env", "none; settings come from the environment")
    if not re.search(secrets, file.read_text(encoding="utf-8", errors="replace"), re.M):
        return ok(".env", f"{file.resolve()} holds no secret")
    found = f"{file.resolve()} holds a secret, mode {mode(file)}"
    return (
        warn(".env", found, f"chmod 600 {file}")
        if file.stat().st_mode & PRIVATE
        else ok(".env", found)
    )


def check_youtube_client(client: str, *, today: date | None = None) -> Finding:
    """The client is one that works, and young enough to know today's YouTube."""
    if client == "pytube":
        found = f"pytube {version('pytube')}, abandoned upstream: YouTube refuses it"
        return warn("youtube client", found, "MASHUP_YOUTUBE_CLIENT=auto")
    name = "pytubefix" if client == "pytubefix" else "yt-dlp"
    found = f"{client}: {name} {version(name)}"
    if name == "yt-dlp":
        year, month, day = (int(part) for part in version(name).split(".")[:3])
        age = ((today or date.today()) - date(year, month, day)).days
        found += f", {age} days old"
        if age > OLD_CLIENT_DAYS:
            return warn("youtube client", found, "update: a newer one knows YouTube's changes")
    return ok("youtube client", found)


def check_js_runtime(runtime: str | None = None) -> Finding:
    """There is a JavaScript runtime for YouTube's challenges."""
    found = find_js_runtime() if runtime is None else runtime
    if found:
        return ok("javascript", found)
    return warn("javascript", "no runtime: many videos cannot be had", "install deno, or pytubefix")


def check_breaker(file: Path) -> Finding:
    """YouTube may be asked now."""
    try:
        Breaker(file).check()
    except PausedError as error:
        cure = f"wait, the next night carries on; if you know better, delete {file}"
        return warn("youtube pause", str(error), cure)
    return ok("youtube pause", "none")


def clock_server(store_url: str, options: StoreOptions) -> str:
    """Return the server whose clock the store goes by; empty for a folder."""
    scheme = urlsplit(store_url).scheme
    if scheme == "gdrive":
        return options.drive.api_root or "https://www.googleapis.com"
    amazon, google = "https://s3.amazonaws.com", "https://storage.googleapis.com"
    known = {"s3": options.objects.endpoint or amazon, "gs": options.objects.endpoint or google}
    return known.get(scheme, "")


def age_days(file: Path) -> float:
    return (time.time() - file.stat().st_mtime) / DAY_S


def mode(file: Path) -> str:
    return f"{stat.S_IMODE(file.stat().st_mode):o}"


def store_folder(url: str) -> Path | None:
    """Return the folder of a store on this machine; None where it is elsewhere, or no store."""
    if urlsplit(url).scheme != "file":
        return None
    try:
        folder = open_store(url)
    except StorageError:
        return None
    return Path(unquote(urlsplit(folder.url).path))

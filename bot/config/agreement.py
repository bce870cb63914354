"""What must agree between keys and between tables.

These checks read the file's plain values and expect nothing of them, so that they find their
problems whatever else is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.channels.registry import KINDS
from bot.config.problems import KeyPath, Problem, found, path_text
from bot.config.types import ALL
from bot.core.kinds import Kind
from bot.core.names.suggest import choose

DEFAULT_CHANNEL = "console"


def disagreements(tables: Mapping[str, Any], origins: Mapping[KeyPath, str]) -> Iterator[Problem]:
    """Yield the problems that no key has by itself; ``origins`` as for ``validate``."""
    watches: list[tuple[KeyPath, dict[str, Any]]] = [
        (("watch", index), watch)
        for index, watch in enumerate(_list(tables.get("watch")))
        if isinstance(watch, dict)
    ]
    channels = _table(tables.get("channels"))
    yield from _repeated_names(watches)
    telling = [*watches, (("health",), _table(tables.get("health")))]
    are_readable = isinstance(tables.get("channels", {}), dict)
    for path, name in _unknown_channels(telling, channels) if are_readable else ():
        text = f"no channel has this name; {found(path, name, origins)}"
        yield Problem(path, f"{text}; {choose(name, _names(channels))}")
    for path, watch in watches:
        yield from _lost_shifts(path, watch)
    for name, channel in channels.items():
        yield from _channel(name, _table(channel))


def _repeated_names(watches: list[tuple[KeyPath, dict[str, Any]]]) -> Iterator[Problem]:
    seen: dict[str, KeyPath] = {}
    for path, watch in watches:
        name = watch.get("name")
        if not isinstance(name, str):
            continue
        if name in seen:
            first = path_text(seen[name])
            yield Problem((*path, "name"), f"{first} has this name already; give it another")
        seen.setdefault(name, path)


def _unknown_channels(
    tables: list[tuple[KeyPath, dict[str, Any]]], channels: Mapping[str, Any]
) -> Iterator[tuple[KeyPath, str]]:
    for path, table in tables:
        for index, name in enumerate(_list(table.get("notify"))):
            if isinstance(name, str) and name not in _names(channels):
                yield (*path, "notify", index), name


def _names(channels: Mapping[str, Any]) -> list[str]:
    return list(channels) or [DEFAULT_CHANNEL]


def _lost_shifts(path: KeyPath, watch: Mapping[str, Any]) -> Iterator[Problem]:
    kinds = _list(watch.get("events"))
    if "models" in watch or Kind.RANK_SHIFT not in kinds or ALL in kinds:
        return
    text = 'rank_shift is told only where a watch names models; add models = ["my-org/*"], or '
    yield Problem((*path, "events", kinds.index(Kind.RANK_SHIFT)), f"{text}leave this kind out")


def _channel(name: str, channel: Mapping[str, Any]) -> Iterator[Problem]:
    path: KeyPath = ("channels", name)
    if not name.strip() or not name.isprintable() or name != name.strip():
        yield Problem(path, "a channel needs a name without spaces around it, or line breaks")
    kind = KINDS.get(str(channel.get("type")))
    for key, text in kind.disagreements(channel) if kind else ():
        yield Problem((*path, key) if key else path, text)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

"""Which file is the configuration, its TOML as plain values, and the one that ``init`` writes."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

from msgspec import Struct

from bot.config import pipes
from bot.core.errors import ConfigError
from bot.location import DEFAULT_NAME, VARIABLE

SLACK_VARIABLE = "SLACK_WEBHOOK_URL"
"""Where it is set and there is no file, alerts go there."""
DEPTH_LIMIT = 50

_TOO_DEEP = " lists or tables are nested too deeply"


class Document(Struct, frozen=True, kw_only=True):
    """A configuration as written; ``source`` is null, and ``text`` empty, where there is no file.

    Relative paths in it start at ``folder``. Numbers with a point are Decimals. ``name`` is how
    people named the file.
    """

    source: Path | None
    name: str
    text: str
    folder: Path
    tables: dict[str, Any]


def read(path: Path | None, environ: Mapping[str, str]) -> Document:
    """Read the configuration file that ``path``, the environment or the folder names.

    Raises:
        ConfigError: a file that was named, or is there, cannot be read as TOML.
    """
    named = environ.get(VARIABLE)
    if path is not None:
        return _parse(path, _text(path, ""))
    if named:
        return _parse(Path(named), _text(Path(named), f", which {VARIABLE} names"))
    # A dangling link is there: to fall back on the default would hide the mistake.
    if not os.path.lexists(DEFAULT_NAME):
        tables = _built_in(environ)
        return Document(source=None, name="", text="", folder=Path.cwd(), tables=tables)
    return _parse(Path(DEFAULT_NAME), _text(Path(DEFAULT_NAME), ""))


def _built_in(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the tables that stand where there is no file: a container needs none for Slack."""
    if not environ.get(SLACK_VARIABLE, "").strip():
        return {}
    return {"channels": {"slack": {"type": "slack", "webhook_url": f"env:{SLACK_VARIABLE}"}}}


def _text(path: Path, origin: str) -> str:
    try:
        return pipes.read(path, pipes.deadline()).decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        problem = f"no such file{origin}; create it with: leaderboard-bot init {path}"
    except IsADirectoryError:
        problem = f"is a directory{origin}; name the file in it"
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig").split("\n")
        kind = "UTF-16" if error.object[:2] in (b"\xff\xfe", b"\xfe\xff") else "not UTF-8"
        place = f"{len(before)}:{len(before[-1]) + 1}"
        raise ConfigError([f"{path}:{place}: is {kind} text{origin}; save it as UTF-8"]) from None
    except (OSError, ValueError) as error:
        problem = f"cannot be read ({_reason(error)}){origin}"
    raise ConfigError([f"{path}: {problem}"])


def _reason(error: OSError | ValueError) -> str:
    known = error.strerror if isinstance(error, OSError) else str(error)
    return known or type(error).__name__


def _parse(path: Path, text: str) -> Document:
    try:
        tables = tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        from bot.config.problems.syntax import told

        line, shown = told(str(path), text, str(error))
        raise ConfigError([line], [shown]) from None
    except ValueError as error:  # a date or number that TOML allows and Python does not
        raise ConfigError([f"{path}: {error}"]) from None
    except RecursionError:
        raise ConfigError([f"{path}:{_TOO_DEEP}"]) from None
    if _depth_exceeds(DEPTH_LIMIT, tables):
        raise ConfigError([f"{path}:{_TOO_DEEP}"])
    source = path.absolute()
    return Document(source=source, name=str(path), text=text, folder=source.parent, tables=tables)


def _depth_exceeds(limit: int, tables: dict[str, Any]) -> bool:
    """Tell whether lists and tables are nested deeper, so that others may walk them freely."""
    level: list[Any] = [tables]
    for _ in range(limit):
        inner = [node.values() if isinstance(node, dict) else node for node in level]
        level = [item for items in inner for item in items if isinstance(item, dict | list)]
        if not level:
            return False
    return True


def _decimal(written: str) -> Decimal:
    try:
        return Decimal(written)
    except ArithmeticError:  # an exponent past all bounds
        return Decimal("inf")


def starter() -> str:
    """Return what ``init`` writes: a short commented file that loads as it is, in any place."""
    return resources.files("bot.config").joinpath("starter.toml").read_text(encoding="utf-8")

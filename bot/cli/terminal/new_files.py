"""Files that commands make: whole or not at all, and never in the place of another."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import typer

from bot.core.errors import UnwritableError


def check_new(path: Path, option: str) -> None:
    """Refuse a path at which something is, before the work for it begins."""
    if path.exists() or path.is_symlink():
        problem = f"{path} is there already, and was left as it is; name another"
        raise typer.BadParameter(problem, param_hint=option)


def write_new(path: Path, data: bytes, option: str) -> None:
    """Write a new file.

    Raises:
        UnwritableError: it cannot be written; what was begun is gone.
    """
    try:
        file = path.open("xb")
    except FileExistsError:
        check_new(path, option)
        raise
    except OSError as error:
        raise UnwritableError(path, error) from None
    try:
        with file:
            file.write(data)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise UnwritableError(path, error) from None

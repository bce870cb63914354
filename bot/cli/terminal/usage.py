"""Help and usage errors in this program's words, where Typer's show how it works inside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from typer.exceptions import TyperException

_TYPE = re.compile(r"^([A-Z]+) <.*>$")
_BRACES = re.compile(r"\{([A-Z]+)\}")
BEFORE_COMMAND = ("--config", "--log-level", "--log-format", "--version")

_Formatter: Any = typer.Context.formatter_class


class PlainFormatter(_Formatter):  # type: ignore[misc]  # Typer names no class to inherit from
    """Writes an argument as ``BENCHMARK``, not ``{BENCHMARK}`` or ``BENCHMARK <list[str]>``."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        super().write_usage(prog, _BRACES.sub(r"\1", args), prefix)

    def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **options: Any) -> None:
        """Write a list of names and what they mean."""
        plain = [(_TYPE.sub(r"\1", name), text) for name, text in rows]
        super().write_dl(plain, *args, **options)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Make what is told of a usage error one line in plain words."""
    try:
        yield
    except TyperException as error:
        if _is_help(error):
            raise
        told = " ".join(error.format_message().replace("Value error, ", "").split())
        if getattr(error, "option_name", None) in BEFORE_COMMAND:
            told += "; it goes before the command"
        error.format_message = lambda: told  # type: ignore[method-assign]  # show() asks for it
        raise


def _is_help(error: TyperException) -> bool:
    """Tell whether it stands for help: Typer raises that where a command is missing."""
    context = getattr(error, "ctx", None)
    return context is not None and error.message == context.get_help()

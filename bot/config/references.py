"""Strings that stand for something else: ``env:NAME`` and ``file:PATH``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from bot.config import pipes
from bot.config.problems import KeyPath, Problem
from bot.core.names.suggest import nearest
from bot.core.secret import HIDDEN, looks_secret

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

FILE_LIMIT = 1_000_000
"""The most bytes that are read of a file that a reference names."""


class Resolved(Struct, frozen=True, kw_only=True):
    """A document without references.

    ``origins`` gives the reference that a value came from: what it stood for is not to be shown.
    Where a reference cannot be resolved, the string stays and ``problems`` has its path.
    """

    tables: dict[str, Any]
    origins: dict[KeyPath, str]
    problems: list[Problem]


class _UnresolvedError(Exception):
    """Carries the sentence about a reference that cannot be resolved."""


class _Resolver:
    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ
        self._until = pipes.deadline()
        self.origins: dict[KeyPath, str] = {}
        self.problems: list[Problem] = []

    def walk(self, node: Any, path: KeyPath) -> Any:
        if isinstance(node, dict):
            return {key: self.walk(value, (*path, key)) for key, value in node.items()}
        if isinstance(node, list):
            return [self.walk(value, (*path, index)) for index, value in enumerate(node)]
        if isinstance(node, str) and node.startswith(("env:", "file:")):
            return self._resolve(node, path)
        return node

    def _resolve(self, reference: str, path: KeyPath) -> str:
        kind, _, name = reference.partition(":")
        try:
            value = self._variable(name) if kind == "env" else self._content(name)
        except _UnresolvedError as error:
            self.problems.append(Problem(path, str(error)))
            return reference
        self.origins[path] = reference
        return value

    def _variable(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            # The name is not shown: it may be the secret itself.
            raise _UnresolvedError('names no environment variable; write "env:NAME"')
        value = self._environ.get(name)
        if value is None:
            near = nearest(name, self._environ)
            advice = f"did you mean {near}?" if near else "set it where the bot starts"
            note = " (a .env file is not read)"
            raise _UnresolvedError(f"the environment variable {name} is not set{note}; {advice}")
        if not value.strip():
            raise _UnresolvedError(f"the environment variable {name} is empty; give it a value")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise _UnresolvedError(f"the environment variable {name} is not UTF-8 text")
        return value

    def _content(self, name: str) -> str:
        if not name:
            raise _UnresolvedError('names no file; write "file:PATH"')
        path = self._folder / name
        shown = f"the file {HIDDEN if looks_secret(name) else path}"
        try:
            text = pipes.read(path, self._until, FILE_LIMIT).decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise _UnresolvedError(f"{shown} is not UTF-8 text") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            advice = "create it, or name another"
            raise _UnresolvedError(f"{shown} cannot be read ({reason}); {advice}") from None
        if not text.strip():
            raise _UnresolvedError(f"{shown} is empty; put the value in it")
        return text


def resolve(tables: dict[str, Any], folder: Path, environ: Mapping[str, str]) -> Resolved:
    """Replace every string that is a reference by the value it names, once.

    Paths are relative to ``folder``; of a file's text the trailing ends of line are left out.
    """
    resolver = _Resolver(folder, environ)
    resolved = resolver.walk(tables, ())
    return Resolved(tables=resolved, origins=resolver.origins, problems=resolver.problems)

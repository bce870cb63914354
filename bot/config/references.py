"""Strings that stand for something else: ``env:NAME`` and ``file:PATH``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from bot.config import pipes
from bot.config.problems.problem import KeyPath, Problem
from bot.core.names.suggest import is_like, nearest
from bot.core.names.written import is_quoted
from bot.core.secret import HIDDEN, looks_secret

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SHELL = r"\$\{([A-Za-z_]\w*)\}|\$(?:env:)?([A-Z_][A-Z0-9_]*)"
_OTHERS = r"%([A-Za-z_]\w*)%|\{\{\s*([A-Za-z_]\w*)\s*\}\}"
_ALONE = re.compile(f"{_SHELL}|{_OTHERS}", re.ASCII)
_BARE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", re.ASCII)
_OF_SECRETS = frozenset(("token", "secret", "webhook_url", "url"))
_WITHIN = re.compile(r"\$\{([A-Za-z_]\w*)\}", re.ASCII)
_MISSPELT = re.compile(r"\s*(env|file)\s*:\s*(\S+)\s*", re.IGNORECASE)
_BYTE_ORDER_MARK = "\ufeff"

_MOUNTED = Path("/run/secrets")
_MOUNT = "give the container its file: for web_token of compose.yaml, by WEB_TOKEN_FILE in .env"
"""What to do where nothing is mounted as a secret, which compose and others do at the start."""

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
    """Says why a reference cannot be resolved, and what to do."""

    def __init__(self, text: str, advice: str) -> None:
        super().__init__(text)
        self.text, self.advice = text, advice


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
        if isinstance(node, str):
            return self._text(node, path)
        return node

    def _text(self, written: str, path: KeyPath) -> str:
        if written.startswith(("env:", "file:")):
            return self._resolve(written, path)
        if meant := _bare(written, path) or _meant(written):
            self.problems.append(Problem(path, *meant))
        return written

    def _resolve(self, reference: str, path: KeyPath) -> str:
        kind, _, name = reference.partition(":")
        try:
            value = self._variable(name) if kind == "env" else self._content(name)
        except _UnresolvedError as error:
            self.problems.append(Problem(path, error.text, error.advice))
            return reference
        self.origins[path] = reference
        return value

    def _variable(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            # The name is not shown: it may be the secret itself.
            meant = name.strip(" ${}")
            shown = _named(meant) if _NAME.fullmatch(meant) else "NAME"
            raise _UnresolvedError("names no environment variable", f'write "env:{shown}"')
        value = self._environ.get(name)
        if value is None and looks_secret(name):
            advice = 'put it into a variable, and write "env:NAME" with the name of that'
            raise _UnresolvedError("is a secret itself, not the name of a variable", advice)
        if value is None:
            near = nearest(name, [other for other in self._environ if _may_mean(name, other)])
            advice = f"did you mean {near}?" if near else "set it where the bot starts"
            note = " (a .env file is not read)"
            raise _UnresolvedError(f"the environment variable {name} is not set{note}", advice)
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise _UnresolvedError(
                f"the environment variable {name} is not UTF-8 text", "set it anew"
            )
        return _usable(value, f"the environment variable {name}", "give it a value")

    def _content(self, name: str) -> str:
        if not name:
            raise _UnresolvedError("names no file", 'write "file:PATH"')
        path = self._folder / name
        shown = f"the file {HIDDEN if looks_secret(name) else path}"
        try:
            text = pipes.read(path, self._until, FILE_LIMIT).decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise _UnresolvedError(f"{shown} is not UTF-8 text", "save it as UTF-8") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            advice = _MOUNT if path.is_relative_to(_MOUNTED) else "create it, or name another"
            if name.startswith("~"):
                advice = "write the whole path: ~ does not stand for a folder here"
            raise _UnresolvedError(f"{shown} cannot be read ({reason})", advice) from None
        advice = _MOUNT if path.is_relative_to(_MOUNTED) else "put the value in it"
        return _usable(text, shown, advice)


def _usable(value: str, shown: str, remedy: str) -> str:
    """Return a value without the mark that some editors put before it.

    Raises:
        _UnresolvedError: nothing is in it, or quotes are around it.
    """
    value = value.removeprefix(_BYTE_ORDER_MARK)
    if not value.strip():
        raise _UnresolvedError(f"{shown} is empty", remedy)
    if is_quoted(value):
        raise _UnresolvedError(f"{shown} has quotes around its value", "leave them out")
    return value


def _may_mean(name: str, other: str) -> bool:
    """Tell whether a variable may be meant by a name: never another service's.

    ``SLACK_TOKEN`` may be ``SLACK_BOT_TOKEN`` or ``SLAK_TOKEN``, but not ``HF_TOKEN``.
    """
    if name.replace("_", "").casefold() == other.replace("_", "").casefold():
        return True
    fewer, more = sorted((name.split("_"), other.split("_")), key=len)
    if not is_like(fewer[0], more[0]):
        return False
    rest = iter(more)
    return all(any(is_like(word, one) for one in rest) for word in fewer)


def _bare(written: str, path: KeyPath) -> tuple[str, str] | None:
    """Return what is wrong with a variable's bare name where a secret stands, and what to write."""
    keys = [key for key in path if isinstance(key, str)]
    if keys and keys[-1] in _OF_SECRETS and _BARE.fullmatch(written.strip()):
        return "is the name of a variable, not its value", f'write "env:{written.strip()}"'
    return None


def _meant(written: str) -> tuple[str, str] | None:
    """Return what is wrong with another program's form of a reference, and what to write."""
    if alone := _ALONE.fullmatch(written.strip().strip("'\"")):
        name = _named(next(filter(None, alone.groups())))
        return "stands for itself, not for a variable", f'write "env:{name}"'
    if _WITHIN.search(written):
        advice = 'put all of it in one, and write "env:NAME"'
        return "a variable stands only for a whole value", advice
    if misspelt := _MISSPELT.fullmatch(written):
        kind = misspelt[1].lower()
        name = misspelt[2] if kind == "file" or _NAME.fullmatch(misspelt[2]) else "NAME"
        return "stands for itself", f'write "{kind}:{_named(name)}"'
    return None


def _named(name: str) -> str:
    return "NAME" if looks_secret(name) else name


def resolve(tables: dict[str, Any], folder: Path, environ: Mapping[str, str]) -> Resolved:
    """Replace every string that is a reference by the value it names, once.

    Paths are relative to ``folder``; of a file's text the trailing ends of line are left out.
    """
    resolver = _Resolver(folder, environ)
    resolved = resolver.walk(tables, ())
    return Resolved(tables=resolved, origins=resolver.origins, problems=resolver.problems)

"""Reading the configuration, with every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bot.config.check import disagreements, validate
from bot.config.file import SLACK_VARIABLE, Document, read
from bot.config.problems.problem import KeyPath, Problem, in_file_order
from bot.config.references import resolve
from bot.config.settings import Settings, settle
from bot.config.tables import File
from bot.core.errors import ConfigError
from bot.core.names.links import PUBLIC

if TYPE_CHECKING:
    from bot.config.problems.source import Source

ENDPOINT_VARIABLE = "HF_ENDPOINT"
_ENDPOINT: KeyPath = ("hub", "endpoint")
_OF_THE_MACHINE = ("hub", "database", "channels")


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings of the file at ``path``, or of the one that is found without it.

    None means ``$LEADERBOARD_BOT_CONFIG``, else ``./config.toml`` where it exists, else the
    built-in default. Nothing is changed, so a running program may call it again to reload.

    Raises:
        ConfigError: with every problem that the file has, none with a secret.
    """
    return examine(path, environ).settings


class Examined(Struct, frozen=True, kw_only=True):
    """A configuration that was read, and every problem that it has."""

    document: Document
    tables: dict[str, Any]
    file: File | None
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> Settings:
        """What can be looked at on this machine, whatever is wrong: valid channels, a database.

        What is wrong is left out, so its default may stand there.
        """
        if self.file is not None:
            return self.settings
        broken = {
            problem.path[: 2 if problem.path[:1] == ("channels",) else 1]
            for problem in self.problems
        }
        parts = {
            key: self.tables[key]
            for key in _OF_THE_MACHINE
            if key in self.tables and (key,) not in broken
        }
        if isinstance(channels := parts.get("channels"), dict):
            sound = {
                name: one for name, one in channels.items() if ("channels", name) not in broken
            }
            parts["channels"] = sound
        return settle(File.model_validate(parts), self.document.source, self.document.folder)

    @property
    def settings(self) -> Settings:
        """The settings that it stands for.

        Raises:
            ConfigError: there are problems.
        """
        if self.file is None:
            raise ConfigError(self.lines(self.problems), self.shown(self.problems))
        return settle(self.file, self.document.source, self.document.folder)

    def lines(self, problems: Iterable[Problem]) -> list[str]:
        """Return problems of it as a line each, with their places, from the top, each once."""
        source, found = self._source(), self._in_order(problems)
        return list(dict.fromkeys(source.line(one) if source else _named(one) for one in found))

    def shown(self, problems: Iterable[Problem]) -> list[str]:
        """Return problems of it as a terminal shows them, the file quoted, from the top."""
        source, found = self._source(), self._in_order(problems)
        return list(dict.fromkeys(source.shown(one) if source else _named(one) for one in found))

    def _in_order(self, problems: Iterable[Problem]) -> list[Problem]:
        return in_file_order([*problems], self.document.tables)

    def _source(self) -> Source | None:
        """Return the text to point at; it is looked through only for problems."""
        document = self.document
        if document.source is None:
            return None
        from bot.config.problems.source import Source

        return Source(document.name, document.text, document.tables)


def _named(problem: Problem) -> str:
    """Return a problem of the built-in default: the variable is all that was given."""
    return str(problem).replace("channels.slack.webhook_url", SLACK_VARIABLE)


def examine(path: Path | None, environ: Mapping[str, str]) -> Examined:
    """Read a configuration, as ``load`` does, and look for problems.

    Raises:
        ConfigError: there is no such file, or it is no TOML.
    """
    document = read(path, environ)
    resolved = resolve(document.tables, document.folder, environ)
    tables, endpoint = _with_endpoint(resolved.tables, environ)
    origins = {**resolved.origins, **endpoint}
    unresolved = {problem.path for problem in resolved.problems}
    file, invalid = validate(tables, origins, _hub(tables))
    found = [*invalid, *disagreements(tables, origins)]
    # What is wrong with a value that is not known is that it is not known.
    problems = [*resolved.problems, *(one for one in found if one.path not in unresolved)]
    return Examined(
        document=document,
        tables=tables,
        file=None if problems else file,
        problems=tuple(problems),
    )


def _with_endpoint(
    tables: dict[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[KeyPath, str]]:
    """Put in the endpoint that the Hub's own variable names, where the file has none."""
    endpoint = environ.get(ENDPOINT_VARIABLE)
    hub = tables.get("hub", {})
    if not endpoint or not isinstance(hub, dict) or "endpoint" in hub:
        return tables, {}
    return {**tables, "hub": {**hub, "endpoint": endpoint}}, {_ENDPOINT: ENDPOINT_VARIABLE}


def _hub(tables: Mapping[str, Any]) -> str:
    """Return the endpoint under which addresses are names."""
    hub = tables.get("hub")
    named = hub.get("endpoint") if isinstance(hub, dict) else None
    return named if isinstance(named, str) and named else PUBLIC

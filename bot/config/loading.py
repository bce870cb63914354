"""Reading the configuration, with every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.config.check import disagreements, validate
from bot.config.file import SLACK_VARIABLE, Document, read
from bot.config.problems import KeyPath, Problem, in_file_order
from bot.config.references import resolve
from bot.config.settings import Settings, settle
from bot.config.tables import File
from bot.core.errors import ConfigError
from bot.core.names.links import PUBLIC

ENDPOINT_VARIABLE = "HF_ENDPOINT"
_ENDPOINT: KeyPath = ("hub", "endpoint")


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings of the file at ``path``, or of the one that is found without it.

    None means ``$LEADERBOARD_BOT_CONFIG``, else ``./config.toml`` where it exists, else the
    built-in default. Nothing is changed, so a running program may call it again to reload.

    Raises:
        ConfigError: with every problem that the file has, a line each, none with a secret.
    """
    document = read(path, environ)
    file, problems = _check(document, environ)
    if file is None:
        raise ConfigError(_lines(problems, document))
    return settle(file, document.source, document.folder)


def _check(document: Document, environ: Mapping[str, str]) -> tuple[File | None, list[Problem]]:
    resolved = resolve(document.tables, document.folder, environ)
    tables, endpoint = _with_endpoint(resolved.tables, environ)
    origins = {**resolved.origins, **endpoint}
    unresolved = {problem.path for problem in resolved.problems}
    file, invalid = validate(tables, origins, _hub(tables))
    found = [*invalid, *disagreements(tables, origins)]
    # What is wrong with a value that is not known is that it is not known.
    problems = [*resolved.problems, *(one for one in found if one.path not in unresolved)]
    return (None if problems else file), problems


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


def _lines(problems: list[Problem], document: Document) -> list[str]:
    lines = dict.fromkeys(map(str, in_file_order(problems, document.tables)))
    if document.source is None:
        # There is no file to look at: the variable is all that was given.
        lines = {line.replace("channels.slack.webhook_url", SLACK_VARIABLE): None for line in lines}
    return list(lines)

"""Reading the configuration, with every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.config.check import disagreements, validate
from bot.config.file import SLACK_VARIABLE, Document, read
from bot.config.problems import KeyPath, Problem, in_file_order
from bot.config.references import resolve
from bot.config.settings import Settings, settle
from bot.config.tables import File
from bot.core.errors import ConfigError
from bot.core.names.links import PUBLIC, benchmark_of, is_address, model_of

ENDPOINT_VARIABLE = "HF_ENDPOINT"
Named = Callable[[str, str], str | None]

_NAMES: Mapping[str, Named] = {
    "benchmarks": benchmark_of,
    "models": model_of,
    "exclude_models": model_of,
}
"""The keys of a watch that list names, and what their addresses are pages of."""

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
    tables = _with_names(tables, _hub(tables))
    origins = {**resolved.origins, **endpoint}
    unresolved = {problem.path for problem in resolved.problems}
    file, invalid = validate(tables, origins)
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


def _with_names(tables: dict[str, Any], endpoint: str) -> dict[str, Any]:
    """Return the tables with names instead of addresses; what is no such page stays as it is.

    Expects nothing of the values: what is wrong with them is found later.
    """
    replaced = dict(tables)
    if isinstance(watches := tables.get("watch"), list):
        replaced["watch"] = [_watch(watch, endpoint) for watch in watches]
    if isinstance(benchmarks := tables.get("benchmarks"), dict):
        replaced["benchmarks"] = {
            _name(key, benchmark_of, endpoint): table for key, table in benchmarks.items()
        }
    return replaced


def _watch(watch: Any, endpoint: str) -> Any:
    if not isinstance(watch, dict):
        return watch
    return {key: _listed(value, _NAMES.get(key), endpoint) for key, value in watch.items()}


def _listed(value: Any, named: Named | None, endpoint: str) -> Any:
    if named is None or not isinstance(value, list):
        return value
    return [_name(one, named, endpoint) for one in value]


def _name(value: Any, named: Named, endpoint: str) -> Any:
    if not isinstance(value, str) or not is_address(value):
        return value
    return named(value, endpoint) or value


def _lines(problems: list[Problem], document: Document) -> list[str]:
    lines = dict.fromkeys(map(str, in_file_order(problems, document.tables)))
    if document.source is None:
        # There is no file to look at: the variable is all that was given.
        lines = {line.replace("channels.slack.webhook_url", SLACK_VARIABLE): None for line in lines}
    return list(lines)

"""Addresses on the Hub, wherever a benchmark or model is named, read as names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.core.names.links import benchmark_of, is_address, model_of

Named = Callable[[str, str], str | None]

_NAMES: Mapping[str, Named] = {
    "benchmarks": benchmark_of,
    "models": model_of,
    "exclude_models": model_of,
}
"""The keys of a watch that list names, and what their addresses are pages of."""


def with_names(tables: dict[str, Any], endpoint: str) -> dict[str, Any]:
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

"""Mutes: what people name in them, and which of them match nothing that is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from bot.config import Settings
from bot.config.patterns import can_match, can_match_benchmark, meant_benchmark, meant_model
from bot.core.alerts.benchmarks import OFFICIAL, matches
from bot.core.alerts.mute import Mute
from bot.core.alerts.watch import Known
from bot.core.board import BoardKey
from bot.core.errors import ConfigError
from bot.core.names.naming import board_named, model_named
from bot.core.names.suggest import advice, hint, unknown
from bot.core.render.clean import inert
from bot.store import Store
from bot.views.reads.named import every_model
from bot.views.watches import known, watched

_NO_CHANNEL = "no such channel"


class Seen(Struct, frozen=True, kw_only=True):
    """What a mute may match: the boards that are watched or stored, and the models seen on them."""

    boards: tuple[BoardKey, ...]
    models: frozenset[str]
    known: Known


def seen(store: Store, settings: Settings) -> Seen:
    """Return what there is to be muted."""
    models = every_model(store)
    with store.read() as db:
        boards = [*watched(settings, db), *(view.key for view in db.boards.list_all())]
        return Seen(boards=tuple(dict.fromkeys(boards)), models=models, known=known(db))


def benchmark_meant(written: str, endpoint: str, there: Seen) -> str:
    """Return the glob that people mean by a benchmark's name, with its task, or its address.

    Raises:
        ConfigError: it can stand for no benchmark.
    """
    named = board_named(written, endpoint)
    text = BoardKey(named.benchmark, named.task).name
    if named.benchmark.casefold() == OFFICIAL:
        raise ConfigError([f"{inert(text)}: is for watches; here * stands for every benchmark"])
    if can_match_benchmark(named.benchmark):
        return text
    near = hint(named.benchmark, {board.benchmark for board in there.boards})
    raise _never(text, "benchmark", near, meant_benchmark(written))


def model_meant(written: str, endpoint: str, there: Seen) -> str:
    """Return the glob that people mean by a model's name or address.

    Raises:
        ConfigError: it can stand for no model.
    """
    text = model_named(written, endpoint)
    if can_match(text):
        return text
    raise _never(text, "model", hint(text, there.models), meant_model(written))


def amiss(mute: Mute, settings: Settings, there: Seen) -> Iterator[str]:
    """Yield what a mute names that is not there, as far as is known."""
    if mute.channel is not None and mute.channel not in settings.channels:
        near = advice(mute.channel, set(settings.channels))
        yield f"{inert(mute.channel)}: {_NO_CHANNEL}{near}"
    if mute.benchmark and there.boards and not any(_covered(mute, there)):
        names = {board.benchmark for board in there.boards}
        if "#" in mute.benchmark:
            names = {board.name for board in there.boards if board.task is not None}
        near = hint(mute.benchmark, names)
        yield f"{inert(mute.benchmark)}: no board that is watched or was seen{near}"
    if mute.model and there.models and not any(matches(mute.model, one) for one in there.models):
        yield f"{inert(mute.model)}: no model that was seen so far{hint(mute.model, there.models)}"


def idle(store: Store, settings: Settings, now: datetime) -> tuple[str, ...]:
    """Return a sentence for each name in a mute that lasts which matches nothing."""
    with store.read() as db:
        live = db.mutes.live(now)
    there = seen(store, settings) if live else None
    return tuple(
        f"mute {one.id} matches nothing: {sentence}"
        for one in live
        if there is not None
        for sentence in amiss(one, settings, there)
    )


def no_mute(id_: str, live: Iterable[Mute]) -> ConfigError:
    """Return the error for an id that is of no mute that lasts."""
    known = {one.id for one in live}
    return unknown(id_, "no such mute lasts" if known else "no mute lasts", known)


def no_channel(name: str, settings: Settings) -> ConfigError:
    """Return the error for a channel that is not configured."""
    return unknown(name, _NO_CHANNEL, set(settings.channels))


def _covered(mute: Mute, there: Seen) -> Iterator[bool]:
    for board in there.boards:
        yield mute.covers(board, there.known.former(board.benchmark))


def _never(text: str, what: str, near: str, meant: str | None) -> ConfigError:
    wanted = near or (f"; did you mean {inert(meant)}?" if meant and meant != text else "")
    rest = wanted or "; write NAMESPACE/NAME, or a glob such as */NAME"
    return ConfigError([f"{inert(text)}: can stand for no {what}{rest}"])

"""What of a configuration is wrong or looks like an oversight, by what is known without asking."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from math import ceil
from typing import Any

from msgspec.structs import replace

from bot.channels.base import Channel
from bot.config import KeyPath, Problem, Settings
from bot.core.aggregate import DATASET, is_aggregate
from bot.core.alerts.benchmarks import MOST_TASKS, Entry, entry, has_wildcard, matches, matching
from bot.core.alerts.watch import Known
from bot.core.names.suggest import either, hint, like
from bot.core.render.clean import clean, inert
from bot.core.render.numbers import plural, some
from bot.core.render.words.notice import stranded
from bot.core.timing.schedule import Quota, interval
from bot.store import flaw, refusal
from bot.views.watches import Planned, Stored, tasks_of

_BARE = re.compile(r"[\w.-]+")
_DATABASE: KeyPath = ("database", "url")

ANONYMOUS, WINDOW = 500, timedelta(minutes=5)
"""The rate limit of an address that asks without a token, where the Hub has not told another."""

MUCH = 0.5
"""The part of the rate limit from which on polls take much of it."""

A_MINUTE = timedelta(minutes=1)
SPARING = 5
"""Minutes between two polls that are often enough for any leaderboard."""

LONGEST = 2_000
"""A sentence about the database names its file, or holds statements to be run as they are."""


def unusable(settings: Settings, channels: Mapping[str, Channel]) -> Iterator[Problem]:
    """Yield what of the configuration cannot be used here."""
    if wrong := flaw(settings.database.url.reveal()):
        yield misplaced(wrong)
    # Of some channels only the library that serves them knows that they are wrong.
    for name, channel in channels.items():
        key = settings.channels[name].checked_offline
        if key and (wrong := channel.check()):
            yield Problem(("channels", name, key), wrong)


def misplaced(flaw: str) -> Problem:
    """Return the problem of an address at which no database can be."""
    what, _, advice = clean(flaw, LONGEST).partition("; ")
    return Problem(_DATABASE, what, advice)


def refused(settings: Settings) -> Iterator[Problem]:
    """Yield why a poll could not use the database, unless ``unusable`` says that already."""
    url = settings.database.url.reveal()
    if not flaw(url) and (wrong := refusal(url)):
        yield Problem(_DATABASE, clean(wrong.removeprefix("database.url: "), LONGEST))


def hints(settings: Settings, stored: Stored) -> Iterator[Problem]:
    """Yield what looks like an oversight, by what the database knows."""
    for number, watch in enumerate(settings.watches):
        if not watch.channels:
            yield Problem(("watch", number, "notify"), "nobody is told: what is found is only kept")
    for name, table in settings.channels.items():
        if "at_once" in table.model_fields_set and table.digest is None:
            text = "says nothing without a digest: everything is told at once"
            yield Problem(("channels", name, "at_once"), text)
    web = settings.web
    if web is not None and web.public_url is not None and web.token is None:
        text = "says that others reach the page, and whoever does sees everything"
        yield Problem(("web", "public_url"), text, "set web.token")
    yield from _unseen(settings, stored.models)
    for sentence in stranded(stored.pending, settings.channels):
        yield Problem(("channels",), sentence)


def _unseen(settings: Settings, models: frozenset[str]) -> Iterator[Problem]:
    """Yield a hint for each pattern of ``models`` that no stored row meets; none without rows."""
    for number, watch in enumerate(settings.watches if models else ()):
        for place, pattern in enumerate(watch.models or ()):
            if not any(matches(pattern, model) for model in models):
                near = hint(pattern, set(models))
                text = f"{inert(pattern)} is no model that was seen so far{near}"
                yield Problem(("watch", number, "models", place), text)


def unmet(settings: Settings, known: Known) -> Iterator[Problem]:
    """Yield each entry that stands for no benchmark or task, as far as is known."""
    for number, watch in enumerate(settings.watches):
        for place, written in enumerate(watch.benchmarks):
            for sentence in _of_entry(entry(written), known):
                yield Problem(("watch", number, "benchmarks", place), sentence)


def renamed(settings: Settings, known: Known) -> Iterator[Problem]:
    """Yield a hint for each benchmark that the Hub calls otherwise than the configuration."""
    places: list[tuple[KeyPath, str]] = [
        (("watch", number, "benchmarks", place), entry(written).benchmark)
        for number, watch in enumerate(settings.watches)
        for place, written in enumerate(watch.benchmarks)
    ]
    places += [(("benchmarks", name), entry(name).benchmark) for name in settings.directions]
    for where, name in places:
        if (now := known.current(name)) != name and now.casefold() != name.casefold():
            yield Problem(where, f"{inert(name)} is {inert(now)} on the Hub now: write that")


def recognized(problem: Problem, tables: Mapping[str, Any], official: Collection[str]) -> Problem:
    """Return a problem with the official benchmarks that it means, where it is a name of some."""
    match problem.path:
        case ("watch", int(number), "benchmarks", int(place)):
            name = tables["watch"][number]["benchmarks"][place]
        case _:
            return problem
    if not isinstance(name, str) or not _BARE.fullmatch(name):
        return problem
    globs = {
        glob: [one for one in official if matches(glob, one)] for glob in (f"*/{name}", f"{name}/*")
    }
    found = {one for ids in globs.values() for one in ids}
    if len(found) > 1:
        meant = [glob for glob, ids in globs.items() if ids]
    else:
        meant = [*found] or like(name, official)
    return replace(problem, advice=f"did you mean {either(meant)}?") if meant else problem


def too_often(
    settings: Settings, planned: Sequence[Planned], told: Quota | None
) -> Iterator[Problem]:
    """Yield the interval that takes much of the Hub's rate limit, as it last ``told`` it."""
    limit = (told and told.limit) or ANONYMOUS
    window = (told and told.window) or WINDOW
    asked = [one for one in planned if not (one.key and is_aggregate(one.key.benchmark))]
    requests = sum(window / one.every for one in asked)
    if requests <= limit * MUCH:
        return
    shortest = min(one.every for one in planned)
    paces = (n for n, watch in enumerate(settings.watches) if watch.every == shortest)
    number = next(paces, None)
    least = interval(limit, window, settings.hub.concurrency, len(planned))
    window_said = f"{window / A_MINUTE:g} min"
    yield Problem(
        ("poll", "every") if number is None else ("watch", number, "every"),
        f"polls of {plural(len(planned), 'board')} come to {requests:,.0f} requests in "
        f"{window_said}, and the Hub allows {limit:,}{'' if told else ' without a token'}",
        f'write "{max(ceil(least / A_MINUTE), SPARING)}m" or more',
    )


def _of_entry(written: Entry, known: Known) -> Iterator[str]:
    name = inert(written.benchmark)
    if is_aggregate(written.benchmark):
        if written.is_glob and known.columns and not any(map(written.covers, known.columns)):
            yield f"{name} stands for no column of {DATASET} now"
        return
    covered = [one for one in known.official if _covers(written, one, known)]
    if written.is_glob and not covered and known.listed:
        near = hint(written.benchmark, set(known.official))
        yield f"{name} stands for no official benchmark now{near}"
    if written.task is None:
        return
    named = covered if written.is_glob else [known.current(written.benchmark)]
    tasks = {benchmark: tasks_of(known.tasks, benchmark) for benchmark in named}
    yield from _of_tasks(written, {name: one.ids for name, one in tasks.items() if one and one.ids})
    for benchmark, one in tasks.items():
        if one and not one.ids and not written.is_glob and has_wildcard(written.task):
            yield f"which tasks {inert(benchmark)} has is not known: {one.failed}"


def _covers(written: Entry, benchmark: str, known: Known) -> bool:
    names = (benchmark, *known.former(benchmark))
    return written.is_glob and any(map(written.covers, names))


def _of_tasks(written: Entry, tasks: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield what is wrong with an entry's task, where the tasks that there are are known."""
    task = written.task or ""
    found = {benchmark: matching(task, ids) for benchmark, ids in tasks.items()}
    listed = any(one in tasks[benchmark] for benchmark, ids in found.items() for one in ids)
    if tasks and not listed:
        near = hint(task, {one for ids in tasks.values() for one in ids})
        what = "stands for no task" if has_wildcard(task) else "is no task that is listed"
        yield f"{inert(task)} {what} of {some([*map(inert, sorted(tasks))])}{near}"
    for benchmark, ids in found.items():
        if len(ids) > MOST_TASKS:
            rest = some([*map(inert, ids[MOST_TASKS:])])
            yield f"only the first {MOST_TASKS} tasks of {inert(benchmark)} are watched, not {rest}"

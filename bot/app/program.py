"""The parts of a running program, and the rounds that commands and the daemon ask for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from difflib import get_close_matches

from msgspec import Struct

from bot.config import Settings, Webhook
from bot.core.errors import ConfigError, FetchError
from bot.core.health import DAEMON
from bot.core.rules import targets
from bot.deliver import Deliverer, Passed
from bot.discover import Discoverer, DiscoverPlan
from bot.enrich import Enricher
from bot.health import HealthPlan, HealthTeller
from bot.poll import Plan, Polled, Poller
from bot.ports import Channel, Hub, Means, Schedule, Target
from bot.store import Store

log = logging.getLogger(__name__)

LEASE_MARGIN = timedelta(seconds=30)
"""A poll may take its request's time limit twice over, and this much for the database."""

BUSY_WAIT = timedelta(milliseconds=200)


class Summary(Struct, frozen=True, kw_only=True):
    """What one round of polling and delivering came to; ``errors`` are (benchmark, text).

    ``listed`` is false where the Hub never gave its list of benchmarks, and one is needed.
    """

    polled: int
    unchanged: int
    changed: int
    failed: int
    events: int
    sent: int
    pending: int
    given_up: int
    unsuccessful: int
    listed: bool = True
    errors: tuple[tuple[str, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every board was polled and every attempt succeeded."""
        return self.listed and not self.failed and not self.unsuccessful


class Watched(Struct, frozen=True, kw_only=True):
    """What is watched now; ``events`` were stored on the way, ``listed`` as in ``Summary``."""

    schedules: tuple[Schedule, ...]
    events: int
    listed: bool


class App:
    """The parts of a running program, and the rounds that commands and the daemon ask for."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        hub: Hub,
        channels: Mapping[str, Channel],
        means: Means,
    ) -> None:
        self.settings = settings
        self.store = store
        self.hub = hub
        self.channels = channels
        self.means = means
        self._looked_at: tuple[Schedule, ...] | None = None
        self.discoverer = Discoverer(store, hub, self._discover_plan(), means)
        self.poller = Poller(store, hub, self._poll_plan(), means)
        self.deliverer = Deliverer(store, channels, Enricher(store, hub, means.clock).facts, means)
        self.health = HealthTeller(store, self._health_plan(), means)

    def _discover_plan(self) -> DiscoverPlan:
        return DiscoverPlan(
            watches=self.settings.watches,
            split=self._split,
            endpoint=self.settings.hub.endpoint,
            confirm_removals=self.settings.poll.confirm_removals,
        )

    def _poll_plan(self) -> Plan:
        return Plan(
            watches=self.settings.watches,
            official=self.discoverer.official,
            split=self._split,
            endpoint=self.settings.hub.endpoint,
            confirm_removals=self.settings.poll.confirm_removals,
            lease=self.poll_limit,
        )

    def _health_plan(self) -> HealthPlan:
        health, every = self.settings.health, self.settings.poll.every
        return HealthPlan(
            notify=health.notify if health else (),
            after_failures=health.after_failures if health else 3,
            endpoint=self.settings.hub.endpoint,
            watched=lambda: len(self.schedules()),
            patience=max([every, *(w.every for w in self.settings.watches if w.every)]),
        )

    @property
    def _split(self) -> frozenset[str]:
        """The channels whose bodies have the size limit of webhooks."""
        channels = self.settings.channels.items()
        return frozenset(name for name, channel in channels if isinstance(channel, Webhook))

    def schedules(self) -> tuple[Schedule, ...]:
        """Return what is watched now, from the list of benchmarks last known."""
        every = self.settings.poll.every
        found = targets(self.settings.watches, self.discoverer.official(), every)
        return tuple(
            Schedule(target=Target(benchmark, derived), every=interval)
            for (benchmark, derived), interval in sorted(found.items())
        )

    def watch(self, names: Sequence[str] = ()) -> Watched:
        """Refresh what is watched, and tell the store.

        A name that nothing stands for may be a benchmark that joined within the hour: then the
        Hub is asked for its list whatever the age of the last one.
        """
        found, listed = self._refresh(force=not self._cover(self.schedules(), names))
        schedules = self.schedules()
        self.store.watch(schedules, self.means.clock())
        return Watched(schedules=schedules, events=found, listed=listed)

    def _refresh(self, *, force: bool) -> tuple[int, bool]:
        """Return how many events were stored, and whether there is a list of benchmarks."""
        try:
            return self.discoverer.refresh(force=force and self.discoverer.needed), True
        except FetchError as error:
            log.warning("cannot list the official benchmarks: %s", error)
            if not (listed := bool(self.discoverer.official())):
                self.store.count_hub_failure(self.means.clock(), str(error))
            return 0, listed

    @staticmethod
    def _cover(schedules: Sequence[Schedule], names: Sequence[str]) -> bool:
        known = {schedule.target.benchmark.casefold() for schedule in schedules}
        return known.issuperset(name.casefold() for name in names)

    def choose(self, schedules: Sequence[Schedule], names: Sequence[str]) -> tuple[Target, ...]:
        """Return the watched targets of the named benchmarks, all of them without names.

        Raises:
            ConfigError: a name that no watch stands for, with the nearest one that is.
        """
        watched: dict[str, list[Target]] = {}
        for schedule in schedules:
            watched.setdefault(schedule.target.benchmark.casefold(), []).append(schedule.target)
        unknown = [name for name in names if name.casefold() not in watched]
        if unknown:
            known = {schedule.target.benchmark for schedule in schedules}
            raise ConfigError([_unwatched(name, sorted(known)) for name in unknown])
        wanted = dict.fromkeys(name.casefold() for name in names) or watched
        return tuple(target for name in wanted for target in watched[name])

    def round(
        self,
        names: Sequence[str] = (),
        *,
        progress: Callable[[Polled, int], None] = lambda _done, _of: None,
    ) -> Summary:
        """Poll every watched board (or the named) once; then attempt each due delivery once.

        ``progress`` is told of each poll as it ends, and of how many there are.

        Raises:
            ConfigError: a name that is not watched.
            StoreError: the database cannot be used.
        """
        watched = self.watch(names)
        if watched.listed and not watched.schedules:
            log.warning("no benchmark that the Hub lists is watched: nothing to poll")
        undecided = not watched.listed and not self._cover(watched.schedules, names)
        chosen = () if undecided else self.choose(watched.schedules, names)
        polled = self._poll_all(chosen, progress)
        passed = self._deliver_all()
        return Summary(
            polled=sum(p.unchanged + p.changed + p.failed for p in polled),
            unchanged=sum(p.unchanged for p in polled),
            changed=sum(p.changed for p in polled),
            failed=sum(p.failed for p in polled),
            listed=watched.listed,
            events=watched.events + sum(p.events for p in polled),
            sent=passed.sent,
            pending=self.store.pending_count(),
            given_up=passed.failed,
            unsuccessful=passed.unsuccessful,
            errors=tuple((p.target.benchmark, p.error) for p in polled if p.error),
        )

    # --- what the daemon asks for (``scheduler.Program``) ---

    @property
    def concurrency(self) -> int:
        """How many polls may run at once."""
        return self.settings.hub.concurrency

    @property
    def poll_limit(self) -> timedelta:
        """The longest a poll may take before another may start over."""
        return self.settings.hub.timeout * 2 + LEASE_MARGIN

    def look(self) -> None:
        """Refresh what is watched, and say so where it is not what it was."""
        schedules = self.watch().schedules
        if schedules != self._looked_at:
            self._looked_at = schedules
            log.info(
                "watching %d boards of %s; telling %s",
                len(schedules),
                self.settings.hub.endpoint,
                ", ".join(self.channels),
            )

    def due(self) -> tuple[Target, ...]:
        """Return the targets that are due."""
        return self.store.due_targets(self.means.clock())

    def poll(self, target: Hashable) -> None:
        """Poll one target that was due."""
        assert isinstance(target, Target)
        self.poller.poll(target)

    def drain(self, channel: str) -> None:
        """Deliver what is due on a channel."""
        self.deliverer.drain(channel)

    def tell_health(self) -> None:
        """Store the health notices that are due."""
        self.health.tell()

    def wake(self) -> None:
        """Try channels again that rest: the configuration may be another one now."""
        self.store.wake(self.channels, self.means.clock(), gone=True)

    def beat(self) -> None:
        """Say that the daemon is alive."""
        self.store.heartbeat(DAEMON, self.means.clock())

    def release(self) -> None:
        """Hand back whatever this process holds; its heart beats no more."""
        self.store.release(self.means.owner)
        self.store.end_heartbeat(DAEMON)

    # --- one round ---

    def _poll_all(
        self, chosen: Sequence[Target], progress: Callable[[Polled, int], None]
    ) -> list[Polled]:
        def one(target: Target) -> Polled:
            polled = self._poll_when_free(target)
            progress(polled, len(chosen))
            return polled

        if not chosen:
            return []
        with ThreadPoolExecutor(min(self.settings.hub.concurrency, len(chosen))) as pool:
            return list(pool.map(one, chosen))

    def _poll_when_free(self, target: Target) -> Polled:
        """Poll a target, after another process that is at it."""
        deadline = time.monotonic() + self.poll_limit.total_seconds()
        while (polled := self.poller.poll(target)) is None:
            if time.monotonic() > deadline:
                return Polled(target=target, failed=1, error="another process holds the board")
            time.sleep(BUSY_WAIT.total_seconds())
        return polled

    def _deliver_all(self) -> Passed:
        """Deliver, and deliver at once what polling and delivering said of their health."""
        self.store.wake(self.channels, self.means.clock(), gone=False)
        self.health.tell(final=True)
        passed = self.deliverer.deliver(wait=_wait)
        if self.health.tell(final=True):
            passed += self.deliverer.deliver(wait=_wait)
        return passed


def _unwatched(name: str, known: Sequence[str]) -> str:
    by_lower = {one.casefold(): one for one in known}
    near = get_close_matches(name.casefold(), by_lower, n=1)
    hint = f"; did you mean {by_lower[near[0]]}?" if near else f"; benchmarks watched: {len(known)}"
    return f"{name}: no watch looks at this benchmark{hint}"


def _wait(span: timedelta) -> None:
    time.sleep(max(span.total_seconds(), 0))

"""The jobs of one configuration: the daemon does them one by one, ``poll`` all in one round."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct

from bot.channels.base import Channel
from bot.config import Settings
from bot.core.errors import StoreError
from bot.core.names.naming import Named, board_named
from bot.core.process import RENEW_EVERY, Process
from bot.core.render.numbers import plural, some
from bot.counts import Counts
from bot.jobs.ask import Hub
from bot.jobs.commit import commit
from bot.jobs.deliver import Deliverer, Passed
from bot.jobs.digest import Digester, Held
from bot.jobs.discover import Discoverer
from bot.jobs.enrich import Enricher
from bot.jobs.health.notice import Notifier
from bot.jobs.health.ping import Pinger
from bot.jobs.health.report import Reporter
from bot.jobs.look import Lookout
from bot.jobs.poll.backlog import Backlog
from bot.jobs.poll.board import Poller
from bot.jobs.poll.polled import Polled
from bot.jobs.poll.rest import Rester
from bot.jobs.poll.source import SourceReader
from bot.jobs.poll.sweep import Progress, Sweep
from bot.jobs.prune import prune_daily
from bot.jobs.tasks import TaskReader
from bot.jobs.tell import Teller, live_mutes
from bot.jobs.watchlist import Watched, Watchlist
from bot.store import Store
from bot.store.processes import Work

log = logging.getLogger(__name__)


class Summary(Struct, frozen=True, kw_only=True):
    """What one round of polling and delivering came to.

    ``errors`` and ``notes`` are (board's name, text). ``deferred`` names the boards that were not
    polled, since the Hub's rate limit is used up for ``wait``. ``listed`` as in ``Watched``.
    ``held`` says what configured channels collect: how many deliveries, and until when.
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
    notes: tuple[tuple[str, str], ...] = ()
    deferred: tuple[str, ...] = ()
    wait: timedelta = timedelta()
    held: tuple[Held, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every board was polled, or deferred, and every attempt succeeded."""
        return self.listed and not self.failed and not self.unsuccessful

    @property
    def calm(self) -> bool:
        """Whether nothing was found, not even a baseline, and nothing failed."""
        return self.ok and not self.changed and not self.events and not self.notes


class Jobs:
    """The jobs of one configuration on one database; any of them may run in any thread."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        hub: Hub,
        channels: Mapping[str, Channel],
        process: Process,
        counts: Counts | None = None,
    ) -> None:
        """``counts`` counts what the jobs do; it may have counted others' before."""
        counts = counts or Counts()
        self.settings = settings
        self.store = store
        self.process = process
        self.hub = hub
        mutes = partial(live_mutes, store, process.clock)
        teller = Teller(settings, process.new_id, mutes, counts)
        self.discoverer = Discoverer(store, hub, settings, process, teller)
        tasks = TaskReader(store, hub, settings, self.discoverer.official, process, teller)
        self.source = SourceReader(store, hub, settings, process)
        self.watchlist = Watchlist(settings, store, self.discoverer, tasks, self.source, process)
        self.lookout = Lookout(settings, store, self.watchlist, channels, process)
        self.poller = Poller(store, hub, settings, tasks.known, process, teller)
        self.backlog = Backlog(self.poller)
        facts = Enricher(store, hub, process.clock).facts
        self.deliverer = Deliverer(store, channels, facts, process, self._is_quiet)
        self.digester = Digester(store, settings, tasks.known, process)
        self.rester = Rester(store, settings, tasks.known, process, teller)
        self.notifier = Notifier(store, hub, settings, self.watchlist, process)
        self.reporter = Reporter(store, settings, self.watchlist, process)
        self.pinger = Pinger(store, settings, process.clock)

    def round(
        self, names: Sequence[str] = (), *, progress: Progress = lambda _done, _of: None
    ) -> Summary:
        """Poll every watched board (or the named) once; then attempt each due delivery once.

        ``progress`` is told of each poll as it ends, and of how many there are.

        Raises:
            ConfigError: a name that is not watched.
            StoreError: the database cannot be used.
        """
        named = [board_named(name, self.settings.hub.endpoint) for name in names]
        with self._at_work():
            self.digester.begin()
            self.rester.tell()
            return self._round(named, progress)

    def _round(self, named: Sequence[Named], progress: Progress) -> Summary:
        watched = self.watchlist.refresh(named)
        if watched.listed and not watched.benchmarks:
            log.warning("no benchmark that the Hub lists is watched: nothing to poll")
        concurrency = self.settings.hub.concurrency
        sweep = Sweep(self.watchlist, self.poller, self.process, concurrency, progress)
        if watched.listed or watched.cover(named):
            sweep.run(watched, named)
            if watched.benchmarks and not sweep.polled:
                log.warning("no task of %s is watched: nothing to poll", some(watched.benchmarks))
        return self._summary(watched, sweep.polled, sweep.events, self._deliver())

    def _is_quiet(self, channel: str, now: datetime) -> bool:
        return self.settings.timing(channel).quiet_until(now) is not None

    def see(self, work: Work) -> None:
        """Keep what this process is at, and what the Hub's rate limit leaves it."""
        now, owner, quota = self.process.clock(), self.process.owner, self.hub.quota()
        commit(self.store, lambda db: db.processes.see(owner, work, now, quota))

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Let others see that a round is under way, and then what it has left of the rate limit."""
        self.see(Work.ROUND)
        ended = threading.Event()
        threading.Thread(target=self._renew_until, args=(ended,), daemon=True).start()
        try:
            yield
        except StoreError:
            raise  # what keeps others from the database would keep this from it, too
        except BaseException:
            self._say_ended()
            raise
        else:
            self._say_ended()
        finally:
            ended.set()

    def _say_ended(self) -> None:
        with suppress(StoreError):
            self.see(Work.ENDED)

    def renew(self) -> None:
        """Claim for longer what is claimed and under way; raises ``StoreError``."""
        self.poller.claims.renew()
        self.deliverer.renew()

    def _renew_until(self, ended: threading.Event) -> None:
        """Let claims last as long as the work does, however slow the Hub and receivers are."""
        while not ended.wait(RENEW_EVERY.total_seconds()):
            with suppress(StoreError):  # a claim that ends is found out by whoever holds it
                self.renew()

    def look(self) -> None:
        """Look what is watched, once what was polled before is stored.

        Stored later, polls from before the clock was set back would put their boards off again.
        """
        self.poller.end()
        self.lookout.look()

    def prune(self) -> None:
        """Delete history that the configuration does not keep; once a day there is some."""
        keep = self.settings.database.keep
        pruned = keep and prune_daily(self.store, keep, self.process.clock())
        if pruned:
            log.info(
                "pruned: %s, %s, %s",
                plural(pruned.events, "event"),
                plural(pruned.deliveries, "delivery", "deliveries"),
                plural(pruned.versions, "past result"),
            )

    def release(self) -> None:
        """Store what was read and polled, and hand back whatever this process holds."""
        self.watchlist.tasks.end()
        self.poller.end()
        commit(self.store, lambda db: db.release(self.process.owner))

    def _deliver(self) -> Passed:
        """Deliver, and deliver at once what polling and delivering said of their health."""
        self.deliverer.wake(gone=False)
        self.source.note()
        self.notifier.tell(final=True)
        self.reporter.tell()
        tried: set[str] = set()
        passed = self.deliverer.deliver(tried)
        if self.notifier.tell(final=True):
            passed += self.deliverer.deliver(tried)
        return passed

    def _summary(
        self, watched: Watched, polled: Sequence[Polled], events: int, passed: Passed
    ) -> Summary:
        with self.store.read() as db:
            pending = db.deliveries.pending()
        deferred = [p for p in polled if p.deferred is not None]
        return Summary(
            polled=len(polled) - len(deferred),
            unchanged=sum(p.unchanged for p in polled),
            changed=sum(p.changed for p in polled),
            failed=sum(p.failed for p in polled),
            listed=watched.listed,
            events=watched.events + events + sum(p.events for p in polled),
            sent=passed.sent,
            pending=sum(pending.values()),
            given_up=passed.failed,
            unsuccessful=passed.unsuccessful,
            errors=tuple((p.board.name, p.error) for p in polled if p.error),
            notes=tuple((p.board.name, p.note) for p in polled if p.note),
            deferred=tuple(sorted(p.board.name for p in deferred)),
            wait=max((p.deferred for p in deferred if p.deferred), default=timedelta()),
            held=self.digester.held(),
        )

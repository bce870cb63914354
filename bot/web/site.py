"""What pages are made of: the database, the configuration in use, the clock, who asks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request

from bot.config import Settings, Web
from bot.config.problems.web import SHORTEST_TOKEN
from bot.core.alerts.benchmarks import has_wildcard
from bot.core.names.suggest import chosen
from bot.core.process import Clock
from bot.counts import Counts
from bot.store import Store
from bot.store.paging import EVERY, Names
from bot.views.watches import known
from bot.web.refusal import BAD_REQUEST, Refused

log = logging.getLogger(__name__)

LONGEST, LONGEST_GLOB = 1_000, 200
"""Of what is asked for: a glob is compiled, and its cost grows with the square of its length."""


class Open(Enum):
    """To whom a path is open."""

    ALWAYS = "to anybody, under any host: it tells nothing"
    PUBLIC = "to anybody where the configuration says public"
    CLOSED = "to those who know the token alone"


class Visitor(Struct, frozen=True):
    """Who asks; one who is not ``trusted`` sees official benchmarks alone, and who is told not."""

    trusted: bool


class Site:
    """What the pages show: one database, and the configuration of the moment."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        clock: Clock,
        counts: Counts | None = None,
        lives: Callable[[], bool] = lambda: True,
    ) -> None:
        """``counts`` are those of the daemon, ``lives`` tells whether its heart beats."""
        self.store = store
        self.settings = settings
        self.clock = clock
        self.counts = counts or Counts()
        self.lives = lives
        self.note = ""  # what stands at the top of every page
        self.polls = True  # False of sample data, which nobody polls anew
        self._listens = settings.web.listen if settings.web else None

    def use(self, settings: Settings) -> None:
        """Show things as another configuration has them from now on, where the page is already."""
        before, after = self.settings.web, settings.web
        if before is not None and after is None:
            log.warning("web: the page stays as it was until the next start")
            settings = replace(settings, web=before)
        elif before is not None and after is not None:
            if before.listen != after.listen:
                log.warning("web.listen: counts at the next start")
            settings = replace(settings, web=self._still_safe(before, after))
        self.settings = settings

    def _still_safe(self, before: Web, after: Web) -> Web:
        """Return another table; with the old token where others reach what really listens."""
        enough = after.token is not None and len(after.token.reveal()) >= SHORTEST_TOKEN
        if enough or self._listens is None or self._listens.is_loopback:
            return after
        log.warning("web.token: stays until the next start, for the page listens beyond loopback")
        return after.model_copy(update={"token": before.token})


class Asked(Struct, frozen=True, kw_only=True):
    """A request, from whom, and the site as it was when it came."""

    site: Site
    settings: Settings
    visitor: Visitor
    request: Request

    @property
    def store(self) -> Store:
        """The database."""
        return self.site.store

    @property
    def endpoint(self) -> str:
        """Where the Hub is."""
        return self.settings.hub.endpoint

    @property
    def base(self) -> str:
        """Where the page is for whoever reads links, without a slash at its end."""
        return (self.settings.public_url or str(self.request.base_url)).rstrip("/")

    def visible(self) -> Names:
        """Return the benchmarks whose boards the visitor may see: all, or the official ones."""
        if self.visitor.trusted:
            return EVERY
        with self.store.read() as db:
            return Names(frozenset(known(db).official))

    def parameter(self, name: str) -> str | None:
        """Return a parameter; None where it is not given, or empty.

        Raises:
            Refused: it is given twice, or is more than any name or time can be.
        """
        values = self.request.query_params.getlist(name)
        if len(values) > 1:
            raise Refused(BAD_REQUEST, f"{name}: give it once")
        value = values[0] if values else ""
        if len(value) > LONGEST or (len(value) > LONGEST_GLOB and has_wildcard(value)):
            raise Refused(BAD_REQUEST, f"{name}: is too long")
        if "\0" in value:
            raise Refused(BAD_REQUEST, f"{name}: must be text")
        return value or None

    def several(self, name: str, allowed: Collection[str]) -> tuple[str, ...]:
        """Return the values of a parameter that is repeated, or separated by commas.

        Raises:
            Refused: one is none of ``allowed``.
        """
        written = [one for one in self.request.query_params.getlist(name) if one.strip()]
        if sum(map(len, written)) > LONGEST:
            raise Refused(BAD_REQUEST, f"{name}: is too long")
        try:
            return chosen(written, allowed)
        except ValueError as error:
            raise Refused(BAD_REQUEST, f"{name}: {error}") from None

    def flag(self, name: str) -> bool:
        """Return a parameter that is true or false, false where it is not given.

        Raises:
            Refused: it is something else.
        """
        written = self.parameter(name)
        if written not in (None, "true", "false"):
            raise Refused(BAD_REQUEST, f"{name}: must be true or false")
        return written == "true"

    def whole(self, name: str, default: int, most: int) -> int:
        """Return a parameter that is a whole number from 1 on.

        Raises:
            Refused: it is something else, or more than ``most``.
        """
        written = self.parameter(name)
        if written is None:
            return default
        is_number = written.isascii() and written.isdecimal() and len(written) <= len(str(most))
        if not is_number or not 1 <= int(written) <= most:
            raise Refused(BAD_REQUEST, f"{name}: must be a whole number from 1 to {most:,}")
        return int(written)

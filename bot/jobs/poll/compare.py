"""What an answer comes to: the next snapshot, its events, and the deliveries that tell them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from bot.config import Settings
from bot.core.alerts.deliveries import NewDelivery, board_deliveries
from bot.core.alerts.message import BoardChange, board_info
from bot.core.alerts.route import Routed, route
from bot.core.alerts.watch import Known, unwatched
from bot.core.board import Answer, BoardKey, Snapshot
from bot.core.diff.compare import Diff, Rules, baseline, diff
from bot.core.errors import FetchError
from bot.core.events import Found
from bot.core.names import links
from bot.core.process import NewId
from bot.core.tasks import shown
from bot.store import BoardPoll, PollClaim


class Compared(Struct, frozen=True, kw_only=True):
    """The difference that an answer makes, and what is stored of it."""

    diff: Diff
    found: BoardPoll
    deliveries: tuple[NewDelivery, ...]


class Comparer:
    """Compares answers with what is stored, for a set of watches; asks and stores nothing.

    ``known`` returns what is known of the Hub's benchmarks.
    """

    def __init__(self, settings: Settings, known: Callable[[], Known], new_id: NewId) -> None:
        self._settings = settings
        self._known = known
        self._new_id = new_id

    def compare(
        self, claim: PollClaim, before: Snapshot | None, answer: Answer, now: datetime
    ) -> Compared:
        """Return what an answer comes to.

        Raises:
            FetchError: it has no rows where rows were: that is a failure, and removes nothing.
        """
        if not answer.results and before is not None and not before.unseen:
            raise FetchError(f"the answer has no rows, where {len(before.rows)} were before")
        new = self._diff(claim, before, answer)
        routed = self._route(claim.board, new.found)
        found = tuple(
            replace(f, event=event) for f, event in zip(new.found, routed.events, strict=True)
        )
        return Compared(
            diff=new,
            found=BoardPoll(before=before, after=new.after, found=found),
            deliveries=tuple(self._deliveries(claim, new.after, routed, now)),
        )

    def _diff(self, claim: PollClaim, before: Snapshot | None, answer: Answer) -> Diff:
        rules = Rules(
            confirm=self._settings.poll.confirm_removals,
            higher_is_better=self._settings.direction(claim.board),
        )
        compare = baseline if claim.fresh else diff
        return compare(answer, before, rules, self._new_id)

    def _route(self, key: BoardKey, found: Sequence[Found]) -> Routed:
        """Decide who is told of what was found, with the links of each event put in."""
        if not found:
            return Routed()
        known = self._known()
        page, endpoint = shown(key, known.count(key)), self._settings.hub.endpoint
        events = [
            replace(f.event, url=links.row_url(endpoint, page, f.event.model or "")) for f in found
        ]
        return route(events, self._settings.watches, partial(unwatched, key=key, known=known))

    def _deliveries(
        self, claim: PollClaim, after: Snapshot, routed: Routed, now: datetime
    ) -> list[NewDelivery]:
        if not routed.told:
            return []
        key, higher = claim.board, after.higher_is_better
        info = board_info(
            key,
            self._settings.hub.endpoint,
            self._known().count(key),
            lower_is_better=None if higher is None else not higher,
            rows=len(after.rows),
        )
        change = BoardChange(board=info, previous_snapshot_at=claim.polled_at, snapshot_at=now)
        return board_deliveries(routed.told, change, self._settings.split, self._new_id)

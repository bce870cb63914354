"""What an answer comes to: the difference that it makes, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from msgspec import UNSET
from msgspec.structs import replace

from bot.config import Settings
from bot.core.alerts.deliveries import Told
from bot.core.alerts.message import BoardChange, board_info
from bot.core.alerts.net.stands import Stands
from bot.core.alerts.unrest.unstable import with_unstable
from bot.core.alerts.watch import Known, unwatched
from bot.core.board import Answer, BoardKey, Snapshot
from bot.core.diff.compare import Diff, Rules, baseline, diff
from bot.core.errors import FetchError
from bot.core.events import Found
from bot.core.kinds import Kind
from bot.core.names import links
from bot.core.process import NewId
from bot.core.render.numbers import board_decimals
from bot.jobs.poll.past import Past, Recall
from bot.jobs.poll.renames import ModelNames, former_after
from bot.jobs.tell import News, Teller
from bot.store import PollClaim

Removals = Mapping[str, datetime | None]
"""When rows were told as removed, by their ids; null where that is not known."""


class Comparer:
    """Compares answers with what is stored, for a set of watches; asks and stores nothing.

    ``known`` returns what is known of the Hub's benchmarks.
    """

    def __init__(
        self, settings: Settings, known: Callable[[], Known], teller: Teller, new_id: NewId
    ) -> None:
        self._settings = settings
        self._known = known
        self._teller = teller
        self._new_id = new_id

    def compare(
        self,
        claim: PollClaim,
        before: Snapshot | None,
        answer: Answer,
        now: datetime,
        names: ModelNames,
        recall: Recall,
    ) -> tuple[Diff, Told]:
        """Return the difference that an answer makes, and what is told of it.

        ``recall`` is asked for the past of the rows of which there is news.

        Raises:
            FetchError: it has no rows where rows were: that is a failure, and removes nothing.
        """
        if not answer.results and before is not None and not before.unseen:
            raise FetchError(f"the answer has no rows, where {len(before.rows)} were before")
        new = self._diff(claim, before, answer, now, names)
        gone = {row.id: row.removed_at for row in before.removed} if before else {}
        if not new.found:
            return new, Told()
        past = recall(new.found)
        restless = {row for (_, row), known in past.memories.items() if known.restless(now)}
        found = with_unstable(new.found, now, past.steps, restless, self._new_id)
        new = replace(new, found=found)
        return new, self._teller.tell([self._news(claim, new, now, gone, names, past)])

    def direction(self, board: BoardKey) -> bool | None:
        """Return what people said of a board, under any id that its benchmark has had."""
        return self._settings.direction(board, self._known().former(board.benchmark))

    def _diff(
        self,
        claim: PollClaim,
        before: Snapshot | None,
        answer: Answer,
        now: datetime,
        names: ModelNames,
    ) -> Diff:
        rules = Rules(
            confirm=self._settings.poll.confirm_removals,
            higher_is_better=self.direction(claim.board),
            now=now,
        )
        if claim.fresh:
            return baseline(answer, before, rules, self._new_id)
        return diff(answer, before, rules, self._new_id, names.current)

    def _news(
        self,
        claim: PollClaim,
        new: Diff,
        now: datetime,
        gone: Removals,
        names: ModelNames,
        past: Past,
    ) -> News:
        """Return what was found, with links, and with when rows were removed that are back."""
        key, known, endpoint = claim.board, self._known(), self._settings.hub.endpoint
        board = board_info(
            key,
            endpoint,
            known.about(key),
            higher_is_better=new.after.higher_is_better,
            rows=sum(not row.absent for row in new.after.rows),
            decimals=board_decimals((row.result.rank, row.result.score) for row in new.after.rows),
        )
        return News(
            change=BoardChange(
                board=board,
                previous_snapshot_at=claim.polled_at,
                snapshot_at=now,
                leader=Stands(new.after).leader or UNSET,
            ),
            found=tuple(_dated(_linked(f, endpoint, board.shown), gone) for f in new.found),
            silent=new.silent,
            unseen=partial(unwatched, key=key, known=known),
            former=former_after(names.former, (found.event for found in new.found)),
            memories=past.memories,
            anew=past.anew,
            benchmarks=known.former(key.benchmark),
        )


def _linked(found: Found, endpoint: str, page: BoardKey) -> Found:
    model = found.event.model
    url = links.row_url(endpoint, page, model) if model else links.board_url(endpoint, page)
    return replace(found, event=replace(found.event, url=url))


def _dated(found: Found, gone: Removals) -> Found:
    at = gone.get(found.row_id) if found.row_id else None
    if at is None or Kind.RETURNED not in found.event.contains:
        return found
    return replace(found, event=replace(found.event, removed_at=at))

"""Who is said to be in a top, or out of it, over the window of a digest."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.alerts.message import BoardChange, BoardInfo, Crossing
from bot.core.alerts.net.stands import Stands
from bot.core.alerts.net.top import net_crossings
from bot.core.events import RowName
from tests.support.store.stored import row, snapshot

AT = datetime(2026, 4, 27, tzinfo=UTC)
CAME, LEFT, GONE = RowName("acme/came"), RowName("acme/left"), RowName("acme/gone")


def test_rows_that_are_told_as_gone_are_not_said_to_leave_a_top() -> None:
    """Others leave it, whether they are still there or not."""
    crossed = (Crossing(2, (CAME,), (LEFT, GONE)),)
    change = BoardChange(
        watches=(),
        board=BoardInfo(benchmark="acme/bench"),
        previous_snapshot_at=None,
        snapshot_at=AT,
        events=(),
        crossed=crossed,
    )
    rows = [row("first", 90, 1), row("came", 80, 2), row("left", 70, 3)]
    stands = Stands(snapshot(*rows))
    assert net_crossings([(change, False)], stands, {GONE}) == (Crossing(2, (CAME,), (LEFT,)),)
    assert net_crossings([(change, False)], stands) == (Crossing(2, (CAME,), (LEFT, GONE)),)

"""What words need to know of boards: their names, which scores are better, their decimals."""

from __future__ import annotations

from collections.abc import Collection

from bot.core.alerts.message import BoardInfo, board_info
from bot.core.board import BoardKey
from bot.core.render.numbers import JUDGED, board_decimals
from bot.store import Unit
from bot.store.boards.standing import Scale
from bot.views.watches import known

_UNSEEN = Scale()


def board_infos(db: Unit, endpoint: str, keys: Collection[BoardKey]) -> dict[BoardKey, BoardInfo]:
    """Return what messages say of some boards, as these are now."""
    about = known(db).about
    scales = db.standings.scales({key.benchmark for key in keys}, JUDGED)
    return {
        key: board_info(
            key,
            endpoint,
            about(key),
            higher_is_better=(scale := scales.get(key, _UNSEEN)).higher_is_better,
            decimals=board_decimals(scale.scores),
        )
        for key in keys
    }

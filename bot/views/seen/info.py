"""What words need to know of boards: their names, which scores are better, their decimals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from bot.core.alerts.message import BoardInfo, board_info
from bot.core.board import BoardKey
from bot.core.render.clean import clean, clean_whole
from bot.core.render.numbers import JUDGED, board_decimals
from bot.store import Unit
from bot.store.boards.standing import Scale
from bot.views.watches import known

_UNSEEN = Scale()

Infos = Mapping[BoardKey, BoardInfo]


def board_infos(db: Unit, endpoint: str, keys: Collection[BoardKey]) -> dict[BoardKey, BoardInfo]:
    """Return what messages say of some boards as they are now, apart from how many rows."""
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


def titles(infos: Infos) -> dict[BoardKey, str]:
    """Return what people call some boards: no two alike, by ids where names are not enough."""
    named = {key: _title(info) for key, info in infos.items()}
    times = Counter(named.values())
    return {
        key: name if times[name] == 1 else clean_whole(infos[key].shown.name)
        for key, name in named.items()
    }


def _title(info: BoardInfo) -> str:
    name = clean(info.name or "") or clean_whole(info.benchmark)
    shown = info.shown
    told = (name, clean_whole(shown.task or ""), "with derived" if shown.include_derived else "")
    return " ".join(filter(None, told))

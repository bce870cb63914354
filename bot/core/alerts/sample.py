"""A made-up alert, as ``test-channel`` sends it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from bot.core.alerts.message import TEST, BoardChange, BoardInfo, Message, board_message
from bot.core.board import BoardKey, Source
from bot.core.events import Cause, Event, FlagPair, Leader, RankPair, RowName, ScorePair, Shifted
from bot.core.kinds import Kind
from bot.core.names import links

KEY = BoardKey("SWE-bench/SWE-bench_Verified")
LEADER = "deepseek-ai/DeepSeek-V4-Pro"
RISEN = "zai-org/GLM-5"
_CARD = "Model Card"
_FILE = ".eval_results/swe_bench_verified.yaml"


def sample(now: datetime, endpoint: str) -> Message:
    """Return a realistic ``leaderboard.test`` message that says that it is one."""
    url = links.board_url(endpoint, KEY)
    board = BoardInfo(benchmark=KEY.benchmark, rows=39, url=url, decimals=1)
    change = BoardChange(
        watches=("test",),
        board=board,
        previous_snapshot_at=now - timedelta(minutes=15),
        snapshot_at=now,
        events=(_new_leader(endpoint), _risen(endpoint)),
        shifted=Shifted(down=37),
    )
    return board_message(change, TEST)


def _new_leader(endpoint: str) -> Event:
    return Event(
        id="0" * 31 + "1",
        kind=Kind.NEW_LEADER,
        contains=(Kind.NEW_LEADER, Kind.NEW_ENTRY),
        watches=("test",),
        model=LEADER,
        rank=RankPair(None, 1),
        score=ScorePair(None, Decimal("80.6")),
        verified=FlagPair(None, False),
        new=True,
        previous_leader=Leader("Qwen/Qwen3.5-397B-A17B", None, Decimal("76.4")),
        margin=Decimal("2.8"),
        second=Leader(RISEN, None, Decimal("77.8")),
        gap=Decimal(0),
        pushed_down=38,
        source=Source(_CARD, links.model_url(endpoint, LEADER)),
        filename=_FILE,
        url=links.row_url(endpoint, KEY, LEADER),
    )


def _risen(endpoint: str) -> Event:
    return Event(
        id="0" * 31 + "2",
        kind=Kind.RANK_CHANGE,
        contains=(Kind.RANK_CHANGE, Kind.SCORE_CHANGE),
        watches=("test",),
        model=RISEN,
        rank=RankPair(4, 2),
        score=ScorePair(Decimal("73.8"), Decimal("77.8"), Decimal("4.0")),
        verified=FlagPair(False, False),
        gap=Decimal("2.8"),
        cause=Cause(
            overtook=(
                RowName("Qwen/Qwen3.5-397B-A17B"),
                RowName("MiniMaxAI/MiniMax-M2.5"),
                RowName("stepfun-ai/Step-3.5-Flash"),
            )
        ),
        source=Source(_CARD, links.model_url(endpoint, RISEN)),
        filename=_FILE,
        url=links.row_url(endpoint, KEY, RISEN),
    )

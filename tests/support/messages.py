"""Messages of every kind, with figures as they were seen on real boards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from bot.core.alerts.message import (
    CHANGED,
    DIGEST,
    FAILING,
    RECOVERED,
    REPORT,
    TEST,
    BoardChange,
    BoardInfo,
    Delivery,
    Digest,
    Health,
    Message,
    Report,
    board_message,
    digest_message,
    encode,
)
from bot.core.alerts.parts import parts
from bot.core.alerts.sample import sample
from bot.core.board import BoardKey, ModelFacts, Source
from bot.core.events import (
    Cause,
    Event,
    FlagPair,
    Leader,
    Leaders,
    Provenance,
    ProvenancePair,
    RankPair,
    Related,
    RowName,
    ScorePair,
    Shifted,
    Summary,
)
from bot.core.kinds import Kind
from bot.core.names import links

HUB = "https://huggingface.co"
SWE = BoardKey("SWE-bench/SWE-bench_Verified")
NOW = datetime(2026, 4, 27, 10, 0, tzinfo=UTC)
QWEN = "Qwen/Qwen3.5-397B-A17B"
DEEPSEEK = "deepseek-ai/DeepSeek-V4-Pro"
SAMPLE_FACTS = {
    DEEPSEEK: ModelFacts(
        parameters=1_600_000_000_000, created_at=datetime(2026, 4, 24, tzinfo=UTC)
    ),
    QWEN: ModelFacts(parameters=397_000_000_000, created_at=datetime(2026, 2, 14, tzinfo=UTC)),
}
_FILE = ".eval_results/swe_bench_verified.yaml"


def event(kind: Kind | str, model: str | None = "zai-org/GLM-5", **fields: Any) -> Event:
    """Return an event; ranks and scores may be pairs, a score's difference is worked out."""
    kind = Kind[kind.upper()]
    before, after = (
        None if score is None else Decimal(str(score))
        for score in fields.pop("score", (None, None))
    )
    change = after - before if after is not None and before is not None else None
    return Event(
        id=fields.pop("id", f"{kind.place:032x}"),
        kind=kind,
        contains=fields.pop("contains", (kind,)),
        watches=fields.pop("watches", ("coding",)),
        model=model,
        rank=RankPair(*fields.pop("rank", (None, None))),
        score=ScorePair(before, after, change),
        verified=FlagPair(*fields.pop("verified", (None, None))),
        url=links.row_url(HUB, SWE, model) if model else links.board_url(HUB, SWE),
        **fields,
    )


def changed(*events: Event, type_: str = CHANGED, **fields: Any) -> Message:
    """Return a message of one board with these events."""
    board = BoardInfo(benchmark=SWE.benchmark, rows=39, url=links.board_url(HUB, SWE))
    fields.setdefault("watches", ("coding",))
    change = BoardChange(
        board=fields.pop("board", board),
        previous_snapshot_at=NOW - timedelta(minutes=15),
        snapshot_at=NOW,
        events=events,
        **fields,
    )
    return Message(type=type_, timestamp=NOW, data=change)


def bodies(message: Message) -> tuple[bytes, ...]:
    """Return the bodies in which webhooks are told of a board's change."""
    assert isinstance(message.data, BoardChange)
    return tuple(encode(board_message(part)) for part in parts(message.data))


def sample_message(kind: str) -> Message:
    """Return the sample of an event kind, of a message type, or ``alert``: a whole message."""
    if kind == DIGEST:
        return digest_message(_digest())
    if kind == TEST:
        return sample(NOW, HUB)
    if kind == "alert":
        found = sample(NOW, HUB).data
        assert isinstance(found, BoardChange)
        events = tuple(replace(one, watches=("coding",)) for one in found.events)
        return changed(*events, _VERIFIED, shifted=Shifted(37, 0))
    if kind in (FAILING, RECOVERED):
        return Message(type=kind, timestamp=NOW, data=HEALTH[kind])
    if kind == REPORT:
        return Message(type=kind, timestamp=NOW, data=_REPORT)
    of_kind = Kind[kind.upper()]
    return changed(_EVENTS[of_kind], shifted=_SHIFTED.get(of_kind, Shifted()))


def _digest() -> Digest:
    """Return a digest of three boards, in which a model came to two."""
    swe = [_EVENTS[kind] for kind in (Kind.NEW_LEADER, Kind.RANK_CHANGE, Kind.NEW_ENTRY)]
    entry = replace(_EVENTS[Kind.NEW_ENTRY], rank=RankPair(None, 2), gap=Decimal("1.1"))
    gpqa = [replace(entry, score=ScorePair(None, Decimal("88.1"))), _VERIFIED]
    hle = [_EVENTS[Kind.SCORE_CHANGE], _EVENTS[Kind.REMOVED]]
    boards = (
        ("SWE-bench Verified", SWE.benchmark, swe),
        ("GPQA", "Idavidrein/gpqa", gpqa),
        ("Humanity's Last Exam", "cais/hle", hle),
    )
    return Digest(
        channel="research",
        since=NOW - timedelta(hours=24),
        until=NOW,
        boards=tuple(
            BoardChange(
                watches=("coding",),
                board=BoardInfo(benchmark=benchmark, name=name, rows=39),
                snapshot_at=NOW,
                events=tuple(replace(one, id=f"{benchmark} {one.id}") for one in events),
            )
            for name, benchmark, events in boards
        ),
    )


def delivery(message: Message | None = None, **fields: Any) -> Delivery:
    """Return a message as a channel gets it."""
    message = message or sample_message("alert")
    fields.setdefault("created_at", NOW)
    fields.setdefault("body", encode(message))
    fields.setdefault("id", f"msg_{7:032x}")
    return Delivery(message=message, **fields)


def _card(model: str) -> Source:
    return Source("Model Card", links.model_url(HUB, model))


_VERIFIED = event(
    Kind.VERIFIED,
    "MiniMaxAI/MiniMax-M2.5",
    rank=(2, 4),
    score=(75.8, 75.8),
    verified=(False, True),
    source=_card("MiniMaxAI/MiniMax-M2.5"),
    filename=_FILE,
)

_EVENTS = {
    Kind.NEW_LEADER: event(
        Kind.NEW_LEADER,
        QWEN,
        contains=(Kind.NEW_LEADER, Kind.NEW_ENTRY),
        rank=(None, 1),
        score=(None, 76.4),
        verified=(None, False),
        new=True,
        previous_leader=Leader("MiniMaxAI/MiniMax-M2.5", None, Decimal("75.8")),
        margin=Decimal("0.6"),
        second=Leader("MiniMaxAI/MiniMax-M2.5", None, Decimal("75.8")),
        gap=Decimal(0),
        pushed_down=38,
        source=_card(QWEN),
        filename=_FILE,
    ),
    Kind.NEW_ENTRY: event(
        Kind.NEW_ENTRY,
        "OrionLLM/GRM-2.6-Plus",
        rank=(None, 5),
        score=(None, 77.7),
        verified=(None, False),
        new=True,
        gap=Decimal("2.9"),
        pushed_down=34,
        source=Source("Official GRM-2.6 Benchmark", "https://example.org/grm-2.6"),
        pull_request=3,
    ),
    Kind.RETURNED: event(
        Kind.RETURNED,
        "MiniMaxAI/MiniMax-M2.1",
        variant="With tools",
        contains=(Kind.RETURNED, Kind.NEW_ENTRY),
        rank=(None, 8),
        score=(None, 74.0),
        verified=(None, False),
        new=True,
        removed_at=NOW - timedelta(hours=1),
        gap=Decimal("6.6"),
        pushed_down=31,
        notes="With tools",
        source=_card("MiniMaxAI/MiniMax-M2.1"),
        filename=_FILE,
    ),
    Kind.RANK_CHANGE: event(
        Kind.RANK_CHANGE,
        contains=(Kind.RANK_CHANGE, Kind.SCORE_CHANGE),
        rank=(7, 2),
        score=(73.8, 77.8),
        verified=(False, False),
        gap=Decimal("2.8"),
        cause=Cause(
            overtook=(
                RowName("deepseek-ai/DeepSeek-V4-Flash"),
                RowName(QWEN),
                RowName("MiniMaxAI/MiniMax-M2.5", "high reasoning"),
                RowName("stepfun-ai/Step-3.5-Flash"),
                RowName("MiniMaxAI/MiniMax-M2.1"),
            )
        ),
        source=_card("zai-org/GLM-5"),
        filename=_FILE,
    ),
    Kind.SCORE_CHANGE: event(
        Kind.SCORE_CHANGE,
        "stepfun-ai/Step-3.5-Flash",
        rank=(3, 3),
        score=(74.4, 74.1),
        verified=(True, True),
        gap=Decimal("2.3"),
        source=_card("stepfun-ai/Step-3.5-Flash"),
        filename=_FILE,
    ),
    Kind.RANK_SHIFT: event(
        Kind.RANK_SHIFT,
        QWEN,
        rank=(1, 2),
        score=(76.4, 76.4),
        verified=(False, False),
        gap=Decimal("4.2"),
        cause=Cause(displaced_by=(RowName(DEEPSEEK),)),
        related=(Related(DEEPSEEK, None, 1, Decimal("80.6"), new=True),),
    ),
    Kind.VERIFIED: _VERIFIED,
    Kind.UNVERIFIED: replace(
        _VERIFIED,
        id=f"{7:032x}",
        kind=Kind.UNVERIFIED,
        contains=(Kind.UNVERIFIED,),
        verified=FlagPair(True, False),
    ),
    Kind.PROVENANCE_CHANGE: event(
        Kind.PROVENANCE_CHANGE,
        "OrionLLM/GRM-2.6-Plus",
        rank=(5, 5),
        score=(77.7, 77.7),
        verified=(False, False),
        source=Source("Model card", links.model_url(HUB, "OrionLLM/GRM-2.6-Plus")),
        filename=_FILE,
        provenance=ProvenancePair(
            Provenance(Source("Official GRM-2.6 Benchmark"), _FILE, None, 3),
            Provenance(Source("Model card"), _FILE, None, None),
        ),
    ),
    Kind.RENAMED: event(
        Kind.RENAMED,
        "harborframework/Harbor-1",
        rank=(6, 6),
        score=(76.1, 76.1),
        verified=(False, False),
        previous_model="terminal-bench/Harbor-1",
    ),
    Kind.UNSTABLE: event(
        Kind.UNSTABLE,
        "MiniMaxAI/MiniMax-M2.5",
        rank=(4, 5),
        score=(75.8, 75.2),
        verified=(False, False),
    ),
    Kind.RECOMPUTED: event(
        Kind.RECOMPUTED,
        None,
        contains=(Kind.RECOMPUTED, Kind.NEW_LEADER, Kind.RANK_CHANGE, Kind.SCORE_CHANGE),
        summary=Summary(
            rows=39,
            common=38,
            changed=36,
            leader=Leaders(
                Leader(QWEN, None, Decimal("76.4")), Leader(DEEPSEEK, None, Decimal("81.2"))
            ),
        ),
    ),
    Kind.REMOVED: event(
        Kind.REMOVED,
        "MiniMaxAI/MiniMax-M2.1",
        variant="With tools",
        rank=(8, None),
        score=(74.0, None),
        verified=(False, None),
    ),
    Kind.NEW_BENCHMARK: event(Kind.NEW_BENCHMARK, None),
    Kind.BENCHMARK_GONE: event(Kind.BENCHMARK_GONE, None),
}
_SHIFTED = {
    Kind.NEW_LEADER: Shifted(38, 0),
    Kind.NEW_ENTRY: Shifted(34, 0),
    Kind.RANK_CHANGE: Shifted(5, 0),
    Kind.REMOVED: Shifted(0, 31),
}
HEALTH = {
    FAILING: Health(
        subject="board",
        boards=(BoardInfo(benchmark="cais/hle"), BoardInfo(benchmark=SWE.benchmark)),
        failures=3,
        since=NOW - timedelta(minutes=45),
        error="the Hub answered 503 (Service Unavailable)",
    ),
    RECOVERED: Health(
        subject="channel", channel="research", failures=4, since=NOW - timedelta(hours=3)
    ),
}
_REPORT = Report(
    since=NOW - timedelta(days=7),
    until=NOW,
    boards=12,
    polls=8064,
    late=2,
    events=31,
    alerts=17,
    failing=(BoardInfo(benchmark="cais/hle"),),
)

"""Whole numbers as keys, texts that recur stored once, and what stands apart from what stood.

A watched board and what is known of it are one row. A row holds its result as it stands; the
versions are what it was before. Names of models and boards are stored once, addresses with the
model's id in them without it, events without what their columns hold. ``memory`` is new.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

Kind = sa.types.TypeEngine[Any]

REPLACED = (
    "row_versions",
    "rows",
    "boards",
    "targets",
    "events",
    "delivery_events",
    "model_facts",
    "ailments",
)
"""The tables that are made anew, each before what it refers to."""

EMPTY = (
    ',"watches":[]',
    ',"model":null',
    ',"rank":{"before":null,"after":null}',
    ',"score":{"before":null,"after":null,"delta":null}',
    ',"verified":{"before":null,"after":null}',
    ',"new":false',
    ',"previous_leader":null',
    ',"margin":null',
    ',"gap":null',
    ',"pushed_down":null',
    ',"cause":{"overtook":[],"overtaken_by":[],"displaced_by":[],"vacated_by":[]}',
    ',"related":[]',
    ',"suspected_scale_change":false',
    ',"source":null',
    ',"pull_request":null',
    ',"filename":null',
    ',"notes":null',
    ',"provenance":null',
    ',"url":null',
)
"""What the JSON of an event need not say; no text can look like it, for its quotes are escaped."""

MODELS = """
INSERT INTO models (name)
SELECT model FROM (
    SELECT model FROM old_rows
    UNION SELECT model FROM old_events WHERE model IS NOT NULL
    UNION SELECT model FROM old_model_facts
) AS names
ORDER BY model
"""

BOARD = """benchmark, task, include_derived,
    watched, every_s, next_poll_at, fresh, lease_owner, lease_until, version, etag, digest,
    polled_at, whole_at, by_task, failures, failed_at, error,
    current, settled, rows_count, leader, higher_is_better, turning, doubt"""

ASKED = """coalesce(t.watched, false), t.every_s, t.next_poll_at, coalesce(t.fresh, true),
    t.lease_owner, t.lease_until, coalesce(t.version, 0), t.etag, t.digest, t.polled_at,
    t.whole_at, coalesce(t.by_task, false), coalesce(t.failures, 0), t.failed_at, t.error"""

UNSEEN = "false, true, 0, NULL, NULL, 0, NULL"

BOARDS_SEEN = """
INSERT INTO boards (id, {board})
SELECT b.id, b.benchmark, b.task, b.include_derived, {asked},
    b.current,
    b.doubted = 0 AND b.turning = 0 AND b.id NOT IN (
        SELECT r.board_id FROM old_rows r JOIN old_row_versions v ON v.row_id = r.id
        WHERE r.missing > 0 AND v.valid_to = {forever} AND NOT v.removed
    ),
    b.rows_count, b.leader, b.higher_is_better, b.turning, b.doubt
FROM old_boards b LEFT JOIN old_targets t ON t.benchmark = b.benchmark AND t.task = b.task
    AND t.include_derived = b.include_derived
ORDER BY b.id
"""

BOARDS_UNSEEN = """
INSERT INTO boards ({board})
SELECT t.benchmark, t.task, t.include_derived, {asked}, {unseen}
FROM old_targets t
WHERE NOT EXISTS (SELECT 1 FROM old_boards b
    WHERE b.benchmark = t.benchmark AND b.task = t.task
        AND b.include_derived = t.include_derived
)
ORDER BY t.benchmark, t.task, t.include_derived
"""

BOARDS_NAMED = """
INSERT INTO boards ({board})
SELECT e.benchmark, e.task, e.include_derived,
    false, NULL, NULL, true, NULL, NULL, 0, NULL, NULL, NULL, NULL, false, 0, NULL, NULL, {unseen}
FROM (
    SELECT DISTINCT benchmark, coalesce(task, '') AS task, include_derived FROM old_events
) AS e
WHERE NOT EXISTS (SELECT 1 FROM boards b
    WHERE b.benchmark = e.benchmark AND b.task = e.task
        AND b.include_derived = e.include_derived
)
ORDER BY e.benchmark, e.task, e.include_derived
"""
"""Those that events alone name."""

STATE = "removed, rank, score, verified, filename, source, pull_request, notes"

ROWS = """
INSERT INTO rows (board_id, public_id, model_id, missing, parameters, since, {state})
SELECT o.board_id, o.id, m.id, o.missing, o.parameters,
    CASE WHEN v.valid_to = {forever} THEN v.valid_from END,
    coalesce(v.removed, false), coalesce(v.rank, 0), coalesce(v.score, '0'),
    coalesce(v.verified, false), v.filename, replace(v.source, m.name, {mark}),
    v.pull_request, v.notes
FROM old_rows o
JOIN models m ON m.name = o.model
LEFT JOIN old_row_versions v ON v.row_id = o.id
    AND v.valid_to = (SELECT max(valid_to) FROM old_row_versions WHERE row_id = o.id)
ORDER BY o.board_id, o.id
"""
"""A row of which only the past is left holds what it was last, and no ``since``."""

VERSIONS = """
INSERT INTO row_versions (row_id, valid_from, valid_to, {state})
SELECT r.id, v.valid_from, v.valid_to, v.removed, v.rank, v.score, v.verified, v.filename,
    replace(v.source, m.name, {mark}), v.pull_request, v.notes
FROM rows r
JOIN old_row_versions v ON v.row_id = r.public_id
JOIN models m ON m.id = r.model_id
WHERE v.valid_to < {forever}
ORDER BY r.id, v.valid_from
"""

EVENTS = """
INSERT INTO events (seq, id, at, board_id, kind, model_id, row_id, body)
SELECT e.seq, e.id, e.at, b.id, e.kind, m.id, r.id,
    replace({body}, coalesce(e.model, ''), {mark})
FROM old_events e
JOIN boards b ON b.benchmark = e.benchmark AND b.task = coalesce(e.task, '')
    AND b.include_derived = e.include_derived
LEFT JOIN models m ON m.name = e.model
LEFT JOIN old_rows o ON o.id = e.row_id
LEFT JOIN rows r ON r.board_id = o.board_id AND r.public_id = o.id
ORDER BY e.seq
"""

DELIVERY_EVENTS = """
INSERT INTO delivery_events (delivery_seq, position, event_id)
SELECT delivery_seq, position, event_id FROM old_delivery_events ORDER BY delivery_seq, position
"""

FACTS = """
INSERT INTO model_facts (model_id, parameters, created_at, license, asked_at)
SELECT m.id, o.parameters, o.created_at, o.license, o.asked_at
FROM old_model_facts o JOIN models m ON m.name = o.model
"""

INCIDENTS = """
INSERT INTO incidents (subject, name, failures, since, at, error, channel, told)
SELECT subject, name, failures, since, at, error, channel, told FROM old_ailments
"""

COUNT_ON = """
SELECT setval(pg_get_serial_sequence('{table}', '{key}'), greatest(
    nextval('old_{table}_{key}_seq') - 1, (SELECT coalesce(max({key}), 1) FROM {table})
))
"""
"""PostgreSQL does not count what comes with its number."""


def upgrade() -> None:
    _set_old_ones_aside()
    _make_boards_and_rows()
    _make_the_rest()
    _fill(MODELS, BOARDS_SEEN)
    _count_on("boards", "id")
    _fill(BOARDS_UNSEEN, BOARDS_NAMED, ROWS, VERSIONS, EVENTS)
    _count_on("events", "seq")
    _fill(DELIVERY_EVENTS, FACTS, INCIDENTS)
    for table in (*(f"old_{name}" for name in REPLACED), "heartbeats"):
        op.drop_table(table)
    _make_indexes()


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _set_old_ones_aside() -> None:
    """Rename the old tables, and drop or rename whatever else has a name of its own."""
    inspector = sa.inspect(op.get_bind())
    for table in REPLACED:
        for index in inspector.get_indexes(table):
            if not index.get("duplicates_constraint"):
                op.drop_index(str(index["name"]), table_name=table)
        op.rename_table(table, f"old_{table}")
        if _is_postgresql():
            keys = [inspector.get_pk_constraint(table), *inspector.get_unique_constraints(table)]
            for key in keys:
                op.execute(f"ALTER INDEX {key['name']} RENAME TO old_{key['name']}")
    if _is_postgresql():
        for name in ("boards_id_seq", "events_seq_seq"):
            op.execute(f"ALTER SEQUENCE {name} RENAME TO old_{name}")


def _fill(*statements: str) -> None:
    words = {
        "forever": f"'9999-12-31 00:00:00{'+00' if _is_postgresql() else '.000000'}'",
        "mark": "chr(1)" if _is_postgresql() else "char(1)",
        "body": _body(),
        "board": BOARD,
        "asked": ASKED,
        "unseen": UNSEEN,
        "state": STATE,
    }
    for statement in statements:
        op.get_bind().exec_driver_sql(statement.format_map(words))


def _body() -> str:
    """Return what is left of an event's JSON without its id, its kind and what is empty."""
    head = """'{"id":"' || e.id || '","kind":"' || e.kind || '",'"""
    rest = f"""'{{' || substr(e.body, length({head}) + 1)"""
    body = f"CASE WHEN substr(e.body, 1, length({head})) = {head} THEN {rest} ELSE e.body END"
    for nothing in EMPTY:
        body = f"replace({body}, '{nothing}', '')"
    return body


def _count_on(table: str, key: str) -> None:
    if _is_postgresql():
        op.get_bind().exec_driver_sql(COUNT_ON.format(table=table, key=key))


def _make_boards_and_rows() -> None:
    op.create_table(
        "models",
        *_numbered("models", "id"),
        *_filled(sa.Text(), "name"),
        sa.UniqueConstraint("name", name="uq_models_name"),
        sqlite_autoincrement=True,
    )
    key = ("benchmark", "task", "include_derived")
    op.create_table(
        "boards",
        *_numbered("boards", "id"),
        *_filled(sa.Text(), "benchmark", "task"),
        *_filled(sa.Boolean(), "include_derived", "watched", "fresh", "by_task"),
        *_open(sa.Double(), "every_s"),
        *_open(MOMENT, "next_poll_at", "lease_until", "polled_at", "whole_at", "failed_at"),
        *_filled(sa.BigInteger(), "version"),
        *_open(sa.Text(), "lease_owner", "etag", "digest", "error", "leader", "doubt"),
        *_filled(sa.Boolean(), "current", "settled"),
        *_filled(sa.Integer(), "failures", "rows_count", "turning"),
        *_open(sa.Boolean(), "higher_is_better"),
        sa.UniqueConstraint(*key, name="uq_boards_benchmark_task_include_derived"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rows",
        *_numbered("rows", "id"),
        *_filled(SERIAL, "board_id", "model_id"),
        *_filled(sa.Text(), "public_id"),
        *_filled(sa.Integer(), "missing"),
        *_open(sa.BigInteger(), "reported_rank", "parameters"),
        *_open(MOMENT, "since"),
        *_state(),
        *_referring("rows", board_id="boards.id", model_id="models.id"),
        sa.UniqueConstraint("board_id", "public_id", name="uq_rows_board_id_public_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "row_versions",
        *_filled(SERIAL, "row_id"),
        *_filled(MOMENT, "valid_from", "valid_to"),
        *_state(),
        *_referring("row_versions", row_id="rows.id"),
        sa.PrimaryKeyConstraint("row_id", "valid_from", name="pk_row_versions"),
        sqlite_with_rowid=False,
    )


def _make_the_rest() -> None:
    op.create_table(
        "memory",
        *_filled(sa.Text(), "channel"),
        *_filled(SERIAL, "row_id"),
        *_open(MOMENT, "at"),
        *_open(sa.BigInteger(), "rank", "rank_before"),
        *_open(sa.Text(), "score", "score_before"),
        *_open(sa.Boolean(), "verified", "leads", "verified_before", "leads_before"),
        *_referring("memory", "CASCADE", row_id="rows.id"),
        sa.PrimaryKeyConstraint("channel", "row_id", name="pk_memory"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        *_numbered("events", "seq"),
        *_filled(sa.Text(), "id"),
        *_filled(MOMENT, "at"),
        *_filled(SERIAL, "board_id"),
        *_filled(sa.Text(), "kind"),
        *_open(SERIAL, "model_id"),
        *_open(sa.BigInteger(), "row_id"),
        *_filled(sa.Text(), "body"),
        *_referring("events", board_id="boards.id", model_id="models.id"),
        sa.UniqueConstraint("id", name="uq_events_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "delivery_events",
        *_filled(SERIAL, "delivery_seq"),
        *_filled(sa.Integer(), "position"),
        *_filled(sa.Text(), "event_id"),
        *_referring("delivery_events", "CASCADE", delivery_seq="deliveries.seq"),
        sa.PrimaryKeyConstraint("delivery_seq", "position", name="pk_delivery_events"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "model_facts",
        sa.Column("model_id", SERIAL, autoincrement=False, nullable=False),
        *_open(sa.BigInteger(), "parameters"),
        *_open(MOMENT, "created_at"),
        *_open(sa.Text(), "license"),
        *_filled(MOMENT, "asked_at"),
        *_referring("model_facts", model_id="models.id"),
        sa.PrimaryKeyConstraint("model_id", name="pk_model_facts"),
    )
    op.create_table(
        "incidents",
        *_filled(sa.Text(), "subject", "name", "error"),
        *_filled(sa.Integer(), "failures"),
        *_filled(MOMENT, "since", "at"),
        *_open(sa.Text(), "channel"),
        *_filled(sa.Boolean(), "told"),
        sa.PrimaryKeyConstraint("subject", "name", name="pk_incidents"),
    )


def _numbered(table: str, key: str) -> list[sa.schema.SchemaItem]:
    number = sa.Column(key, SERIAL, autoincrement=True, nullable=False)
    return [number, sa.PrimaryKeyConstraint(key, name=f"pk_{table}")]


def _filled(kind: Kind, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _open(kind: Kind, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names]


def _state() -> list[sa.Column[Any]]:
    return [
        *_filled(sa.Boolean(), "removed", "verified"),
        *_filled(sa.BigInteger(), "rank"),
        *_filled(sa.Text(), "score"),
        *_open(sa.Text(), "filename", "source"),
        *_open(sa.BigInteger(), "pull_request"),
        *_open(sa.Text(), "notes"),
    ]


def _referring(
    table: str, ondelete: str | None = None, **columns: str
) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column],
            [other],
            name=f"fk_{table}_{column}_{other.partition('.')[0]}",
            ondelete=ondelete,
        )
        for column, other in columns.items()
    ]


def _make_indexes() -> None:
    claimed = sa.text("lease_owner IS NOT NULL")
    op.create_index(
        "ix_boards_claimed",
        "boards",
        ["lease_owner"],
        sqlite_where=claimed,
        postgresql_where=claimed,
    )
    op.create_index("ix_rows_model_id", "rows", ["model_id"])
    op.create_index("ix_row_versions_valid_to", "row_versions", ["valid_to"])
    op.create_index("ix_memory_row_id", "memory", ["row_id"])
    op.create_index("ix_events_at", "events", ["at"])
    op.create_index("ix_events_board_id", "events", ["board_id"])
    op.create_index("ix_events_model_id", "events", ["model_id"])
    op.create_index("ix_delivery_events_event_id", "delivery_events", ["event_id"])

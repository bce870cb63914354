"""What is collected, and what was told of each aspect of a row.

``windows``, what a delivery is held for, and which one told it instead. ``memory`` keeps of each
aspect of a row how it was before, and when it was told, and until when the row is unstable.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

memory = sa.table(
    "memory",
    *(sa.column(name) for name in ("at", "rank", "score", "verified", "leads")),
    *(sa.column(f"{name}_before") for name in ("rank", "score", "verified", "leads", "present")),
    *(sa.column(f"{name}_at") for name in ("present", "score", "verified", "leads")),
)


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("held_for", sa.Text()))
    op.add_column("deliveries", sa.Column("merged_into", sa.Text()))
    op.create_table(
        "windows",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("held_for", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "held_for", name=op.f("pk_windows")),
        sqlite_with_rowid=False,
    )
    _tell_aspects_apart()
    _count_for_reports()


def _tell_aspects_apart() -> None:
    """What earlier versions remember has one time: an aspect was told where it changed."""
    for name in ("present", "score", "verified", "leads"):
        op.add_column("memory", sa.Column(f"{name}_at", MOMENT))
    op.add_column("memory", sa.Column("present_before", sa.Boolean()))
    for name in ("unstable_at", "rests_at"):
        op.add_column("memory", sa.Column(name, MOMENT))
    at, present = memory.c.at, memory.c.rank.is_not(None)
    was_present = memory.c.rank_before.is_not(None)
    turned = memory.update().where(at.is_not(None), present != was_present)
    op.execute(turned.values(present_at=at, present_before=was_present))
    for name in ("score", "verified", "leads"):
        known, before = memory.c[name], memory.c[f"{name}_before"]
        told = memory.update().where(at.is_not(None), present, was_present, known != before)
        op.execute(told.values({f"{name}_at": at}))
    names = ("rank", "score", "verified", "leads")
    op.execute(
        memory.update().where(at.is_(None)).values({n: memory.c[f"{n}_before"] for n in names})
    )
    for name in names[1:]:
        untold = memory.update().where(memory.c[f"{name}_at"].is_(None))
        op.execute(untold.values({f"{name}_before": None}))
    options = {"sqlite_with_rowid": False}
    with op.batch_alter_table("memory", table_kwargs=options) as columns:
        columns.drop_column("rank_before")
    rests = sa.text("rests_at IS NOT NULL")
    op.create_index(
        "ix_memory_rests_at", "memory", ["rests_at"], sqlite_where=rests, postgresql_where=rests
    )


def _count_for_reports() -> None:
    for name in ("polls", "late_polls"):
        op.add_column(
            "boards", sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text("0"))
        )
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("polls", sa.BigInteger(), nullable=False),
        sa.Column("late_polls", sa.BigInteger(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    sent = sa.text("state = 'sent'")
    op.create_index(
        "ix_deliveries_sent", "deliveries", ["ended_at"], sqlite_where=sent, postgresql_where=sent
    )

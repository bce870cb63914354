"""A watched board is one task of a benchmark; what is known of the tasks; sizes and directions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "benchmark_tasks",
        sa.Column("benchmark", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("benchmark", name="pk_benchmark_tasks"),
    )
    zero = sa.text("0")
    op.add_column("boards", sa.Column("turning", sa.Integer(), nullable=False, server_default=zero))
    op.add_column("boards", sa.Column("doubt", sa.Text()))
    # Why an answer was doubted was not kept: the count begins anew.
    op.execute("UPDATE boards SET doubted = 0")
    op.add_column("rows", sa.Column("parameters", sa.BigInteger()))
    _give_targets_a_task()


def _give_targets_a_task() -> None:
    with op.batch_alter_table("targets") as targets:
        targets.add_column(
            sa.Column("task", sa.Text(), nullable=False, server_default=sa.text("''"))
        )
        targets.add_column(sa.Column("whole_at", sa.DateTime(timezone=True)))
        targets.add_column(
            sa.Column("by_task", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        targets.drop_constraint("pk_targets", type_="primary")
        targets.create_primary_key("pk_targets", ["benchmark", "task", "include_derived"])

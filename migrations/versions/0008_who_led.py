"""Who led a board, and since when: found without a look at its other events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    led = sa.text("kind = 'new_leader'")
    op.create_index(
        "ix_events_led", "events", ["board_id", "seq"], sqlite_where=led, postgresql_where=led
    )

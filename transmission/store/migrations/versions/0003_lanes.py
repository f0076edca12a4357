"""One lane per authority, the legally urgent first; a circuit for each TdT."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_UNSENT = "state IN ('accepted', 'prepared')"


def upgrade() -> None:
    op.add_column("transmission", sa.Column("date_limite", sa.Date()))
    op.execute(
        "UPDATE transmission SET date_limite = acte.date_decision + 15 FROM acte "
        "WHERE acte.id = acte_id AND acte.nature IN (3, 4) AND message = '1-1'"
    )
    for name, column in (("lane", "next_attempt_at"), ("urgent", "date_limite")):
        op.create_index(
            f"transmission_{name}_idx",
            "transmission",
            ["collectivite_id", column, "id"],
            postgresql_where=sa.text(_UNSENT),
        )
    op.create_table(
        "rung",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("task", "subject", name="rung_pkey"),
    )
    op.create_table(
        "circuit",
        sa.Column("tdt", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("successes", sa.Integer(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("open_until", _INSTANT),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("tdt", name="circuit_pkey"),
    )


def downgrade() -> None:
    op.drop_table("circuit")
    op.drop_table("rung")
    op.drop_index("transmission_urgent_idx", "transmission")
    op.drop_index("transmission_lane_idx", "transmission")
    op.drop_column("transmission", "date_limite")

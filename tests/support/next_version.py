"""The command ``transmission`` of an invented next version: more columns, one more task.

Its task goes through a queue that processes of this version serve, which do not know it: they throw
the message away, and the row that it was about rings again.
"""

from sqlalchemy import BigInteger, Column, Text, select, update

from transmission.services.toolbox import Toolbox
from transmission.settings import Settings
from transmission.store import tables

TASK = "weigh"
VERSION = "next"
MIGRATION = f'''
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{VERSION}", "{{before}}"
branch_labels = depends_on = None


def upgrade() -> None:
    for table in ("acte", "transmission", "journal", "attempt"):
        op.add_column(table, sa.Column("origine", sa.Text()))
        weight = sa.Column("poids", sa.BigInteger(), nullable=False, server_default="0")
        op.add_column(table, weight)
    op.create_table("lieu", sa.Column("id", sa.BigInteger(), primary_key=True))
    op.create_index("transmission_poids_idx", "transmission", ["poids"])


def downgrade() -> None:
    raise NotImplementedError
'''


def widen() -> None:
    """Give the tables of this process the columns that the migration adds."""
    for table in (tables.acte, tables.transmission, tables.journal, tables.attempt):
        table.append_column(Column("origine", Text))
        table.append_column(Column("poids", BigInteger, nullable=False, server_default="0"))


def weigh(tools: Toolbox, transmission_id: int) -> None:
    """The work of the new task."""
    with tools.register() as unit:
        table = tables.transmission
        change = update(table).where(table.c.id == transmission_id).values(poids=1)
        unit._connection.execute(change)  # type: ignore[attr-defined]
        unit.commit()


def ring_unweighed(tools: Toolbox) -> None:
    """The sweep of the new task."""
    with tools.register() as unit:
        unweighed = select(tables.transmission.c.id).where(tables.transmission.c.poids == 0)
        waiting = unit.waiting_bells()
        for found in unit._connection.execute(unweighed).scalars().all():  # type: ignore[attr-defined]
            if (TASK, found) not in waiting:
                unit.ring(TASK, found)
        unit.commit()


def become() -> None:
    """Make this process one of the next version."""
    from workers import relay, schedule, tasks

    widen()
    tasks.SERVICES[TASK] = weigh
    known, runs = relay.queue_of, schedule.periodic_runs
    relay.queue_of = lambda task: "send" if task == TASK else known(task)  # type: ignore[assignment]

    def more_runs(settings: Settings) -> list[schedule.Periodic]:
        return [*runs(settings), schedule.Periodic("weighing", 1, ring_unweighed)]

    schedule.periodic_runs = more_runs


if __name__ == "__main__":
    become()
    from transmission.cli.main import main

    main()

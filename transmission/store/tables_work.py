"""Who takes care of what waits for a person. Nothing here is deleted: it tells who did before."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Table, Text, text

from transmission.store.tables import INSTANT, metadata, transmission

# The person is known by number and by the name they had then: a console may be open to visitors
# who have no account.
work_item_owner = Table(
    "work_item_owner",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("person_name", Text, nullable=False),
    Column("taken_at", INSTANT, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("given_back_at", INSTANT),
    Column("given_back_by", Text),
    # One person at a time.
    Index(
        "work_item_owner_key",
        "kind",
        "subject_id",
        unique=True,
        postgresql_where=text("given_back_at IS NULL"),
    ),
    Index("work_item_owner_subject_idx", "kind", "subject_id", "id"),
)

# What a person said would not be dealt with, and why; it leaves the desk.
work_item_set_aside = Table(
    "work_item_set_aside",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("subject_id", BigInteger, primary_key=True, autoincrement=False),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

# What waits for people among all that was sent.
Index(
    "transmission_desk_idx",
    transmission.c.state,
    transmission.c.state_since,
    transmission.c.id,
    postgresql_where=text("state IN ('in_doubt', 'held', 'rejected')"),
)

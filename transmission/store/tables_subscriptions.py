"""What people chose to be told by e-mail, how far it was told, and what waits for a daily mail."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Identity,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from transmission.store.tables import INSTANT, metadata

# What differs from what is usual for a person's roles, and nothing else.
person_wish = Table(
    "person_wish",
    metadata,
    Column("person_id", BigInteger, ForeignKey("person.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("pace", Text, nullable=False),
)

# Last lines of both logs that the people of an authority were told of, and the civil day of their
# last daily mail. Gone with the last of them: whoever comes later is not told of the past.
mail_place = Table(
    "mail_place",
    metadata,
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), primary_key=True),
    Column("journal_place", BigInteger, nullable=False),
    Column("finding_place", BigInteger, nullable=False),
    Column("date_quotidien", Date, nullable=False),
)

# What waits for the daily mail, and for whom; gone once the mail is written. The object of the act
# is read when it is.
mail_mention = Table(
    "mail_mention",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("acte_id", BigInteger, ForeignKey("acte.id")),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("what", Text, nullable=False),
    Column("todo", Text, nullable=False),
    Column("persons", ARRAY(BigInteger), nullable=False),
    UniqueConstraint("collectivite_id", "key"),
)

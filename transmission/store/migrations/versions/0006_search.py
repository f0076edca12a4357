"""Lists and searches whose cost does not follow what the register holds."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WORDS = (
    "translate(lower(replace(replace(replace("
    r"regexp_replace(normalize(objet || ' ' || numero_interne, NFKD), '[\u0300-\u036f]', '', 'g')"
    ", 'œ', 'oe'), 'Œ', 'oe'), '’', '''')), 'ÆÐØÞĐĦŁŊŦ', 'æðøþđħłŋŧ')"
)
_WAITING = (
    "state IN ('accepted', 'prepared', 'submitting', 'in_doubt', 'submitted', 'cancelling', 'held')"
)
_ENDED = "message = '1-1' AND state IN ('acknowledged', 'rejected', 'cancelled', 'delivered')"


def upgrade() -> None:
    # Trusted: whoever owns the database may create it.
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.add_column("acte", sa.Column("words", sa.Text(), sa.Computed(_WORDS, persisted=True)))
    op.create_index(
        "acte_words_idx",
        "acte",
        ["words"],
        postgresql_using="gin",
        postgresql_ops={"words": "gin_trgm_ops"},
        postgresql_with={"gin_pending_list_limit": 256},
    )
    op.create_index("acte_owner_idx", "acte", ["collectivite_id", "id"])
    op.drop_index("acte_numero_idx", "acte")
    op.create_index(
        "acte_numero_idx",
        "acte",
        ["numero_interne", "collectivite_id"],
        postgresql_ops={"numero_interne": "text_pattern_ops"},
    )
    op.drop_index("transmission_numero_idx", "transmission")
    number = sa.text("split_part(id_acte, '-', 4)")
    op.create_index("transmission_numero_idx", "transmission", [number, "collectivite_id"])
    op.drop_index("transmission_state_idx", "transmission")
    _partial("waiting", ["state_since", "id"], _WAITING)
    _partial("ended", ["state", "id"], _ENDED)
    _partial("owner_ended", ["collectivite_id", "state", "id"], _ENDED)
    _partial("look", ["collectivite_id", "next_attempt_at", "id"], "state = 'submitted'")
    # A plan made without knowing the new words would read every act.
    op.execute("ANALYZE acte")


def downgrade() -> None:
    for name in ("look", "owner_ended", "ended", "waiting"):
        op.drop_index(f"transmission_{name}_idx", "transmission")
    op.create_index("transmission_state_idx", "transmission", ["collectivite_id", "state", "id"])
    op.drop_index("transmission_numero_idx", "transmission")
    number = sa.text("split_part(id_acte, '-', 4)")
    op.create_index("transmission_numero_idx", "transmission", ["collectivite_id", number])
    op.drop_index("acte_numero_idx", "acte")
    op.create_index("acte_numero_idx", "acte", ["collectivite_id", "numero_interne"])
    op.drop_index("acte_owner_idx", "acte")
    # Its index goes with it; the extension may serve others.
    op.drop_column("acte", "words")


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        f"transmission_{name}_idx", "transmission", columns, postgresql_where=sa.text(where)
    )

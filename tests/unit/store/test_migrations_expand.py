"""A version only adds, so that processes of the version before work on while they are replaced.

What takes away (a column, a name, a type, a right to leave out) waits for a later release, when no
process uses it any more: such a statement is allowed below, one by one, with its reason.
"""

import pytest
from alembic.script import Script, ScriptDirectory

from tests.support.expansion import restrictions, statements
from transmission.store.migrations import configuration

# revision → statement → why no process of the version before is hurt.
CONTRACTIONS: dict[str, dict[str, str]] = {
    "0002": {
        "ALTER TABLE journal ALTER COLUMN acte_id DROP NOT NULL": "before the first release",
        "DROP INDEX transmission_living_key": "before the first release",
        "CREATE UNIQUE INDEX transmission_living_key ON transmission (acte_id) "
        "WHERE message = '1-1' AND state NOT IN ('rejected', 'cancelled')": (
            "before the first release; allows more than the one that it replaces"
        ),
        "CREATE UNIQUE INDEX transmission_annulation_key ON transmission (acte_id) "
        "WHERE message = '6-1' AND state NOT IN ('rejected', 'cancelled', 'acknowledged')": (
            "about messages that the version before does not send"
        ),
    },
    "0006": {
        "CREATE EXTENSION IF NOT EXISTS pg_trgm": "only adds",
        "ANALYZE acte": "only counts",
        "DROP INDEX acte_numero_idx": "made again at once, its columns the other way round",
        "DROP INDEX transmission_numero_idx": "made again, its columns the other way round",
        "DROP INDEX transmission_state_idx": "four of some states only take its place",
    },
    "0008": {
        "CREATE FUNCTION reopen_courrier() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE courrier SET settled = false WHERE id = NEW.courrier_id; RETURN NULL; END $$": (
            "writes the column that this version adds, and nothing else"
        ),
        "CREATE TRIGGER transmission_reopens_courrier AFTER UPDATE OF state ON transmission "
        "FOR EACH ROW WHEN (NEW.courrier_id IS NOT NULL "
        "AND NEW.state IN ('rejected', 'cancelled')) EXECUTE FUNCTION reopen_courrier()": (
            "refuses nothing: also takes the mark away when the version before refuses an answer"
        ),
    },
    "0009": {
        "CREATE FUNCTION mark_acte_stale() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO legal_stale (collectivite_id, acte_id) "
        "VALUES (NEW.collectivite_id, NEW.acte_id); RETURN NULL; END $$": (
            "writes a table that this version adds, and nothing else"
        ),
        "CREATE TRIGGER journal_marks_acte AFTER INSERT ON journal FOR EACH ROW "
        "WHEN (NEW.acte_id IS NOT NULL AND NEW.event IN ( 'accepted', 'ar_received', "
        "'ar_upheld', 'anomalie_received', 'ar_annulation_received', 'published', "
        "'courrier_received', 'delivered', 'withdrawn', 'abandoned', 'retour_attached', "
        "'event_recorded', 'event_retracted', 'facts_declared' )) "
        "EXECUTE FUNCTION mark_acte_stale()": (
            "refuses nothing: what the version before writes is read again too"
        ),
    },
    "0012": {
        "CREATE FUNCTION tell_finding_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO finding_change (collectivite_id, finding_id, opened, at) "
        "SELECT NEW.collectivite_id, NEW.id, NEW.closed_at IS NULL, "
        "COALESCE(NEW.closed_at, NEW.opened_at) WHERE EXISTS ( SELECT FROM webhook "
        "WHERE collectivite_id = NEW.collectivite_id AND state <> 'ended' ); "
        "RETURN NULL; END $$": "writes a table that this version adds, and nothing else",
        "CREATE TRIGGER finding_opened AFTER INSERT ON finding "
        "FOR EACH ROW EXECUTE FUNCTION tell_finding_change()": (
            "refuses nothing: what the version before finds is told too"
        ),
        "CREATE TRIGGER finding_closed AFTER UPDATE OF closed_at ON finding "
        "FOR EACH ROW WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL) "
        "EXECUTE FUNCTION tell_finding_change()": (
            "refuses nothing: what the version before closes is told too"
        ),
    },
    "0015": {
        "CREATE OR REPLACE FUNCTION tell_finding_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN INSERT INTO finding_change (collectivite_id, finding_id, opened, at) "
        "SELECT NEW.collectivite_id, NEW.id, NEW.closed_at IS NULL, "
        "COALESCE(NEW.closed_at, NEW.opened_at) WHERE EXISTS ( SELECT FROM webhook "
        "WHERE collectivite_id = NEW.collectivite_id AND state <> 'ended' ) OR EXISTS ( "
        "SELECT FROM mail_place WHERE collectivite_id = NEW.collectivite_id ); "
        "RETURN NULL; END $$": "writes what it wrote, of more authorities",
    },
    "0017": {
        "CREATE FUNCTION is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$": (
            "only of tables that this version adds"
        ),
    },
    "0021": {
        "CREATE FUNCTION rely_on_content() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE disposed_content SET state = 'kept' WHERE sha256 = NEW.sha256 AND state = "
        "'waiting'; IF EXISTS ( SELECT FROM disposed_content WHERE sha256 = NEW.sha256 AND "
        "(state = 'removing' OR removed_at > clock_timestamp() - interval '1 hour') ) THEN "
        "RAISE EXCEPTION 'content %% is being disposed of', NEW.sha256 USING ERRCODE = "
        "'55006'; END IF; RETURN NEW; END $$": (
            "writes a table that this version adds, and refuses what rests on a file being removed"
        ),
        "CREATE TRIGGER piece_relies BEFORE INSERT ON piece FOR EACH ROW WHEN (NEW.sha256 "
        "IS NOT NULL) EXECUTE FUNCTION rely_on_content()": (
            "refuses nothing until a person of this version disposes of a file"
        ),
        "CREATE TRIGGER answer_piece_relies BEFORE INSERT ON answer_piece FOR EACH ROW WHEN"
        " (NEW.sha256 IS NOT NULL) EXECUTE FUNCTION rely_on_content()": (
            "refuses nothing until a person of this version disposes of a file"
        ),
        "CREATE TRIGGER retour_piece_relies BEFORE INSERT ON retour_piece FOR EACH ROW WHEN"
        " (NEW.sha256 IS NOT NULL) EXECUTE FUNCTION rely_on_content()": (
            "refuses nothing until a person of this version disposes of a file"
        ),
        "CREATE TRIGGER retour_relies BEFORE INSERT ON retour FOR EACH ROW WHEN (NEW.sha256"
        " IS NOT NULL) EXECUTE FUNCTION rely_on_content()": (
            "refuses nothing until a person of this version disposes of a file"
        ),
        "CREATE TRIGGER published_copy_relies BEFORE INSERT ON published_copy FOR EACH ROW "
        "WHEN (NEW.sha256 IS NOT NULL) EXECUTE FUNCTION rely_on_content()": (
            "refuses nothing until a person of this version disposes of a file"
        ),
    },
}

_VERSIONS = list(ScriptDirectory.from_config(configuration("")).walk_revisions())
# Nothing is older than the first.
_LATER = [script for script in _VERSIONS if script.down_revision is not None]


@pytest.mark.parametrize("script", _LATER, ids=lambda script: script.revision)
def test_a_version_takes_nothing_from_processes_of_the_version_before(script: Script) -> None:
    allowed = CONTRACTIONS.get(script.revision, {})
    taking = set(restrictions(statements(script)))
    assert taking == set(allowed), "see « Upgrading » in docs/operating.md"


def test_versions_follow_each_other_without_a_fork() -> None:
    assert [script.down_revision for script in _VERSIONS[:-1]] == [
        script.revision for script in _VERSIONS[1:]
    ]


NEW = ["CREATE TABLE lieu ( id BIGINT )"]
ADDED = ["ALTER TABLE acte ADD COLUMN lieu TEXT"]


@pytest.mark.parametrize(
    "sql",
    [
        NEW,
        ADDED,
        ["CREATE INDEX i ON acte (objet) WHERE objet <> ''"],
        ["ALTER TABLE acte ADD COLUMN poids INTEGER DEFAULT '0' NOT NULL"],
        [*ADDED, "UPDATE acte SET lieu = upper(objet) WHERE objet <> 'a, b'"],
        [*ADDED, "UPDATE acte SET lieu = piece.nom FROM piece WHERE piece.acte_id = acte.id"],
        [*ADDED, "CREATE UNIQUE INDEX i ON acte (lieu) WHERE lieu IS NOT NULL"],
        [*ADDED, "ALTER TABLE acte ADD CONSTRAINT f FOREIGN KEY(lieu) REFERENCES lieu (id)"],
        [*NEW, "ALTER TABLE lieu ALTER COLUMN id TYPE TEXT"],
        [*NEW, "CREATE UNIQUE INDEX i ON lieu (id)"],
        [*NEW, "INSERT INTO lieu VALUES (1)"],
    ],
)
def test_what_only_adds_passes(sql: list[str]) -> None:
    assert list(restrictions(sql)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE piece",
        "DROP INDEX acte_numero_idx",
        "ALTER TABLE acte DROP COLUMN objet",
        "ALTER TABLE acte RENAME TO actes",
        "ALTER TABLE acte RENAME objet TO titre",
        "ALTER TABLE acte ALTER COLUMN objet TYPE VARCHAR(500)",
        "ALTER TABLE acte ALTER COLUMN objet SET NOT NULL",
        "ALTER TABLE acte ALTER COLUMN objet DROP NOT NULL",
        "ALTER TABLE acte ALTER COLUMN objet DROP DEFAULT",
        "ALTER TABLE acte ADD COLUMN poids INTEGER NOT NULL",
        "ALTER TABLE acte ADD COLUMN poids INTEGER DEFAULT '0' NOT NULL UNIQUE",
        "ALTER TABLE acte ADD CONSTRAINT c CHECK (objet <> '')",
        "ALTER TABLE acte ADD CONSTRAINT f FOREIGN KEY(objet) REFERENCES lieu (id)",
        "CREATE UNIQUE INDEX i ON acte (objet)",
        "CREATE UNIQUE INDEX i ON acte (lieu, objet)",
        "UPDATE acte SET objet = ''",
        "UPDATE acte SET lieu = '', objet = ''",
        "DELETE FROM acte",
        "TRUNCATE acte",
        "CREATE TRIGGER t BEFORE INSERT ON acte EXECUTE FUNCTION f()",
        "COMMENT ON TABLE acte IS ''; DROP TABLE acte",
        "DO $$ BEGIN DROP TABLE acte; END $$",
    ],
)
def test_what_takes_something_away_is_named(statement: str) -> None:
    assert list(restrictions([*ADDED, statement])) == [statement]

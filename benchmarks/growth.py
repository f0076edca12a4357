"""A register that already holds many acts: filled set-based, then read and worked as before."""

import time
from collections.abc import Callable, Iterator

from benchmarks.figures import percentile
from benchmarks.site import Site
from transmission.domain.lifecycle import State
from transmission.store.queries import Wanted, list_actes, state_counts

_READS = 20
_BLOCK = 50_000
_STORY = ("accepted", "prepared", "submission_started", "submission_accepted", "ar_received")

# Rows of the age, width and number that acts of ours leave; %(first)s to %(last)s are their ranks.
_FILL = (
    """
    INSERT INTO acte (collectivite_id, numero_interne, date_decision, nature, matiere, objet,
        date_classification, document_papier, fingerprint, accepted_at, accepted_by)
    SELECT (%(owners)s::bigint[])[1 + n %% %(count)s], 'G' || lpad(n::text, 9, '0'),
        current_date - 30 - n %% 3000, 1, '7.5', 'Subvention à l’association n° ' || n,
        date '2025-01-15', false, encode(sha256(n::text::bytea), 'hex'),
        now() - interval '30 days' - n %% 3000 * interval '1 day', 'mesure'
    FROM generate_series(%(first)s::int, %(last)s::int) n
    """,
    """
    INSERT INTO piece (acte_id, ordre, nom_original, code_type_pj, extension, sha256, size)
    SELECT id, 1, 'deliberation.pdf', '99_DE', 'pdf', fingerprint, 660000
    FROM acte WHERE id > %(since)s
    """,
    """
    INSERT INTO transmission (acte_id, collectivite_id, state, state_since, attempts, polls,
        id_acte, enveloppe, archive_name, parcel, reference, date_reception)
    SELECT acte.id, owner.id, 'acknowledged', accepted_at, 1, 1,
        '042-' || siren || '-' || to_char(date_decision, 'YYYYMMDD') || '-' || numero_interne
            || '-DE',
        'EACT--' || siren || '--' || to_char(accepted_at, 'YYYYMMDD') || '-' || acte.id,
        'SLO-EACT--' || siren || '--' || to_char(accepted_at, 'YYYYMMDD') || '-' || acte.id
            || '.tar.gz',
        jsonb_build_object(
            'archive', jsonb_build_object('sha256', acte.fingerprint, 'size', 660000),
            'message', jsonb_build_object('sha256', acte.fingerprint, 'size', 2500),
            'seal', null, 'signatures', jsonb_build_array(repeat(acte.fingerprint, 35))),
        'G' || acte.id, date_decision + 1
    FROM acte JOIN collectivite owner ON owner.id = collectivite_id WHERE acte.id > %(since)s
    """,
    """
    INSERT INTO attempt (transmission_id, number, connector, archive_name, archive_sha256,
        started_at, finished_at, outcome, detail, request, response_sha256, response_size)
    SELECT id, 1, 's2low', archive_name, parcel -> 'archive' ->> 'sha256', state_since,
        state_since, 'Accepted', 'référence ' || reference, repeat('POST ', 60),
        parcel -> 'archive' ->> 'sha256', 200
    FROM transmission WHERE acte_id > %(since)s
    """,
    """
    INSERT INTO retour (collectivite_id, transmission_id, acte_id, sha256, size, source,
        received_at, status, kind, date_reception, reference)
    SELECT collectivite_id, id, acte_id, parcel -> 'archive' ->> 'sha256', 1800,
        'tdt:' || reference || ':' || id, state_since, 'applied', '1-2', date_reception, reference
    FROM transmission WHERE acte_id > %(since)s
    """,
    """
    INSERT INTO journal (collectivite_id, acte_id, transmission_id, at, event, author, details)
    SELECT collectivite_id, acte_id, id, state_since, event, 'service',
        jsonb_build_object('sha256', parcel -> 'archive' ->> 'sha256', 'archive', archive_name)
    FROM transmission, unnest(%(story)s::text[]) event WHERE acte_id > %(since)s
    """,
)


def fill(site: Site, wanted: int) -> dict[str, float]:
    """Bring the register to that many acts, all acknowledged; how many, and the seconds it took."""
    begun, held = time.perf_counter(), _held(site)
    for first in range(held + 1, wanted + 1, _BLOCK):
        _fill(site, first, min(wanted, first + _BLOCK - 1))
    site.query("VACUUM (ANALYZE)")
    return {"acts": _held(site), "seconds": time.perf_counter() - begun}


def reads(site: Site) -> dict[str, float]:
    """Median milliseconds of the lists that the console shows, first pages and far pages."""
    return {name: _median_ms(read) for name, read in _reads(site)}


def _reads(site: Site) -> Iterator[tuple[str, Callable[[], object]]]:
    siren = site.senders[0]
    ended, of_one = Wanted((State.ACKNOWLEDGED,)), Wanted((State.ACKNOWLEDGED,), siren)
    with site.made.engine.connect() as connection:
        yield "counts by state", lambda: state_counts(connection)
        yield "what waits", lambda: list_actes(connection, Wanted())
        yield "received, all", lambda: list_actes(connection, ended)
        yield "received, one authority", lambda: list_actes(connection, of_one)
        page = list_actes(connection, of_one)
        for _ in range(_READS):
            page = list_actes(connection, of_one, page.following)
        far = page.following
        yield "received, one authority, page 20", lambda: list_actes(connection, of_one, far)
        by_number = Wanted((State.ACKNOWLEDGED,), text="G000000500")
        yield "one number", lambda: list_actes(connection, by_number)
        by_words = Wanted((State.ACKNOWLEDGED,), text="introuvable partout")
        yield "words that no act has", lambda: list_actes(connection, by_words)


def _fill(site: Site, first: int, last: int) -> None:
    owners = [site.authorities[siren] for siren in site.senders]
    values = {"first": first, "last": last, "owners": owners, "count": len(owners)}
    values |= {"since": _newest(site), "story": list(_STORY)}
    for statement in _FILL:
        site.query(statement, values)


def _held(site: Site) -> int:
    return int(site.query("SELECT count(*) FROM acte")[0][0])


def _newest(site: Site) -> int:
    return int(site.query("SELECT max(id) FROM acte")[0][0] or 0)


def _median_ms(read: Callable[[], object]) -> float:
    taken = []
    for _ in range(_READS):
        begun = time.perf_counter()
        read()
        taken.append(1000 * (time.perf_counter() - begun))
    return percentile(taken, 0.5)

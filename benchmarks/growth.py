"""A register that already holds many acts: filled set-based, then read and worked as before."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.figures import percentile
from benchmarks.site import Site
from transmission.domain.lifecycle import State
from transmission.store.queries import (
    Cursor,
    Wanted,
    list_actes,
    open_letters,
    read_health,
    state_counts,
)

_READS = 20
_PAGE = 51
_BLOCK = 50_000
_VERBS = (
    "Subvention pour",
    "Attribution du marché de",
    "Convention relative à",
    "Décision concernant",
    "Tarifs de",
    "Règlement intérieur de",
    "Acquisition de terrains pour",
    "Avenant au contrat de",
)
_THINGS = (
    "la crèche",
    "l’école",
    "la cantine",
    "le gymnase",
    "la médiathèque",
    "le cimetière",
    "la voirie",
    "l’éclairage public",
    "l’eau potable",
    "l’assainissement",
    "la forêt communale",
    "le stade",
    "la piscine",
    "le musée",
    "le marché couvert",
    "la salle des fêtes",
    "le conservatoire",
    "la maison médicale",
    "le camping",
    "les transports scolaires",
    "la police municipale",
    "l’état civil",
    "les archives",
    "la fête nationale",
    "le port",
    "l’aérodrome",
    "le théâtre",
    "la déchèterie",
    "les espaces verts",
    "le chauffage urbain",
    "l’office de tourisme",
    "le personnel",
    "l’informatique",
    "les assurances",
    "le foyer rural",
    "la mairie annexe",
    "l’église",
    "le presbytère",
    "la passerelle",
    "le parking",
)
_SYLLABLES = tuple(consonant + vowel for consonant in "bdflmr" for vowel in "aeio")
_STORY = ("accepted", "prepared", "submission_started", "submission_accepted", "ar_received")

# Rows of the age, width and number that acts of ours leave; %(first)s to %(last)s are their ranks.
# Objects have words of every frequency: one of 8, one of 40, a name that one act in 13,824 bears,
# a year. One act in 200 was rejected; one in 100 had a letter of the préfecture, long answered.
_FILL = (
    """
    WITH ranks AS (
        SELECT n, sha256(n::text::bytea) AS digest
        FROM generate_series(%(first)s::int, %(last)s::int) n
    ), told AS (
        SELECT n, digest, get_byte(digest, 0) AS a, get_byte(digest, 1) AS b,
            %(syllables)s::text[] AS s, get_byte(digest, 2) %% 24 AS x,
            get_byte(digest, 3) %% 24 AS y, get_byte(digest, 4) %% 24 AS z
        FROM ranks
    )
    INSERT INTO acte (collectivite_id, numero_interne, date_decision, nature, matiere, objet,
        date_classification, document_papier, fingerprint, accepted_at, accepted_by)
    SELECT (%(owners)s::bigint[])[1 + n %% %(count)s], 'G' || lpad(n::text, 9, '0'),
        current_date - 30 - n %% 3000, 1, '7.5',
        (%(verbs)s::text[])[1 + a %% 8] || ' ' || (%(things)s::text[])[1 + b %% 40]
            || ', quartier ' || initcap(s[1 + x] || s[1 + y] || s[1 + z])
            || ' – exercice ' || 2017 + n %% 9,
        date '2025-01-15', false, encode(digest, 'hex'),
        now() - interval '30 days' - n %% 3000 * interval '1 day', 'mesure'
    FROM told
    """,
    """
    INSERT INTO piece (acte_id, ordre, nom_original, code_type_pj, extension, sha256, size)
    SELECT id, 1, 'deliberation.pdf', '99_DE', 'pdf', fingerprint, 660000
    FROM acte WHERE id > %(since)s
    """,
    """
    INSERT INTO transmission (acte_id, collectivite_id, state, state_since, attempts, polls,
        id_acte, enveloppe, archive_name, parcel, reference, date_reception)
    SELECT acte.id, owner.id, CASE WHEN acte.id %% 200 = 0 THEN 'rejected' ELSE 'acknowledged' END,
        accepted_at, 1, 1,
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
    """
    WITH came AS (
        INSERT INTO retour (collectivite_id, acte_id, sha256, size, source, received_at, status,
            kind, nom_fichier)
        SELECT collectivite_id, id, fingerprint, 3000, 'inbox:' || id, accepted_at, 'applied',
            '3-1', id || '.xml'
        FROM acte WHERE id > %(since)s AND id %% 100 = 1
        RETURNING id, collectivite_id, acte_id, received_at
    ), letter AS (
        INSERT INTO courrier (collectivite_id, acte_id, message, date_courrier, texte, fingerprint,
            received_at, retour_id, settled)
        SELECT collectivite_id, acte_id, '3-1', received_at::date, 'Pièces à fournir', 'mesure',
            received_at, id, true
        FROM came RETURNING id, collectivite_id, acte_id, received_at
    )
    INSERT INTO transmission (acte_id, collectivite_id, message, courrier_id, state, state_since,
        id_acte)
    SELECT letter.acte_id, letter.collectivite_id, '3-3', letter.id, 'acknowledged', received_at,
        sent.id_acte
    FROM letter JOIN transmission sent ON sent.acte_id = letter.acte_id AND sent.message = '1-1'
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
    with site.made.engine.connect() as connection:
        yield "counts by state", lambda: state_counts(connection)
        yield "letters without an answer", lambda: open_letters(connection, None, _PAGE)
        yield "what supervisors ask", lambda: read_health(connection)
        for name, wanted, after in _pages(site):
            yield name, partial(list_actes, connection, wanted, after)


def _pages(site: Site) -> Iterator[tuple[str, Wanted, Cursor | None]]:
    siren, everything = site.senders[0], tuple(State)
    received, rejected = (State.ACKNOWLEDGED,), (State.REJECTED,)
    middle = Cursor(site.query("SELECT max(id) / 2 FROM acte")[0][0])
    yield "what waits", Wanted(), None
    yield "all", Wanted(everything), None
    yield "all, one authority, from the middle", Wanted(everything, siren), middle
    yield "received", Wanted(received), None
    yield "received, one authority, from the middle", Wanted(received, siren), middle
    yield "rejected, from the middle", Wanted(rejected), middle
    for name, text in _searches(site):
        yield f"search: {name}", Wanted(everything, text=text), None


def _searches(site: Site) -> Iterator[tuple[str, str]]:
    [(id_acte, archive)] = site.query(
        "SELECT id_acte, archive_name FROM transmission WHERE archive_name IS NOT NULL "
        "ORDER BY id LIMIT 1"
    )
    yield "a number", "G000000500"
    yield "the beginning of ten numbers", "G00000050"
    yield "a number that no act has", "G999999999"
    yield "an identifier", id_acte
    yield "the beginning of an identifier", id_acte[4:18]
    yield "an archive", archive
    yield "words that no act has", "introuvable partout"
    yield "a word of 1 act in 13,824", "fimolo"
    yield "a word of 1 in 300", "fimo"
    yield "a word of 1 in 40", "piscine"
    yield "a word of 1 in 8", "subvention"
    yield "two words never together", "piscine cantine"


def _fill(site: Site, first: int, last: int) -> None:
    owners = [site.authorities[siren] for siren in site.senders]
    values = {"first": first, "last": last, "owners": owners, "count": len(owners)}
    values |= {"since": _newest(site), "story": list(_STORY)}
    values |= {"verbs": list(_VERBS), "things": list(_THINGS), "syllables": list(_SYLLABLES)}
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

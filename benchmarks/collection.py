"""What it costs to ask about many acts that wait for their AR."""

import random
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.bare import Bare, archive_of, bare_of, message_of, references
from benchmarks.figures import difference, per_item_ms
from benchmarks.material import pdf_of
from benchmarks.site import Site, collectivite
from transmission.actes.enveloppe import build_enveloppe_clmisill
from transmission.domain.acte import FichierSigne
from transmission.domain.identifiers import NomFichier, outgoing_enveloppe
from transmission.domain.messages import ACTE
from transmission.services.collect import collect

WAITING = 10_000
"""Acts of one authority that wait at once."""
# Acts in an envelope: it has 9,999 envelopes in a day at most (ACTES protocol §3.4).
_TOGETHER = 50
# The mock never answers an act whose number begins so.
_SILENT = "SILENC"

_INSERT = """
WITH made AS (
    INSERT INTO acte (collectivite_id, numero_interne, date_decision, nature, matiere, objet,
        date_classification, document_papier, fingerprint, accepted_at, accepted_by)
    SELECT %(owner)s, number, %(day)s, 1, '7.5', 'Mesure', %(day)s, false, number, now(), 'mesure'
    FROM unnest(%(numbers)s::text[]) number RETURNING id, numero_interne
)
INSERT INTO transmission (acte_id, collectivite_id, state, state_since, next_attempt_at, attempts,
    id_acte, reference)
SELECT made.id, %(owner)s, 'submitted', now(), now(), 1,
    '042-' || %(siren)s || '-' || to_char(%(day)s::date, 'YYYYMMDD') || '-' || number || '-DE',
    reference
FROM unnest(%(numbers)s::text[], %(references)s::text[]) sent (number, reference)
JOIN made ON made.numero_interne = number
"""
_LOOKED_AT = """
SELECT count(*) FROM transmission
WHERE collectivite_id = %s AND state = 'submitted' AND next_attempt_at > now()
"""


def measured(site: Site, seed: int) -> dict[str, Any]:
    """Post the acts, which the mock leaves unanswered, then collect in turns.

    The first turn writes what each waits for; the second is what polling costs from then on.
    """
    begun = time.perf_counter()
    _fill(site, seed)
    filled = time.perf_counter() - begun
    turns = [_turn(site) for _ in range(2)]
    owner = site.authorities[site.silent]
    site.query("UPDATE transmission SET next_attempt_at = NULL WHERE collectivite_id = %s", owner)
    site.query("DELETE FROM outbox")
    return {"waiting": WAITING, "fill_seconds": filled, "turns": turns}


def _fill(site: Site, seed: int) -> None:
    owner = collectivite(site.told, site.silent, site.key_file)
    bare = bare_of(owner, site.libpq_url, site.made.tools.clock.now(), "fastest")
    content = pdf_of(2000, random.Random(seed))
    numbers = [f"{_SILENT}{rank:05d}" for rank in range(1, WAITING + 1)]
    given: list[str] = []
    for first in range(0, WAITING, _TOGETHER):
        given += _posted(bare, numbers[first : first + _TOGETHER], 1 + first // _TOGETHER, content)
    bare.register.close()
    values = {"numbers": numbers, "references": given, "day": bare.day}
    site.query(_INSERT, values | {"owner": site.authorities[site.silent], "siren": site.silent})
    site.query("VACUUM (ANALYZE)")


def _posted(bare: Bare, numbers: Sequence[str], rank: int, content: bytes) -> Sequence[str]:
    """References of acts that leave in one envelope: filling is not what is measured."""
    owner, names = bare.owner, []
    parts: list[tuple[str, bytes]] = []
    for numero in numbers:
        id_acte = bare.id_acte(numero)
        name = NomFichier.for_message(id_acte, ACTE)
        document = FichierSigne(str(name.document("99_DE", 1, "pdf")))
        names.append(str(name))
        parts.append((names[-1], message_of(id_acte, [document])))
        parts.append((document.nom_fichier, content))
    enveloppe = outgoing_enveloppe("EACT", owner.siren, bare.at.date(), rank)
    formulaire = build_enveloppe_clmisill(owner, names, owner.adresses_retour)
    archive = archive_of([(enveloppe.xml, formulaire), *parts])
    return references(bare.wire.submit(enveloppe.archive("SLO"), archive))


def _turn(site: Site) -> dict[str, float]:
    owner = site.authorities[site.silent]
    site.query("UPDATE transmission SET next_attempt_at = now() WHERE collectivite_id = %s", owner)
    before, own, wall = site.cpu(), time.process_time(), time.perf_counter()
    collect(site.made.tools, owner)
    own, wall = time.process_time() - own, time.perf_counter() - wall
    others = difference(site.cpu(), before)
    return {
        "looked_at": float(site.query(_LOOKED_AT, owner)[0][0]),
        "wall_s": wall,
        "cpu_s": own,
        "cpu_ms_per_act": per_item_ms(own, WAITING),
        "postgres_ms_per_act": per_item_ms(others["postgres"], WAITING),
        "mock_ms_per_act": per_item_ms(others["mock"], WAITING),
    }

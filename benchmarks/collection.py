"""What it costs to ask about many acts that wait for their AR."""

import random
import time
from typing import Any

from benchmarks.bare import bare_of, post_archive
from benchmarks.figures import difference, per_item_ms
from benchmarks.material import MadeActe, pdf_of
from benchmarks.site import Site, collectivite
from transmission.services.collect import collect

_PER_DAY = 9999
"""Envelopes of an authority in one day (ACTES protocol §3.4)."""
# The mock never answers an act whose number begins so.
_SILENT = "SILENC"

_WAITING = """
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


def measured(site: Site, wanted: int, seed: int) -> dict[str, Any]:
    """Post that many acts which the mock leaves unanswered, then collect in turns.

    The first turn writes what each waits for; the second is what polling costs from then on.
    """
    count = min(wanted, _PER_DAY)
    _wait(site, count, seed)
    turns = [_turn(site, count) for _ in range(2)]
    owner = site.authorities[site.silent]
    site.query("UPDATE transmission SET next_attempt_at = NULL WHERE collectivite_id = %s", owner)
    site.query("DELETE FROM outbox")
    return {"waiting": count, "turns": turns}


def _wait(site: Site, count: int, seed: int) -> None:
    owner = collectivite(site.told, site.silent, site.key_file)
    bare = bare_of(owner, site.libpq_url, site.made.tools.clock.now())
    file = site.home / "small.pdf"
    file.write_bytes(pdf_of(2000, random.Random(seed)))
    numbers = [f"{_SILENT}{rank:05d}" for rank in range(1, count + 1)]
    references = [
        post_archive(bare, MadeActe(number, (file,)), rank)
        for rank, number in enumerate(numbers, start=1)
    ]
    bare.register.close()
    values = {"numbers": numbers, "references": references, "day": bare.day}
    site.query(_WAITING, values | {"owner": site.authorities[site.silent], "siren": site.silent})
    site.query("VACUUM (ANALYZE)")


def _turn(site: Site, count: int) -> dict[str, float]:
    owner = site.authorities[site.silent]
    site.query("UPDATE transmission SET next_attempt_at = now() WHERE collectivite_id = %s", owner)
    before, own, wall = site.cpu(), time.process_time(), time.perf_counter()
    collect(site.made.tools, owner)
    own, wall = time.process_time() - own, time.perf_counter() - wall
    others = difference(site.cpu(), before)
    return {
        "wall_s": wall,
        "cpu_ms_per_act": per_item_ms(own, count),
        "postgres_ms_per_act": per_item_ms(others["postgres"], count),
        "mock_ms_per_act": per_item_ms(others["mock"], count),
    }

"""The floors: bare loops in processes of their own, as many as the machine has cores here.

What they use is measured as for the service, against the same mock and the same PostgreSQL.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.bare import TABLE, bare_of, fetch_ar, post_archive
from benchmarks.figures import difference, per_item_ms
from benchmarks.material import Load, MadeActe, make_load
from benchmarks.site import Site, collectivite
from benchmarks.wires import WAYS
from transmission.clock import SystemClock

_WARM = 3


def both(site: Site, chosen: Sequence[Load], seed: int) -> list[dict[str, Any]]:
    """Every load by every way, the ways of a load one after the other."""
    return [
        measured(site, load, f"{way[0].upper()}{rank}", seed, way)
        for rank, load in enumerate(chosen)
        for way in WAYS
    ]


def measured(site: Site, load: Load, prefix: str, seed: int, way: str) -> dict[str, Any]:
    """All loops of a way at once: client CPU by step, and acts per second together."""
    share = -(-load.count // len(site.bare))
    each = Load(load.name, share + _WARM, load.size, load.is_random, load.annexed)
    folders = [site.home / "actes" / f"{prefix}{rank}" for rank in range(len(site.bare))]
    # All of them first: a loop that waits for the material of another lets its connection grow old.
    made = [make_load(each, folder, f"{folder.name}N", seed) for folder in folders]
    pairs = zip(site.bare, made, strict=True)
    children = [_started(site, siren, actes, way) for siren, actes in pairs]
    before = site.cpu()
    for child in children:
        print("go", file=child.stdin, flush=True)
    told = [json.loads(child.communicate()[0]) for child in children]
    others = difference(site.cpu(), before)
    for folder in folders:
        shutil.rmtree(folder)
    count = share * len(site.bare)
    return {
        "load": load.name,
        "way": way,
        "acts": count,
        "acts_per_second": count / max(loop["seconds"] for loop in told),
        "cpu_ms_per_act": per_item_ms(sum(loop["cpu"] for loop in told), count),
        "steps": _per_act([loop["spent"] for loop in told], count),
        "others_ms_per_act": {
            name: per_item_ms(others[name], count) for name in ("mock", "postgres")
        },
    }


def make_register(site: Site) -> None:
    """The table of the bare loops."""
    site.query(TABLE)


def main(path: str) -> None:
    """One loop, told by a file; it starts when it is told to, and prints what it used."""
    order = json.loads(Path(path).read_text(encoding="utf-8"))
    owner = collectivite(order["told"], order["siren"], Path(order["key_file"]))
    bare = bare_of(owner, order["libpq_url"], SystemClock().now(), order["way"])
    actes = [MadeActe(numero, tuple(map(Path, files))) for numero, files in order["actes"]]
    first = order["first"]
    for number, acte in enumerate(actes[:_WARM], start=first):
        fetch_ar(bare, post_archive(bare, acte, number))
    bare.spent.clear()
    print("ready", flush=True)
    sys.stdin.readline()
    used, begun = time.process_time(), time.perf_counter()
    for number, acte in enumerate(actes[_WARM:], start=first + _WARM):
        fetch_ar(bare, post_archive(bare, acte, number))
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    print(json.dumps({"seconds": seconds, "cpu": used, "spent": bare.spent}))


def _started(
    site: Site, siren: str, actes: Sequence[MadeActe], way: str
) -> "subprocess.Popen[str]":
    # Envelopes are numbered by day: each run goes on where the last one stopped.
    sent = site.query("SELECT count(*) FROM bare WHERE name LIKE %s", f"%-{siren}-%")[0][0]
    order = {
        "actes": [[acte.numero, [str(path) for path in acte.files]] for acte in actes],
        "siren": siren,
        "way": way,
        "first": int(sent) + 1,
        "told": site.told,
        "key_file": str(site.key_file),
        "libpq_url": site.libpq_url,
    }
    path = site.home / f"bare-{actes[0].numero}.json"
    path.write_text(json.dumps(order), encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.floor", str(path)],
        cwd=Path(__file__).parents[1],
        env=os.environ | WAYS[way].allocator,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if child.stdout is None or child.stdout.readline() != "ready\n":
        raise RuntimeError("a bare loop did not start: its fault is above")
    return child


def _per_act(spent: Sequence[Mapping[str, float]], count: int) -> dict[str, float]:
    names = dict.fromkeys(name for loop in spent for name in loop)
    return {name: per_item_ms(sum(loop.get(name, 0.0) for loop in spent), count) for name in names}


if __name__ == "__main__":
    main(sys.argv[1])

"""What somebody could do to a dossier de preuve: one alteration at a time, and where it shows.

Three hands, each abler than the one before: ``raw`` alters the file; ``rebound`` makes the
container right again around altered members; ``resealed`` also lists them again in dossier.json
and signs the whole with a key of its own.
"""

import io
import json
import random
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from transmission.audit.dossier_layout import manifest_of
from transmission.audit.dossier_report import Report, Verdict, Vouching
from transmission.ports.proof import Trust
from transmission.signature.keys import SigningIdentity
from transmission.signature.xades import sign_files

SIGNATURES, MANIFEST = "META-INF/signatures.xml", "META-INF/manifest.xml"
TOKEN, CONTENTS = "META-INF/horodatage.tsr", "dossier.json"
LINES, PROOFS = "journal/lignes.jsonl", "journal/preuves.json"
ENVELOPE = ("répertoire central", "fin du conteneur")
_DAY = re.compile(rb"[0-9]{4}-[01][0-9]-[0-3][0-9]")
_UNVOUCHED = frozenset(
    {
        *("summary", "deadlines", "deadlines_text", "revocation", "request", "response"),
        *("retour", "retour_document"),
    }
)
"""Roles of members that only the seal and the time stamp of the dossier vouch for."""
_SAME = re.compile(r"META-INF/.*|mimetype|envoi/\d+/signature-.*")
"""Members made anew, or that hold as well for the same documents of another act."""

Members = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Mutation:
    """An altered dossier; one of its ``places`` must be named, none when only the trust tells."""

    kind: str
    places: tuple[str, ...]
    content: bytes


@dataclass(frozen=True, slots=True)
class Forger:
    """A key that nobody trusts, and the moment that it lies about."""

    identity: SigningIdentity
    at: datetime


def opened(dossier: bytes) -> Members:
    """The members, in their order."""
    with zipfile.ZipFile(io.BytesIO(dossier)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def bound(members: list[tuple[str, bytes]]) -> bytes:
    """A container as the contract wants it, whatever it holds."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            archive.writestr(entry, content)
    return target.getvalue()


def resealed(members: Members, forger: Forger, *, lists: bool = True) -> bytes:
    """The container of members that their forger lists (or leaves as they were listed) and signs,
    without any time stamp."""
    contents = json.loads(members[CONTENTS])
    kept = []
    for each in contents["members"]:
        content = members.get(each["name"])
        if content is not None:
            if lists:
                each |= {"size": len(content), "sha256": sha256(content).hexdigest()}
            kept.append(each)
    contents["members"] = kept
    told = "Le dossier lui-même n'est pas horodaté."
    contents["holes"].append({"kind": "no_dossier_time_stamp", "message": told, "of": None})
    listed = {each["name"]: members[each["name"]] for each in kept}
    listed[CONTENTS] = json.dumps(contents, ensure_ascii=False, indent=2).encode()
    digests = {name: sha256(content).digest() for name, content in listed.items()}
    made = {
        "mimetype": members["mimetype"],
        **listed,
        MANIFEST: manifest_of(list(listed)),
        SIGNATURES: sign_files(forger.identity, digests, signing_time=forger.at),
    }
    return bound(list(made.items()))


# --- the file -------------------------------------------------------------------------------------


def owners(dossier: bytes) -> list[tuple[int, str]]:
    """Where each part of the file begins, and its name: headers, contents, directory, end."""
    parts = []
    with zipfile.ZipFile(io.BytesIO(dossier)) as archive:
        for each in archive.infolist():
            parts.append((each.header_offset, f"en-tête de {each.filename}"))
            parts.append((each.header_offset + 30 + len(each.filename), each.filename))
        parts.append((archive.start_dir, ENVELOPE[0]))
    return [*parts, (len(dossier) - 22, ENVELOPE[1])]


def owner(parts: list[tuple[int, str]], offset: int) -> str:
    """The part that a byte is of."""
    return next(name for start, name in reversed(parts) if start <= offset)


def flips(dossier: bytes, offsets: Iterator[int], rng: random.Random) -> Iterator[Mutation]:
    """One bit changed at each offset; in a directory, the header that it doubles shows too."""
    parts = owners(dossier)
    names = [name for _start, name in parts]
    for offset in offsets:
        altered = bytearray(dossier)
        altered[offset] ^= 1 << rng.randrange(8)
        part = owner(parts, offset)
        places = (*ENVELOPE, *names) if part in ENVELOPE else (part, *ENVELOPE)
        yield Mutation("raw: byte flipped", places, bytes(altered))


def structure(dossier: bytes) -> Iterator[int]:
    """Every offset that is not content."""
    parts = owners(dossier)
    for (start, name), (end, _next) in zip(parts, [*parts[1:], (len(dossier), "")], strict=True):
        if name.startswith("en-tête") or name in ENVELOPE:
            yield from range(start, end)


def cuts(dossier: bytes, rng: random.Random, count: int) -> Iterator[Mutation]:
    """Bytes dropped, put in, cut off, put at either end."""
    parts = owners(dossier)
    for _ in range(count):
        at = rng.randrange(len(dossier))
        part = owner(parts, at)
        near = ENVELOPE if part in ENVELOPE else (part.removeprefix("en-tête de "),)
        more = rng.randbytes(1 + at % 40)
        yield Mutation("raw: byte dropped", near, dossier[:at] + dossier[at + 1 :])
        yield Mutation("raw: bytes put in", near, dossier[:at] + more + dossier[at:])
        yield Mutation("raw: cut off", (ENVELOPE[1],), dossier[:at])
        yield Mutation("raw: bytes put after", (ENVELOPE[1],), dossier + more)
        yield Mutation("raw: bytes put before", ("en-tête de mimetype",), more + dossier)


# --- the members ----------------------------------------------------------------------------------


def rebound(dossier: bytes, other: bytes, rng: random.Random, count: int) -> Iterator[Mutation]:
    """Members altered, dropped, added, renamed, doubled, swapped; the container is right."""
    members = opened(dossier)
    for _ in range(count):
        one, two = rng.sample(sorted(members), 2)
        for kind, places, altered in (
            ("byte flipped in a member", (one,), members | {one: _flipped(members[one], rng)}),
            ("member dropped", (one,), {n: c for n, c in members.items() if n != one}),
            ("member added", (f"recu/99-{one[-3:]}",), {**members, f"recu/99-{one[-3:]}": b"x"}),
            ("member renamed", (one,), _renamed(members, one)),
            ("members swapped", (one, two), members | {one: members[two], two: members[one]}),
        ):
            if altered != members:
                yield Mutation(f"rebound: {kind}", places, bound(list(altered.items())))
        items = list(members.items())
        yield Mutation("rebound: member doubled", (one,), _doubled(items, one))
        places = tuple(members)
        yield Mutation("rebound: members reordered", places, bound(_moved(items, one, two)))
    yield from _of_another(members, opened(other), forger=None)


def forged(
    dossier: bytes, other: bytes, rng: random.Random, count: int, forger: Forger
) -> Iterator[Mutation]:
    """What the forger's own key then covers: only what others vouch for shows."""
    members = opened(dossier)
    vouched = sorted(_vouched(members))
    for _ in range(count):
        one = rng.choice(vouched)
        altered = members | {one: _flipped(members[one], rng)}
        yield _forged("byte flipped in a member", _near(members, one), altered, forger)
    yield from _forged_dates(members, rng, count, forger)
    yield from _forged_journal(members, rng, count, forger)
    yield from _forged_without(members, forger)
    yield from _of_another(members, opened(other), forger)
    same = _forged("nothing but the seal", (), members, forger)
    yield same


def _forged(kind: str, places: tuple[str, ...], members: Members, forger: Forger) -> Mutation:
    return Mutation(f"resealed: {kind}", places, resealed(members, forger))


def _forged_without(members: Members, forger: Forger) -> Iterator[Mutation]:
    """A member left out, and nothing said of it."""
    for each in json.loads(members[CONTENTS])["members"]:
        if each["role"] not in {"certificate", "revocation", "request", "response"}:
            name = each["name"]
            left = {other: content for other, content in members.items() if other != name}
            if each["role"].startswith("retour") and "accuse" not in name:
                continue
            yield _forged("member left out", (name, *_near(members, name)), left, forger)


def _forged_dates(
    members: Members, rng: random.Random, count: int, forger: Forger
) -> Iterator[Mutation]:
    """Days of the AR, of the contents, of a message sent moved by some days."""
    dated = [
        name
        for name in members
        if name == CONTENTS or re.fullmatch(r"retours/.*\.xml|envoi/\d+/message\.xml", name)
    ]
    for _ in range(count):
        name = rng.choice(dated)
        places = list(_DAY.finditer(members[name]))
        if name == CONTENTS:
            places = [each for each in places if _is_vouched(members[name], each.start())]
        if not places:
            continue
        found = rng.choice(places)
        moved = date.fromisoformat(found[0].decode()) + timedelta(days=rng.choice([-30, -1, 1, 7]))
        raw = members[name]
        altered = raw[: found.start()] + moved.isoformat().encode() + raw[found.end() :]
        places_named = (*_near(members, name), *members)
        yield _forged("date moved", places_named, members | {name: altered}, forger)


def _is_vouched(contents: bytes, at: int) -> bool:
    """Whether a day of dossier.json is one that others tell too."""
    key = contents[:at].rpartition(b'": "')[0].rpartition(b'"')[2]
    return key in {b"date_reception", b"date_decision"}


def _forged_journal(
    members: Members, rng: random.Random, count: int, forger: Forger
) -> Iterator[Mutation]:
    lines = members[LINES].splitlines(keepends=True)
    proofs = json.loads(members[PROOFS])
    for _ in range(count):
        one, two = rng.sample(range(len(lines)), 2)
        swapped, doubled, dropped = list(lines), list(lines), list(lines)
        swapped[one], swapped[two] = lines[two], lines[one]
        doubled.insert(one, lines[two])
        del dropped[one]
        moved = list(proofs)
        moved[one], moved[two] = proofs[two], proofs[one]
        edited = list(lines)
        edited[one] = re.sub(rb'"id":(\d+)', lambda m: b'"id":%d' % (int(m[1]) + 500), lines[one])
        for kind, altered in (
            ("lines swapped", {LINES: b"".join(swapped)}),
            ("line doubled", {LINES: b"".join(doubled)}),
            ("line dropped", {LINES: b"".join(dropped)}),
            ("line edited", {LINES: b"".join(edited)}),
            ("proofs swapped", {PROOFS: json.dumps(moved).encode()}),
            ("lines and proofs swapped", {
                LINES: b"".join(swapped), PROOFS: json.dumps(moved).encode(),
            }),
        ):  # fmt: skip
            yield _forged(kind, (LINES, PROOFS), members | altered, forger)


def _of_another(members: Members, others: Members, forger: Forger | None) -> Iterator[Mutation]:
    """The same member of another act in the place of ours."""
    for name in members:
        theirs = others.get(name)
        ours = members[name]
        if theirs is None or theirs == ours:
            continue
        if forger and (name not in _vouched(members) or _SAME.fullmatch(name)):
            continue
        altered = members | {name: theirs}
        if forger:
            yield _forged("member of another act", _near(members, name), altered, forger)
        else:
            yield Mutation("rebound: member of another act", (name,), bound(list(altered.items())))


def _near(members: Members, name: str) -> tuple[str, ...]:
    """Where the alteration of a member shows: itself, and what covers or quotes it."""
    listed = json.loads(members[CONTENTS])["members"]
    covering = [each["name"] for each in listed if each["about"].get("of") == name]
    own = [each["about"].get("of", name) for each in listed if each["name"] == name]
    folder = name.rpartition("/")[0]
    same_folder = [each["name"] for each in listed if each["name"].startswith(f"{folder}/")]
    archives = [each["name"] for each in listed if each["role"] == "archive"]
    return (name, *own, *covering, *same_folder, *archives, PROOFS, LINES, CONTENTS)


def _vouched(members: Members) -> set[str]:
    """Members that something else than the seal and the time stamp of the dossier vouches for."""
    listed = json.loads(members[CONTENTS])["members"]
    stamped = {each["about"].get("of") for each in listed if each["role"] == "time_stamp"}
    return {
        each["name"] for each in listed if each["role"] not in _UNVOUCHED or each["name"] in stamped
    }


def _flipped(content: bytes, rng: random.Random) -> bytes:
    altered = bytearray(content)
    altered[rng.randrange(len(altered))] ^= 1 << rng.randrange(8)
    return bytes(altered)


def _renamed(members: Members, name: str) -> Members:
    return {f"{n}x" if n == name else n: content for n, content in members.items()}


def _moved(items: list[tuple[str, bytes]], one: str, two: str) -> list[tuple[str, bytes]]:
    names = [name for name, _content in items]
    first, second = names.index(one), names.index(two)
    moved = list(items)
    moved[first], moved[second] = items[second], items[first]
    return moved


def _doubled(items: list[tuple[str, bytes]], name: str) -> bytes:
    content = dict(items)[name]
    # A name of the same length is written, then changed: zipfile warns of doubles.
    other = name[:-1] + "~"
    return bound([*items, (other, content)]).replace(other.encode(), name.encode())


def is_detected(report: Report, mutation: Mutation) -> bool:
    """Whether nobody would take the altered dossier for a whole one."""
    if not mutation.places:
        return report.verdict is not Verdict.WHOLE
    return report.verdict is Verdict.ALTERED or bool(_doubted(report) & set(mutation.places))


def is_placed(report: Report, mutation: Mutation) -> bool:
    """Whether the report names where it is."""
    said = [str(each) for each in report.faults]
    named = any(place in each for place in mutation.places for each in said)
    return not mutation.places or named or bool(_doubted(report) & set(mutation.places))


def _doubted(report: Report) -> set[str]:
    """Members by whom somebody vouches that is not trusted, the seal of the dossier excepted."""
    refused = [each for each in report.vouched if each.trust is Trust.UNTRUSTED]
    return {each.place for each in refused if each.vouching is not Vouching.DOSSIER}

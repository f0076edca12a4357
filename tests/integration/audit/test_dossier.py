"""A dossier read by a stranger: whole, told incomplete, and refused whatever is done to it."""

import io
import json
import random
import re
from collections.abc import Iterable, Iterator

import pytest

from tests.support import mutations
from tests.support.mutations import Mutation, is_detected, is_placed
from transmission.audit import chain
from transmission.audit.dossier import verify_dossier
from transmission.audit.dossier_report import Report, Verdict
from transmission.bootstrap import proof_checker
from transmission.ports.proof import Trust


@pytest.fixture
def read(proofs):
    def reader(content: bytes) -> Report:
        return verify_dossier(io.BytesIO(content), proofs.checker)

    return reader


def test_a_whole_dossier_is_said_whole_and_by_whom(proofs, read):
    report = read(proofs.whole)
    assert report.faults == report.holes == ()
    assert report.verdict is Verdict.WHOLE
    assert report.acte is not None
    assert str(report.acte.date_reception) == "2023-03-10"
    assert {each.trust for each in report.vouched} == {Trust.TRUSTED}
    assert report.vouched[0].by == "CN=Cachet de Saint-Exemple"
    assert report.lines > 5


def test_every_byte_is_read_in_pieces(proofs):
    pieces: list[int] = []
    report = verify_dossier(io.BytesIO(proofs.whole), proofs.checker, pieces.append)
    assert sum(pieces) == sum(map(len, mutations.opened(proofs.whole).values()))
    assert len(pieces) == report.members


def test_without_roots_nothing_is_said_whole(proofs):
    report = verify_dossier(io.BytesIO(proofs.whole), proof_checker(None))
    assert report.faults == ()
    assert report.verdict is Verdict.INCOMPLETE
    assert {each.trust for each in report.vouched} == {Trust.UNKNOWN}


def test_a_dossier_of_an_act_not_sent_is_incomplete_and_says_why(proofs, read):
    report = read(proofs.unsent)
    assert report.faults == ()
    assert report.verdict is Verdict.INCOMPLETE
    assert any("n'est pas parti" in each.said for each in report.holes)
    assert any("accusé de réception" in each.said for each in report.holes)


def test_other_dossiers_are_whole_too(proofs, read):
    assert [read(each).faults for each in proofs.others] == [()] * len(proofs.others)


def test_no_alteration_of_the_file_goes_unseen(proofs, read):
    _refused(read, _in_the_file(proofs.whole, random.Random(7)))


def test_no_alteration_of_a_member_goes_unseen_in_a_container_made_right_again(proofs, read):
    _refused(read, mutations.rebound(proofs.whole, proofs.others[0], random.Random(8), 12))


def test_what_others_vouch_for_is_seen_altered_even_when_all_is_signed_again(proofs, read):
    rng, other = random.Random(9), proofs.others[0]
    _refused(read, mutations.forged(proofs.whole, other, rng, 8, proofs.forger))


def test_a_member_that_is_signed_but_not_as_it_is_listed_is_refused(proofs, read):
    members = mutations.opened(proofs.whole)
    name = "synthese.pdf"
    altered = members | {name: members[name] + b"\n"}
    report = read(mutations.resealed(altered, proofs.forger, lists=False))
    assert [each.place for each in report.faults] == [name]


def test_members_out_of_their_order_are_refused_though_signed(proofs, read):
    members = mutations.opened(proofs.whole)
    last = {"recu/01-piece-0.pdf": members.pop("recu/01-piece-0.pdf")}
    items = list(mutations.opened(mutations.resealed(members | last, proofs.forger)).items())
    one, two = (rank for rank, (name, _) in enumerate(items) if name.startswith("recu/"))
    items[one], items[two] = items[two], items[one]
    report = read(mutations.bound(items))
    assert [each.place for each in report.faults] == ["recu/02-piece-1.pdf"]


def test_deadlines_counted_from_another_day_are_refused_though_signed(proofs, read):
    members = mutations.opened(proofs.whole)
    name, told = "echeances.json", json.loads(members["echeances.json"])
    used = [day for each in told["dates"] for day in each["inputs_used"]]
    receipts = [day for day in used if day["label"] == "Réception en préfecture"]
    assert {day["date"] for day in receipts} == {"2023-03-10"}
    receipts[0]["date"] = "2023-03-20"
    altered = members | {name: json.dumps(told).encode()}
    report = read(mutations.resealed(altered, proofs.forger))
    assert [each.place for each in report.faults] == [name]


def _relinked(lines: list[bytes], proofs: list[dict]) -> None:
    """What a forger who knows the contract does after editing a line: its link is made again."""
    before = bytes.fromhex(proofs[1]["before"])
    link = chain.link_of(before, proofs[1]["place"], chain.line_digest(lines[1]))
    proofs[1]["link"] = link.hex()


def _put(told: dict, path: str, value: object) -> None:
    *keys, last = path.split(".")
    for key in keys:
        told = told[int(key) if key.isdigit() else key]
    told[last] = value


LIES = {
    "transmissions.0.attempts.0.archive_sha256": ("ab" * 32, "envoi/1/archive.tar.gz"),
    "transmissions.1.date_reception": ("2023-03-11", "dossier.json"),
    "transmissions.1.id_acte": ("042-123456782-20230302-AUTRE-DE", "envoi/2/message.xml"),
    "reception.date_reception": ("2023-03-11", "dossier.json"),
    "acte.date_decision": ("2023-03-01", "envoi/1/message.xml"),
    "acte.objet": ("Autre objet", "envoi/1/message.xml"),
    "acte.matiere": ("7.6", "envoi/1/message.xml"),
    "acte.siren": ("210000012", "journal/lignes.jsonl"),
    "acte.id_acte": ("042-123456782-20230302-AUTRE-DE", "dossier.json"),
    "members.0.about.piece": (2, "recu/01-piece-0.pdf"),
}


@pytest.mark.parametrize("path", LIES)
def test_contents_that_lie_are_refused_where_they_do_though_signed(proofs, read, path):
    value, place = LIES[path]
    members = mutations.opened(proofs.whole)
    told = json.loads(members["dossier.json"])
    _put(told, path, value)
    altered = members | {"dossier.json": json.dumps(told).encode()}
    report = read(mutations.resealed(altered, proofs.forger))
    assert place in {each.place for each in report.faults}, report.faults


def test_the_day_of_an_answer_moved_is_refused_by_its_ar_and_by_the_journal(proofs, read):
    members = mutations.opened(proofs.whole)
    told = json.loads(members["dossier.json"])
    rank, retour = next(
        (rank, each)
        for rank, each in enumerate(told["members"])
        if each["about"].get("transmission") == 2 and "date_reception" in each["about"]
    )
    _put(told, "transmissions.1.date_reception", "2023-03-21")
    _put(told, f"members.{rank}.about.date_reception", "2023-03-21")
    altered = members | {"dossier.json": json.dumps(told).encode()}
    report = read(mutations.resealed(altered, proofs.forger))
    assert {retour["name"], "journal/lignes.jsonl"} <= {each.place for each in report.faults}


def test_an_identifier_changed_everywhere_in_the_contents_is_refused_by_the_message(proofs, read):
    members = mutations.opened(proofs.whole)
    raw = members["dossier.json"].replace(b"D2023_001-DE", b"D2023_007-DE")
    altered = members | {"dossier.json": raw}
    report = read(mutations.resealed(altered, proofs.forger))
    told_by = {each.place for each in report.faults}
    assert {"envoi/1/message.xml", "envoi/2/message.xml"} <= told_by


def test_a_day_of_receipt_moved_everywhere_in_the_contents_is_refused_by_the_ar(proofs, read):
    members = mutations.opened(proofs.whole)
    told = json.loads(members["dossier.json"])
    for each in (told["reception"], told["transmissions"][0]):
        each["date_reception"] = "2023-03-20"
    altered = members | {"dossier.json": json.dumps(told).encode()}
    report = read(mutations.resealed(altered, proofs.forger))
    told_by = {each.place for each in report.faults}
    assert any(place.startswith("retours/01") for place in told_by)
    assert {"journal/lignes.jsonl", "echeances.json"} <= told_by


JOURNAL = {
    "a line edited": (lambda lines, proofs: None, "le maillon n'est pas celui de cette ligne"),
    "a line edited and linked again": (_relinked, "elle ne suit pas la ligne précédente"),
    "the same, its proof": (_relinked, "sa preuve ne mène pas à la racine de la part"),
    "another place": (lambda _, proofs: proofs[1].update(place=9), "le maillon n'est pas celui"),
    "an anchor that is not there": (
        lambda _, proofs: proofs[1]["proof"].update(anchor=99),
        "l'ancre 99 n'est pas dans le dossier",
    ),
    "a part of another authority": (
        lambda _, proofs: proofs[1]["proof"]["part"].update(siren="210000012"),
        "sa preuve est d'une autre collectivité",
    ),
    "a root of the forger": (
        lambda _, proofs: proofs[1]["proof"]["part"].update(root="ab" * 32),
        "sa preuve ne mène pas à la racine de l'ancre",
    ),
    "a path of the forger": (
        lambda _, proofs: proofs[1]["proof"]["path"].__setitem__(0, "ab" * 32),
        "sa preuve ne mène pas à la racine de la part",
    ),
}


@pytest.mark.parametrize("name", JOURNAL)
def test_a_journal_that_does_not_lead_to_its_anchor_is_refused_though_signed(proofs, read, name):
    change, expected = JOURNAL[name]
    members = mutations.opened(proofs.whole)
    lines = members["journal/lignes.jsonl"].splitlines()
    told = json.loads(members["journal/preuves.json"])
    if "line edited" in name or name == "the same, its proof":
        lines[1] = lines[1].replace(b'"author":"', b'"author":"x')
    change(lines, told)
    altered = {
        "journal/lignes.jsonl": b"".join(line + b"\n" for line in lines),
        "journal/preuves.json": json.dumps(told).encode(),
    }
    report = read(mutations.resealed(members | altered, proofs.forger))
    assert any(expected in each.said for each in report.faults), report.faults


def test_an_anchor_edited_is_refused_by_its_time_stamp_alone(proofs, read):
    members = mutations.opened(proofs.whole)
    name = "ancres/000001.json"
    later = re.sub(rb"\.[0-9]{6}Z", b".999999Z", members[name])
    report = read(mutations.resealed(members | {name: later}, proofs.forger))
    assert [each.place for each in report.faults] == ["ancres/000001.tsr"]


def _in_the_file(dossier: bytes, rng: random.Random) -> Iterator[Mutation]:
    structure = list(mutations.structure(dossier))
    yield from mutations.flips(dossier, iter(rng.sample(structure, 150)), rng)
    yield from mutations.flips(dossier, iter(rng.sample(range(len(dossier)), 50)), rng)
    yield from mutations.flips(dossier, iter(range(len(dossier) - 22, len(dossier))), rng)
    yield from mutations.cuts(dossier, rng, 6)


def _refused(read, altered: Iterable[Mutation]) -> None:
    count = 0
    for mutation in altered:
        report = read(mutation.content)
        told = [str(each) for each in report.faults]
        assert is_detected(report, mutation), (mutation.kind, mutation.places)
        assert is_placed(report, mutation), (mutation.kind, mutation.places, told)
        count += 1
    assert count > 20


@pytest.mark.parametrize("garbage", [b"", b"PK", b"PK\5\6" + bytes(18), bytes(5000), b"\xff" * 99])
def test_garbage_is_an_altered_dossier_and_no_error(read, garbage):
    report = read(garbage)
    assert report.verdict is Verdict.ALTERED
    assert report.acte is None


@pytest.mark.parametrize("name", ["dossier.json", "journal/preuves.json", "echeances.json"])
def test_json_of_any_shape_is_refused_and_no_error(proofs, read, name):
    members = mutations.opened(proofs.whole)
    shapes = [
        b"null",
        b"[]",
        b"{}",
        b"[1]",
        b'{"dates":[{}]}',
        b"[" * 9000,
        b"\xff",
        b'{"a":1e999}',
    ]
    for shape in shapes:
        report = read(mutations.bound(list((members | {name: shape}).items())))
        assert report.verdict is Verdict.ALTERED
        assert any(name in str(each) for each in report.faults)


def test_a_value_of_another_kind_anywhere_in_the_contents_is_refused_and_no_error(proofs, read):
    members = mutations.opened(proofs.whole)
    raw = members["dossier.json"]
    rng = random.Random(4)
    for value in (b"null", b"0", b'"x"', b"[]", b"{}", b"-1", b"1e5", b"true"):
        for _ in range(6):
            start = raw.index(b": ", rng.randrange(len(raw) - 400)) + 2
            end = raw.index(b"\n", start)
            comma = b"," if raw[end - 1 : end] == b"," else b""
            altered = raw[:start] + value + comma + raw[end:]
            if altered != raw:
                bound = mutations.bound(list((members | {"dossier.json": altered}).items()))
                assert read(bound).verdict is Verdict.ALTERED

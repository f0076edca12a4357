"""The dossier de preuve of an act, whole: standard tools agree on every part of it."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.support.dossiers import Proven, contents, holes, proven, told
from tests.support.scene import AUTHOR, START, pdf
from transmission.domain.chain import line_digest, next_link, root_from
from transmission.domain.errors import NotFoundError
from transmission.services.dossier import make_dossier
from transmission.settings import Settings
from transmission.store.unit_of_work import open_engine

FIRST_EPOCH = str(int(START.timestamp()) + 86_400)


@dataclass(frozen=True)
class Whole:
    """A dossier, its members, and the same in a folder."""

    proven: Proven
    path: Path
    members: dict[str, bytes]
    told: dict[str, Any]
    folder: Path

    def of(self, role: str) -> list[dict[str, Any]]:
        return [each for each in self.told["members"] if each["role"] == role]


@pytest.fixture(scope="module")
def whole(
    postgres_server: str,
    administration: psycopg.Connection,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Whole]:
    """One for all tests: it takes seconds to live its story."""
    name, folder = f"test_{secrets.token_hex(6)}", tmp_path_factory.mktemp("dossier")
    parts = {"name": sql.Identifier(name), "template": sql.Identifier(template_database)}
    administration.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**parts))
    engine = open_engine(
        make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    )
    try:
        with proven(engine, folder, Settings(read_timeout=5)) as made:
            path, opened = folder / "dossier.asice", folder / "ouvert"
            made.make(path)
            run("unzip", "-q", "-d", opened, path)
            yield Whole(made, path, contents(path), told(path), opened)
    finally:
        engine.dispose()
        administration.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**parts))


def run(*command: object, folder: Path | None = None) -> str:
    """What a program said; it must succeed."""
    done = subprocess.run(
        [*map(str, command)], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_nothing_is_missing_but_what_nobody_can_know_here(whole: Whole) -> None:
    assert holes(whole.path) == ["no_revocation"]
    assert whole.told["sealed_by"] == "collectivite"


def test_the_contents_are_what_the_schema_says(whole: Whole) -> None:
    schema = json.loads(
        files("schemas.evidence.v1").joinpath("dossier.schema.json").read_text(encoding="utf-8")
    )
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(whole.told)


def test_every_member_is_told_with_its_size_and_its_digest(whole: Whole) -> None:
    found = {
        name: (len(content), sha256(content).hexdigest())
        for name, content in whole.members.items()
        if not name.startswith("META-INF/") and name not in ("mimetype", "dossier.json")
    }
    assert found == {each["name"]: (each["size"], each["sha256"]) for each in whole.told["members"]}
    assert list(found) == [each["name"] for each in whole.told["members"]]


def test_what_was_received_and_sent_is_there_byte_for_byte(whole: Whole) -> None:
    tools, acte_id = whole.proven.scene.tools, whole.proven.acte_id
    assert whole.members["recu/01-piece-0.pdf"] == pdf()
    assert whole.members["recu/02-piece-1.pdf"] == pdf("Plan")
    assert whole.members["envoi/2/recu-01-plan-de-financement.pdf"] == pdf("Réponse")
    with tools.register() as unit:
        sent = unit.current_transmission(acte_id)
        accuse = unit.accuse_reception(sent.id)
    assert sent.parcel is not None
    assert accuse is not None
    assert whole.members["envoi/1/archive.tar.gz"] == tools.documents.read(sent.parcel.archive)
    reception = whole.told["reception"]
    assert reception["date_reception"] == str(sent.date_reception)
    assert reception["retour"] == "retours/01-accuse-de-reception-de-l-acte.xml"
    assert whole.members[reception["retour"]] == tools.documents.read(accuse)
    assert b"200 " in whole.members["envoi/1/reponse-1.bin"]
    assert whole.members["envoi/1/requete-1.txt"].startswith(b"POST https://")


def test_a_letter_and_its_documents_are_there_with_what_came_of_the_answer(whole: Whole) -> None:
    kinds = [each["about"]["kind"] for each in whole.of("retour")]
    assert kinds == ["1-2", "3-1", "3-5"]
    (document,) = whole.of("retour_document")
    assert document["about"]["of"].startswith("retours/02-")
    assert [sent["message"] for sent in whole.told["transmissions"]] == ["1-1", "3-4"]


def test_our_own_independent_reader_finds_it_whole(whole: Whole) -> None:
    program = (sys.executable, "-m", "transmission.cli.main", "verify")
    assert "INTÈGRE" in run(*program, whole.path, "--racines", whole.proven.roots)


def test_unzip_finds_every_member_sound(whole: Whole) -> None:
    assert "No errors detected" in run("unzip", "-t", whole.path)


def test_xmlsec1_verifies_the_signature_of_all_members(whole: Whole) -> None:
    said = run(
        "xmlsec1", "--verify", "--id-attr:Id", "SignedProperties", "--trusted-pem",
        whole.proven.roots.parent / "cachet.pem", "--verification-gmt-time",
        f"{START:%Y-%m-%d+%H:%M:%S}", "META-INF/signatures.xml", folder=whole.folder,
    )  # fmt: skip
    # Every member told, the contents, and what the signature says of itself.
    count = len(whole.told["members"]) + 2
    assert f"References (ok/all): {count}/{count}" in said


def test_openssl_verifies_every_seal_and_every_signature(whole: Whole) -> None:
    signed = [*whole.of("seal"), *whole.of("signature")]
    assert len(signed) == 5
    for each in signed:
        form = "DER" if each["role"] == "seal" else "PEM"
        run(
            "openssl", "cms", "-verify", "-binary", "-purpose", "any", "-inform", form,
            "-in", each["name"], "-content", each["about"]["of"], "-attime", FIRST_EPOCH,
            "-CAfile", whole.proven.roots, "-out", "/dev/null", folder=whole.folder,
        )  # fmt: skip


def test_openssl_verifies_every_time_stamp(whole: Whole, tmp_path: Path) -> None:
    known = tmp_path / "certificats.pem"
    known.write_bytes(b"".join(whole.members[each["name"]] for each in whole.of("certificate")))
    stamped = [*whole.of("time_stamp"), *whole.of("anchor_time_stamp")]
    pairs = [(each["name"], each["about"]["of"]) for each in stamped]
    assert {of.partition("/")[0] for _, of in pairs} == {"envoi", "retours", "ancres"}
    assert len(pairs) == 5
    for token, of in [*pairs, ("META-INF/horodatage.tsr", "META-INF/signatures.xml")]:
        run(
            "openssl", "ts", "-verify", "-token_in", "-in", token, "-data", of,
            "-CAfile", whole.proven.roots, "-untrusted", known, folder=whole.folder,
        )  # fmt: skip


def test_every_line_of_the_journal_leads_to_a_header(whole: Whole) -> None:
    lines = whole.members["journal/lignes.jsonl"].splitlines()
    proofs = json.loads(whole.members["journal/preuves.json"])
    assert len(lines) == len(proofs) > 8
    for line, told_of in zip(lines, proofs, strict=True):
        link = bytes.fromhex(told_of["link"])
        before = bytes.fromhex(told_of["before"])
        assert next_link(before, told_of["place"], line_digest(line)) == link
        proof = told_of["proof"]
        part = proof["part"]
        size, rank = part["last"] - part["first"] + 1, told_of["place"] - part["first"]
        path = [bytes.fromhex(each) for each in proof["path"]]
        assert root_from(link, rank, size, path) == bytes.fromhex(part["root"])
        header = json.loads(whole.members[f"ancres/{proof['anchor']:06d}.json"])
        canonical = json.dumps(part, sort_keys=True, separators=(",", ":")).encode()
        up = [bytes.fromhex(each) for each in proof["part_path"]]
        assert root_from(canonical, proof["rank"], header["parts"], up).hex() == header["root"]


def test_whoever_makes_one_is_in_the_journal_of_the_act_with_what_was_given(whole: Whole) -> None:
    with whole.proven.scene.tools.register() as unit:
        (made,) = [
            line for line in unit.lines_of(whole.proven.acte_id) if line.event == "dossier_made"
        ]
    assert made.author == AUTHOR.name
    assert made.details == {"sha256": sha256(whole.members["dossier.json"]).hexdigest()}


def test_an_unknown_act_has_no_dossier(whole: Whole, tmp_path: Path) -> None:
    with (tmp_path / "x").open("w+b") as target, pytest.raises(NotFoundError):
        make_dossier(whole.proven.scene.tools, 999_999, AUTHOR, target)

"""Who seals a dossier, with what, and what is said when no authority of time answers."""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from lxml import etree

from tests.support.bench import Bench
from tests.support.dossiers import contents, holes, told
from tests.support.keys import signing_key
from tests.support.scene import AUTHOR, pdf
from transmission.ports.proof import SoundTimeStamp, Trust
from transmission.ports.time_stamps import NotStamped, Stamped
from transmission.services.dossier import make_dossier
from transmission.signature.checker import EvidenceChecker

REFERENCE = "{http://www.w3.org/2000/09/xmldsig#}Reference"


@dataclass
class Stamper:
    """An authority of time that says what it is told to."""

    answer: Stamped | NotStamped
    asked: list[bytes]

    def stamp(self, digest: bytes) -> Stamped | NotStamped:
        self.asked.append(digest)
        return self.answer


def _made(bench: Bench, tmp_path: Path, **changes: object) -> Path:
    sent, path = bench.sent(contents=(pdf(),)), tmp_path / "dossier.asice"
    tools = replace(bench.tools, **changes)  # type: ignore[arg-type]
    with path.open("w+b") as target:
        make_dossier(tools, sent.acte_id, AUTHOR, target)
    return path


def _digests(path: Path) -> dict[str, bytes]:
    return {
        name: sha256(content).digest()
        for name, content in contents(path).items()
        if name != "mimetype" and not name.startswith("META-INF/")
    }


def test_every_member_is_sealed_by_the_authority_s_key(bench: Bench, tmp_path: Path) -> None:
    key = signing_key(tmp_path, bench.clock.now())
    bench.changed(lambda owner: replace(owner, signing_key=key))
    path = _made(bench, tmp_path)
    sound = EvidenceChecker(()).xades(contents(path)["META-INF/signatures.xml"], _digests(path))
    assert sound.signer == "CN=Cachet de Saint-Exemple"
    assert sound.signing_time == bench.clock.now()
    assert told(path)["sealed_by"] == "collectivite"
    assert "sealed_by_service" not in holes(path)


def test_without_a_key_the_service_seals_and_says_so(bench: Bench, tmp_path: Path) -> None:
    path = _made(bench, tmp_path)
    sound = EvidenceChecker(()).xades(contents(path)["META-INF/signatures.xml"], _digests(path))
    assert sound.trust is Trust.UNKNOWN
    (hole,) = [each for each in told(path)["holes"] if each["kind"] == "sealed_by_service"]
    assert "n'a pas de clé de signature" in hole["message"]


def test_the_signature_refers_to_each_member_and_to_no_other(bench: Bench, tmp_path: Path) -> None:
    path = _made(bench, tmp_path)
    signed = etree.fromstring(contents(path)["META-INF/signatures.xml"])
    referred = [each.get("URI") for each in signed.iter(REFERENCE)]
    assert sorted(name for name in referred if name and name[0] != "#") == sorted(_digests(path))


def test_the_seal_is_time_stamped_when_an_authority_answers(bench: Bench, tmp_path: Path) -> None:
    sound = SoundTimeStamp(bench.clock.now(), "TSA", b"", Trust.TRUSTED, "")
    stamper = Stamper(Stamped(b"jeton", sound), [])
    path = _made(bench, tmp_path, time_stamper=stamper)
    found = contents(path)
    assert found["META-INF/horodatage.tsr"] == b"jeton"
    assert stamper.asked == [sha256(found["META-INF/signatures.xml"]).digest()]
    assert "no_dossier_time_stamp" not in holes(path)


def test_a_time_stamp_that_is_not_given_is_told_and_everything_else_holds(
    bench: Bench, tmp_path: Path
) -> None:
    path = _made(bench, tmp_path, time_stamper=Stamper(NotStamped("l'autorité est muette"), []))
    found = contents(path)
    assert "META-INF/horodatage.tsr" not in found
    (hole,) = [each for each in told(path)["holes"] if each["kind"] == "no_dossier_time_stamp"]
    assert hole["message"].endswith("l'autorité est muette.")
    EvidenceChecker(()).xades(found["META-INF/signatures.xml"], _digests(path))


def test_members_of_meta_inf_come_last_in_their_order(bench: Bench, tmp_path: Path) -> None:
    names = list(contents(_made(bench, tmp_path)))
    assert names[0] == "mimetype"
    assert names[-4:] == [
        "synthese.pdf", "dossier.json", "META-INF/manifest.xml", "META-INF/signatures.xml"
    ]  # fmt: skip


def test_a_xades_seal_and_sealed_copies_are_under_their_own_names(
    bench: Bench, tmp_path: Path
) -> None:
    key = signing_key(tmp_path, bench.clock.now())
    bench.changed(
        lambda owner: replace(
            owner, signing_key=key, seal_format="xades", seals_pdf="b", signs_documents=True
        )
    )
    path = _made(bench, tmp_path)
    of = {each["name"]: each["about"].get("of") for each in told(path)["members"]}
    assert of["envoi/1/sceau.xml"] == "envoi/1/archive.tar.gz"
    assert of["envoi/1/document-01.pdf"] == "recu/01-piece-1.pdf"
    assert of["envoi/1/signature-01.p7s"] == "envoi/1/document-01.pdf"
    found = contents(path)
    assert found["recu/01-piece-1.pdf"] == pdf()
    assert found["envoi/1/document-01.pdf"].startswith(pdf())
    digest = sha256(found["envoi/1/document-01.pdf"]).digest()
    EvidenceChecker(()).cms(found["envoi/1/signature-01.p7s"], digest)
    archive = told(path)["transmissions"][0]["archive_name"]
    digests = {archive: sha256(found["envoi/1/archive.tar.gz"]).digest()}
    EvidenceChecker(()).xades(found["envoi/1/sceau.xml"], digests)

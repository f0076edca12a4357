"""One message of each kind, an authority and an act, all invented."""

import io
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings

from transmission.actes.archive import ArchiveEntry
from transmission.domain.acte import Acte, FichierSigne, Matiere
from transmission.domain.collectivite import Collectivite, Referent, TdtAccount
from transmission.domain.identifiers import Departement, IdActe, NatureActe, NomFichier, Siren

settings.register_profile("long", deadline=None, max_examples=200_000, database=None)

Arrived = dict[str, Path]

_MESSAGES = Path(__file__).parents[1] / "schemas" / "messages"


@pytest.fixture(scope="session")
def message() -> Callable[[str], bytes]:
    """Bytes of the message of a code (``1-2``) or of an envelope's name."""
    return lambda code: (_MESSAGES / f"{code}.xml").read_bytes()


@pytest.fixture(scope="session")
def changed(message: Callable[[str], bytes]) -> Callable[..., bytes]:
    """Bytes of a message in which texts are replaced, in pairs (old, new, old, new…)."""

    def change(code: str, *texts: str) -> bytes:
        text = message(code).decode("iso-8859-1")
        for old, new in zip(texts[::2], texts[1::2], strict=True):
            assert old in text, f"{code} does not contain {old}"
            text = text.replace(old, new)
        return text.encode("iso-8859-1")

    return change


@pytest.fixture(scope="session")
def acte() -> Acte:
    id_acte = IdActe("042", "123456782", date(2024, 2, 15), "2024_07B", NatureActe.DELIBERATION)
    names = NomFichier.for_message(id_acte)
    return Acte(
        id_acte=id_acte,
        matiere=Matiere((8, 3, 2)),
        objet="Dénomination de la voie menant à l'étang",
        date_classification=date(2023, 11, 20),
        document=FichierSigne(str(names.document("99_DE", 1, "pdf"))),
        annexes=(FichierSigne(str(names.document("21_RP", 2, "pdf"))),),
    )


@pytest.fixture(scope="session")
def collectivite() -> Collectivite:
    return Collectivite(
        siren=Siren("123456782"),
        departement=Departement("042"),
        arrondissement=2,
        nature="31",
        nom="Commune de Saint-Exemple",
        adresses_retour=("retours@tdt.test",),
        tdt=TdtAccount("s2low", "TdT", "https://tdt.test", "cert.pem", "key.pem", None, "ca.pem"),
        referent=Referent("Secrétariat général", "0477000000", "secretariat@saint-exemple.test"),
    )


@pytest.fixture(scope="session")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, bytes]], Arrived]:
    """Loose files written under ranks, by the name that they came under; until the next ones."""
    folder = tmp_path_factory.mktemp("arrival")

    def write(files: dict[str, bytes]) -> Arrived:
        paths = {name: folder / str(rank) for rank, name in enumerate(files)}
        for name, path in paths.items():
            path.write_bytes(files[name])
        return paths

    return write


@pytest.fixture(scope="session")
def entry() -> Callable[[str, bytes], ArchiveEntry]:
    """A file to pack, held in memory."""
    return lambda name, raw: ArchiveEntry(name, len(raw), lambda: io.BytesIO(raw))


@pytest.fixture(scope="session")
def noise() -> Callable[[int], bytes]:
    """Bytes that do not compress, the same at each run."""
    return lambda size: random.Random(size).randbytes(size)

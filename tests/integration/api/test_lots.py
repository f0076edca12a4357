"""The acts of a sitting in one request."""

from io import BytesIO
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from tests.support.scene import pdf
from transmission.store.tables_legal import seance_acte
from transmission.store.tables_uploads import upload_block

LOTS = "/api/v1/lots"
HEADER = "numero;date;nature;matiere;objet;document;annexes;seance\n"


def line(rank: int, **changes: str) -> str:
    fields = {
        "numero": f"D2023_{rank:03d}",
        "date": "2023-03-02",
        "nature": "DE",
        "matiere": "7.5",
        "objet": f"Subvention {rank}",
        "document": f"acte-{rank}.pdf",
        "annexes": "",
        "seance": "2023-03-02",
        **changes,
    }
    return ";".join(fields.values()) + "\n"


def lot(*lines: str, files: dict[str, bytes] | None = None) -> list[tuple[str, Any]]:
    given = {f"acte-{rank}.pdf": pdf(f"Acte {rank}") for rank in range(1, len(lines) + 1)}
    given |= files or {}
    return [
        ("manifeste", ("actes.csv", (HEADER + "".join(lines)).encode(), "text/csv")),
        *(("fichiers", (name, BytesIO(body))) for name, body in given.items()),
    ]


def test_each_act_is_handed_over_by_itself(desk: Any, client: httpx.Client) -> None:
    wrong = line(2, matiere="99.9")
    content = lot(line(1, annexes="plan.pdf"), wrong, files={"plan.pdf": pdf("Plan")})
    response = client.post(LOTS, files=content)
    assert response.status_code == 207, response.text
    told = response.json()
    assert told["actes"] == {"accepte": 1, "deja_remis": 0, "refuse": 1}
    assert told["seance"] == {"date_seance": "2023-03-02", "actes": 2}
    first, second = told["lignes"]
    assert (first["ligne"], first["sort"], first["numero"]) == ("ligne 2", "accepte", "D2023_001")
    assert client.get(first["lien"]).json()["fichiers"][1]["nom"] == "plan.pdf"
    assert client.get(first["lien"]).json()["remis_par"] == "api:assemblees"
    assert second["lien"] is None
    assert [each["champ"] for each in second["problemes"]] == ["matiere"]
    assert all(each["remede"] for each in second["problemes"])
    assert not list((desk.folder / "incoming").iterdir())


def test_the_same_batch_again_doubles_nothing(desk: Any, client: httpx.Client) -> None:
    first = client.post(LOTS, files=lot(line(1), line(2)))
    again = client.post(LOTS, files=lot(line(1), line(2)))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["actes"] == {"accepte": 0, "deja_remis": 2, "refuse": 0}
    assert [each["acte"] for each in again.json()["lignes"]] == [
        each["acte"] for each in first.json()["lignes"]
    ]
    assert desk.count() == 2


def test_a_trial_stores_nothing(desk: Any, client: httpx.Client) -> None:
    before = desk.left()
    content = lot(line(1), line(2, nature="ZZ"))
    response = client.post(LOTS, params={"dry_run": 1}, files=content)
    assert response.status_code == 207
    told = response.json()
    assert told["essai"] is True
    assert [each["sort"] for each in told["lignes"]] == ["accepte", "refuse"]
    assert told["lignes"][0]["acte"] is None
    assert desk.count() == 0
    assert desk.left() == before
    with desk.bench.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(seance_acte)).scalar() == 0


def test_files_that_did_not_come_refuse_their_act_alone(desk: Any, client: httpx.Client) -> None:
    content = lot(line(1), line(2, document="absent.pdf", annexes="../../etc/passwd"))
    told = client.post(LOTS, files=content).json()
    assert [each["sort"] for each in told["lignes"]] == ["accepte", "refuse"]
    codes = {(each["champ"], each["code"]) for each in told["lignes"][1]["problemes"]}
    assert codes == {("document", "fichier_du_lot"), ("annexes[1]", "nom_de_fichier")}


def test_a_batch_that_says_nothing_is_refused(desk: Any, client: httpx.Client) -> None:
    for manifest in (b"", b"\0", b"x;y\n1;2\n", HEADER.encode(), b"{", b"[]"):
        parts = [("manifeste", ("actes.csv", manifest, "text/csv"))]
        answer = client.post(LOTS, files=parts)
        assert answer.status_code == 422, (manifest, answer.text)
        assert answer.json()["problemes"]
    assert client.post(LOTS, files=lot(line(1))[1:]).status_code == 400
    assert client.post(LOTS, content=b"x", headers={"Content-Type": "text/csv"}).status_code == 415
    twice = [*lot(line(1)), ("fichiers", ("acte-1.pdf", BytesIO(pdf())))]
    answer = client.post(LOTS, files=twice)
    assert answer.json()["problemes"][0]["code"] == "fichier_double"
    assert desk.count() == 0


def _blocks(desk: Any) -> int:
    with desk.bench.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(upload_block)).scalar_one()


def test_a_batch_may_be_made_of_uploads(
    desk: Any, client: httpx.Client, words_of: Any, sent: Any
) -> None:
    plan = sent(pdf("Plan"), "plan.pdf")
    actes = [
        words_of(document=sent(pdf("Un")), annexes=[{"televersement": plan, "typologie": "21_RP"}]),
        words_of(numero="D2023_002", document=sent(pdf("Deux")), matiere="99"),
        words_of(numero="D2023_003", document=999_999),
        words_of(numero="D2023_004", document="x.pdf", annexes=[{"televersement": None}, 3]),
    ]
    content = {"nom": "séance du 2 mars", "date_seance": "2023-03-02", "actes": actes}
    response = client.post(LOTS, json=content)
    assert response.status_code == 207, response.text
    told = response.json()
    assert told["lot"] == "séance du 2 mars"
    assert told["seance"] == {"date_seance": "2023-03-02", "actes": 4}
    assert [each["sort"] for each in told["lignes"]] == ["accepte", "refuse", "refuse", "refuse"]
    files = client.get(told["lignes"][0]["lien"]).json()["fichiers"]
    assert [file["nom"] for file in files] == ["acte.pdf", "plan.pdf"]
    codes = [[(p["champ"], p["code"]) for p in each["problemes"]] for each in told["lignes"]]
    assert ("document", "televersement_inconnu") in codes[2]
    assert ("document", "televersement") in codes[3]
    assert ("annexes[1]", "televersement") in codes[3]
    assert ("annexes[2]", "annexe_forme") in codes[3]
    # What was refused may be mended and handed over with the same files.
    assert _blocks(desk) == 1
    actes[1]["matiere"] = "7.5"
    again = client.post(LOTS, json={**content, "actes": actes[:2]})
    assert [each["sort"] for each in again.json()["lignes"]] == ["deja_remis", "accepte"]
    assert _blocks(desk) == 0


@pytest.mark.parametrize("content", [{"lot": 1, "actes": []}, {"nom": 3, "actes": []}, {}])
def test_a_batch_of_uploads_is_read_strictly(client: httpx.Client, content: Any) -> None:
    assert client.post(LOTS, json=content).status_code == 422


def test_nothing_is_handed_over_before_a_classification_came(desk: Any, sent: Any) -> None:
    theirs = desk.client("tdt_theirs")
    answer = theirs.post(LOTS, files=lot(line(1)))
    assert answer.status_code == 409
    assert answer.json()["type"].endswith(":pas_prete")

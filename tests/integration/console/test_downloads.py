"""What people take away: whole, checked, and only what belongs to the act."""

from typing import Any

from transmission.domain.lifecycle import State
from transmission.store.documents import DiskDocumentStore, DocumentsAwayError
from transmission.store.tables import retour_piece


def test_a_file_leaves_whole_under_its_name_as_nothing_but_a_file(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001", name="délibération.pdf")
    link = site.page(f"/actes/{acte_id}").cssselect("#piece-1")[0].get("href")
    response = site.get(link)
    assert response.content == b"%PDF-1.7 act"
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"] == (
        "attachment; filename=\"deliberation.pdf\"; filename*=UTF-8''d%C3%A9lib%C3%A9ration.pdf"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("sandbox;")


def test_a_hostile_name_changes_neither_header_nor_type(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(
        shelf.authority(), "2026_001", name='../../x"\r\nSet-Cookie: a=b\u202e.html'
    )
    link = site.page(f"/actes/{acte_id}").cssselect("#piece-1")[0].get("href")
    response = site.get(link)
    assert "set-cookie" not in response.headers
    assert 'filename="_.._x_Set-Cookie_ a=b.html.pdf"' in response.headers["content-disposition"]
    assert response.headers["content-type"] == "application/pdf"


def test_everything_sent_and_answered_can_be_taken_out(shelf: Any, site: Any) -> None:
    owner, acte_id, sent = shelf.acknowledged(**shelf.parcel(signature="-----BEGIN PKCS7-----\n"))
    answer = shelf.documents.put_bytes(b"HTTP/1.1 200 OK\r\n\r\nOK\n4217\n")
    number = shelf.attempt(
        sent, 1, outcome="Accepted", detail="référence 4217", request="POST /actes — clé tue",
        response_sha256=answer.sha256, response_size=answer.size,
    )  # fmt: skip
    kept = shelf.retour(owner, sent, b"<?xml version='1.0'?><ar/>")
    body = site.page(f"/actes/{acte_id}")

    def taken(anchor: str) -> Any:
        response = site.get(body.cssselect(f"#{anchor}")[0].get("href"))
        assert response.status_code == 200
        assert response.headers["content-disposition"].startswith("attachment;")
        return response

    assert taken(f"archive-{sent}").content == b"archive 1"
    assert taken(f"archive-{sent}").headers["content-type"] == "application/gzip"
    assert taken(f"message-{sent}").headers["content-type"] == "application/xml"
    assert taken(f"cachet-{sent}").content == b"seal 1"
    assert taken(f"signature-{sent}-1").content == b"-----BEGIN PKCS7-----\n"
    assert taken(f"requete-{number}").text == "POST /actes — clé tue"
    assert taken(f"reponse-{number}").content == b"HTTP/1.1 200 OK\r\n\r\nOK\n4217\n"
    assert taken(f"octets-{kept}").content == b"<?xml version='1.0'?><ar/>"
    assert taken(f"octets-{kept}").headers["content-type"] == "application/xml"


def test_a_retour_that_is_no_xml_is_not_called_one(shelf: Any, site: Any) -> None:
    kept = shelf.retour(shelf.authority(), None, b"KO\nrefus\n")
    assert site.get(f"/retours/{kept}").headers["content-type"] == "application/octet-stream"


def test_a_file_of_another_act_cannot_be_taken(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    mine, sent = shelf.acte(owner, "2026_001", content=b"%PDF mine", **shelf.parcel(signature="S"))
    other, _ = shelf.acte(owner, "2026_002", content=b"%PDF other")
    number = shelf.attempt(sent, 1, request="r")
    digest = shelf.documents.put_bytes(b"%PDF mine").sha256
    assert site.get(f"/fichiers/{mine}/{digest}").status_code == 200
    assert site.get(f"/fichiers/{other}/{digest}").status_code == 404
    assert site.get(f"/actes/{mine}/tentatives/{number}/requete").status_code == 200
    assert site.get(f"/actes/{other}/tentatives/{number}/requete").status_code == 404
    assert site.get(f"/actes/{mine}/transmissions/{sent}/signatures/1").status_code == 200
    assert site.get(f"/actes/{other}/transmissions/{sent}/signatures/1").status_code == 404
    assert site.get(f"/actes/{mine}/transmissions/{sent}/signatures/2").status_code == 404


def test_only_a_digest_names_a_file(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    for digest in ("x", "A" * 64, "0" * 63, "0" * 64, "..%2f..%2fetc%2fpasswd"):
        assert site.get(f"/fichiers/{acte_id}/{digest}").status_code == 404, digest


def test_a_damaged_document_is_never_handed_out(shelf: Any, site: Any, tmp_path: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001", content=b"%PDF true")
    kept = shelf.documents.put_bytes(b"%PDF true")
    path = shelf.documents.path(kept)
    path.chmod(0o600)
    path.write_bytes(b"%PDF fals")
    response = site.get(f"/fichiers/{acte_id}/{kept.sha256}")
    assert response.status_code == 500
    assert "Document endommagé" in response.text
    assert "Restaurez-le depuis une sauvegarde" in response.text
    assert "attachment" not in response.headers.get("content-disposition", "")
    assert str(tmp_path) not in response.text


def test_documents_that_cannot_be_reached_are_not_said_to_be_damaged(
    shelf: Any, site: Any, monkeypatch: Any
) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001", content=b"%PDF true")
    kept = shelf.documents.put_bytes(b"%PDF true")

    def away(*_: Any) -> Any:
        raise DocumentsAwayError("SlowDown")

    monkeypatch.setattr(DiskDocumentStore, "path", away)
    response = site.get(f"/fichiers/{acte_id}/{kept.sha256}")
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")
    assert "Les documents ne répondent pas" in response.text
    assert "endommagé" not in response.text


def test_the_stamped_act_is_read_in_its_own_tab_or_saved(shelf: Any, site: Any) -> None:
    _, acte_id, _ = shelf.acknowledged()
    shelf.stamped = b"%PDF-1.7 stamped"
    shown = site.get(f"/actes/{acte_id}/tampon")
    assert shown.content == b"%PDF-1.7 stamped"
    assert shown.headers["content-type"] == "application/pdf"
    assert shown.headers["content-disposition"].startswith(
        'inline; filename="99_DE-042-123456782-20261120-D20260009710.pdf"'
    )
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    saved = site.get(f"/actes/{acte_id}/tampon?enregistrer=1")
    assert saved.headers["content-disposition"].startswith("attachment;")


def test_nothing_is_stamped_before_the_ar(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    response = site.get(f"/actes/{acte_id}/tampon")
    assert response.status_code == 409
    assert "ne peut pas être tamponné" in response.text
    assert site.get("/actes/999/tampon").status_code == 404


def test_the_dossier_is_saved_and_who_takes_it_is_known(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    address = f"/actes/{acte_id}/dossier"
    assert site.page(f"/actes/{acte_id}").cssselect("#dossier")[0].get("href") == address
    saved = site.get(address)
    assert saved.content == b"PK dossier"
    assert saved.headers["content-type"] == "application/vnd.etsi.asic-e+zip"
    assert saved.headers["content-disposition"].startswith(
        'attachment; filename="042-123456782-20261120-D20260009710-DE.asice"'
    )
    assert shelf.taken == [(acte_id, shelf.person.name)]
    assert site.get("/actes/999/dossier").status_code == 404


def test_asking_whether_there_is_a_dossier_makes_none(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    assert site.head(f"/actes/{acte_id}/dossier").status_code == 200
    assert not shelf.taken


def test_letters_and_answers_are_taken_through_their_act_alone(shelf: Any, site: Any) -> None:
    owner, acte_id, _ = shelf.acknowledged()
    courrier_id = shelf.letter(owner, acte_id, "3-1", ("plan.pdf", "page.html"))
    sent = shelf.answer(
        owner, acte_id, "3-4", State.SUBMITTED, "statuts.pdf", courrier_id=courrier_id
    )
    other, _ = shelf.acte(owner, "2026_002", content=b"%PDF other")
    body = site.page(f"/actes/{acte_id}")

    def taken(anchor: str) -> Any:
        address = body.cssselect(f"#{anchor}")[0].get("href")
        elsewhere = address.replace(f"/fichiers/{acte_id}/", f"/fichiers/{other}/")
        assert site.get(elsewhere).status_code == 404
        return site.get(address)

    assert taken(f"courrier-{courrier_id}-document-1").content == b"%PDF plan.pdf"
    page = taken(f"courrier-{courrier_id}-document-2")
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"].startswith('attachment; filename="page.html.bin"')
    message = taken(f"courrier-{courrier_id}-message")
    assert message.headers["content-type"] == "application/xml"
    assert taken(f"reponse-{sent}-piece-1").content == b"%PDF statuts.pdf"


def test_a_document_in_quarantine_belongs_to_no_act(shelf: Any, site: Any) -> None:
    owner, acte_id, sent = shelf.acknowledged()
    came = shelf.retour(owner, sent, b"<?xml?>", status="quarantined", nom_fichier="m.xml")
    kept = shelf.documents.put_bytes(b"%PDF unknown")
    shelf.add(
        retour_piece, retour_id=came, ordre=1, nom_fichier="a.pdf", sha256=kept.sha256, size=1
    )
    assert site.get(f"/fichiers/{acte_id}/{kept.sha256}").status_code == 404

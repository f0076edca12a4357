"""The classification: stable bytes, versions in force, requests."""

from transmission.mocktdt import xmlio

FETCH = "/modules/actes/actes_classification_fetch.php"
ASK = "/modules/actes/actes_classification_request.php"


def test_the_file_is_served_byte_for_byte_and_ends_with_cr_lf(tdt):
    first, second = tdt.get(FETCH, api=1), tdt.get(FETCH, api=1)
    assert first.content == second.content
    assert first.content.endswith(b"</actes:RetourClassification>\r\n")
    assert first.headers["Content-Type"] == "text/xml;charset=iso-8859-1"
    assert first.headers["Content-disposition"] == 'attachment; filename="classification.xml"'


def test_it_is_schema_valid_latin_1_and_says_that_it_is_fictitious(tdt):
    content = tdt.get(FETCH, api=1).content
    root = xmlio.parse(content)
    assert xmlio.violation(root) is None
    assert b"CLASSIFICATION FICTIVE" in content
    assert "Délibérations".encode("iso-8859-1") in content
    assert "mise en œuvre" in " ".join(xmlio.every(root, "//actes:TypePJNatureActe/@actes:Libelle"))


def test_it_has_the_six_natures_and_the_57_national_matieres(tdt):
    root = xmlio.parse(tdt.get(FETCH, api=1).content)
    assert sorted(xmlio.every(root, "//actes:NatureActe/@actes:CodeNatureActe")) == list("123456")
    assert len(xmlio.every(root, "//actes:Matiere2/@actes:CodeMatiere")) == 57
    for nature in "123456":
        path = f"//actes:NatureActe[@actes:CodeNatureActe={nature}]/*/@actes:CodeTypePJ"
        assert "99_SE" in xmlio.every(root, path)


def test_a_new_version_reaches_the_platform_only_by_asking(tdt, management):
    before = tdt.get(FETCH, api=1).content
    management.post("/classification", date="2026-03-01")
    assert tdt.get(FETCH, api=1).content == before
    answer = tdt.post(ASK, data={"api": "1"}).content
    assert answer == b"OK\n4711\n\n"
    assert b"RetourClassification" in tdt.status(4711)
    assert b"<actes:DateClassification>2026-03-01<" in tdt.get(FETCH, api=1).content


def test_a_new_version_may_be_known_at_once(tdt, management):
    management.post("/classification", date="2026-03-01", known_to_platform=True)
    assert b"2026-03-01" in tdt.get(FETCH, api=1).content


def test_asking_for_the_version_in_force_is_answered_without_change(tdt):
    assert tdt.get(ASK, api=1).content == b"OK\n4711\n\n"
    xml = tdt.status(4711).removeprefix(b"OK\n4\n")
    root = xmlio.parse(xml)
    assert xmlio.local_name(root) == "ReponseClassificationSansChangement"
    assert xmlio.violation(root) is None


def test_one_authority_asking_does_not_update_another(tdt, neighbour, management):
    management.post("/classification", date="2026-03-01")
    tdt.get(ASK, api=1)
    tdt.status(4711)
    assert b"2026-03-01" in tdt.get(FETCH, api=1).content
    assert b"2026-03-01" not in neighbour.get(FETCH, api=1).content


def test_without_classification_the_fetch_is_refused(tdt, management):
    management.post("/classification", forget=True)
    assert tdt.get(FETCH, api=1).content == b"KO\nAucune classification disponible\n"
    assert tdt.get(FETCH).status_code == 302


def test_an_act_on_an_old_version_gets_anomaly_002_by_itself(tdt, management, archive):
    management.post("/classification", date="2026-03-01")
    body = tdt.status(tdt.submitted(archive()))
    assert body.startswith(b"OK\n-1\n<?xml ")
    assert b"<actes:Nature>002</actes:Nature>" in body
    assert b"ODT-VERIF-01" in body
    in_force = b"<actes:ClassificationDateVersionEnCours>2026-03-01<"
    assert in_force in body
    text = body[body.index(b"</actes:AnomalieActe>") :]
    assert text.startswith(b"</actes:AnomalieActe>Anomalie signal\xe9e par le MI : 002 - ODT")

import threading
from collections.abc import Callable

import pytest
from lxml import etree

from transmission.actes.safe_xml import parse
from transmission.actes.schema import (
    ACTES,
    DOCUMENT_ROOTS,
    InvalidMessageError,
    require_valid,
    validate,
)

Changed = Callable[..., bytes]
Message = Callable[[str], bytes]


def test_the_documents_are_the_21_messages_and_the_3_envelopes() -> None:
    assert len(DOCUMENT_ROOTS) == 24


@pytest.mark.parametrize("code", ["1-1", "1-2", "7-2", "EnveloppeMISILLCL"])
def test_a_valid_message_has_no_problem(code: str, message: Message) -> None:
    root = parse(message(code)).root
    assert validate(root) == []
    require_valid(root)


@pytest.mark.parametrize("name", ["IDPref", "IDSGAR", "Referent", "FormulairesEnvoyes", "Inconnu"])
def test_a_fragment_is_no_document(name: str) -> None:
    root = etree.Element(f"{{{ACTES}}}{name}")
    root.set(f"{{{ACTES}}}Departement", "042")
    with pytest.raises(InvalidMessageError, match="n'est pas un message du protocole"):
        require_valid(root)


@pytest.mark.parametrize("raw", [b"<Acte/>", b'<a:Acte xmlns:a="urn:x"/>'])
def test_a_document_of_another_namespace_is_no_message(raw: bytes) -> None:
    (problem,) = validate(parse(raw).root)
    assert (problem.field, problem.rule) == ("Acte", "racine")


@pytest.mark.parametrize(
    ("old", "new", "field", "rule"),
    [
        ("2024-02-15", "2024-02-31", "Acte/@Date", "type"),
        (' actes:CodeNatureActe="1"', "", "Acte", "attribut_manquant"),
        ("actes:Nombre", "Nombre", "Annexes/@Nombre", "attribut_inconnu"),
        ("<actes:Objet>", '<actes:Objet actes:IDActe="x">', "Objet/@IDActe", "attribut_inconnu"),
        ("2024_07B", "1234567890123456", "Acte/@NumeroInterne", "longueur"),
        ('<actes:CodeMatiere2 actes:CodeMatiere="3"/>', "", "CodeMatiere3", "contenu"),
        ("<actes:DocumentPapier>N</actes:DocumentPapier>", "", "Acte", "contenu"),
        ("</actes:Objet>", "</actes:Objet>x", "Acte", "contenu"),
    ],
)
def test_a_problem_names_the_field_and_the_rule(
    old: str, new: str, field: str, rule: str, changed: Changed
) -> None:
    problems = validate(parse(changed("1-1", old, new)).root)
    assert (field, rule) in [(problem.field, problem.rule) for problem in problems]


def test_a_problem_reads_in_french(changed: Changed) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        require_valid(parse(changed("AnomalieEnveloppe", ">003<", ">999<")).root)
    text = str(caught.value)
    assert text.startswith("Nature : la valeur n'est pas dans la liste permise (ligne 4).")
    assert ACTES not in text


def test_four_threads_may_validate_at_once(message: Message, changed: Changed) -> None:
    good, bad = parse(message("1-2")).root, parse(changed("1-2", "2024-02-20", "hier")).root
    wrong: list[str] = []

    def work() -> None:
        for _ in range(300):
            if validate(good):
                wrong.append("a valid message was refused")
            if "ActeRecu" in str(validate(bad)) or not validate(bad):
                wrong.append("an invalid message got another verdict")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []

"""Which script takes each message, with which fields and files."""

from collections.abc import Callable
from dataclasses import replace
from email.parser import BytesParser

import pytest

from transmission.ports import Parcel
from transmission.tdt.s2low.postings import (
    Posting,
    UnsendableError,
    classification_request,
    posting,
)

REPLY = "/modules/actes/actes_transac_reponse_create.php"
CANCEL = "/modules/actes/actes_transac_cancel.php"
MODES = ["enveloppe", "champs"]


def parts(chosen: Posting) -> list[tuple[str, str | None, bytes]]:
    """Name, file name and content of each part, read by code that is not ours."""
    with chosen.form.opened() as body:
        raw = b"Content-Type: %s\r\n\r\n" % chosen.form.content_type.encode() + b"".join(body)
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_filename(),
            part.get_payload(decode=True),
        )
        for part in BytesParser().parsebytes(raw).get_payload()
    ]


@pytest.mark.parametrize(
    ("mode", "script"),
    [("enveloppe", "actes_transac_submit.php"), ("champs", "actes_transac_create.php")],
)
def test_an_act_goes_as_the_account_says(parcel: Parcel, mode: str, script: str) -> None:
    chosen = posting(parcel, mode)
    assert chosen.path == f"/modules/actes/{script}"
    assert "« champs »" in chosen.absent


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("code", "type_envoie"),
    [("2-2", b"4"), ("3-3", b"3"), ("3-4", b"4"), ("4-3", b"3"), ("4-4", b"4")],
)
def test_an_answer_is_tied_to_its_letter_in_both_modes(
    about: Callable[..., Parcel], mode: str, code: str, type_envoie: bytes
) -> None:
    parcel = about(code)
    chosen = posting(parcel, mode)
    assert (chosen.path, chosen.about) == (REPLY, "4730")
    assert parts(chosen) == [
        ("api", None, b"1"),
        ("id", None, b"4730"),
        ("type_envoie", None, type_envoie),
        ("type_acte", None, b"99_DE"),
        ("acte_pdf_file", parcel.documents[0].nom_fichier, b"%PDF-1.7"),
    ]


def test_further_documents_and_signatures_follow_by_rank(about: Callable[..., Parcel]) -> None:
    parcel = about("3-4", documents=3)
    main, second, third = parcel.documents
    documents = (
        replace(main, signature="-----main"),
        replace(second, code_type_pj="21_RP"),
        replace(third, code_type_pj="99_AU", signature="-----third"),
    )
    assert parts(posting(replace(parcel, documents=documents), "enveloppe"))[3:] == [
        ("type_acte", None, b"99_DE"),
        ("type_pj[]", None, b"21_RP"),
        ("type_pj[]", None, b"99_AU"),
        ("acte_pdf_file", main.nom_fichier, b"%PDF-1.7"),
        ("acte_pdf_file_sign", "signature.p7s", b"-----main"),
        ("acte_attachments[]", second.nom_fichier, b"%PDF-1.7"),
        ("acte_attachments[]", third.nom_fichier, b"%PDF-1.7"),
        ("acte_attachments_sign[]", "", b""),
        ("acte_attachments_sign[]", "signature.p7s", b"-----third"),
    ]


@pytest.mark.parametrize("mode", MODES)
def test_a_cancellation_names_the_act_and_carries_nothing(
    about: Callable[..., Parcel], mode: str
) -> None:
    chosen = posting(about("6-1"), mode)
    assert (chosen.path, chosen.about) == (CANCEL, "4711")
    assert parts(chosen) == [("api", None, b"1"), ("id", None, b"4711")]


@pytest.mark.parametrize(
    ("code", "bearings", "words"),
    [
        ("2-2", {"courrier": None}, "référence du courrier"),
        ("4-3", {"courrier": None}, "référence du courrier"),
        ("6-1", {"acte": None}, "référence de l'acte"),
        ("3-2", {}, "envoie lui-même l'accusé"),
        ("4-2", {}, "envoie lui-même l'accusé"),
        ("7-1", {}, "demande de classification"),
    ],
)
def test_what_cannot_be_given_is_said_with_what_is_missing(
    about: Callable[..., Parcel], code: str, bearings: dict[str, None], words: str
) -> None:
    with pytest.raises(UnsendableError, match=words):
        posting(about(code, **bearings), "champs")


def test_a_classification_is_asked_for_without_saying_which_is_held() -> None:
    assert parts(classification_request()) == [("api", None, b"1")]

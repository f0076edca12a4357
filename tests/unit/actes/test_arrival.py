from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

import transmission.actes.arrival as arrival_module
from transmission.actes.arrival import Arrival, ArrivedMessage, read_arrival
from transmission.actes.forms import UnreadableRetourError
from transmission.actes.safe_xml import MESSAGE_MAX
from transmission.domain.identifiers import IDSousPref
from transmission.domain.retours import AccuseReception, AnomalieEnveloppe

Message = Callable[[str], bytes]
Arrive = Callable[[dict[str, bytes]], Arrival]

STEM = "042-123456782-20240215-2024_07B-DE"
ENVELOPE = "EACT--SPREF0422-123456782-20240220-57.xml"
LISTED = "042-123456782-20240215-2024_07B-DE-1-2_5.xml"


@pytest.fixture(scope="session")
def arrive(on_disk: Callable[[dict[str, bytes]], dict[str, Path]]) -> Arrive:
    """Read files given by their bytes."""
    return lambda files: read_arrival(on_disk(files))


@pytest.fixture(scope="session")
def envelope(message: Message) -> Callable[..., bytes]:
    """An envelope of the State which lists these names."""

    def make(*names: str) -> bytes:
        one = f"<actes:NomFichier>{LISTED}</actes:NomFichier>"
        several = "</actes:Formulaire><actes:Formulaire>".join(
            f"<actes:NomFichier>{name}</actes:NomFichier>" for name in names
        )
        return message("EnveloppeMISILLCL").replace(one.encode(), several.encode())

    return make


def _named(arrival: Arrival) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(found.nom_fichier, found.documents, found.missing) for found in arrival.messages]


def test_an_acknowledgement_comes_alone_and_its_echo_names_no_document(
    arrive: Arrive, message: Message, envelope: Callable[..., bytes]
) -> None:
    arrival = arrive({ENVELOPE: envelope(LISTED), LISTED: message("1-2")})
    assert arrival.enveloppe is not None
    assert arrival.enveloppe.destinataire == "123456782"
    assert arrival.enveloppe.emetteur == IDSousPref("042", 2)
    assert _named(arrival) == [(LISTED, (), ())]
    read = arrival.messages[0].read
    assert read is not None
    assert isinstance(read.retour, AccuseReception)
    assert arrival.notes == ()


def test_every_message_is_understood_in_whatever_order_the_files_come(
    arrive: Arrive, message: Message, envelope: Callable[..., bytes]
) -> None:
    files = {
        ENVELOPE: envelope("b.xml", "a.xml"),
        "a.xml": message("3-1"),
        "b.xml": message("5-1"),
        f"{STEM}-3-1_1.pdf": b"%PDF-1.7",
        f"{STEM}-5-1_1.pdf": b"%PDF-1.7",
    }
    expected = [
        ("b.xml", (f"{STEM}-5-1_1.pdf",), ()),
        ("a.xml", (f"{STEM}-3-1_1.pdf",), ()),
    ]
    for order in permutations(files):
        arrival = arrive({name: files[name] for name in order})
        assert _named(arrival) == expected
        assert arrival.notes == ()


def test_documents_are_found_by_the_name_written_and_not_by_their_number(
    arrive: Arrive, message: Message, envelope: Callable[..., bytes]
) -> None:
    raw = message("2-1").replace(b"2-1_3.pdf", b"2-1_16.pdf")
    files = {
        ENVELOPE: envelope(f"{STEM}-2-1_17.xml"),
        f"{STEM}-2-1_17.xml": raw,
        f"{STEM}-2-1_1.pdf": b"%PDF another",
        f"{STEM}-2-1_16.pdf": b"%PDF this one",
        "logo.png": b"\x89PNG",
    }
    arrival = arrive(files)
    assert _named(arrival) == [(f"{STEM}-2-1_17.xml", (f"{STEM}-2-1_16.pdf",), ())]
    assert arrival.notes == (
        f"« {STEM}-2-1_1.pdf » n'est nommé par aucun message : il est laissé de côté.",
        "« logo.png » n'est nommé par aucun message : il est laissé de côté.",
    )


def test_a_name_in_another_case_is_recognised_and_noted(
    arrive: Arrive, message: Message, envelope: Callable[..., bytes]
) -> None:
    name = f"{STEM}-2-1_3.PDF"
    arrival = arrive({ENVELOPE: envelope("A.XML"), "a.xml": message("2-1"), name: b"%PDF"})
    assert _named(arrival) == [("a.xml", (name,), ())]
    assert arrival.notes == (
        "« A.XML » a été reconnu dans « a.xml ».",
        f"« {STEM}-2-1_3.pdf » a été reconnu dans « {name} ».",
    )


def test_a_name_that_two_files_could_bear_is_given_to_neither(
    arrive: Arrive, message: Message, envelope: Callable[..., bytes]
) -> None:
    files = {ENVELOPE: envelope("a.xml"), "a.xml": message("2-1")}
    for twin in (f"{STEM}-2-1_3.PDF", f"{STEM}-2-1_3.Pdf"):
        files[twin] = b"%PDF"
    assert _named(arrive(files)) == [("a.xml", (), (f"{STEM}-2-1_3.pdf",))]


@pytest.mark.parametrize("twice", [("a.xml", "a.xml"), ("a.xml", "A.xml")])
def test_a_message_listed_twice_is_one_message(
    arrive: Arrive, twice: tuple[str, str], message: Message, envelope: Callable[..., bytes]
) -> None:
    arrival = arrive({ENVELOPE: envelope(*twice), "a.xml": message("6-2")})
    assert _named(arrival) == [("a.xml", (), ())]


def test_what_is_announced_and_not_given_is_said(
    arrive: Arrive, message: Message, envelope: Callable[..., bytes]
) -> None:
    files = {ENVELOPE: envelope("a.xml", "b.xml"), "a.xml": message("2-1")}
    first, second = arrive(files).messages
    assert (first.documents, first.missing) == ((), (f"{STEM}-2-1_3.pdf",))
    assert second == ArrivedMessage(
        "b.xml",
        None,
        "« b.xml », que l'enveloppe annonce, n'est pas parmi les fichiers reçus.",
        (),
        (),
    )


def test_an_empty_file_is_as_good_as_missing(
    arrive: Arrive, message: Message, envelope: Callable[..., bytes]
) -> None:
    name = f"{STEM}-2-1_3.pdf"
    arrival = arrive({ENVELOPE: envelope("a.xml"), "a.xml": message("2-1"), name: b""})
    assert _named(arrival) == [("a.xml", (), (name,))]
    assert arrival.notes == (f"« {name} » est vide.",)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"<a/>", "n'est pas un message du protocole"),
        (b"%PDF-1.7", "XML bien formé"),
        (b"<!DOCTYPE a><a/>", "DOCTYPE"),
    ],
)
def test_one_unreadable_message_does_not_hide_the_others(
    arrive: Arrive, raw: bytes, said: str, message: Message, envelope: Callable[..., bytes]
) -> None:
    arrival = arrive({ENVELOPE: envelope("a.xml", LISTED), "a.xml": raw, LISTED: message("1-2")})
    bad, good = arrival.messages
    assert bad.read is None
    assert said in (bad.problem or "")
    assert good.read is not None


def test_a_message_of_ours_is_no_message_of_the_state(
    arrive: Arrive, message: Message, envelope: Callable[..., bytes]
) -> None:
    arrival = arrive({ENVELOPE: envelope("a.xml"), "a.xml": message("6-1")})
    assert "n'est pas un message de retour" in (arrival.messages[0].problem or "")


def test_a_message_that_no_envelope_lists_is_read_all_the_same(
    arrive: Arrive, message: Message, envelope: Callable[..., bytes]
) -> None:
    files = {ENVELOPE: envelope(LISTED), LISTED: message("1-2"), "lettre.xml": message("4-1")}
    arrival = arrive(files)
    assert [found.nom_fichier for found in arrival.messages] == [LISTED, "lettre.xml"]
    assert arrival.notes == ("« lettre.xml » n'est annoncé par aucune enveloppe : lu quand même.",)


def test_a_message_of_ours_that_comes_back_unlisted_is_left_aside(
    arrive: Arrive, message: Message, envelope: Callable[..., bytes]
) -> None:
    files = {ENVELOPE: envelope(LISTED), LISTED: message("1-2"), "a.xml": message("6-1")}
    arrival = arrive(files)
    assert [found.nom_fichier for found in arrival.messages] == [LISTED]
    assert arrival.notes == ("« a.xml » n'est nommé par aucun message : il est laissé de côté.",)


def test_the_anomaly_of_an_envelope_comes_without_an_envelope(
    arrive: Arrive, message: Message
) -> None:
    name = "ANO_EACT--123456782--20240216-1.xml"
    arrival = arrive({name: message("AnomalieEnveloppe"), "logo.png": b"\x89PNG"})
    assert arrival.enveloppe is None
    read = arrival.messages[0].read
    assert read is not None
    assert isinstance(read.retour, AnomalieEnveloppe)


@pytest.mark.parametrize("files", [{}, {"logo.png": b"\x89PNG"}, {"a.xml": b""}])
def test_a_mail_without_a_message_is_refused(arrive: Arrive, files: dict[str, bytes]) -> None:
    with pytest.raises(UnreadableRetourError, match="aucun message de l'État"):
        arrive(files)


def test_two_envelopes_at_once_are_refused(arrive: Arrive, envelope: Callable[..., bytes]) -> None:
    with pytest.raises(UnreadableRetourError, match=r"Plusieurs enveloppes .*: a.xml, b.xml"):
        arrive({"a.xml": envelope(LISTED), "b.xml": envelope(LISTED)})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b' insee:SIREN="123456782"', b"", "il manque SIREN"),
        (b"NomFichier", b"Nom", "sans contenu utile"),
        (b"Formulaire>", b"Autre>", "il manque Formulaire"),
    ],
)
def test_an_envelope_needs_its_addressee_and_its_messages(
    arrive: Arrive, old: bytes, new: bytes, said: str, message: Message
) -> None:
    with pytest.raises(UnreadableRetourError, match=said):
        arrive({ENVELOPE: message("EnveloppeMISILLCL").replace(old, new)})


def test_an_envelope_whose_sender_cannot_be_read_is_read_and_noted(
    arrive: Arrive, message: Message
) -> None:
    raw = message("EnveloppeMISILLCL").replace(b' actes:Arrondissement="2"', b"")
    arrival = arrive({ENVELOPE: raw, LISTED: message("1-2")})
    assert arrival.enveloppe is not None
    assert arrival.enveloppe.emetteur is None
    assert "Enveloppe : Emetteur : aucun service de l'État n'est lisible." in arrival.notes


def test_a_document_is_named_without_being_read(
    arrive: Arrive,
    message: Message,
    envelope: Callable[..., bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[int] = []
    open_message = arrival_module.open_message
    monkeypatch.setattr(
        arrival_module, "open_message", lambda raw: read.append(len(raw)) or open_message(raw)
    )
    names = ("a.xml", f"{STEM}-2-1_3.pdf", "huge.xml", "note.txt")
    contents = (message("2-1"), b"%PDF-1.7", b"<a>" + bytes(MESSAGE_MAX), b"bonjour")
    files = dict(zip(names, contents, strict=True))
    assert _named(arrive({ENVELOPE: envelope("a.xml"), **files})) == [("a.xml", names[1:2], ())]
    assert read == [len(envelope("a.xml")), len(message("2-1"))]


def test_an_announced_message_too_large_for_one_is_not_opened(
    arrive: Arrive, envelope: Callable[..., bytes]
) -> None:
    (found,) = arrive({ENVELOPE: envelope("a.xml"), "a.xml": bytes(MESSAGE_MAX + 1)}).messages
    assert found.read is None
    assert "n'a pas été ouvert" in (found.problem or "")


@pytest.mark.parametrize("mark", ["utf-16", "utf-8-sig"])
def test_an_unlisted_message_is_seen_behind_a_byte_order_mark(
    mark: str, arrive: Arrive, message: Message
) -> None:
    arrival = arrive({"a.xml": message("1-2").decode("iso-8859-1").encode(mark)})
    assert [found.nom_fichier for found in arrival.messages] == ["a.xml"]


def test_a_mail_about_paper_documents_is_to_be_read_by_a_clerk(arrive: Arrive) -> None:
    with pytest.raises(UnreadableRetourError, match="comme un courrier ordinaire"):
        arrive({"logo.png": b"\x89PNG"})


def test_an_envelope_that_announces_too_many_messages_is_refused(
    arrive: Arrive, envelope: Callable[..., bytes]
) -> None:
    names = [f"{rank}.xml" for rank in range(1001)]
    assert len(arrive({ENVELOPE: envelope(*names[:1000])}).messages) == 1000
    with pytest.raises(UnreadableRetourError, match="plus de 1000 messages"):
        arrive({ENVELOPE: envelope(*names)})

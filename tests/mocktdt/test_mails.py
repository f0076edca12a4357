"""The mails of the State: their form, what varies, and a mailbox that is not always there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.dovecot import mail_server
from transmission.mocktdt import xmlio
from transmission.mocktdt.main import main
from transmission.mocktdt.settings import Mailbox

PROGRAM = Path(sys.executable).with_name("mock-tdt")
NUMBERS = [f"A{rank}" for rank in range(12)]


def types(mail):
    return [part.get_content_type() for part in mail.walk()]


def names(mail):
    return [part.get_filename() for part in mail.walk() if part.get_filename()]


def body(mail):
    part = next(part for part in mail.walk() if part.get_content_type() == "text/html")
    return part.get_payload(decode=True).decode(part.get_content_charset())


def on_paper(one):
    """The same archive, whose act announces documents on paper."""
    xml = one.message().replace(b"Papier>N<", b"Papier>O<")
    one.more = dict.fromkeys((one.document, *one.annexe_names), one.pdf)
    one.messages = ((one.message_name, xml),)
    return one


def test_a_calm_mail_is_an_html_body_then_envelope_message_and_logo(ministry, archive):
    door = ministry()
    door.deposited(archive(objet="Tarif &lt;b&gt; de la médiathèque &#8364; " + "x" * 100))
    (mail,) = door.mails(1)
    assert types(mail) == [
        "multipart/mixed",
        "text/html",
        "application/xml",
        "application/xml",
        "image/png",
    ]
    assert names(mail)[-1] == "logo.png"
    assert "logo" not in body(mail)
    assert (mail["To"], mail["From"]) == (
        "retour@example.org",
        "actes-fictif@interieur.example",
    )
    assert mail["Date"] == "Mon, 16 Mar 2026 10:00:00 +0000"
    assert mail["Subject"].startswith("[FICTIF] ACTES : Accusé de réception d'un acte")
    for fact in (
        "MESSAGE FICTIF",
        "Sous-préfecture, département 042, arrondissement 2",
        "16/03/2026 11:00:00 (GMT+0100)",
        "123456782",
        "Tarif &lt;b&gt; de la médiathèque &#8364;",
        "042-123456782-20260312-D2026_001-DE",
    ):
        assert fact in body(mail), fact
    assert "x" * 100 not in body(mail)


def test_a_chief_town_hears_from_the_prefecture(ministry, archive, connect):
    door = ministry()
    client = connect(door.mock, "111111118")
    one = archive(idcl=("111111118", "042", "1", "31"))
    assert client.post("/ministere/depot", files={one.name: one.content()}).status_code == 200
    (name, envelope), _ = door.retour().items()
    assert name.startswith("EACT--PREF042-111111118-20260316-")
    assert xmlio.first(xmlio.parse(envelope), "//actes:IDPref/@actes:Departement") == "042"


def test_an_envelope_anomaly_travels_alone_in_honest_latin_1(ministry, archive):
    door = ministry()
    door.management.post("/scenario", scenario="anomalie_enveloppe", next=True, detail="dépassé")
    door.deposited(archive())
    (mail,) = door.mails(1)
    assert names(mail) == ["ANO_EACT--123456782--20260316-1.xml", "logo.png"]
    (content,) = door.files(mail).values()
    assert "dépassé".encode("iso-8859-1") in content


def test_paper_documents_are_asked_for_in_a_second_mail_without_xml(ministry, archive):
    door = ministry()
    door.deposited(on_paper(archive()))
    ar, notice = door.mails(2)
    assert any("-1-2_" in name for name in names(ar))
    assert names(notice) == ["logo.png"]
    assert "documents papier" in body(notice)
    told = door.management.get("/received")["mails"]
    assert [[m["code"] for m in mail["messages"]] for mail in told] == [["1-2"], []]


def test_an_unpleasant_ministry_shuffles_its_attachments_and_wraps_its_mails(ministry, archive):
    door = ministry(calm=False, seed=3)
    door.management.post("/delays", answer=0)
    for serial, number in enumerate(NUMBERS, start=1):
        door.deposited(archive(number=number, serial=serial))
    mails = door.mails(len(NUMBERS))
    shapes = {tuple(types(mail)[:2]) for mail in mails}
    assert shapes == {("multipart/mixed", "text/html"), ("multipart/alternative", "text/plain")}
    orders = {tuple(name.rpartition("_")[0][-3:] for name in names(mail)) for mail in mails}
    assert len(orders) > 2
    for mail in mails:
        envelope = next(c for n, c in door.files(mail).items() if n.startswith("EACT--"))
        (named,) = xmlio.every(xmlio.parse(envelope), "//actes:NomFichier")
        assert named in names(mail)


def test_retours_due_together_may_share_a_mail_and_an_envelope(ministry, archive):
    door = ministry()
    door.management.post("/delays", answer=60)
    assert door.management.post("/mails", grouped=True) == {"grouped": True}
    for serial, number in enumerate(("A1", "A2", "ANOENV_A"), start=1):
        door.deposited(archive(number=number, serial=serial))
    door.management.post("/clock", advance=61)
    anomaly, together = door.mails(2)
    assert list(door.files(anomaly)) == ["ANO_EACT--123456782--20260316-3.xml"]
    envelope, *messages = door.files(together).items()
    assert xmlio.every(xmlio.parse(envelope[1]), "//actes:NomFichier") == [n for n, _ in messages]
    assert [xmlio.local_name(xmlio.parse(xml)) for _, xml in messages] == ["ARActe", "ARActe"]


def test_grouping_needs_a_mailbox_and_a_boolean(management, ministry):
    assert "--mailbox-host" in management.refused("/mails", grouped=True)
    assert "true ou false" in ministry().management.refused("/mails", grouped="oui")


def test_mails_wait_for_a_mailbox_that_is_down(
    start_mock, connect, manage, archive, until, tmp_path
):
    with mail_server(tmp_path / "mailbox") as server:
        mock = start_mock(mailbox=of(server))
        client, management = connect(mock), manage(mock)
        server.stop()
        for serial, number in enumerate(("A1", "A2"), start=1):
            one = archive(number=number, serial=serial)
            assert client.post("/ministere/depot", files={one.name: one.content()}).ok

        def tried():
            return management.get("/received")["mails"][0]["attempts"] >= 2

        assert until(tried)
        first, second = management.get("/received")["mails"]
        assert (first["delivered"], second["delivered"]) == (False, False)
        assert first["error"].startswith("ConnectionRefusedError")
        page = management.session.get(management.url + "/").text
        assert "2 courriels du ministère, dont 2 à distribuer (ConnectionRefused" in page
        server.start()
        assert until(lambda: len(server.mails()) == 2)
        assert until(lambda: all(m["delivered"] for m in management.get("/received")["mails"]))
        assert [b"-A1-DE" in mail for mail in server.mails()] == [True, False]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"folder": "nulle part"}, "MailboxError"),
        ({"user": "inconnu"}, "Authentication failed"),
        ({"ca_file": None}, "SSLCertVerificationError"),
    ],
)
def test_a_mailbox_that_refuses_is_told_by_the_oracle(
    start_mock, connect, manage, mailbox, archive, until, changes, error
):
    mock = start_mock(mailbox=of(mailbox, **changes))
    one = archive()
    assert connect(mock).post("/ministere/depot", files={one.name: one.content()}).ok
    management = manage(mock)

    def told():
        (mail,) = management.get("/received")["mails"]
        return error in mail["error"] and not mail["delivered"]

    assert until(told)
    assert mailbox.mails() == []


def test_the_program_takes_a_mailbox(tmp_path, mailbox):
    process = subprocess.Popen(
        [
            *(PROGRAM, "--calm", "--directory", tmp_path / "pki"),
            *("--mailbox-host", mailbox.host, "--mailbox-port", str(mailbox.port)),
            *("--mailbox-user", mailbox.user, "--mailbox-folder", mailbox.folder),
            *("--mailbox-password-file", mailbox.password_file),
            *("--mailbox-ca-file", mailbox.ca_file),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["url"].startswith("https://127.0.0.1:")
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--mailbox-user", "a"], "--mailbox-password-file"),
        (["--mailbox-user", "a", "--mailbox-password-file", "absent"], "absent"),
    ],
)
def test_the_program_says_what_its_mailbox_lacks(options, text):
    result = CliRunner().invoke(main, ["--mailbox-host", "localhost", *options])
    assert (result.exit_code, text in result.output) == (1, True), result.output


def of(server, **changes):
    settings = {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "password_file": server.password_file,
        "ca_file": server.ca_file,
        "folder": server.folder,
    }
    return Mailbox(**(settings | changes))

"""The mailbox of the direct route, at a real IMAP server."""

import hashlib
import imaplib
import logging
import random
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.support.dovecot import MailServer, mail_server
from transmission.domain.outcomes import CannotTell
from transmission.mocktdt.pki import CertificateAuthority
from transmission.ports import InboxItem
from transmission.tdt import imap
from transmission.tdt.imap import ImapMailbox

MIB = 1_048_576
GONE = "n'est plus dans la boîte"


def a_mail(number: int, size: int = 0) -> bytes:
    head = b"From: prefecture@example.org\r\nSubject: retour %d\r\n\r\n" % number
    return head + b'"\\{3}\r\n) NIL\r\n' + random.Random(number).randbytes(size // 2).hex().encode()


def fetched(mailbox: ImapMailbox, item: InboxItem) -> bytes:
    target = BytesIO()
    assert mailbox.fetch(item, target) is None
    return target.getvalue()


def items(mailbox: ImapMailbox) -> list[InboxItem]:
    found = mailbox.inbox()
    assert not isinstance(found, CannotTell), found
    return list(found)


def reason(silence: Any) -> str:
    assert isinstance(silence, CannotTell), silence
    return silence.reason


# --- reading -----------------------------------------------------------------------------------


def test_an_empty_mailbox_is_well_and_holds_nothing(open_mailbox: Any) -> None:
    mailbox = open_mailbox()
    assert mailbox.check() is None
    assert items(mailbox) == []


def test_mails_are_listed_oldest_first_and_read_to_the_byte(
    mail: MailServer, open_mailbox: Any
) -> None:
    mails = [a_mail(n, n * 1_000) for n in range(4)]
    for each in mails:
        mail.put(each)
    mailbox = open_mailbox()
    listed = items(mailbox)
    validities, uids = zip(*(item.key.split(".") for item in listed), strict=True)
    assert len(set(validities)) == 1
    assert list(map(int, uids)) == sorted(map(int, uids))
    assert [fetched(mailbox, item) for item in listed] == mails


@pytest.mark.parametrize("size", [MIB - 1, MIB, MIB + 1, 2 * MIB])
def test_a_mail_around_the_size_of_a_piece_is_whole(
    mail: MailServer, open_mailbox: Any, size: int
) -> None:
    content = a_mail(1, 3 * MIB)[:size]
    mail.put(content)
    mailbox = open_mailbox()
    (item,) = items(mailbox)
    assert fetched(mailbox, item) == content


def test_reading_changes_nothing_and_comes_again(
    mail: MailServer, another_program: Any, open_mailbox: Any
) -> None:
    mail.put(a_mail(1))
    mailbox = open_mailbox()
    (item,) = items(mailbox)
    assert fetched(mailbox, item) == fetched(mailbox, item) == a_mail(1)
    assert items(mailbox) == [item]
    assert items(open_mailbox()) == [item]
    with another_program() as session:
        session.select(mail.folder, readonly=True)
        assert session.search(None, "UNSEEN") == ("OK", [b"1"])


class Digest:
    """A target that keeps nothing."""

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()
        self.largest = 0

    def write(self, block: bytes) -> int:
        self.sha256.update(block)
        self.largest = max(self.largest, len(block))
        return len(block)


def test_a_large_mail_is_read_without_growing(mail: MailServer, open_mailbox: Any) -> None:
    content = a_mail(1, 30 * MIB)
    mail.put(content)
    expected = hashlib.sha256(content).hexdigest()
    del content
    mailbox, target = open_mailbox(), Digest()
    (item,) = items(mailbox)
    tracemalloc.start()
    try:
        assert mailbox.fetch(item, target) is None  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert target.sha256.hexdigest() == expected
    assert target.largest == MIB
    assert peak < 6 * MIB


def test_a_mail_that_is_too_large_is_named_and_left(
    mail: MailServer, open_mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail.put(a_mail(1, 4_000))
    mail.put(a_mail(2))
    monkeypatch.setattr(imap, "MAIL_MAX", 3_000)
    mailbox, target = open_mailbox(), BytesIO()
    large, small = items(mailbox)
    told = reason(mailbox.fetch(large, target))
    assert f"le courriel {large.key} est trop grand" in told
    assert target.getvalue() == b""
    assert fetched(mailbox, small) == a_mail(2)
    assert items(mailbox) == [large, small]


def test_only_the_oldest_are_listed_when_there_are_many(
    mail: MailServer, open_mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "ITEMS_MAX", 3)
    for n in range(5):
        mail.put(a_mail(n))
    mailbox = open_mailbox()
    listed = items(mailbox)
    assert [fetched(mailbox, item) for item in listed] == [a_mail(n) for n in range(3)]
    assert mailbox.confirm(listed[0]) is None
    assert [fetched(mailbox, item) for item in items(mailbox)] == [a_mail(n) for n in (1, 2, 3)]


def test_a_target_that_refuses_is_heard_and_the_mailbox_goes_on(
    mail: MailServer, open_mailbox: Any
) -> None:
    class Full(BytesIO):
        def write(self, block: Any) -> int:
            raise OSError(28, "No space left on device")

    mail.put(a_mail(1))
    mailbox = open_mailbox()
    (item,) = items(mailbox)
    with pytest.raises(OSError, match="No space left"):
        mailbox.fetch(item, Full())
    assert fetched(mailbox, item) == a_mail(1)


# --- removing ----------------------------------------------------------------------------------


def test_a_confirmed_mail_is_removed_and_no_other(mail: MailServer, open_mailbox: Any) -> None:
    for n in range(3):
        mail.put(a_mail(n))
    mailbox = open_mailbox()
    first, second, third = items(mailbox)
    assert mailbox.confirm(second) is None
    assert mail.mails() == [a_mail(0), a_mail(2)]
    assert items(mailbox) == [first, third]


def test_a_mail_that_is_gone_is_well_confirmed_and_cannot_be_read(
    mail: MailServer, open_mailbox: Any
) -> None:
    mail.put(a_mail(1))
    mailbox = open_mailbox()
    (item,) = items(mailbox)
    assert mailbox.confirm(item) is None
    assert mailbox.confirm(item) is None
    assert GONE in reason(mailbox.fetch(item, BytesIO()))


def test_a_mail_that_somebody_else_marked_stays(
    mail: MailServer, mark: Any, open_mailbox: Any
) -> None:
    for n in range(3):
        mail.put(a_mail(n))
    mark(1, 3)
    mailbox = open_mailbox()
    assert mailbox.confirm(items(mailbox)[1]) is None
    assert mail.mails() == [a_mail(0), a_mail(2)]


@pytest.fixture
def mark(another_program: Any) -> Callable[..., None]:
    """Another program marks mails as deleted, by rank, and leaves them there."""

    def marked(*numbers: int) -> None:
        with another_program() as session:
            session.select()
            for number in numbers:
                session.store(str(number), "+FLAGS", "\\Deleted")

    return marked


@pytest.fixture
def no_uidplus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without UIDPLUS, as the client sees it."""
    has = imap.IMAPClient.has_capability
    monkeypatch.setattr(
        imap.IMAPClient,
        "has_capability",
        lambda self, name: name != "UIDPLUS" and has(self, name),
    )


@pytest.mark.usefixtures("no_uidplus")
def test_without_uidplus_a_mail_is_removed_when_it_is_the_only_one_marked(
    mail: MailServer, open_mailbox: Any
) -> None:
    mail.put(a_mail(1))
    mail.put(a_mail(2))
    mailbox = open_mailbox()
    assert mailbox.confirm(items(mailbox)[0]) is None
    assert mail.mails() == [a_mail(2)]


@pytest.mark.usefixtures("no_uidplus")
def test_without_uidplus_nothing_is_removed_while_another_mail_is_marked(
    mail: MailServer, mark: Any, open_mailbox: Any
) -> None:
    mail.put(a_mail(1))
    mail.put(a_mail(2))
    mark(2)
    mailbox = open_mailbox()
    ours, other = items(mailbox)
    assert "marqués comme supprimés" in reason(mailbox.confirm(ours))
    assert mail.mails() == [a_mail(1), a_mail(2)]
    # Ours is not left marked: what another program expunges would not wait for us.
    assert mailbox.confirm(other) is None
    assert mail.mails() == [a_mail(1)]


# --- other folders and numberings --------------------------------------------------------------


def test_another_folder_is_read_whatever_its_name(
    mail: MailServer, another_program: Any, open_mailbox: Any
) -> None:
    with another_program() as session:
        session.create('"Pr&AOk-fecture"')
        session.append('"Pr&AOk-fecture"', "", "", a_mail(7))
    mailbox = open_mailbox(folder="Préfecture")
    (item,) = items(mailbox)
    assert fetched(mailbox, item) == a_mail(7)
    assert mailbox.confirm(item) is None
    assert items(mailbox) == []


def test_a_folder_that_is_missing_is_named(open_mailbox: Any) -> None:
    mailbox = open_mailbox(folder="Absent")
    for silence in (mailbox.check(), mailbox.inbox(), mailbox.confirm(InboxItem("1.1"))):
        assert "dossier « Absent » de la boîte" in reason(silence)


def test_a_renumbered_mailbox_makes_old_keys_void(
    mail: MailServer, another_program: Any, open_mailbox: Any
) -> None:
    def made_anew(content: bytes) -> None:
        with another_program() as session:
            session.delete("Passage")
            session.create("Passage")
            session.append("Passage", "", "", content)

    made_anew(a_mail(1))
    mailbox = open_mailbox(folder="Passage")
    (old,) = items(mailbox)
    # A UIDVALIDITY is often the second of the creation: a file of Dovecot holds it.
    while items(mailbox) in ([], [old]):
        made_anew(a_mail(2))
    (new,) = items(mailbox)
    target = BytesIO()
    assert "renuméroté" in reason(mailbox.fetch(old, target))
    assert "renuméroté" in reason(mailbox.confirm(old))
    assert target.getvalue() == b""
    assert fetched(mailbox, new) == a_mail(2)


@pytest.mark.parametrize("key", ["", "1", "x.1", "1.x", "1.1.1", "1.-1"])
def test_a_key_that_names_nothing_is_told(open_mailbox: Any, key: str) -> None:
    assert "renuméroté" in reason(open_mailbox().confirm(InboxItem(key)))


# --- servers and identities --------------------------------------------------------------------


def test_the_connection_is_kept_then_made_anew_when_the_server_came_back(
    tmp_path: Path, open_mailbox: Any
) -> None:
    with mail_server(tmp_path) as own:
        own.put(a_mail(1))
        mailbox = open_mailbox(
            port=own.port, password_file=str(own.password_file), ca_file=str(own.ca_file)
        )
        (item,) = items(mailbox)
        kept = mailbox._session
        assert items(mailbox) == [item]
        assert mailbox._session is kept
        own.stop()
        assert reason(mailbox.inbox()) == "le serveur de courriel refuse la connexion"
        assert reason(mailbox.check()) == "le serveur de courriel refuse la connexion"
        own.start()
        assert fetched(mailbox, item) == a_mail(1)
        own.stop()
        own.start()
        # Dropped between two calls, without our having seen it.
        assert mailbox.confirm(item) is None
        assert own.mails() == []


def test_a_wrong_password_is_told_without_being_repeated(
    open_mailbox: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("mot de passé faux")
    # A server of its own: Dovecot makes an address wait that gave a wrong password.
    with mail_server(tmp_path) as own, caplog.at_level(logging.DEBUG):
        mailbox = open_mailbox(port=own.port, password_file=str(wrong), ca_file=str(own.ca_file))
        told = reason(mailbox.inbox())
    assert "refuse l'identifiant ou le mot de passe" in told
    assert "faux" not in told + caplog.text


def test_neither_the_password_nor_a_mail_is_logged(
    mail: MailServer, open_mailbox: Any, caplog: pytest.LogCaptureFixture
) -> None:
    mail.put(a_mail(1))
    with caplog.at_level(logging.DEBUG):
        mailbox = open_mailbox()
        fetched(mailbox, items(mailbox)[0])
    assert mail.password not in caplog.text
    assert "Subject" not in caplog.text
    assert mail.password not in f"{mailbox!r} {mailbox._session!r}"


def test_a_server_without_plain_is_given_a_login(
    mail: MailServer, open_mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap.IMAPClient, "plain_login", None)
    has = imap.IMAPClient.has_capability
    monkeypatch.setattr(
        imap.IMAPClient,
        "has_capability",
        lambda self, name: name != "AUTH=PLAIN" and has(self, name),
    )
    assert open_mailbox().check() is None


def test_a_server_of_another_authority_is_not_spoken_to(open_mailbox: Any, tmp_path: Path) -> None:
    other = tmp_path / "ca.pem"
    other.write_bytes(CertificateAuthority().pem)
    told = reason(open_mailbox(ca_file=str(other)).inbox())
    assert told.startswith("le certificat du serveur de courriel est refusé")


def test_a_mailbox_of_read_only_is_told_by_the_check(
    mail: MailServer, open_mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a server says that opened for changes, the folder is only lent.
    select = imaplib.IMAP4.select

    def lent(self: Any, folder: str = "INBOX", readonly: bool = False) -> Any:
        answer = select(self, folder, readonly=True)
        if not readonly:
            raise imaplib.IMAP4.readonly(f"{folder} is not writable")
        return answer

    monkeypatch.setattr(imaplib.IMAP4, "select", lent)
    mailbox = open_mailbox()
    assert "ne permet pas d'y retirer" in reason(mailbox.check())
    assert items(mailbox) == []

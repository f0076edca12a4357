"""An e-mail as it travels: the same facts give the same bytes."""

import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from transmission.domain.texte import printable
from transmission.ports.outbound import Mail

_POLICY = SMTP.clone(cte_type="7bit")
_KEY_LENGTH = 40


def composed(mail: Mail, sender: str) -> bytes:
    """A mail in both plain text and HTML, of ASCII alone, for a bare address of the sender.

    Its ``Message-ID`` comes from its key and the sender's domain. What comes from outside (subject,
    texts) never makes a header: line ends are folded into spaces, and the library refuses others.
    """
    key = _digest("Message-ID", mail.key)
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = " ".join(printable(mail.subject).split())
    message["Date"] = format_datetime(mail.written_at)
    message["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
    # No answer of a machine is wanted (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    if mail.choices is not None:
        message["List-Unsubscribe"] = f"<{mail.choices}>"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    # Otherwise drawn at random.
    message.set_boundary(_digest("boundary", mail.key))
    return message.as_bytes()


def _digest(use: str, key: str) -> str:
    return hashlib.sha256(f"{use}:{key}".encode()).hexdigest()[:_KEY_LENGTH]

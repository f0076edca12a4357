"""What a person is told by e-mail, and where: chosen by them, or by whoever keeps accounts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape

from transmission.domain.accounts import Account, folded_login, mail_address
from transmission.domain.errors import NotFoundError, TransmissionError
from transmission.domain.mails import html_page
from transmission.domain.transmission import Author
from transmission.domain.wishes import NONE_CHOSEN, Listener, Wishes
from transmission.ports import UnitOfWork
from transmission.ports.outbound import Delivered, Mail
from transmission.services.toolbox import Toolbox

TRIED = "mail_tried"
"""Event of an account: a mail was sent to its address, for its person to see that it comes."""

_PAUSE = timedelta(minutes=1)
_SUBJECT = "Télétransmission : courriel d'essai"
_SAID = (
    "Ce courriel a été demandé depuis la page de votre compte : ce qui vous est annoncé arrivera "
    "à cette adresse."
)


class MailRefusedError(TransmissionError):
    """A mail on trial was not taken; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person wants, and their address; None for what does not change, an empty address for
    none."""

    wishes: Wishes = field(default_factory=dict)
    email: str | None = None


def find_listener(tools: Toolbox, login: str) -> Listener:
    """Somebody and what they chose. Raises NotFoundError."""
    with tools.register() as unit:
        return _listener(unit, login)


def choose(tools: Toolbox, login: str, chosen: Chosen, author: Author) -> Listener:
    """Keep what a person wants to be told, and their address; the person as they are then.

    Raises NotFoundError, RefusedError for an address that is none.
    """
    now = tools.clock.now()
    email = None if chosen.email is None else mail_address(chosen.email)
    with tools.register() as unit:
        known = _listener(unit, login)
        account = known.account
        if chosen.email is not None and email != account.email:
            unit.keep_email(account.id, email)
            unit.tell_of_person(account.id, "email_changed", author, now)
        wanted = known.after(chosen.wishes)
        if wanted != known.chosen:
            unit.keep_wishes(account.id, wanted)
            unit.tell_of_person(account.id, "wishes_changed", author, now)
        changed = _listener(unit, login)
        unit.commit()
    return changed


def try_mail(tools: Toolbox, account: Account) -> None:
    """Send a mail to a person's own address, at once. Raises MailRefusedError."""
    now, mailer, address = tools.clock.now(), tools.mailer, account.email
    if address is None:
        raise MailRefusedError("Aucune adresse n'est enregistrée : donnez la vôtre d'abord.")
    if mailer is None:
        raise MailRefusedError(
            "Le service n'a pas de serveur de courriel : demandez à qui l'installe d'en régler un."
        )
    _note_trial(tools, account, now)
    delivery = mailer.send(_trial(account, address, now, tools.console_url))
    if not isinstance(delivery, Delivered):
        raise MailRefusedError(
            f"Le courriel n'est pas parti : {delivery.reason}. Réessayez, ou prévenez qui "
            "s'occupe du service."
        )


def _note_trial(tools: Toolbox, account: Account, now: datetime) -> None:
    """Write that a mail is tried, unless one just was: nobody is to be flooded."""
    with tools.register() as unit:
        last = unit.person_events(None, account.id, 20)
        if any(each.event == TRIED and each.at > now - _PAUSE for each in last):
            raise MailRefusedError("Un essai vient de partir : attendez une minute.")
        unit.tell_of_person(account.id, TRIED, Author(account.name), now)
        unit.commit()


def _trial(account: Account, address: str, now: datetime, console: str | None) -> Mail:
    choices = None if console is None else f"{console}/compte"
    paragraphs = [f"<p>{escape(_SAID)}</p>"]
    if choices:
        paragraphs.append(f'<p><a href="{escape(choices)}">Votre compte</a></p>')
    return Mail(
        key=f"essai:{account.id}:{now.isoformat()}",
        recipient=address,
        subject=_SUBJECT,
        text=f"{_SAID}\n" + (f"\n{choices}\n" if choices else ""),
        html=html_page(_SUBJECT, "\n".join(paragraphs)),
        written_at=now,
        choices=choices,
    )


def _listener(unit: UnitOfWork, login: str) -> Listener:
    account = unit.account_by_login(folded_login(login))
    if account is None:
        raise NotFoundError("Aucun compte n'a cet identifiant.")
    return Listener(account, unit.wishes().get(account.id, NONE_CHOSEN))

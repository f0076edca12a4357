"""A distant service, through its API and in the name of a token."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import click

from transmission.cli.context import ActeRefusedError
from transmission.cli.facts import Facts
from transmission.cli.handing import Taken, Taker
from transmission.cli.progress import bar
from transmission.cli.service import (
    Acte,
    Answered,
    Named,
    Online,
    Outcome,
    PutOnline,
    Service,
    Told,
    Writer,
)
from transmission.cli.waiting import watch
from transmission.client import (
    Client,
    ClientError,
    ConflictError,
    Depot,
    Filtres,
    InvalidError,
    Piece,
    RefusedByServiceError,
)
from transmission.client.answers import ActeEntier, ActeRemis, Courrier, CourrierOuvert, Resume
from transmission.client.bodies import Progress
from transmission.console.words import day, moment, safe_name
from transmission.domain.errors import Problem, RefusedError, TransmissionError
from transmission.domain.lifecycle import State
from transmission.services.accept import Deposit
from transmission.settings import Settings

LETTERS_SHOWN = 200
_LARGE = 8 << 20
"""Bytes from which files are sent in pieces, which a cut does not lose."""
_LOOK_EVERY = 2.0
"""Seconds between two looks at acts that are waited for."""
_PARIS = "Europe/Paris"
_UNSAFE = re.compile(r"[^0-9A-Za-z]+")


class DistantError(TransmissionError):
    """What the distant service, or the way to it, did not allow."""


@contextmanager
def far(settings: Settings, par: str | None) -> Iterator[Service]:
    """The service of an address. Raises DistantError, UsageError."""
    if par is not None:
        raise click.UsageError("--par : à distance, c'est le jeton qui dit qui agit.")
    if settings.service_url is None or settings.token_file is None:
        raise click.UsageError(
            "Donnez avec --service le fichier du jeton : --jeton-fichier, ou "
            "TRANSMISSION_TOKEN_FILE."
        )
    with _told():
        client = Client.from_token_file(
            settings.service_url, settings.token_file, ca_file=settings.service_ca_file
        )
    with client:
        yield ServiceFar(client)


class ServiceFar:
    """The port ``Service``."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @contextmanager
    def acte(self, named: Named) -> Iterator[Acte]:
        with _told():
            found = self._found(named)
        try:
            with _told(named.numero):
                yield ActeFar(self._client, self._client.acte(found.id))
        finally:
            self._client.close()

    def open_letters(self, siren: str | None) -> tuple[Sequence[Told], Sequence[Any], bool]:
        _refuse_siren(siren)
        with _told():
            found = list(self._client.courriers())[::-1]
        shown = found[:LETTERS_SHOWN]
        told = [(f"Courrier n° {line.id}", _line_facts(line)) for line in shown]
        return told, [asdict(line) for line in shown], len(found) <= LETTERS_SHOWN

    def letter_files(self, courrier: int) -> Iterator[tuple[str, Writer]]:
        with _told():
            letter = self._client.courrier(courrier)
        for rank, kept in enumerate(letter.documents, start=1):
            extension = _UNSAFE.sub("", Path(kept.nom).suffix) or "bin"
            name = f"courrier-{courrier}-{rank}-{safe_name(kept.nom, extension)}"
            yield name, partial(self._document, letter.acte.id, kept.sha256)

    def reply(
        self,
        courrier: int,
        fichiers: Sequence[tuple[Path, str | None]],
        message: str | None,
        *,
        refuses: bool,
    ) -> Answered:
        pieces = [Piece(path, code) for path, code in fichiers]
        with _told():
            given = self._client.reply(courrier, pieces, message=message, refus=refuses)
            numero = self._client.courrier(courrier).acte.numero
        sent = given.envoi.message
        return Answered(numero, sent.code, sent.libelle, given.deja_donnee)

    @contextmanager
    def taker(self, siren: str | None) -> Iterator[Taker]:
        _refuse_siren(siren)
        yield TakerFar(self._client)

    def watch(self, actes: Sequence[int]) -> list[Outcome]:
        def look() -> list[Outcome]:
            with _told():
                return [_outcome(self._client.acte(acte_id)) for acte_id in actes]

        return watch(look, len(actes), every=_LOOK_EVERY)

    def _document(self, acte_id: int, sha256: str, target: BinaryIO) -> None:
        with _told():
            self._client.fichier(acte_id, sha256, target)

    def _found(self, named: Named) -> Resume:
        _refuse_siren(named.siren)
        wanted = Filtres(numero=named.numero.upper(), decision_du=named.day, decision_au=named.day)
        found = list(self._client.actes(wanted))
        if not found:
            dated = f" du {named.day:%d/%m/%Y}" if named.day else ""
            raise DistantError(
                f"Aucun acte {named.numero}{dated} n'a été remis. Vérifiez le numéro, ou remettez "
                "l'acte avec « transmission send »."
            )
        if len(found) > 1:
            dates = ", ".join(f"{each.date:%Y-%m-%d}" for each in found)
            raise DistantError(
                f"Plusieurs actes portent le numéro {named.numero} ; précisez --date : {dates}."
            )
        return found[0]


class ActeFar:
    """The port ``Acte``."""

    def __init__(self, client: Client, acte: ActeEntier) -> None:
        self._client = client
        self._acte = acte

    def document(self) -> dict[str, Any]:
        return asdict(self._acte)

    def story(self) -> Told:
        acte = self._acte
        facts: Facts = {
            "Objet": acte.objet,
            "Date de la décision": f"{acte.date:%d/%m/%Y}",
            "État": acte.etat.libelle,
            "Depuis": moment(acte.etat.depuis.astimezone(ZoneInfo(_PARIS)), _PARIS),
            "Attend": acte.attend,
        }
        if acte.date_reception is not None:
            facts["Identifiant de télétransmission"] = acte.id_acte
            facts["Reçu en préfecture le"] = f"{acte.date_reception:%d/%m/%Y}"
        for published in acte.publications[:1]:
            if published.retiree_le is None:
                facts["Mis en ligne le"] = f"{published.date:%d/%m/%Y}"
        sent_as = acte.id_acte.split("-")[3]
        if sent_as != acte.numero:
            facts["Envoyé sous le numéro"] = sent_as
        for letter in reversed(acte.courriers):
            facts[f"Courrier n° {letter.id}"] = f"{_title(letter)}. {_expected(letter)}"
        return f"Acte {acte.numero}", facts

    def letters(self) -> Sequence[Told]:
        numero = self._acte.numero
        return [
            (f"Courrier n° {each.id}", _letter_facts(each, numero)) for each in self._acte.courriers
        ]

    def stamp(self, target: BinaryIO) -> None:
        self._client.tampon(self._acte.id, target)

    def accuse_reception(self, target: BinaryIO) -> None:
        self._client.accuse_reception(self._acte.id, target)

    def id_acte(self) -> str:
        return self._acte.id_acte

    def dossier(self, target: BinaryIO, progress: Progress) -> None:
        self._client.dossier(self._acte.id, target, progress)

    def cancel(self, motif: str) -> State:
        self._client.cancel(self._acte.id, motif)
        newest = max(self._client.acte(self._acte.id).envois, key=lambda sent: sent.id)
        return State.of(newest.etat.code)

    def resend(self, motif: str, renamed: str | None) -> tuple[State, str]:
        now = self._client.resend(self._acte.id, motif, numero=renamed)
        return State.of(now.etat.code), now.id_acte.split("-")[3]

    def publish(self, asked: Online) -> PutOnline:
        made = self._client.publish(
            self._acte.id,
            asked.day,
            adresse=asked.adresse,
            registre=asked.registre,
            individuel=asked.individuel,
            noms_verifies=asked.noms_verifies,
            motif=asked.motif,
        )
        return PutOnline(made.adresse, made.date_minimum, made.avertissements)

    def unpublish(self, motif: str | None, *, early: bool) -> tuple[str, ...]:
        made = self._client.unpublish(self._acte.id, motif or "", forcer=early)
        return made.avertissements


@dataclass(frozen=True, slots=True)
class TakerFar:
    """The port ``Taker``."""

    client: Client

    @property
    def collectivite(self) -> None:
        return None

    def check(self, deposit: Deposit) -> None:
        with _told(), bar("vérification") as progress:
            self.client.rehearse(_depot(deposit), progress=progress)

    def accept(self, deposit: Deposit) -> Taken:
        depot = _depot(deposit)
        large = sum(piece.path.stat().st_size for piece in _pieces(depot)) > _LARGE
        with _told(), bar("envoi") as progress:
            if large:
                made = self._by_uploads(depot, deposit.idempotency_key, progress)
            else:
                made = self.client.deposit(depot, key=deposit.idempotency_key, progress=progress)
        return Taken(made.acte.id, made.acte.numero, made.deja_remis, made.notes)

    def _by_uploads(self, depot: Depot, key: str | None, progress: Progress) -> ActeRemis:
        pieces = _pieces(depot)
        sizes = [piece.path.stat().st_size for piece in pieces]
        sent = [
            self.client.upload(
                piece.path, piece.nom, progress=_part(progress, sum(sizes[:rank]), sum(sizes))
            ).id
            for rank, piece in enumerate(pieces)
        ]
        return self.client.deposit_uploads(depot, sent[0], tuple(sent[1:]), key=key)


def _part(progress: Progress, before: int, total: int) -> Progress:
    """Tells how far the whole is, by one file of it; ``before`` and ``total`` are bytes."""
    return lambda done, _size: progress(before + done, total)


def _pieces(depot: Depot) -> tuple[Piece, ...]:
    return (depot.document, *depot.annexes)


def _depot(deposit: Deposit) -> Depot:
    form = deposit.form
    pieces = [Piece(each.path, each.code_type_pj, each.nom_original) for each in deposit.files]
    return Depot(
        numero=form.numero,
        date=form.date,
        nature=form.nature,
        matiere=form.matiere,
        objet=form.objet,
        document=pieces[0],
        annexes=tuple(pieces[1:]),
        document_papier=form.document_papier,
    )


def _outcome(acte: ActeEntier) -> Outcome:
    return Outcome(acte.numero, State.of(acte.etat.code), acte.date_reception, acte.attend)


@contextmanager
def _told(numero: str | None = None) -> Iterator[None]:
    """Tell what the client meets as commands do; a refusal with the number of its act."""
    try:
        yield
    except (InvalidError, ConflictError) as error:
        if numero is None:
            raise _refused(error) from error
        raise ActeRefusedError(
            f"Acte {numero} : {error}\n« transmission status {numero} » dit où il en est."
        ) from error
    except ClientError as error:
        raise DistantError(str(error)) from error


def _refused(error: RefusedByServiceError) -> TransmissionError:
    problems = [
        Problem(each.champ, each.code, each.message, each.remede) for each in error.problemes
    ]
    return RefusedError(problems) if problems else DistantError(str(error))


def _refuse_siren(siren: str | None) -> None:
    if siren is not None:
        raise click.UsageError("--siren : à distance, c'est le jeton qui dit la collectivité.")


def _title(letter: Courrier | CourrierOuvert) -> str:
    return f"{letter.message.libelle} du {day(letter.date)}"


def _expected(letter: Courrier) -> str:
    if letter.reponse is None:
        return "Personne n'y a répondu."
    return f"La réponse est donnée : {letter.reponse.libelle}."


def _letter_facts(letter: Courrier, numero: str) -> Facts:
    facts: Facts = {"Courrier": _title(letter)}
    if letter.texte:
        facts["Texte"] = letter.texte
    return facts | {
        "Acte": numero,
        "Documents": str(len(letter.documents)),
        "Attend": _expected(letter),
    }


def _line_facts(line: CourrierOuvert) -> Facts:
    facts: Facts = {"Courrier": _title(line)}
    if line.texte:
        facts["Texte"] = line.texte
    return facts | {"Acte": f"{line.acte.numero}, {line.acte.objet}"}

"""mock-tdt: un tiers de télétransmission pour essayer, jamais pour transmettre.

Le programme parle l'API HTTP de S²LOW (module ACTES) en TLS mutuel, joue le ministère et la
préfecture, reçoit aussi le dépôt direct d'une collectivité, et se conduit mal par défaut. Rien
n'est conservé, l'autorité de certification est refaite à chaque démarrage, chaque accusé dit qu'il
est fictif. Une ligne JSON est écrite sur la sortie standard quand tout est prêt.

\b
  mock-tdt --calm --directory var/mock
  mock-tdt --seed 7 --authority "123456782:042:2:31:Commune de Saint-Exemple"

SCÉNARIOS PAR LE NUMÉRO INTERNE

Les premières lettres du numéro de l'acte choisissent son sort :

\b
  ARTOUT…      AR aussitôt             ARTARD…, ARTARD30S_…  AR après 60 s, 30 s
  ANOACT…, ANOACT002_…  anomalie d'acte de nature 005, 002
  ANOENV…, ANOENV005_…  anomalie d'enveloppe de nature 999, 005
  SILENC…      aucune réponse (clôture après 30 jours)
  MOINS1…      erreur du TdT, sans XML  REFUSE…  KO au dépôt
  COUSIM…, DEMPIE…, LETOBS…, DEFERE…   AR, puis courrier simple, demande de pièces, lettre
               d'observations, déféré ; LETOBS3600S_… : 3600 s après l'AR
  ANNREF…, ANNSIL…   AR ; mais l'annulation sera refusée (anomalie d'enveloppe), sans réponse
  REDIRI…      302 vers une page HTML, rien n'est enregistré
  ERR500…      erreur 500, l'acte EST enregistré
  ERRAVT…      erreur 500, rien n'est enregistré
  COUPEAV…     coupure avant l'enregistrement
  COUPEAP…     coupure après l'enregistrement, avant la réponse
  COUPEMI…     coupure au milieu de la réponse, l'acte EST enregistré
  LENTEM…, LENTEM9S_…   réponse au bout de 5 s, 9 s réelles

Un défaut de connexion ou un 500 ne frappe que le premier dépôt d'un numéro.

PORT DE GESTION (HTTP et JSON, U est son adresse)

\b
Tout ce qui a été reçu, accepté ou non, avec empreintes et nombres :
  curl U/received          curl "U/received?only=totals"
  curl U/healthz           curl U/settings
U/ est une page : les actes reçus, chacun avec de quoi accuser, signaler, écrire ; et l'horloge.

\b
Le sort d'actes à venir, par numéro, pour les prochains, par collectivité ou pour tous :
  curl U/scenario -d '{"scenario":"anomalie_acte","number":"D2026_1","nature":"002"}'
  curl U/scenario -d '{"scenario":"cut_after_accept","next":true,"times":2}'
  curl U/scenario -d '{"scenario":"ar_late","siren":"123456782","seconds":600}'
  curl U/scenario -d '{"scenario":"silence","fault":"error_500","next":true}'
  curl U/scenario -d '{"scenario":"ar","number":"D2","letter":"defere_ta","letter_after":3600}'
  curl U/scenario -d '{"scenario":"silence","for":"cancellation","number":"D2026_1"}'
  curl U/scenario -d '{"scenario":"tdt_error","for":"reply","next":true}'
  curl U/scenario -d '{"scenario":"clear"}'
sorts : ar, ar_late, anomalie_acte, anomalie_enveloppe, silence, tdt_error, refused

\b
Des appels qui échouent, quel que soit leur objet (paths vide : tous) :
  curl U/faults -d '{"fault":"cut_mid_body","paths":["actes_transac_submit.php"]}'
  curl U/faults -d '{"fault":"slow","seconds":3,"siren":"123456782","times":10}'
  curl U/faults -d '{"fault":"clear"}'
défauts : cut_before_body, cut_mid_body, cut_before_accept, error_500_before, redirect (rien n'est
fait) ; cut_after_accept, cut_mid_answer, error_500, slow (tout est fait)

\b
L'horloge et les délais (secondes) :
  curl U/clock -d '{"set":"2026-03-12T10:00:00Z","frozen":true}'
  curl U/clock -d '{"advance":86400}'
  curl U/delays -d '{"check":0,"sending":0,"answer":3600}'

\b
La date des accusés à venir, la classification en vigueur :
  curl U/reception-date -d '{"mode":"today"}'
  curl U/reception-date -d '{"mode":"fixed","date":"2026-03-13"}'
  curl U/reception-date -d '{"mode":"offset","from":"decision","days":-2}'
  curl U/classification -d '{"date":"2026-02-01","known_to_platform":false}'
  curl U/classification -d '{"forget":true}'

\b
Une collectivité de plus (certificat, clef et PKCS#12 dans la réponse), ses droits :
  curl U/authorities -d '{"siren":"111111118","departement":"042","arrondissement":"1",
                          "nature":"31","name":"Commune de Modèle"}'
  curl U/account -d '{"siren":"123456782","permission":"RO","enabled":true,"rgs":false}'

\b
Un compte de plus : sur le même certificat (login et mot de passe deviennent obligatoires pour tous
les comptes de ce certificat), ou avec le sien ; un mot de passe pour un compte qui n'en a pas :
  curl U/users -d '{"siren":"123456782","login":"agent","password":"motdepasse"}'
  curl U/users -d '{"siren":"123456782","login":"agent2","certificate":"own","permission":"TT"}'
  curl U/account -d '{"siren":"123456782","login":"mock-123456782","password":"autre"}'
Rôles (SADM, GADM, ADM, USER, ARCH) et services : qui voit les transactions de qui ;
forwarded : le certificat de l'agent vient dans org.s2low.forward-x509-identification :
  curl U/account -d '{"siren":"123456782","role":"ARCH","services":["urbanisme"]}'
  curl U/users -d '{"siren":"123456782","login":"agent3","certificate":"forwarded"}'

\b
Un retour du ministère à la main, sur une transaction ou sur un acte :
  curl U/retour -d '{"transaction":4711,"retour":"ar"}'
  curl U/retour -d '{"id_acte":"042-123456782-20260312-D1-DE","retour":"anomalie_acte",
                     "nature":"007","detail":"pièce illisible"}'

\b
Un courrier de la préfecture, maintenant, sur un acte accusé (files : contenus en Base64) :
  curl U/courrier -d '{"transaction":4711,"kind":"demande_piece_complementaire"}'
  curl U/courrier -d '{"id_acte":"042-123456782-20260312-D1-DE","kind":"defere_ta",
                       "date":"2026-05-02","text":"Incompétence","files":["JVBERi0x…"]}'
genres : courrier_simple, demande_piece_complementaire, lettre_observations, defere_ta

DÉPÔT DIRECT AU MINISTÈRE (sans S²LOW)

Avec les options --mailbox-…, POST /ministere/depot, sur le port de la plateforme et avec le même
certificat, reçoit l'archive : un seul fichier, dont le champ porte le nom de l'archive (ou les
champs name, filename et file). 200 dit qu'elle est livrée, rien de plus ; 403 : aucun compte
ouvert pour ce certificat. Les retours arrivent par courriel dans la boîte aux lettres, par IMAP
et TLS ; ce qui n'a pu être distribué est retenté, et visible dans /received (mails). Scénarios,
préfixes, défauts (paths : depot), /retour et /courrier valent aussi pour ce chemin.

\b
Plusieurs retours d'une collectivité, dus ensemble, dans un seul courriel :
  curl U/mails -d '{"grouped":true}'

\b
Le système d'archivage, à la main (12 déposé, 13 archivé, 14 refusé, 16 fichiers détruits,
20 envoi en erreur, 22 fichiers indisponibles) :
  curl U/sae -d '{"transaction":4711,"status":13}'

RÉFÉRENCES

Les identifiants d'une exécution commencent au-dessus de ceux des précédentes, sur 32 bits : ils
dépendent de la seconde du démarrage (cent par seconde, cycle de 231 jours). Avec --now, ils
commencent toujours à 4711 (transactions), 3101 (enveloppes) et 9001 (fichiers).

RÉGLAGES

Ce qui change d'une version ou d'une installation de S²LOW à l'autre : selon --version, puis
--on et --off, puis à tout moment par le port de gestion.

\b
  curl U/switches -d '{"latin_texts":true,"rgs_check":false}'
  curl U/switches -d '{}'
"""

import secrets
import signal
import sys
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from transmission.mocktdt.switches import catalogue

if TYPE_CHECKING:
    from transmission.mocktdt.accounts import Authority
    from transmission.mocktdt.settings import Mailbox

_FILE = click.Path(path_type=Path, dir_okay=False)
_AUTHORITY = "SIREN:DEPT:ARR:NATURE:NAME[:LOGIN]"


@click.command(help=f"{__doc__}\n{catalogue()}", context_settings={"max_content_width": 100})
@click.option("--port", default=0, help="Port de la plateforme (0 : un port libre).")
@click.option("--management-port", default=0, help="Port de gestion (0 : un port libre).")
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Où écrire les certificats ; ceux d'un démarrage précédent en sont ôtés.",
)
@click.option("--calm", is_flag=True, help="Déterministe, sans délai ni méchanceté : pour la CI.")
@click.option("--seed", type=int, help="Graine des méchancetés (tirée au sort, et dite).")
@click.option("--version", type=click.Choice(["4", "5", "6"]), default="5", show_default=True)
@click.option("--on", multiple=True, metavar="NAME", help="Réglage à mettre (voir plus haut).")
@click.option("--off", multiple=True, metavar="NAME", help="Réglage à ôter.")
@click.option("--ar-delay", type=float, help="Secondes entre l'envoi au ministère et l'AR.")
@click.option("--authority", "authorities", multiple=True, metavar=_AUTHORITY)
@click.option("--trigram", default="SLO", show_default=True, help="Début des noms d'archives.")
@click.option("--quadrigram", default="EACT", show_default=True, help="Suite de ces noms.")
@click.option(
    "--now",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]),
    help="Instant de départ ; les références des transactions commencent alors à 4711.",
)
@click.option("--frozen", is_flag=True, help="Horloge arrêtée jusqu'à ce qu'on la déplace.")
@click.option("--mailbox-host", help="Serveur IMAP (TLS) des retours du dépôt direct.")
@click.option("--mailbox-port", default=993, show_default=True)
@click.option("--mailbox-user", default="", help="Son utilisateur.")
@click.option("--mailbox-password-file", type=_FILE, help="Fichier de son mot de passe.")
@click.option("--mailbox-ca-file", type=_FILE, help="AC du serveur (celles du système sinon).")
@click.option("--mailbox-folder", default="INBOX", show_default=True)
@click.option("--listen", default="127.0.0.1", show_default=True, help="Adresse d'écoute.")
@click.option("--server-name", "server_names", multiple=True, help="Nom de plus au certificat.")
@click.option(
    "--i-know-this-is-a-mock",
    is_flag=True,
    help=(
        "Permet d'écouter hors de la boucle locale, pour un réseau de conteneurs : là, la boucle "
        "locale n'est visible de personne. À dire à chaque fois, pour qu'aucun mock ne se trouve "
        "par mégarde sur un réseau où son accusé serait pris pour un vrai."
    ),
)
def main(
    *,
    port: int,
    management_port: int,
    directory: Path | None,
    calm: bool,
    seed: int | None,
    version: str,
    on: tuple[str, ...],
    off: tuple[str, ...],
    ar_delay: float | None,
    authorities: tuple[str, ...],
    trigram: str,
    quadrigram: str,
    now: datetime | None,
    frozen: bool,
    mailbox_host: str | None,
    mailbox_port: int,
    mailbox_user: str,
    mailbox_password_file: Path | None,
    mailbox_ca_file: Path | None,
    mailbox_folder: str,
    listen: str,
    server_names: tuple[str, ...],
    i_know_this_is_a_mock: bool,
) -> None:
    # No docstring: click shows this module's.
    from transmission.mocktdt.mock import MockTdt
    from transmission.mocktdt.settings import Settings

    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as stack:
        folder = directory or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="mock-tdt-"))
        )
        try:
            settings = Settings(
                directory=folder.absolute(),
                authorities=tuple(_authority(text) for text in authorities),
                listen=listen,
                port=port,
                management_port=management_port,
                i_know_this_is_a_mock=i_know_this_is_a_mock,
                server_names=server_names,
                calm=calm,
                seed=secrets.randbelow(1_000_000) if seed is None else seed,
                version=int(version),
                switches=dict.fromkeys(on, True) | dict.fromkeys(off, False),
                ar_delay=ar_delay,
                trigram=trigram,
                quadrigram=quadrigram,
                start=now,
                frozen=frozen,
                mailbox=_mailbox(
                    mailbox_host,
                    mailbox_port,
                    mailbox_user,
                    mailbox_password_file,
                    mailbox_ca_file,
                    mailbox_folder,
                ),
            )
            mock = stack.enter_context(MockTdt(settings))
        except (ValueError, OSError) as error:
            raise click.ClickException(str(error)) from None
        sys.stdout.write(mock.ready_line() + "\n")
        sys.stdout.flush()
        stop.wait()


def _mailbox(
    host: str | None,
    port: int,
    user: str,
    password_file: Path | None,
    ca_file: Path | None,
    folder: str,
) -> "Mailbox | None":
    from transmission.mocktdt.settings import Mailbox

    if host is None:
        return None
    if not user or password_file is None:
        raise ValueError("--mailbox-host demande aussi --mailbox-user et --mailbox-password-file")
    return Mailbox(
        host=host,
        port=port,
        user=user,
        password_file=password_file,
        ca_file=ca_file,
        folder=folder,
    )


def _authority(text: str) -> "Authority":
    from transmission.mocktdt.accounts import Authority

    parts = text.split(":")
    if len(parts) not in (5, 6):
        raise ValueError(f"collectivité {text!r} : {_AUTHORITY} est attendu")
    return Authority(*parts)

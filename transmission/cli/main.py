"""The command ``transmission``: each sub-command is imported only when it is called."""

import sys
from collections.abc import Sequence
from io import TextIOWrapper

import click

from transmission.cli.exit_codes import INTERRUPTED, epilog_of
from transmission.cli.french import speak_french
from transmission.cli.groups import HOME, LazyGroup

COMMANDS = {
    "demo": ("transmission.cli.demo", "Démonstration complète avec une collectivité fictive."),
    "up": ("transmission.cli.up", "Démarrer tout le service sur cette machine."),
    "authority": ("transmission.cli.authority", "Collectivités : ajouter, lister, classification."),
    "send": ("transmission.cli.send", "Remettre un ou plusieurs actes au service."),
    "status": ("transmission.cli.status", "Dire où en est un acte, et pourquoi."),
    "explain": ("transmission.cli.explain", "Expliquer ses dates juridiques ; « et si… »."),
    "check": ("transmission.cli.check", "Alertes de conformité : lister, en prendre acte."),
    "statistics": ("transmission.cli.statistics", "Délais de l'adoption à la réception."),
    "stamp": ("transmission.cli.files", "Obtenir l'acte tamponné."),
    "ar": ("transmission.cli.files", "Obtenir l'accusé de réception tel que reçu."),
    "accesses": ("transmission.cli.accesses", "Lister qui a lu les fichiers d'un acte."),
    "certify": ("transmission.cli.certify", "Certifier qu'un acte est exécutoire (PDF)."),
    "dossier": ("transmission.cli.dossier", "Obtenir le dossier de preuve d'un acte."),
    "verify": ("transmission.cli.verify", "Vérifier des dossiers de preuve, sans le service."),
    "courriers": ("transmission.cli.letters", "Lister les courriers de la préfecture."),
    "courrier": ("transmission.cli.letters", "Obtenir un courrier et ses documents."),
    "reply": ("transmission.cli.letters", "Répondre à un courrier de la préfecture."),
    "publish": ("transmission.cli.publish", "Mettre un acte en ligne, ou l'en retirer."),
    "archive": ("transmission.cli.archive", "Versement aux archives, élimination."),
    "declare": ("transmission.cli.declare", "Déclarer ce qu'aucun message ne dit d'un acte."),
    "event": ("transmission.cli.event", "Saisir un événement de la vie d'un acte."),
    "sitting": ("transmission.cli.sitting", "Importer la liste des actes d'une séance."),
    "release": ("transmission.cli.decisions", "Relancer un envoi en attente d'un opérateur."),
    "abandon": ("transmission.cli.decisions", "Abandonner un envoi en attente d'un opérateur."),
    "cancel": ("transmission.cli.decisions", "Retirer un acte, ou en demander l'annulation."),
    "resend": ("transmission.cli.decisions", "Renvoyer un acte rejeté ou retiré."),
    "work": ("transmission.cli.work", "Dossiers qui attendent une personne : qui s'en charge."),
    "quarantine": ("transmission.cli.quarantine", "Lister les retours en quarantaine."),
    "attach": ("transmission.cli.quarantine", "Dire de quel acte est un retour."),
    "set-aside": ("transmission.cli.quarantine", "Classer un retour sans suite."),
    "notices": ("transmission.cli.notices", "Avis envoyés au dehors : lister, renvoyer."),
    "timestamps": ("transmission.cli.timestamps", "Horodatages qui manquent, et pourquoi."),
    "token": ("transmission.cli.token", "Jetons des logiciels : créer, lister, révoquer."),
    "user": ("transmission.cli.user", "Comptes des personnes : créer, lister, rôles."),
    "webhook": ("transmission.cli.webhook", "Logiciels prévenus de ce qui arrive (webhooks)."),
    "completion": ("transmission.cli.completion", "Complétion de la ligne de commande."),
    "audit": ("transmission.cli.audit", "Relire tout ce qui est conservé : qu'est-ce qui diffère."),
    "doctor": ("transmission.cli.doctor", "Vérifier l'installation : quoi corriger, comment."),
    "anchors": ("transmission.cli.anchors", "Ancres du journal : lister, vérifier."),
    "roles": ("transmission.cli.roles", "Rôles de la base de données : créer, donner les droits."),
    "migrate": ("transmission.cli.processes", "Mettre la base de données à jour."),
    "web": ("transmission.cli.processes", "Processus : console web."),
    "registre": ("transmission.cli.processes", "Processus : registre public des actes."),
    "worker": ("transmission.cli.processes", "Processus : exécution des tâches."),
    "scheduler": ("transmission.cli.processes", "Processus : relais et tâches périodiques."),
    "watch": ("transmission.cli.watch", "Processus : remise des lots d'un dossier surveillé."),
    "lifecycle": ("transmission.cli.processes", "Imprimer le diagramme des états."),
}
_EPILOG = f"""{epilog_of("")}

\b
Exemple :
  transmission send deliberation.pdf --numero 2023_001 --matiere 7.5
"""


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    params=[HOME],
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(package_name="transmission", help="Afficher la version.")
def cli() -> None:
    """Télétransmettre les actes à la préfecture, et rapporter la preuve de leur réception."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: what goes wrong is told in French, without a traceback; sets the exit status."""
    speak_french()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that is not in UTF-8 shows a « ? »: better than to stop.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(_status(arguments))


def _status(arguments: Sequence[str] | None) -> int:
    try:
        return cli(arguments, prog_name="transmission", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("\nInterrompu.", err=True)
        return INTERRUPTED
    except Exception as error:
        told = _told(error)
        if told is None:
            raise
        click.echo(told, err=True)
    return 1


def _told(error: Exception) -> str | None:
    """What went wrong, for a person; None for a fault of the program."""
    # Imported late: help does not pay for it.
    from transmission.cli.failures import explained
    from transmission.domain.errors import TransmissionError
    from transmission.embedded.errors import EngineUnavailableError

    if isinstance(error, OSError):
        return explained(error)
    return str(error) if isinstance(error, TransmissionError | EngineUnavailableError) else None


if __name__ == "__main__":
    main()

"""What people are told of each limit that is recalled: what it is, why, for whom, what to do."""

from dataclasses import dataclass

from transmission.domain.legal.noms import DateName


@dataclass(frozen=True, slots=True, kw_only=True)
class Conseil:
    """French words about a limit.

    ``kinds`` names one, then several of them, in a subject line; ``title`` follows the day;
    ``qui`` is whose it is, ``why`` what happens on that day, ``todo`` what to do by then.
    """

    kinds: tuple[str, str]
    title: str
    qui: str
    why: str
    todo: str


CONSEILS: dict[DateName, Conseil] = {
    DateName.TRANSMISSION: Conseil(
        kinds=("transmission à la préfecture", "transmissions à la préfecture"),
        title="dernier jour pour transmettre à la préfecture",
        qui="service des assemblées",
        why="Aucun accusé de réception n'est connu. Transmis plus tard, l'acte l'est en retard, et "
        "il n'a pas force exécutoire avant sa réception.",
        todo="Ouvrez la page de l'acte : elle dit ce que l'envoi attend. S'il est rejeté ou "
        "retenu, décidez ; s'il est parti, cherchez pourquoi l'accusé de réception ne vient pas.",
    ),
    DateName.NOTIFICATION_PREFET: Conseil(
        kinds=("information du préfet", "informations du préfet"),
        title="dernier jour pour dire au préfet la date de notification du contrat",
        qui="service de la commande publique",
        why="Le préfet est informé de cette date dans les quinze jours de la notification.",
        todo="Si ce n'est pas déjà fait, écrivez-lui : rien ne le montre ici.",
    ),
    DateName.LISTE_DELIBERATIONS: Conseil(
        kinds=("mise en ligne de liste des délibérations", "mises en ligne de listes"),
        title="dernier jour pour afficher et mettre en ligne la liste des délibérations",
        qui="service des assemblées",
        why="La liste des délibérations examinées en séance est affichée, et mise en ligne s'il "
        "existe un site, dans la semaine.",
        todo="Si ce n'est pas déjà fait, publiez-la : rien ne le montre ici.",
    ),
    DateName.REFUS_TACITE_PIECES: Conseil(
        kinds=("réponse à une demande de pièces", "réponses à des demandes de pièces"),
        title="répondre avant ce jour à la demande de pièces complémentaires",
        qui="service qui a préparé l'acte",
        why="Ce jour-là, le silence vaut refus des pièces, et le délai du préfet en repart.",
        todo="Envoyez les pièces, ou un refus motivé. La réponse compte le jour où l'État la "
        "reçoit : si elle est partie, attendez son accusé de réception.",
    ),
    DateName.REJET_TACITE_LETTRE: Conseil(
        kinds=("réponse à une lettre d'observations", "réponses à des lettres d'observations"),
        title="répondre avant ce jour à la lettre d'observations",
        qui="service juridique",
        why="Ce jour-là, le silence vaut rejet de la lettre, et le délai du préfet en repart.",
        todo="Répondez expressément, surtout pour une délibération. La réponse compte le jour où "
        "l'État la reçoit ; une réponse d'attente ne compte pas.",
    ),
    DateName.RETRAIT: Conseil(
        kinds=("fin de délai de retrait", "fins de délai de retrait"),
        title="dernier jour pour retirer un acte contesté",
        qui="service juridique",
        why="S'il est illégal, son auteur ne peut plus ensuite le retirer de lui-même.",
        todo="Décidez. Par prudence, le retrait est signé et notifié avant la fin de ce jour ; il "
        "se transmet comme un acte.",
    ),
    DateName.PUBLICITE_MINIMUM: Conseil(
        kinds=("fin de publicité minimale", "fins de publicité minimale"),
        title="publicité à maintenir au moins jusqu'à ce jour inclus",
        qui="responsable du site",
        why="Un acte reste public deux mois au moins.",
        todo="Ne retirez rien avant. Mieux vaut ne rien retirer ensuite.",
    ),
    DateName.DEFERE: Conseil(
        kinds=("fin de délai de déféré", "fins de délai de déféré"),
        title="dernier jour du déféré",
        qui="service juridique",
        why="Aucun déféré n'est connu. Le préfet ne peut plus saisir le tribunal après ce jour ; "
        "ce qui est déposé à temps peut n'être connu que quelques jours plus tard.",
        todo="Rien à faire. Attendez quelques jours avant de tenir l'acte pour définitif.",
    ),
}
"""One entry for each name that is recalled."""

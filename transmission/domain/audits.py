"""What an audit of the register says: differences by kind and place, what could not be read."""

from dataclasses import dataclass, replace
from enum import Enum

from transmission.domain.coded import Coded

_SHOWN = 300


class Kind(Coded):
    """A sort of difference: stable code, what is wrong, what to do about it (French)."""

    FICHIER = (
        "fichier",
        "Un fichier conservé manque ou n'est plus celui qui a été enregistré.",
        "Restaurez-le depuis une sauvegarde : son nom est son empreinte.",
    )
    ARCHIVE = (
        "archive",
        "L'archive envoyée ne contient pas exactement le message et les documents enregistrés.",
        "Comparez la ligne du registre à une sauvegarde : l'archive est scellée par son empreinte.",
    )
    MESSAGE = (
        "message",
        "Le message envoyé ne dit pas la même chose que le registre.",
        "Le message fait foi de ce qui a été envoyé : rétablissez le registre d'une sauvegarde.",
    )
    IDENTIFIANT = (
        "identifiant",
        "Un identifiant ou un nom n'est pas celui que donnent ses éléments.",
        "Cherchez dans une sauvegarde lequel des deux a changé.",
    )
    SIGNATURE = (
        "signature",
        "Une signature ou un sceau ne vaut pas pour les octets enregistrés.",
        "Cherchez si le document, la signature ou le registre a changé depuis l'envoi.",
    )
    HORODATAGE = (
        "horodatage",
        "Un horodatage ne vaut pas pour ce qu'il devait dater.",
        "Restaurez le jeton depuis une sauvegarde, ou expliquez pourquoi il est faux.",
    )
    ETAT = (
        "etat",
        "L'état enregistré n'est pas celui que raconte le journal.",
        "Le journal est chaîné : rétablissez l'état qu'il donne, après avoir vérifié la chaîne.",
    )
    TENTATIVE = (
        "tentative",
        "Les tentatives d'envoi et le journal ne disent pas la même chose.",
        "Demandez au TdT ce qu'il a reçu, puis rétablissez la ligne d'une sauvegarde.",
    )
    DATE = (
        "date",
        "Une date de réception n'est pas celle de l'accusé, ou n'a pas d'accusé.",
        "La date de l'accusé fait foi : n'utilisez pas l'autre, et rétablissez-la.",
    )
    RETOUR = (
        "retour",
        "Un retour de l'État n'est pas enregistré tel qu'il est.",
        "Relisez ses octets (« transmission courrier », « transmission ar »), puis corrigez.",
    )
    RATTACHEMENT = (
        "rattachement",
        "Une ligne est rattachée à un autre acte ou à une autre collectivité.",
        "Traitez-la comme une fuite possible : voyez qui a pu la lire, puis rétablissez-la.",
    )
    ORPHELIN = (
        "orphelin",
        "Une ligne ne se rattache à rien : ce dont elle dépend a disparu.",
        "Restaurez la ligne disparue depuis une sauvegarde.",
    )
    JOURNAL = (
        "journal",
        "Le journal ne raconte pas ce que dit le registre.",
        "Le journal est chaîné : vérifiez la chaîne, puis rétablissez le registre.",
    )
    CHAINE = (
        "chaine",
        "La chaîne du journal est rompue : une ligne a été changée, ôtée, ajoutée ou déplacée.",
        "Conservez la base en l'état, prévenez le responsable de la sécurité, comparez aux ancres.",
    )
    ANCRE = (
        "ancre",
        "Une ancre n'est pas la même dans la base, dans son dossier et dans la chaîne.",
        "Comparez à la copie hors de la machine : l'horodatage dit laquelle est d'origine.",
    )
    NUMERO = (
        "numero",
        "Un numéro qui ne devait servir qu'une fois a servi deux fois, ou dépasse son compteur.",
        "Demandez au TdT lequel des deux envois il a reçu sous ce numéro.",
    )
    PUBLICATION = (
        "publication",
        "Une publication n'est pas celle que dit le journal.",
        "Publiez de nouveau l'acte si le public a lu autre chose que lui.",
    )
    DEPOT = (
        "depot",
        "L'acte enregistré n'est plus celui qui a été déposé.",
        "Comparez avec le logiciel qui l'a remis et avec le message envoyé.",
    )

    def __init__(self, code: str, label: str, remedy: str) -> None:
        self.code = code
        self.label = label
        self.remedy = remedy


class Stage(Enum):
    """What a round rereads, in order; places within a stage are positive numbers."""

    OWNERS = "owners"
    AUTHORITIES = "authorities"
    JOURNAL = "journal"
    ANCHORS = "anchors"
    RETOURS = "retours"
    ACTES = "actes"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: authority (SIREN), act (as people know it), table, row and column of the
    register, file. None for what is not known or does not apply."""

    siren: str | None = None
    acte: str | None = None
    table: str | None = None
    row: int | None = None
    column: str | None = None
    file: str | None = None

    def at(self, table: str, row: int | None, column: str | None = None) -> "Place":
        """The same authority and act, elsewhere in the register."""
        return replace(self, table=table, row=row, column=column, file=None)

    def of(self, column: str) -> "Place":
        """Another column of the same row."""
        return replace(self, column=column)

    def named(self, file: str) -> "Place":
        """A file that this row names."""
        return replace(self, file=file)

    def __str__(self) -> str:
        table = self.table
        if table is not None and self.row is not None:
            table = f"{table} n° {self.row}"
        parts = {
            "collectivité": self.siren,
            "acte": self.acte,
            "ligne": table,
            "colonne": self.column,
            "fichier": self.file,
        }
        return ", ".join(f"{name} {said}" for name, said in parts.items() if said is not None)


@dataclass(frozen=True, slots=True)
class Difference:
    """What was expected at a place, and what was found there instead.

    ``subject`` is the number, in its stage, of what was being reread.
    """

    kind: Kind
    place: Place
    expected: str
    found: str
    subject: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read, and why (French): neither equal nor different."""

    place: Place
    why: str


@dataclass(frozen=True, slots=True)
class Page:
    """What rereading some subjects of a stage gave.

    ``last`` is the number of the last one, None once the stage is over; ``count`` how many were
    reread.
    """

    count: int
    last: int | None
    differences: tuple[Difference, ...]
    unread: tuple[Unread, ...]


class Report:
    """Collects what one page finds."""

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        self.unread: list[Unread] = []
        self.subject = 0

    def differs(self, kind: Kind, place: Place, expected: object, found: object) -> None:
        """Write a difference, once."""
        told = Difference(kind, place, _short(expected), _short(found), self.subject)
        if told not in self.differences:
            self.differences.append(told)

    def same(self, kind: Kind, place: Place, expected: object, found: object) -> bool:
        """Whether both are equal; a difference is written when they are not."""
        if expected == found:
            return True
        self.differs(kind, place, expected, found)
        return False

    def could_not_read(self, place: Place, why: object) -> None:
        """Write what was not read."""
        self.unread.append(Unread(place, _short(why)))

    def page(self, count: int, last: int | None) -> Page:
        """What was collected so far."""
        return Page(count, last, tuple(self.differences), tuple(self.unread))


def _short(value: object) -> str:
    text = "(rien)" if value is None else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

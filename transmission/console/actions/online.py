"""Put an act on line, or say where it is; take it off line."""

from collections.abc import Mapping
from typing import ClassVar

from transmission.clock import civil_day
from transmission.console.actions.action import ActeAction, ActeSubject, Deed, since
from transmission.console.actions.reading import civil
from transmission.console.actions.sheet import Field, Sheet, Typed, reason_field, refuse
from transmission.console.words import day
from transmission.domain.errors import Problem
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.publicite import publicity_interrupted
from transmission.domain.people import Right
from transmission.domain.publication import PublishedCopy
from transmission.domain.transmission import Author
from transmission.services.publish import publish
from transmission.services.toolbox import Toolbox
from transmission.services.unpublish import UNPUBLISHED, unpublish
from transmission.store.queries.publications import current_publication

REGISTER, ELSEWHERE, UNTOLD = "registre", "ailleurs", "sans_adresse"
_PLACES = (
    (REGISTER, "Sur le registre public de ce service, qui sert l'acte tamponné"),
    (ELSEWHERE, "Ailleurs, à l'adresse ci-dessous"),
    (UNTOLD, "Ailleurs, sans adresse à surveiller"),
)


class Publish(ActeAction):
    """Say since when and where an act is on line."""

    right = Right.FOLLOW
    done_code = "publie"
    fields_of: ClassVar[Mapping[str, str]] = {
        "date": "le",
        "registre": "lieu",
        "accuse_reception": "lieu",
        "transmission": "lieu",
        "document": "lieu",
        "nature": "individuel",
        "noms": "noms_verifies",
    }

    def sheet(self, about: ActeSubject, typed: Typed) -> Sheet:
        acte = about.story.acte
        today = civil_day(self.container.clock.now(), about.story.collectivite.time_zone)
        individual = Field(
            name="individuel",
            label="Un texte demande que cet acte individuel soit mis en ligne",
            kind="box",
            value=typed.text("individuel"),
            hint="Dites lequel dans le motif : l'acte peut contenir des données personnelles.",
        )
        checked = Field(
            name="noms_verifies",
            label="J'ai vérifié que les noms qui y figurent doivent être publics",
            kind="box",
            value=typed.text("noms_verifies"),
            hint="Le service le demande quand l'acte semble nommer ou décrire une personne.",
        )
        return Sheet(
            title="Mettre l'acte en ligne",
            path=about.path,
            about=about.name,
            happens=(
                "La date de mise en ligne est enregistrée, et compte pour le caractère exécutoire "
                "de l'acte. Si le registre public est choisi, il sert aussitôt l'acte tamponné."
            ),
            undo=(
                "L'acte peut être retiré, avec un motif ; avant la fin des deux mois de publicité, "
                "cela l'interrompt."
            ),
            warns=_already(about),
            confirm="Mettre en ligne",
            fields=(
                since(about),
                Field(
                    name="le",
                    label="Date de mise en ligne",
                    kind="date",
                    value=typed.text("le", today.isoformat()),
                    required=True,
                ),
                Field(
                    name="lieu",
                    label="Où ?",
                    kind="choice",
                    value=typed.text("lieu", REGISTER),
                    choices=(("", _PLACES),),
                ),
                Field(
                    name="adresse",
                    label="Adresse publique du fichier, s'il est ailleurs",
                    value=typed.text("adresse"),
                    hint="Entière : https://… Le service vérifie chaque jour qu'elle répond.",
                    most=2000,
                ),
                *((individual,) if acte.nature is NatureActe.INDIVIDUEL else ()),
                checked,
                reason_field(typed),
            ),
        )

    def run(self, tools: Toolbox, about: ActeSubject, typed: Typed, author: Author) -> str:
        if told := self.done(about, typed, author):
            return told
        problems: list[Problem] = []
        online = civil(typed, "le", problems, required=True)
        place, address = typed.text("lieu"), typed.line("adresse")
        if place == ELSEWHERE and not address:
            problems.append(
                Problem("adresse", "adresse", "Il manque l'adresse du fichier.", "Donnez-la.")
            )
        elif place != ELSEWHERE and address:
            problems.append(
                Problem(
                    "adresse",
                    "adresse",
                    "Une adresse est donnée, et l'acte n'y est pas d'après « Où ? ».",
                    "Videz ce champ, ou choisissez « Ailleurs, à l'adresse ci-dessous ».",
                )
            )
        refuse(problems)
        assert online  # noqa: S101 - refused otherwise
        publish(
            tools,
            about.story.acte_id,
            online,
            address or None,
            author,
            on_register=place == REGISTER,
            individual=typed.is_ticked("individuel"),
            names_checked=typed.is_ticked("noms_verifies"),
        )
        return self.told_at(about, typed)

    def deed(self, about: ActeSubject, typed: Typed) -> Deed | None:
        del about
        if typed.text("lieu") != ELSEWHERE:
            # Said twice, it changes nothing; an address outside would be taken anew.
            return None
        online, address = typed.text("le"), typed.line("adresse")
        return Deed(["published"], {"date_mise_en_ligne": online, "adresse": address})


class Unpublish(ActeAction):
    """Take an act off line."""

    right = Right.FOLLOW
    done_code = "depublie"
    settled = frozenset({("retirer", "publication")})
    fields_of: ClassVar[Mapping[str, str]] = {"retirer": "forcer"}

    def closed(self, about: ActeSubject) -> str:
        return "" if self._copy(about) else "Rien n'est en ligne de cet acte, à ce que l'on sait."

    def sheet(self, about: ActeSubject, typed: Typed) -> Sheet:
        copy = self._copy(about)
        force = Field(
            name="forcer",
            label="Retirer l'acte avant la fin des deux mois de publicité",
            kind="box",
            value=typed.text("forcer"),
            hint="La publicité est alors interrompue (CGCT R. 2131-1) : dites pourquoi il le faut.",
        )
        return Sheet(
            title="Retirer l'acte de la mise en ligne",
            path=about.path,
            about=about.name,
            happens=(
                "Le registre public cesse de servir l'acte, ou le service cesse de vérifier son "
                "adresse. Ce qui a été en ligne, et quand, reste enregistré."
            ),
            undo="Oui : l'acte peut être remis en ligne, à partir d'une nouvelle date.",
            confirm="Retirer de la mise en ligne",
            is_grave=True,
            fields=(
                since(about),
                *((force,) if copy and self._is_early(about, copy) else ()),
                reason_field(typed),
            ),
        )

    def run(self, tools: Toolbox, about: ActeSubject, typed: Typed, author: Author) -> str:
        unpublish(tools, about.story.acte_id, author, early=typed.is_ticked("forcer"))
        return self.told_at(about, typed)

    def deed(self, about: ActeSubject, typed: Typed) -> Deed:
        del about, typed
        return Deed([UNPUBLISHED])

    def _copy(self, about: ActeSubject) -> PublishedCopy | None:
        with self.engine.connect() as connection:
            return current_publication(connection, about.story.acte_id)

    def _is_early(self, about: ActeSubject, copy: PublishedCopy) -> bool:
        today = civil_day(self.container.clock.now(), about.story.collectivite.time_zone)
        return publicity_interrupted(copy.date_mise_en_ligne, today)


def _already(about: ActeSubject) -> tuple[str, ...]:
    online = about.story.date_mise_en_ligne
    if online is None:
        return ()
    return (f"L'acte est déjà noté en ligne depuis le {day(online)} : ce qui suit remplace cela.",)

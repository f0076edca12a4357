"""Click's own sentences, in French.

Click passes each of them through the ``_`` and ``ngettext`` of its modules: those are replaced. A
sentence that is not listed stays in English.
"""

import click.core
import click.decorators
import click.exceptions
import click.formatting
import click.parser
import click.termui
import click.types

_SENTENCES = {
    "Usage:": "Usage :",
    "Commands": "Commandes",
    "Show this message and exit.": "Afficher cette aide.",
    "Show the version and exit.": "Afficher la version.",
    "Error: {message}": "Erreur : {message}",
    "Try '{command} {option}' for help.": "L'aide : {command} {option}",
    "Invalid value: {message}": "Valeur refusée : {message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} : {message}",
    "Missing argument": "Il manque l'argument",
    "Missing option": "Il manque l'option",
    "Missing parameter: {param_name}": "Il manque {param_name}",
    "Missing command.": "Il manque une commande.",
    "No such option {name!r}.": "L'option {name} n'existe pas.",
    "No such command {name!r}.": "La commande « {name} » n'existe pas.",
    "Did you mean {possibility}?": "Vouliez-vous dire {possibility} ?",
    "(Did you mean one of: {possibilities}?)": "(Vouliez-vous dire : {possibilities} ?)",
    "Got unexpected extra argument ({args})": "Argument en trop : {args}.",
    "Got unexpected extra arguments ({args})": "Arguments en trop : {args}.",
    "Option {name!r} requires an argument.": "L'option {name} attend une valeur.",
    "Option {name!r} does not take a value.": "L'option {name} n'attend pas de valeur.",
    "{value!r} is not one of {choices}.": "« {value} » n'est pas parmi : {choices}.",
    "{value!r} is not a valid {number_type}.": "« {value} » n'est pas un nombre entier.",
    "{value} is not in the range {range}.": "{value} est hors des bornes {range}.",
    "{name} {filename!r} does not exist.": "« {filename} » n'existe pas.",
    "{name} {filename!r} is a file.": "« {filename} » est un fichier, pas un dossier.",
    "{name} {filename!r} is a directory.": "« {filename} » est un dossier, pas un fichier.",
    "{name} {filename!r} is not readable.": "« {filename} » ne peut pas être lu par ce compte.",
    "{name} {filename!r} is not writable.": "« {filename} » ne peut pas être écrit par ce compte.",
    "default: {default}": "par défaut : {default}",
    "required": "obligatoire",
}
MODULES = (
    click.core,
    click.decorators,
    click.exceptions,
    click.formatting,
    click.parser,
    click.termui,
    click.types,
)


def speak_french() -> None:
    """Make click speak French in this process."""
    for module in MODULES:
        for name, said in (("_", _translated), ("ngettext", _counted)):
            if hasattr(module, name):
                setattr(module, name, said)


def _translated(text: str) -> str:
    return _SENTENCES.get(text, text)


def _counted(one: str, several: str, count: int) -> str:
    return _translated(one if count == 1 else several)

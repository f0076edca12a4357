"""What services and checks say for every entrance, as the pages say it: with their own buttons.

A service may name a command line; nobody who reads a page has one before them.
"""

import re

from transmission.domain.errors import Problem

_COMMAND = re.compile(r"« transmission ([a-z-]+)((?: [^»]*)?)»")
_ASIDE = re.compile(r" \((?:voir )?« transmission (?:explain|status|ar)[^»]*»\)")

_BUTTONS = {
    "abandon": "« Abandonner »",
    "attach": "« Rattacher à un acte »",
    "cancel": "« Annuler »",
    "check": "« En prendre acte »",
    "courriers": "« Courriers de la préfecture »",
    "declare": "« Déclarer un fait »",
    "event": "« Saisir un événement »",
    "explain": "la chronologie juridique de l'acte",
    "publish": "« Mettre en ligne »",
    "quarantine": "« Quarantaine » de la file d'attente",
    "release": "« Relancer »",
    "reply": "« Répondre »",
    "resend": "« Corriger et renvoyer »",
    "set-aside": "« Classer sans suite »",
    "status": "la page de l'acte",
}

_REMEDIES = {
    ("adresse", "registre"): "Gardez le registre public, ou l'adresse.",
    ("registre", "registre"): (
        "Choisissez le registre public pour le publier de nouveau, ou retirez-le d'abord."
    ),
    ("nature", "PU-6"): "Si un texte le demande, cochez la case, et dites lequel dans le motif.",
    ("motif", "PU-6"): "Donnez-le.",
    ("noms", "noms_de_personnes"): (
        "Masquez ce qui n'a pas à être public (CRPA L. 312-1-2) et remettez l'acte ; ou, si ces "
        "noms doivent l'être, cochez la case."
    ),
    ("retirer", "PU-4"): "Attendez le lendemain, ou cochez la case si un motif l'impose.",
    ("recu", "date_absente"): "Donnez-la.",
    ("recu", "date_du_message"): "Videz ce champ.",
    ("envoye", "date_du_message"): "Videz ce champ.",
}
"""Remedies that name an option, by field and rule."""


def for_pages(text: str) -> str:
    """A sentence with the buttons of the pages in the place of commands that they replace."""
    shorter = _ASIDE.sub("", text)
    return _COMMAND.sub(lambda found: _button(shorter, found), shorter)


def problem_for_pages(problem: Problem) -> Problem:
    """A problem whose remedy can be followed on a page."""
    remedy = _REMEDIES.get((problem.field, problem.rule), problem.remedy)
    return Problem(problem.field, problem.rule, for_pages(problem.message), for_pages(remedy))


def _button(text: str, found: "re.Match[str]") -> str:
    button = _BUTTONS.get(found[1])
    if button is None:
        return found[0]
    begins = not text[: found.start()].rstrip() or text[: found.start()].rstrip()[-1] in ".!?"
    return button[:1].upper() + button[1:] if begins else button

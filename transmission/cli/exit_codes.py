"""How each command ends, for those who call it from another program."""

INTERRUPTED = 130
_USUAL = {
    0: "fait",
    1: "refusé ou échoué : la raison est écrite",
    2: "ligne de commande incomplète ou fausse",
    INTERRUPTED: "interrompu (Ctrl-C)",
}
_OWN: dict[str, dict[int, str]] = {
    "send": {
        0: "tout est remis (--wait : tout est reçu en préfecture)",
        1: "un acte au moins est refusé (--wait : ou n'est pas reçu)",
    },
    "check": {1: "échoué ; avec --strict, une alerte grave attend quelqu'un"},
    "doctor": {0: "rien à corriger", 1: "quelque chose est à corriger"},
    "audit": {
        0: "rien ne diffère",
        1: "quelque chose diffère (--etat : une différence est ouverte)",
        3: "rien ne diffère, mais quelque chose n'a pas pu être lu",
    },
    "demo": {0: "l'accusé de réception est arrivé"},
    "verify": {
        0: "intègre : rien ne diffère, rien ne manque, tout est approuvé",
        1: "altéré : quelque chose diffère, ou un fichier ne se lit pas",
        3: "incomplet : rien ne diffère, mais quelque chose manque ou n'est pas su",
    },
    "watch": {0: "arrêté (--une-fois : le passage est fait)"},
}


def codes_of(command: str) -> dict[int, str]:
    """Exit status → what it means (French), for a command by its first name."""
    return _USUAL | _OWN.get(command, {})


def epilog_of(command: str) -> str:
    """The same as the end of a help page of 80 columns."""
    lines = [f"  {code:<5}{said}" for code, said in codes_of(command).items()]
    return "\n".join(["\b", "Codes de sortie :", *lines])

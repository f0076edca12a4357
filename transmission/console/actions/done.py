"""What a page says once an action was done: the address carries a code, never a text."""

_DONE = {
    "remis": "C'est fait : l'acte est remis. Suivez-le ci-dessous.",
    "deja-remis": "Cet acte avait déjà été remis, le même : rien n'a été fait de plus.",
    "relance": "C'est fait : l'envoi reprend.",
    "abandonne": "C'est fait : cet envoi est abandonné.",
    "retire": "C'est fait : l'acte est retiré, rien n'est parti.",
    "annule": (
        "C'est fait : l'annulation est demandée à l'État. L'acte ne sera annulé qu'à l'accusé de "
        "la préfecture."
    ),
    "renvoye": "C'est fait : une nouvelle transmission de l'acte est prise en charge.",
    "repondu": "C'est fait : la réponse est prise en charge, elle part d'elle-même.",
    "publie": "C'est fait : la mise en ligne est enregistrée.",
    "depublie": "C'est fait : l'acte n'est plus en ligne, à ce que sait le service.",
    "declare": "C'est fait : la déclaration est enregistrée, et l'horloge légale relit l'acte.",
    "evenement": "C'est fait : l'événement est enregistré.",
    "saisie_retiree": "C'est fait : la saisie est retirée, elle ne compte plus.",
    "certifie": "C'est fait : le certificat est délivré. Prenez-le ci-dessous.",
    "rattache": "C'est fait : le retour est rattaché à cet acte et pris en compte.",
    "garde": (
        "Le retour est gardé avec cet acte, qui reste comme il est : le journal dit pourquoi."
    ),
    "classe": "C'est fait : le retour est classé sans suite.",
    "acquitte": "C'est fait : vous avez pris acte du constat.",
    "deja": "C'est fait. Le même formulaire est arrivé deux fois ; il n'a été suivi qu'une fois.",
}


def said(code: str) -> str:
    """The sentence of a code, empty for any other text."""
    return _DONE.get(code, "")

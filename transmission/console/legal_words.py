"""What the pages and the command line call the calendars and the contested points of the law."""

from transmission.domain.collectivite import Calendrier

_CALENDARS = {
    Calendrier.NATIONAL: "jours fériés nationaux",
    Calendrier.ALSACE_MOSELLE: "jours fériés d'Alsace-Moselle",
    Calendrier.ALSACE_MOSELLE_TEMPLE: "jours fériés d'Alsace-Moselle, Vendredi saint compris",
    Calendrier.GUADELOUPE: "jours fériés de la Guadeloupe",
    Calendrier.MARTINIQUE: "jours fériés de la Martinique",
    Calendrier.GUYANE: "jours fériés de la Guyane",
    Calendrier.REUNION: "jours fériés de La Réunion",
    Calendrier.MAYOTTE: "jours fériés de Mayotte",
    Calendrier.SAINT_BARTHELEMY: "jours fériés de Saint-Barthélemy",
    Calendrier.SAINT_MARTIN: "jours fériés de Saint-Martin",
}

_SETTINGS = {
    "franc_deferre": ("C-1", "délai du déféré franc"),
    "month_end_rule": ("C-2", "fin d'un délai franc en mois"),
    "ar_date_source": ("C-3", "départ du délai"),
    "gracieux_timeliness": ("C-4", "lettre à temps d'après"),
    "late_pieces_restart": (
        "C-5",
        "nouveau délai pour des pièces reçues après leur refus implicite",
    ),
    "pieces_after_lo": ("C-6", "demande de pièces comptée après la lettre"),
    "second_gracieux_extends": ("C-7", "seconde lettre d'observations comptée"),
    "urba_lo_extends": ("C-8", "lettre comptée sur une autorisation d'urbanisme"),
    "r4213_blocks_expiry": ("C-9", "délai sans fin si la lettre reste sans réponse"),
    "suspension_10d_franc": ("C-10", "dix jours francs pour suspendre"),
    "reglement_next_day": ("C-12", "règlement en vigueur le lendemain de sa publicité"),
    "roll_own_obligations": ("C-14", "obligation qui finit un jour non ouvré"),
    "plu_month_plus_one": ("C-16", "un jour de plus au mois du PLU"),
    "annulation_effect": ("C-17", "annulation de la transmission"),
    "partial_pieces": ("C-18", "pièces envoyées en partie"),
    "renonciation_ends_clock": ("C-19", "fin du délai si le préfet renonce"),
    "lo_is_gracieux": ("DF-3", "lettre d'observations tenue pour un recours gracieux"),
    "repeat_requests": ("DF-2", "chaque demande de pièces comptée"),
    "retransmission_restarts": ("EL-6", "nouveau délai pour un second envoi sans annulation"),
    "market_threshold_date": ("TR-6", "date qui choisit le seuil d'un marché"),
}

_VALUES = {
    "clip_then_plus_one": "dernier jour du mois, plus un jour",
    "day_after": "compté du lendemain",
    "no_plus_one": "sans jour ajouté",
    "ar": "la date de l'accusé de réception",
    "sent": "la date de l'envoi",
    "dispatch": "son envoi",
    "receipt": "sa réception",
    "backward": "avancée au jour ouvré précédent",
    "none": "laissée à son jour",
    "forward": "portée au jour ouvré suivant",
    "void": "efface la réception",
    "informative": "n'efface pas la réception",
    "not_restart": "n'ouvrent pas un nouveau délai",
    "restart": "ouvrent un nouveau délai",
    "consultation": "celle de la consultation",
    "signature": "celle de la signature",
}


def calendar_label(calendrier: Calendrier) -> str:
    """Whose public holidays a date was counted with."""
    return _CALENDARS[calendrier]


def setting_label(name: str, value: str) -> str:
    """A contested point and the reading chosen, from a name and a value of ``settings_read``.

    ``lettre à temps d'après : son envoi (C-4)``; an unknown name or value is shown as it is.
    """
    point, phrase = _SETTINGS.get(name, ("", name))
    label = f"{phrase} : {_VALUES.get(value, value)}"
    return f"{label} ({point})" if point else label

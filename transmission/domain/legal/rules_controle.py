"""Rules of whoever controls the act: préfet, court, third parties, chambre des comptes."""

from datetime import date

from transmission.domain.legal.rule import Confidence, Rule

CONTROLE_RULES = (
    Rule(
        "DF-1",
        "Déféré du préfet : deux mois francs de la réception",
        "CGCT, art. L. 2131-6, L. 3132-1, L. 4142-1, L. 5211-3 ; CE, 5 juin 2009, n° 312682 ; "
        "CE, 6 juillet 2007, n° 298744",
        Confidence.S,
    ),
    Rule(
        "DF-2",
        "Demande de pièces complémentaires",
        "CGCT, art. R. 2131-7 ; CE, Sect., 13 janvier 1988, n° 68166 ; CE, 15 septembre 2004, "
        "n° 230901",
        Confidence.S,
    ),
    Rule(
        "DF-3",
        "Lettre d'observations (recours gracieux du préfet)",
        "CE, 18 avril 1986, n° 62470 ; CE, 1er juillet 1988, n° 89692 ; CE, 5 juin 2009, n° "
        "312682 ; CRPA, art. L. 411-2",
        Confidence.S,
    ),
    Rule(
        "DF-4",
        "Réponse à la lettre d'observations",
        "CJA, art. R. 421-2 ; CE, 5 juin 2009, n° 312682",
        Confidence.S,
    ),
    Rule(
        "DF-5", "Information et renonciation du préfet", "CGCT, art. L. 2131-6, al. 2", Confidence.V
    ),
    Rule(
        "DF-6",
        "Acte non soumis à transmission : demande, puis déféré",
        "CGCT, art. L. 2131-3, L. 3131-4, L. 4141-4",
        Confidence.V_OLD,
    ),
    Rule(
        "DF-7",
        "Déféré demandé par une personne lésée",
        "CGCT, art. L. 2131-8, L. 3132-3, L. 4142-3 ; CE, Sect., 25 janvier 1991, n° 80969",
        Confidence.S,
    ),
    Rule(
        "DF-8",
        "Déféré assorti d'une demande de suspension",
        "CGCT, art. L. 2131-6, al. 3 ; CJA, art. L. 554-1, R. 554-1",
        Confidence.V_OLD,
    ),
    Rule(
        "DF-9",
        "Suspension automatique : urbanisme, marchés, DSP",
        "CGCT, art. L. 2131-6, al. 4, L. 3132-1, al. 5, L. 4142-1, al. 4 ; CJA, art. L. 554-2",
        Confidence.V_OLD,
    ),
    Rule(
        "DF-10",
        "Suspension en quarante-huit heures : libertés, laïcité",
        "CGCT, art. L. 2131-6, al. 5 ; loi n° 2021-1109 du 24 août 2021",
        Confidence.TO_VERIFY,
    ),
    Rule(
        "DF-11",
        "Déféré sans limite de temps : acte inexistant, ou non transmis",
        "CE, 28 février 1986, n° 62206 ; CE, 9 mai 1990, n° 72384",
        Confidence.S,
    ),
    Rule(
        "DF-12",
        "Installations de défense",
        "CGCT, art. L. 1111-7 ; CJA, art. L. 554-4",
        Confidence.V_OLD,
    ),
    Rule(
        "DF-13",
        "Prise de position formelle du préfet",
        "CGCT, art. L. 1116-1, R. 1116-1 à R. 1116-5",
        Confidence.S,
    ),
    Rule(
        "DF-14",
        "Recours contre un contrat",
        "CE, Ass., 4 avril 2014, n° 358994",
        Confidence.TO_VERIFY,
        date(2014, 4, 4),
    ),
    Rule(
        "TP-1",
        "Recours des tiers et des destinataires : deux mois francs",
        "CJA, art. R. 421-1, R. 421-7 ; CGCT, art. R. 2131-1 I ; CE, 27 mars 2020, n° 435277",
        Confidence.S,
    ),
    Rule(
        "TP-2",
        "Recours gracieux ou hiérarchique d'un tiers",
        "CRPA, art. L. 411-2 ; CJA, art. R. 421-2 ; CE, 30 juin 2025, n° 494573",
        Confidence.S,
    ),
    Rule(
        "TP-3", "Demande d'un tiers au préfet", "CE, Sect., 25 janvier 1991, n° 80969", Confidence.S
    ),
    Rule(
        "TP-4",
        "Voies de recours non mentionnées : délai raisonnable d'un an",
        "CJA, art. R. 421-5 ; CE, Ass., 13 juillet 2016, n° 387763",
        Confidence.S,
    ),
    Rule(
        "BU-1",
        "Budget non adopté à temps",
        "CGCT, art. L. 1612-2, L. 1612-9, R. 1612-11",
        Confidence.V_OLD,
    ),
    Rule(
        "BU-2",
        "Budget non équilibré",
        "CGCT, art. L. 1612-5, L. 1612-9, L. 1612-10, R. 1612-22, R. 1612-23",
        Confidence.V_OLD,
    ),
    Rule("BU-3", "Dépense obligatoire", "CGCT, art. L. 1612-15, L. 1612-16", Confidence.V_OLD),
    Rule("BU-4", "Déficit des comptes", "CGCT, art. L. 1612-14", Confidence.V_OLD),
    Rule(
        "BU-5",
        "Comptes non transmis ou rejetés",
        "CGCT, art. L. 1612-12, L. 1612-13",
        Confidence.V_OLD,
    ),
    Rule(
        "BU-6",
        "Premier budget d'une collectivité nouvelle",
        "CGCT, art. L. 1612-3",
        Confidence.V_OLD,
    ),
    Rule(
        "BU-7",
        "Contrôle budgétaire et déféré, côte à côte",
        "CGCT, art. L. 1612-5, L. 2131-6",
        Confidence.V_OLD,
    ),
    Rule(
        "UR-1",
        "Autorisation d'urbanisme expresse",
        "C. urb., art. L. 424-7, L. 424-9",
        Confidence.TO_VERIFY,
    ),
    Rule(
        "UR-2",
        "Autorisation d'urbanisme tacite",
        "C. urb., art. L. 424-8 ; CE, 17 décembre 2014, n° 373681 ; CE, 22 octobre 2018, n° 400779",
        Confidence.S,
    ),
    Rule(
        "UR-3",
        "Tiers et permis : affichage sur le terrain, notification du recours",
        "C. urb., art. R. 600-1, R. 600-2, R. 600-3",
        Confidence.S,
    ),
    Rule(
        "UR-4",
        "Recours gracieux contre une autorisation d'urbanisme : un mois, sans prolongation",
        "C. urb., art. L. 600-12-2 ; loi n° 2025-1129 du 26 novembre 2025, art. 26",
        Confidence.S,
        date(2025, 11, 28),
    ),
    Rule(
        "UR-5",
        "Caractère exécutoire des PLU et des SCoT",
        "C. urb., art. L. 143-24, L. 153-23 à L. 153-26 ; ordonnance n° 2021-1310, art. 7",
        Confidence.TO_VERIFY,
        date(2023, 1, 1),
    ),
    Rule(
        "UR-6",
        "Arrêtés de police et décisions prises par délégation",
        "CGCT, art. L. 2122-22, L. 2122-23",
        Confidence.V_OLD,
    ),
)

from transmission.console import labels


def test_an_unknown_code_is_shown_rather_than_hidden() -> None:
    assert labels.outcome_label("Unheard") == "Unheard"
    assert labels.field_label("inconnu") == "inconnu"


def test_an_attempt_without_outcome_is_not_given_one() -> None:
    assert labels.outcome_label(None) == "Pas encore connue"


def test_a_kind_of_retour_is_told_in_words() -> None:
    assert labels.retour_label("1-2") == "Accusé de réception (1-2)"
    assert labels.retour_label("4-1") == "Lettre d'observations (4-1)"
    assert labels.retour_label("anomalie d'enveloppe") == "Anomalie d'enveloppe"
    assert labels.retour_label(None) == "Pas encore lu"


def test_the_service_is_named_and_people_keep_their_name() -> None:
    assert labels.author_label("service") == "le service"
    assert labels.author_label("responsable des assemblées") == "responsable des assemblées"


def test_details_are_told_with_labels_units_and_dates() -> None:
    details = {"octets": 14_800, "issue": "InDoubt", "date_reception": "2026-11-20", "x": 3}
    assert list(labels.detail_lines(details)) == [
        ("Taille", "14\u00a0ko"),
        ("Issue", "Issue inconnue"),
        ("Reçu en préfecture le", "20\u00a0novembre\u00a02026"),
        ("x", "3"),
    ]


def test_what_was_entered_or_declared_is_told_in_words() -> None:
    details = {"saisie": 3, "evenement": "reponse_attente", "reponse": 15, "tacite": False}
    declared = {"categorie": "dsp", "date_signature": "2026-11-20", "montant_ht": "90000.50"}
    assert list(labels.detail_lines(details | declared)) == [
        ("Saisie n°", "3"),
        ("Événement", "Réponse d'attente, qui ne tranche rien"),
        ("Réponse n°", "15"),
        ("Autorisation tacite", "non"),
        ("Catégorie", "délégation de service public"),
        ("Date de signature", "20\u00a0novembre\u00a02026"),
        ("Montant du marché hors taxes", "90000,50 €"),
    ]


def test_details_that_say_nothing_are_left_out() -> None:
    assert list(labels.detail_lines({"adresse": None, "detail": ""})) == []


def test_a_date_that_is_none_is_shown_as_it_came() -> None:
    assert list(labels.detail_lines({"date_reception": "hier"})) == [
        ("Reçu en préfecture le", "hier")
    ]


def test_what_belongs_to_nothing_is_called_as_its_own_name_says() -> None:
    named = "042-123456782-20261120-X-DE-4-1_7.xml"
    assert labels.quarantined_label("non rattaché", named) == "Lettre d'observations"
    assert labels.quarantined_label("non rattaché", "x.xml") == "Non rattaché"
    assert labels.quarantined_label(None, None) == "Pas encore lu"

"""What a dossier tells of itself: contents, deadlines, and the facts that its summary prints."""

import json

from tests.support.bench import RECEPTION, Bench
from tests.support.scene import AUTHOR
from transmission.domain.dossier import Dossier, Member, Role, dossier_json
from transmission.services.dossier_gather import Gathered, gather
from transmission.services.dossier_told import deadlines, dossier_of, file_name, summary_facts


def _dossier(bench: Bench, gathered: Gathered, *members: Member) -> Dossier:
    now = bench.clock.now()
    return dossier_of(gathered, members, (), made_at=now, made_by="greffe", sealed_by="service")


def test_the_day_of_receipt_is_that_of_the_register_and_names_the_ar_when_it_is_there(
    bench: Bench,
) -> None:
    gathered = gather(bench.tools, bench.acknowledged().acte_id)
    reception = _dossier(bench, gathered).reception
    assert reception is not None
    assert (reception.date_reception, reception.transmission) == (RECEPTION, 1)
    assert reception.retour is None


def test_an_act_that_was_not_received_has_no_day_of_receipt(bench: Bench) -> None:
    gathered = gather(bench.tools, bench.sent().acte_id)
    assert _dossier(bench, gathered).reception is None


def test_the_act_is_told_as_it_was_handed_over(bench: Bench) -> None:
    gathered = gather(bench.tools, bench.sent().acte_id)
    told = json.loads(dossier_json(_dossier(bench, gathered)))
    assert told["acte"]["objet"] == "Subvention à l’école"
    assert told["acte"]["accepted_by"] == AUTHOR.name
    assert (told["acte"]["nature"], told["acte"]["matiere"]) == (1, "7.5")
    (attempt,) = told["transmissions"][0]["attempts"]
    assert attempt["outcome"] == "Accepted"
    assert file_name(gathered) == f"{told['acte']['id_acte']}.asice"


def test_deadlines_are_given_to_a_program_and_to_a_person(bench: Bench) -> None:
    gathered = gather(bench.tools, bench.acknowledged().acte_id)
    program, person = deadlines(gathered)
    assert isinstance(program.content, bytes)
    assert isinstance(person.content, bytes)
    names = {each["name"]: each["date"] for each in json.loads(program.content)["dates"]}
    assert names["defere"] == "2023-05-10"
    assert "10/05/2023  Dernier jour du déféré" in person.content.decode()


def test_the_summary_is_given_what_happened_in_words_and_by_sending(bench: Bench) -> None:
    gathered = gather(bench.tools, bench.sent().acte_id)
    facts = summary_facts(gathered, _dossier(bench, gathered, Member("a", 1, "b", Role.RETOUR, {})))
    assert [(each.sending, each.label) for each in facts.events][:2] == [
        (1, "Prise en charge"),
        (1, "Enveloppe construite, signée et scellée"),
    ]
    assert facts.stamps == ()

"""``notices``: what was told outside is listed, and told again by hand."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.limits import notices
from tests.support.scene import SIREN, Scene
from transmission.domain.collectivite import LegalOptions
from transmission.ports.notices import Channel, Fate, NewNotice
from transmission.ports.outbound import Refused

Run = Callable[..., SimpleNamespace]
Write = Callable[..., int]


@pytest.fixture
def write(served: Scene) -> Write:
    """A notice, settled unless told otherwise; its number."""

    def written(key: str, fate: Fate | None = None, channel: Channel = Channel.MAIL) -> int:
        now = served.clock.now()
        content = {"subject": f"Rappel {key}", "text": "t", "html": "h", "type": "fr.essai"}
        new = NewNotice(
            collectivite_id=served.authority_id, kind="rappel", key=key, channel=channel,
            target="dgs@example.org", content=content,
        )  # fmt: skip
        with served.tools.register() as unit:
            unit.add_notice(new, now)
            if fate is not None:
                claimed = unit.claim_notice(served.authority_id, now, now + timedelta(minutes=5))
                assert claimed is not None
                unit.settle_notice(claimed, fate)
            unit.commit()
        return int(notices(served.engine)[-1].id)

    return written


def test_notices_are_listed_newest_first_with_what_became_of_each(
    served: Scene, run: Run, write: Write
) -> None:
    now = served.clock.now()
    write("remis", Fate(at=now))
    refused = write("refusé", Fate(at=now, failure="Refusé : 550 inconnu."))
    write("dit", channel=Channel.TOLD)
    waiting = write("en attente")
    ended = run("notices")
    assert (ended.code, ended.err) == (0, "")
    titles = [line for line in ended.out.splitlines() if line.startswith("Avis n°")]
    assert titles == [f"Avis n° {waiting}", f"Avis n° {refused}", f"Avis n° {refused - 1}"]
    for words in ("Rappel refusé", "dgs@example.org", "Commune de Saint-Exemple", "Remis le"):
        assert words in ended.out
    assert "Non remis : il ne partira plus de lui-même" in ended.out
    assert "Refusé : 550 inconnu." in ended.out
    assert "essais faits : 0" in ended.out
    assert all(len(line) <= 80 for line in ended.out.splitlines())


def test_failures_are_listed_alone_and_those_of_another_authority_are_not(
    served: Scene, run: Run, write: Write
) -> None:
    now = served.clock.now()
    later = Fate(at=now, failure="rien.", next_attempt_at=now)
    write("remis", Fate(at=now))
    assert run("notices", "--echecs").out == "Aucun avis n'a échoué.\n"
    refused = write("refusé", Fate(at=now, failure="Refusé : non."))
    write("plus tard", later)
    assert run("notices", "--echecs").out.startswith(f"Avis n° {refused}\n")
    assert run("notices", "--echecs").out.count("Avis n°") == 1
    assert run("notices", "--siren", "732829320").out == "Aucun avis n'a été écrit.\n"


def test_an_event_is_listed_by_its_type(run: Run, write: Write) -> None:
    write("k", channel=Channel.WEBHOOK)
    assert "fr.essai" in run("notices").out


def test_a_notice_is_sent_again_by_hand(served: Scene, run: Run, write: Write) -> None:
    number = write("k", Fate(at=served.clock.now(), failure="Refusé."))
    ended = run("notices", "--rejouer", number)
    assert (ended.code, ended.out) == (0, f"Avis n° {number} : il sera renvoyé dans la minute.\n")
    (row,) = notices(served.engine)
    assert (row.failure, row.attempts) == (None, 0)
    assert row.next_attempt_at is not None
    with served.tools.register() as unit:
        assert ("deliver", served.authority_id) in unit.waiting_bells()


def test_a_notice_that_does_not_exist_is_refused(run: Run) -> None:
    ended = run("notices", "--rejouer", "999")
    assert (ended.code, ended.out) == (1, "")
    assert "Aucun avis n° 999 n'est à envoyer." in ended.err
    assert run("notices", "--rejouer", "0").code == 2


def test_doctor_tells_that_nothing_can_be_mailed_and_what_was_not_delivered(
    served: Scene, run: Run, write: Write
) -> None:
    def said() -> list[Any]:
        checks = json.loads(run("doctor", "--json").out)["checks"]
        return [check for check in checks if check["check"] == "notices"]

    assert said() == []
    with served.tools.register() as unit:
        owner = unit.authority_by_siren(SIREN).collectivite
        options = LegalOptions(rappels_courriels=("dgs@example.org",))
        unit.replace_authority(replace(owner, droit=options))
        unit.commit()
    write("k", Fate(at=served.clock.now(), failure=f"{Refused('non').reason}."))
    found = said()
    assert [each["grade"] for each in found] == ["warning", "warning"]
    assert "TRANSMISSION_SMTP_HOST" in found[0]["said"]
    assert found[1]["said"].startswith("1 avis n'a pas été remis")

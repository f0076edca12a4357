"""``token``: the secret is shown once and alone, tokens are listed without it, and end for good."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from tests.support.scene import SIREN, Scene
from transmission.clock import SystemClock, civil_day
from transmission.domain.access import AccessDeniedError, Scope
from transmission.domain.identifiers import Siren
from transmission.services.tokens import authenticate
from transmission.store.tables import journal

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def add(run: Run) -> Run:
    """Makes a token that reads."""

    def added(*more: object, name: str = "logiciel") -> SimpleNamespace:
        return run("token", "add", name, "--portee", "lire", *more)

    return added


@pytest.fixture
def other(served: Scene) -> str:
    """The SIREN of a second authority."""
    with served.tools.register() as unit:
        known = unit.authority_by_siren(SIREN).collectivite
        second = replace(known, siren=Siren("123456790"), nom="Commune de Modèle")
        unit.add_authority(second, served.clock.now())
        unit.commit()
    return str(second.siren)


def test_the_secret_alone_is_on_the_standard_output(served: Scene, add: Run) -> None:
    made = add("--portee", "deposer", "--siren", "123 456 782")
    assert made.code == 0
    secret = made.out.removesuffix("\n")
    access = authenticate(served.tools, secret)
    assert access.scopes == {Scope.READ, Scope.DEPOSIT}
    assert access.collectivite_id == served.authority_id
    whose, what, once = made.err.splitlines()
    assert whose == "Jeton « logiciel » créé pour Commune de Saint-Exemple (SIREN 123456782)."
    assert what.startswith("Il sert sans date de fin, et permet : Remettre des actes ; Lire les")
    assert once == "Notez ce secret maintenant : il ne sera plus jamais montré."


def test_a_token_is_listed_without_its_secret(served: Scene, run: Run, add: Run) -> None:
    assert run("token", "list").out == "Aucun jeton n'a été créé pour Commune de Saint-Exemple.\n"
    secret = add("--par", "administratrice").out.strip()
    listed = run("token", "list").out
    assert listed.startswith("Jeton « logiciel »\n")
    assert _lines(listed)["État"] == "en service"
    assert _lines(listed)["Permet"] == "Lire les actes, leurs fichiers et leurs dates"
    assert _lines(listed)["Créé"].endswith("par administratrice")
    assert (_lines(listed)["Expire"], _lines(listed)["Dernier usage"]) == ("jamais", "aucun")
    assert secret[4:] not in listed
    authenticate(served.tools, secret)
    assert _lines(run("token", "list").out)["Dernier usage"] != "aucun"


def test_the_last_day_is_told_as_it_was_given(run: Run, add: Run) -> None:
    day = civil_day(SystemClock().now(), "Europe/Paris") + timedelta(days=90)
    made = add("--expire", day.isoformat())
    assert f"jusqu'au {day:%d/%m/%Y} inclus" in made.err
    assert f"{day.year}" in _lines(run("token", "list").out)["Expire"]
    assert f"à la fin du {day.day}" in _lines(run("token", "list").out)["Expire"]


def test_a_revoked_token_is_refused_and_stays_in_the_list(
    served: Scene, run: Run, add: Run
) -> None:
    secret = add().out.strip()
    ended = run("token", "revoke", "logiciel", "--motif", "logiciel remplacé", "--par", "direction")
    assert ended.out == "Jeton « logiciel » de Commune de Saint-Exemple : révoqué.\n"
    with pytest.raises(AccessDeniedError):
        authenticate(served.tools, secret)
    told = _lines(run("token", "list").out)
    assert (told["État"], told["Motif"]) == ("révoqué", "logiciel remplacé")
    assert told["Révoqué"].endswith("par direction")
    with served.engine.connect() as connection:
        written = connection.execute(
            select(journal.c.author, journal.c.reason).where(journal.c.event == "token_revoked")
        ).one()
    assert written == ("direction", "logiciel remplacé")
    assert run("token", "revoke", "logiciel", "--motif", "encore").code == 1


def test_a_name_is_taken_until_its_token_is_revoked(run: Run, add: Run) -> None:
    first = add()
    taken = add()
    assert (taken.code, taken.out) == (1, "")
    assert "« logiciel » est déjà en service" in taken.err
    run("token", "revoke", "logiciel", "--motif", "perdu")
    assert add().out != first.out


def test_each_authority_has_its_own_tokens(served: Scene, run: Run, add: Run, other: str) -> None:
    asked = add()
    assert (asked.code, asked.out) == (1, "")
    assert "précisez --siren" in asked.err
    secret = add("--siren", other).out.strip()
    assert authenticate(served.tools, secret).siren == other
    assert "Aucun jeton" in run("token", "list", "--siren", SIREN).out
    mine = run("token", "revoke", "logiciel", "--motif", "erreur", "--siren", SIREN)
    assert mine.code == 1
    assert authenticate(served.tools, secret).siren == other


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "logiciel"), "--portee"),
        (("add", "logiciel", "--portee", "tout"), "deposer"),
        (("add", "logiciel", "--portee", "lire", "--expire", "demain"), "AAAA-MM-JJ"),
        (("revoke", "logiciel"), "--motif"),
    ],
)
def test_an_incomplete_command_says_what_it_misses(
    run: Run, arguments: tuple[str, ...], told: str
) -> None:
    ended = run("token", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


@pytest.mark.parametrize("name", ["", "a\x1b[2Jb", "\udce9"])
def test_a_name_that_cannot_be_shown_is_refused(add: Run, name: str) -> None:
    refused = add(name=name)
    assert (refused.code, refused.out) == (1, "")
    assert "Nommez le logiciel" in refused.err
    assert "\x1b" not in refused.err


def test_a_secret_given_in_the_place_of_a_name_is_not_repeated(run: Run, add: Run) -> None:
    secret = add().out.strip()
    for arguments in (("revoke", secret, "--motif", "fuite"), ("add", secret, "--portee", "lire")):
        refused = run("token", *arguments)
        assert refused.code == 1
        assert secret[4:] not in refused.out + refused.err


def test_an_end_that_is_past_is_refused(add: Run) -> None:
    refused = add("--expire", "2023-03-02")
    assert (refused.code, refused.out) == (1, "")
    assert "Le 02/03/2023 est déjà passé." in refused.err


def test_the_doctor_tells_of_a_token_that_ends_soon(run: Run, add: Run) -> None:
    add("--expire", civil_day(SystemClock().now(), "Europe/Paris").isoformat())
    told = " ".join(run("doctor").out.split())
    assert "! Jetons : « logiciel » (Commune de Saint-Exemple) expire le" in told


def _lines(told: str) -> dict[str, str]:
    """The facts of the first token of a list."""
    pairs = (line.strip().split("  ", 1) for line in told.splitlines()[1:] if "  " in line.strip())
    return {name: fact.strip() for name, fact in pairs}

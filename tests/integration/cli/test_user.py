"""``user``: accounts from the command line; no password on it, and none on any screen."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from tests.support.scene import SIREN, Scene
from transmission.cli.user import _password
from transmission.domain.accounts import Origin
from transmission.domain.people import Grant, Role
from transmission.services.accounts import find_person, list_events
from transmission.services.log_in import log_in, recognise, whose_link

Run = Callable[..., SimpleNamespace]
PASSWORD = "une phrase assez longue "


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{PASSWORD}\nune autre ligne\n", encoding="utf-8")
    return path


@pytest.fixture
def add(run: Run, secret_file: Path) -> Run:
    def added(login: str = "juriste", *more: object) -> SimpleNamespace:
        how = () if "--lien" in more else ("--password-file", secret_file)
        given = ("--nom", "service juridique", "--role", "lecteur")
        return run("user", "add", login, *given, *how, *more)

    return added


def _enter(served: Scene, password: str = PASSWORD) -> str:
    return log_in(served.tools, "juriste", password, Origin(), randomness=lambda size: b"x" * size)


def test_an_account_is_made_with_the_first_line_of_a_file(served: Scene, add: Run) -> None:
    made = add("Juriste", "--courriel", "j@example.org", "--par", "administratrice")
    assert (made.code, made.out) == (0, "")
    assert "Compte « juriste » créé" in made.err
    assert PASSWORD.strip() not in made.err
    found = find_person(served.tools, "juriste")
    assert (found.grants, found.created_by) == ((Grant(Role.READER),), "administratrice")
    assert recognise(served.tools, _enter(served))


def test_the_console_of_a_person_may_speak_english(served: Scene, add: Run) -> None:
    refused = add("juriste", "--langue", "klingon")
    assert refused.code == 1
    assert "n'est pas une langue de la console" in refused.err
    assert add("juriste", "--langue", "en").code == 0
    assert find_person(served.tools, "juriste").language == "en"


def test_a_link_is_alone_on_the_standard_output(served: Scene, add: Run) -> None:
    made = add("juriste", "--lien")
    assert made.code == 0
    path, _, secret = made.out.strip().rpartition("/")
    assert path.endswith("/connexion/premiere")
    assert whose_link(served.tools, secret).login == "juriste"
    assert "24 heures" in made.err


def test_a_password_is_asked_at_a_terminal_and_read_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", StringIO(f"{PASSWORD}\r\nrest\n"))
    assert _password(None, "juriste") == PASSWORD
    monkeypatch.setattr("sys.stdin", StringIO(PASSWORD))
    assert _password(Path("-"), "juriste") == PASSWORD
    asked: list[dict[str, Any]] = []

    def prompt(text: str, **how: Any) -> str:
        asked.append(how)
        return PASSWORD

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(click, "prompt", prompt)
    assert _password(None, "juriste") == PASSWORD
    assert asked == [{"hide_input": True, "confirmation_prompt": True, "err": True}]


def test_a_password_on_the_command_line_is_no_option(run: Run, add: Run) -> None:
    for command in (("add", "x", "--nom", "x", "--role", "lecteur"), ("passwd", "x")):
        assert run("user", *command, "--password", "secret").code == 2


def test_a_short_password_makes_no_account_of_no_use(
    served: Scene, run: Run, tmp_path: Path
) -> None:
    short = tmp_path / "short"
    short.write_text("court\n")
    given = ("--nom", "x", "--role", "lecteur", "--password-file", short)
    refused = run("user", "add", "juriste", *given)
    assert (refused.code, "trop court" in refused.err) == (1, True)
    assert json.loads(run("user", "list", "--json").out) == {"comptes": []}


def test_people_are_listed_for_people_and_for_programs(run: Run, add: Run) -> None:
    assert "Aucun compte n'existe" in run("user", "list").out
    add()
    listed = run("user", "list").out
    assert listed.startswith("Compte « juriste »\n")
    assert "lecteur (toutes les collectivités)" in listed
    (document,) = json.loads(run("user", "list", "--json").out)["comptes"]
    assert document["roles"] == [{"role": "lecteur", "siren": None}]
    assert (document["identifiant"], document["mot_de_passe"]) == ("juriste", True)
    assert not {"password", "password_hash"} & document.keys()


def test_another_password_ends_the_sessions(
    served: Scene, run: Run, add: Run, tmp_path: Path
) -> None:
    add()
    secret, other = _enter(served), tmp_path / "other"
    other.write_text("une tout autre phrase\n")
    assert run("user", "passwd", "juriste", "--password-file", other).code == 0
    assert recognise(served.tools, secret) is None
    link = run("user", "passwd", "juriste", "--lien").out.strip()
    assert whose_link(served.tools, link.rpartition("/")[2]).login == "juriste"
    assert run("user", "passwd", "personne", "--password-file", other).code == 1


def test_roles_are_given_and_taken(served: Scene, run: Run, add: Run) -> None:
    add()
    given = run("user", "role", "juriste", "--donner", "auditeur", "--siren", "123 456 782")
    assert f"auditeur ({SIREN}) : donné." in given.out
    taken = run("user", "role", "juriste", "--retirer", "lecteur", "--partout")
    assert "lecteur (toutes les collectivités) : retiré." in taken.out
    assert find_person(served.tools, "juriste").grants == (Grant(Role.AUDITOR, SIREN),)
    assert run("user", "role", "juriste").code == 2
    assert run("user", "role", "juriste", "--donner", "chef").code == 2
    both = ("--siren", SIREN, "--partout")
    assert run("user", "role", "juriste", "--donner", "agent", *both).code == 2
    unknown = run("user", "role", "juriste", "--donner", "agent", "--siren", "999999998")
    assert unknown.code == 1


def test_a_person_is_put_out_and_let_in_again(served: Scene, run: Run, add: Run) -> None:
    add()
    secret = _enter(served)
    assert run("user", "disable", "juriste").code == 2
    assert run("user", "disable", "juriste", "--motif", "départ").code == 0
    assert recognise(served.tools, secret) is None
    assert "Motif" in run("user", "list").out
    assert run("user", "enable", "juriste", "--motif", "retour").code == 0
    told = list_events(served.tools, "juriste")
    assert [(each.event, each.reason) for each in told[:2]] == [
        ("account_enabled", "retour"),
        ("account_disabled", "départ"),
    ]


def test_sessions_are_listed_and_ended(served: Scene, run: Run, add: Run) -> None:
    add()
    secret = _enter(served)
    assert "adresse inconnue" in run("user", "sessions", "juriste").out
    (document,) = json.loads(run("user", "sessions", "juriste", "--json").out)["sessions"]
    assert document["voie"] == "password"
    assert secret not in str(document)
    assert run("user", "sessions", "juriste", "--fermer").out == "Sessions fermées : 1.\n"
    assert recognise(served.tools, secret) is None
    assert run("user", "sessions", "juriste").out == "Aucune session n'est ouverte.\n"


def test_what_is_done_to_an_account_is_told_to_programs(
    served: Scene, run: Run, add: Run, tmp_path: Path
) -> None:
    made = json.loads(add("juriste", "--json").out)
    assert (made["identifiant"], made["mot_de_passe"], made["lien"]) == ("juriste", True, None)
    linked = json.loads(add("autre", "--lien", "--json").out)
    assert whose_link(served.tools, linked["lien"].rpartition("/")[2]).login == "autre"
    (tmp_path / "other").write_text("une tout autre phrase\n")
    changed = run("user", "passwd", "autre", "--password-file", tmp_path / "other", "--json")
    told = json.loads(changed.out)
    assert (told["mot_de_passe"], told["lien"], changed.err) == (True, None, "")
    words = ("--donner", "agent", "--donner", "lecteur", "--retirer", "auditeur", "--partout")
    roles = json.loads(run("user", "role", "juriste", *words, "--json").out)
    assert [(each["role"], each["sort"]) for each in roles["changements"]] == [
        ("agent", "donne"), ("lecteur", "deja_donne"), ("auditeur", "pas_donne")
    ]  # fmt: skip
    assert {each["role"] for each in roles["roles"]} == {"agent", "lecteur"}
    out = json.loads(run("user", "disable", "juriste", "--motif", "départ", "--json").out)
    assert (out["motif"], out["desactive_le"] is None) == ("départ", False)
    back = json.loads(run("user", "enable", "juriste", "--motif", "retour", "--json").out)
    assert back["desactive_le"] is None
    _enter(served)
    assert json.loads(run("user", "sessions", "juriste", "--fermer", "--json").out) == {
        "fermees": 1
    }

"""``transmission user``: the people who come to the console, and what each may do."""

import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from transmission.cli.context import author, author_option, wired
from transmission.cli.groups import CommandGroup
from transmission.cli.told import json_option, tell
from transmission.cli.user_identity import identity
from transmission.cli.user_personal import erase, export
from transmission.cli.user_shown import (
    account_told,
    label,
    session_told,
    show_account,
    show_session,
)
from transmission.cli.user_wishes import wishes
from transmission.domain.people import Grant, Role

if TYPE_CHECKING:
    from transmission.bootstrap import Container
    from transmission.domain.accounts import Account, Purpose, Session

_Command = TypeVar("_Command", bound=Callable[..., Any])
_ROLES = {role.code: role for role in Role}
_TOLD = "\n".join(f"  {role.code:<16}{_rights}" for role, _rights in (
    (each, " ; ".join(right.label for right in sorted(each.rights, key=lambda one: one.name)))
    for each in Role
))  # fmt: skip
_ADD = f"""\b
Rôles :
{_TOLD}

\b
Exemple :
  transmission user add juriste --nom "service juridique" --role lecteur --lien
"""

motif_option = click.option(
    "--motif", required=True, metavar="TEXTE", help="Pourquoi ; le motif entre au journal."
)
_password_option = click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True),
    help="Fichier dont la première ligne est le mot de passe (- : entrée standard).",
)
_link_option = click.option(
    "--lien", "link", is_flag=True, help="Donner un lien, à usage unique, où le choisir."
)


def _where(command: _Command) -> _Command:
    siren = click.option(
        "--siren", "sirens", multiple=True, metavar="SIREN", help="Collectivité ; répétable."
    )
    return siren(click.option("--partout", is_flag=True, help="Dans toutes.")(command))


@click.group(cls=CommandGroup, epilog="Exemple : transmission user list")
def user() -> None:
    """Comptes des personnes qui viennent à la console, et leurs rôles."""


@user.command(epilog=_ADD, short_help="Créer un compte.")
@click.argument("identifiant")
@click.option("--nom", required=True, help="Nom ou fonction, comme le journal le dira.")
@click.option("--courriel", default="", help="Adresse de courriel.")
@click.option("--langue", default="fr", help="Langue de sa console : fr ou en.", show_default=True)
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(list(_ROLES)),
    help="Ce qu'il est ; répétable.",
)  # fmt: skip
@_where
@_link_option
@_password_option
@click.option(
    "--sans-mot-de-passe",
    "without",
    is_flag=True,
    help="Il vient par le fournisseur d'identité seul.",
)
@author_option
@json_option
@click.pass_context
def add(
    ctx: click.Context,
    identifiant: str,
    nom: str,
    courriel: str,
    langue: str,
    roles: tuple[str, ...],
    sirens: tuple[str, ...],
    partout: bool,  # noqa: FBT001
    link: bool,  # noqa: FBT001
    password_file: Path | None,
    without: bool,  # noqa: FBT001
    par: str | None,
) -> None:
    """Créer le compte IDENTIFIANT, sans doublon : le même nom ne sert qu'à une personne.

    Avec --lien, la personne choisit elle-même son mot de passe ; sinon il est demandé, ou lu sur
    l'entrée standard. Sans --siren, ses rôles valent partout ; s'il y a plusieurs
    collectivités, dites --siren ou --partout.
    """
    from transmission.domain.accounts import folded_login, require_password
    from transmission.services.accounts import create_person, find_person, set_password

    with wired(ctx) as made:
        grants = _grants(made, roles, sirens, everywhere=partout)
        password = None if link or without else _password(password_file, identifiant)
        if password is not None:
            # Before anything is kept.
            require_password(password, folded_login(identifiant))
        account = create_person(
            made.tools, identifiant, nom, grants, author(par), email=courriel, language=langue
        )
        if password is not None:
            set_password(made.tools, account.login, password, author(par))
            account = find_person(made.tools, account.login)
        given = _link(made, account.login, par) if link else None
    said = f"Compte « {account.login} » créé pour {account.name}."
    tell(lambda: account_told(account, lien=given), lambda: _say(said, given))


@user.command("list", epilog="Exemple : transmission user list --json", short_help="Lister.")
@json_option
@click.pass_context
def list_them(ctx: click.Context) -> None:
    """Lister les comptes, ceux qui sont désactivés compris."""
    from transmission.services.accounts import list_people

    with wired(ctx) as made:
        found = list_people(made.tools)
    tell(lambda: {"comptes": [account_told(each) for each in found]}, lambda: _list(found))


def _list(found: Sequence["Account"]) -> None:
    if not found:
        click.echo("Aucun compte n'existe. Créez le premier avec « transmission user add ».")
    for each in found:
        show_account(each)


@user.command(
    epilog="Exemple : transmission user passwd juriste --lien",
    short_help="Changer de mot de passe.",
)
@click.argument("identifiant")
@_link_option
@_password_option
@author_option
@json_option
@click.pass_context
def passwd(
    ctx: click.Context,
    identifiant: str,
    link: bool,  # noqa: FBT001
    password_file: Path | None,
    par: str | None,
) -> None:
    """Donner un autre mot de passe à IDENTIFIANT ; ses sessions sont fermées."""
    from transmission.services.accounts import find_person, set_password

    with wired(ctx) as made:
        account, given = find_person(made.tools, identifiant), None
        if link:
            given = _link(made, account.login, par)
        else:
            password = _password(password_file, account.login)
            set_password(made.tools, account.login, password, author(par))
            account = find_person(made.tools, account.login)
    said = f"Compte « {account.login} » : mot de passe changé, sessions fermées."
    tell(
        lambda: account_told(account, lien=given),
        lambda: click.echo(said) if given is None else _say(None, given),
    )


@user.command(
    epilog="Exemple : transmission user role juriste --donner auditeur --partout",
    short_help="Donner ou retirer des rôles.",
)
@click.argument("identifiant")
@click.option(
    "--donner", "given", multiple=True, type=click.Choice(list(_ROLES)), help="Répétable."
)
@click.option(
    "--retirer", "taken", multiple=True, type=click.Choice(list(_ROLES)), help="Répétable."
)
@_where
@author_option
@json_option
@click.pass_context
def role(
    ctx: click.Context,
    identifiant: str,
    given: tuple[str, ...],
    taken: tuple[str, ...],
    sirens: tuple[str, ...],
    partout: bool,  # noqa: FBT001
    par: str | None,
) -> None:
    """Donner et retirer des rôles à IDENTIFIANT ; cela vaut dès la page suivante."""
    from transmission.services.accounts import find_person, grant_role, revoke_role

    if not given and not taken:
        raise click.UsageError("Dites ce qu'il faut --donner ou --retirer.")
    with wired(ctx) as made:
        changes = [
            (grant, _FATES[True][grant_role(made.tools, identifiant, grant, author(par))])
            for grant in _grants(made, given, sirens, everywhere=partout)
        ] + [
            (grant, _FATES[False][revoke_role(made.tools, identifiant, grant, author(par))])
            for grant in _grants(made, taken, sirens, everywhere=partout)
        ]
        account = find_person(made.tools, identifiant)
    told = [
        {"role": grant.role.code, "siren": grant.siren, "sort": fate}
        for grant, (fate, _) in changes
    ]
    tell(lambda: account_told(account, changements=told), lambda: _say_roles(account, changes))


_FATES = {
    True: {True: ("donne", "donné"), False: ("deja_donne", "déjà donné")},
    False: {True: ("retire", "retiré"), False: ("pas_donne", "pas donné, juste là")},
}
"""What comes of giving (or of taking away), by whether it changed anything: code, French words."""


def _say_roles(account: "Account", changes: Sequence[tuple[Grant, tuple[str, str]]]) -> None:
    for grant, (_, words) in changes:
        click.echo(f"{label(grant)} : {words}.")
    show_account(account)


@user.command(
    epilog='Exemple : transmission user disable juriste --motif "départ"',
    short_help="Désactiver un compte.",
)
@click.argument("identifiant")
@motif_option
@author_option
@json_option
@click.pass_context
def disable(ctx: click.Context, identifiant: str, motif: str, par: str | None) -> None:
    """Désactiver IDENTIFIANT, et fermer ses sessions. Rien n'est effacé."""
    from transmission.services.accounts import disable_person, find_person

    with wired(ctx) as made:
        disable_person(made.tools, identifiant, author(par, motif))
        account = find_person(made.tools, identifiant)
    tell(
        lambda: account_told(account),
        lambda: click.echo(f"Compte « {account.login} » : désactivé, sessions fermées."),
    )


@user.command(
    epilog='Exemple : transmission user enable juriste --motif "retour"',
    short_help="Réactiver un compte.",
)
@click.argument("identifiant")
@motif_option
@author_option
@json_option
@click.pass_context
def enable(ctx: click.Context, identifiant: str, motif: str, par: str | None) -> None:
    """Réactiver IDENTIFIANT, avec les rôles et le mot de passe qu'il avait."""
    from transmission.services.accounts import enable_person, find_person

    with wired(ctx) as made:
        enable_person(made.tools, identifiant, author(par, motif))
        account = find_person(made.tools, identifiant)
    tell(
        lambda: account_told(account),
        lambda: click.echo(f"Compte « {account.login} » : de nouveau en service."),
    )


@user.command(
    epilog="Exemple : transmission user sessions juriste --fermer",
    short_help="Lister ou fermer ses sessions.",
)
@click.argument("identifiant")
@click.option("--fermer", "end", is_flag=True, help="Les fermer toutes.")
@json_option
@author_option
@click.pass_context
def sessions(
    ctx: click.Context,
    identifiant: str,
    end: bool,  # noqa: FBT001
    par: str | None,
) -> None:
    """Lister les sessions ouvertes de IDENTIFIANT, ou les fermer."""
    from transmission.services.accounts import end_sessions_of, sessions_of

    with wired(ctx) as made:
        if end:
            ended = end_sessions_of(made.tools, identifiant, author(par))
            tell(lambda: {"fermees": ended}, lambda: click.echo(f"Sessions fermées : {ended}."))
            return
        found = sessions_of(made.tools, identifiant)
    tell(lambda: {"sessions": [session_told(each) for each in found]}, lambda: _sessions(found))


def _sessions(found: Sequence["Session"]) -> None:
    for each in found:
        show_session(each)
    if not found:
        click.echo("Aucune session n'est ouverte.")


user.add_command(export)
user.add_command(erase)
user.add_command(identity)
user.add_command(wishes)


def console_link(made: "Container", path: str) -> str:
    """The address of a page of the console, as people reach it; the path alone when unknown."""
    from transmission.bootstrap import addresses

    base = made.tools.console_url or addresses(made.settings).console_url or ""
    return f"{base.rstrip('/')}{path}"


def make_link(made: "Container", login: str, par: str | None, purpose: "Purpose") -> str:
    """A link that serves once, within a day: to choose a password, or to come straight in."""
    from transmission.domain.accounts import Purpose
    from transmission.services.accounts import password_link

    secret = password_link(
        made.tools, login, author(par), randomness=secrets.token_bytes, purpose=purpose
    )
    way = "directe" if purpose is Purpose.ENTER else "premiere"
    return console_link(made, f"/connexion/{way}/{secret}")


def _link(made: "Container", login: str, par: str | None) -> str:
    from transmission.domain.accounts import Purpose

    return make_link(made, login, par, Purpose.CHOOSE)


def _say(said: str | None, link: str | None) -> None:
    """What was done, and the link alone on the standard output."""
    if said is not None:
        click.echo(said, err=True)
    if link is None:
        return
    click.echo(
        "Lien à donner à cette personne seule ; il sert une fois, pendant 24 heures :", err=True
    )
    if link.startswith("/"):
        click.echo(
            "(précédé de l'adresse de la console : donnez TRANSMISSION_CONSOLE_URL)", err=True
        )
    click.echo(link)


def _grants(
    made: "Container", roles: Sequence[str], sirens: Sequence[str], *, everywhere: bool
) -> Sequence[Grant]:
    if everywhere and sirens:
        raise click.UsageError("Choisissez entre --siren et --partout.")
    if not everywhere and not sirens:
        with made.tools.register() as unit:
            known = unit.authorities()
        if len(known) > 1:
            names = "\n".join(
                f"  {row.collectivite.siren}  {row.collectivite.nom}" for row in known
            )
            raise click.UsageError(
                f"Plusieurs collectivités existent ; précisez --siren ou --partout :\n{names}"
            )
    places: Sequence[str | None] = [each.replace(" ", "") for each in sirens] or [None]
    return [Grant(_ROLES[code], place) for code in roles for place in places]


def _password(file: Path | None, login: str) -> str:
    """The password: from a file, else asked at a terminal, else from the standard input.

    Never from the command line, which others on the machine read.
    """
    if file is not None and str(file) != "-":
        return _first_line(file.read_text(encoding="utf-8"))
    if file is None and sys.stdin.isatty():
        asked: str = click.prompt(
            f"Mot de passe de {login}", hide_input=True, confirmation_prompt=True, err=True
        )
        return asked
    return _first_line(sys.stdin.read())


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0].removesuffix("\r")

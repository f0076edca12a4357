"""Who am I, and am I heard (S²LOW API §4.1 to §4.5, §4.26)."""

from transmission.mocktdt.accounts import GROUP_ID, Permission
from transmission.mocktdt.answers import (
    Answer,
    RefusedError,
    json_answer,
    json_pretty,
    ok_echo,
    page,
    raw_text,
)
from transmission.mocktdt.identification import raw_basic_of
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import Platform

_ACTIVE = 1
_SIX = 6


def test_connexion(platform: Platform, request: Request) -> Answer:
    """The two bytes `OK`."""
    platform.identify(request)
    return Answer(b"OK")


def list_login(platform: Platform, request: Request) -> Answer:
    """The logins that share the caller's certificate, one a line; nothing for a stranger."""
    holders = platform.accounts.holding(request.certificate_hash)
    logins = "".join(f"{holder.login}\n" for holder in holders)
    return Answer(raw_text(logins, latin=platform.switches.latin_texts))


def test_rgs(platform: Platform, request: Request) -> Answer:
    """The two bytes `OK` or `KO`."""
    return Answer(b"OK" if platform.identify(request).rgs else b"KO")


def get_nounce(platform: Platform, request: Request) -> Answer:
    """A nonce for the caller's login and password; 401 without them."""
    if platform.settings.version >= _SIX and request.method != "GET":
        return page("405 Method Not Allowed", 405)
    basic = raw_basic_of(request)
    if basic is None:
        return Answer(
            raw_text(
                "Un login et un mot de passe sont nécessaires", latin=platform.switches.latin_texts
            ),
            status=401,
            headers=(("WWW-Authenticate", 'Basic realm="API S2low"'),),
        )
    account, value = platform.identify(request), platform.temper.nonce()
    platform.nonces.issue(value, *basic, account.siren, platform.clock.now())
    return json_answer({"nounce": value})


def env_serial(platform: Platform, request: Request) -> Answer:
    """`OK` and the next number of envelope of the day, which is spent."""
    account = platform.allow(request, Permission.WRITE, Permission.CREATE)
    with platform.lock:
        serial = platform.registry.next_serial(account.siren, platform.clock.today())
    if serial is None:
        raise RefusedError("Plus de numéro d'enveloppe pour ce jour")
    return ok_echo(b"%d\n" % serial)


def info_connexion(platform: Platform, request: Request) -> Answer:
    """The account and its authority."""
    account = platform.identify(request)
    authority = account.authority
    return json_pretty(
        {
            "user_info": {
                "id": account.id,
                "name": "Compte technique",
                "givenname": "",
                "email": "mock-tdt@example.org",
                "login": account.login,
                "role": account.role,
                "status": _ACTIVE,
                "authority_id": account.authority_id,
                "certificate_hash": account.certificate_hash,
            },
            "authority_info": {
                "id": account.authority_id,
                "authority_type_id": int(authority.nature),
                "status": _ACTIVE,
                "name": authority.name,
                "email": "mock-tdt@example.org",
                "address": "1 place de la Mairie",
                "postal_code": "00000",
                "city": authority.name,
                "telephone": "0400000000",
                "department": authority.departement,
                "district": authority.arrondissement,
                "authority_group_id": GROUP_ID,
            },
        }
    )

"""Who am I, and am I heard (S²LOW API §4.1, §4.3, §4.5)."""

from transmission.mocktdt.answers import Answer, json_pretty
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import Platform

_ACTIVE = 1
_FIRST_OF_TYPE = 1


def test_connexion(platform: Platform, request: Request) -> Answer:
    """The two bytes `OK`."""
    platform.identify(request)
    return Answer(b"OK")


def list_login(platform: Platform, request: Request) -> Answer:
    """The logins that share the caller's certificate, one a line; nothing for a stranger."""
    account = platform.accounts.holding(request.certificate_hash)
    return Answer(f"{account.login}\n".encode() if account else b"")


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
                "role": "USER",
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
                "authority_group_id": _FIRST_OF_TYPE,
            },
        }
    )

"""What the ministry's deposit says by HTTP statuses; nothing else of its answers is known (§8)."""

OK, TOO_LARGE = 200, 413

# Statuses by which nobody took the parcel, and what to mend.
NOT_TAKEN: dict[int, str] = {
    401: (
        "le ministère demande une autre identification (HTTP 401) : vérifiez l'identifiant et le "
        "mot de passe du compte"
    ),
    403: (
        "le ministère refuse ce certificat (HTTP 403) : vérifiez qu'il est valable et que le "
        "ministère le connaît"
    ),
    404: (
        "le ministère n'a rien à cette adresse (HTTP 404) : vérifiez l'adresse de dépôt du compte "
        "(base_url)"
    ),
    405: (
        "cette adresse du ministère ne reçoit pas de dépôt (HTTP 405) : vérifiez l'adresse de "
        "dépôt du compte (base_url)"
    ),
}

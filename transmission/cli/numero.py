"""From the number printed on an act to the one declared."""

from transmission.domain.collectivite import Collectivite
from transmission.pdf.numero_template import NumeroTemplateError, apply_numero_template


def from_printed(printed: str, collectivite: Collectivite) -> str | None:
    """The numéro interne that the authority's template makes of a printed number.

    None without a template, or when the number does not fit it.
    """
    if collectivite.numero_template is None:
        return None
    try:
        return apply_numero_template(collectivite.numero_template, printed)
    except NumeroTemplateError:
        return None

"""Envelopes: who sends, to whom, and which business messages are inside.

Source: ACTES protocol §2.4, §2.5, §3.1.
"""

from dataclasses import dataclass, field

from transmission.domain.acte import FichierSigne
from transmission.domain.collectivite import Referent
from transmission.domain.identifiers import ServiceEtat


@dataclass(frozen=True, slots=True)
class EnveloppeCLMISILL:
    """From an authority to the State.

    ``nature`` is the two-digit code of the authority (ACTES protocol §5.5), ``adresses_retour``
    the mail addresses where the State answers, ``formulaires`` the business messages in order.
    """

    siren: str
    departement: str
    arrondissement: int
    nature: str
    adresses_retour: tuple[str, ...]
    formulaires: tuple[FichierSigne, ...]
    referent: Referent = field(default_factory=Referent)


@dataclass(frozen=True, slots=True)
class EnveloppeRecue:
    """The echo of an :class:`EnveloppeCLMISILL` in its anomaly. None means absent."""

    siren: str | None
    departement: str | None
    arrondissement: int | None
    nature: str | None
    adresses_retour: tuple[str, ...]
    formulaires: tuple[FichierSigne, ...]
    referent: Referent = field(default_factory=Referent)


@dataclass(frozen=True, slots=True)
class EnveloppeMISILLCL:
    """From the State to the authority whose SIREN is ``destinataire``.

    ``emetteur`` is None when no service can be read.
    """

    emetteur: ServiceEtat | None
    destinataire: str
    formulaires: tuple[FichierSigne, ...]
    referent: Referent = field(default_factory=Referent)

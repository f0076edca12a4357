"""What differs from one version or one deployment of S²LOW to another (S²LOW API §12)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Self

_FOUR, _FIVE, _SIX = 4, 5, 6


class SwitchError(ValueError):
    """A switch that does not exist."""


def _labelled(label: str, *, usual: bool = False) -> bool:
    on: bool = field(default=usual, metadata={"label": label})
    return on


@dataclass(frozen=True, slots=True)
class Switches:
    """Each is on or off; `of_version` says what is usual. Labels are shown by the help."""

    latin_texts: bool = _labelled("refus F2 en ISO-8859-1 (v4) plutôt qu'en UTF-8")
    latin_forms: bool = _labelled("champs postés lus en ISO-8859-1, avec ou sans api (v4)")
    latin_logins: bool = _labelled("login et mot de passe lus en ISO-8859-1 (v4)")
    json_strings: bool = _labelled("entiers écrits comme des textes dans le JSON (v4)")
    must_signed: bool = _labelled("must_signed mène à l'état 18 (v4, v5)")
    forwarded_certificates: bool = _labelled("certificat relayé par un en-tête (v4, v5)")
    session_trap: bool = _labelled("le cookie l'emporte sur le Basic (v4, v5)")
    fatal_classification: bool = _labelled("classifN non numérique : HTTP 500 (v5, v6)")
    strict_close: bool = _labelled("fermeture : KO quand rien n'a été fermé (v5, v6)")
    security_layer: bool = _labelled("corps fixe pour une identité refusée (v6)")
    rgs_check: bool = _labelled("certificat RGS exigé pour transmettre (mis)", usual=True)
    reply_dialect: bool = _labelled("réponse : le dialecte suit la place de api (mis)", usual=True)
    stamp_failure: bool = _labelled("tampon en panne : le PDF nu, sans rien dire (ôté)")
    close_at_once: bool = _labelled("fermeture sans attendre deux mois (ôté)")
    one_classification_request: bool = _labelled("une demande de classification par jour (ôté)")

    @classmethod
    def of_version(cls, version: int, changes: Mapping[str, bool]) -> Self:
        """The usual ones of a version (4, 5 or 6) with `changes`. Raises SwitchError."""
        old, four = version < _SIX, version == _FOUR
        usual = cls(
            latin_texts=four,
            latin_forms=four,
            latin_logins=four,
            json_strings=four,
            must_signed=old,
            forwarded_certificates=old,
            session_trap=old,
            fatal_classification=version >= _FIVE,
            strict_close=version >= _FIVE,
            security_layer=not old,
        )
        return usual.changed(changes)

    def changed(self, changes: Mapping[str, bool]) -> Self:
        """The same with some of them on or off. Raises SwitchError."""
        known = LABELS.keys()
        if unknown := sorted(changes.keys() - known):
            raise SwitchError(f"{', '.join(unknown)} : inconnu ; il y a {', '.join(known)}")
        return replace(self, **changes)


LABELS = {each.name: str(each.metadata["label"]) for each in fields(Switches)}


def catalogue() -> str:
    """Every switch and its label, as a paragraph of the help that must not be wrapped."""
    width = max(map(len, LABELS))
    lines = (f"  {name:<{width}}  {label}" for name, label in LABELS.items())
    return "\n".join(("\b", *lines))

"""The classification (7-2): the ministry has one in force, the platform keeps one per authority."""

from datetime import date

from transmission.mocktdt import xmlio
from transmission.mocktdt.templating import fill

_TYPOLOGIES = (
    "actes:NaturesActes/actes:NatureActe[@actes:CodeNatureActe=$nature]"
    "/actes:TypePJNatureActe/@actes:CodeTypePJ"
)


class Classification:
    """One version of the classification: its date, its exact bytes, the codes that it allows."""

    def __init__(self, day: date) -> None:
        self.day = day
        content = fill("classification.xml", date=day.isoformat())
        self.xml = content.encode("iso-8859-1", "xmlcharrefreplace")
        root = xmlio.parse(self.xml)
        self._typologies = {
            nature: frozenset(xmlio.every(root, _TYPOLOGIES.replace("$nature", str(nature))))
            for nature in range(1, 7)
        }

    def typologies(self, nature: int) -> frozenset[str]:
        """The codes that a file of an act of this nature may bear."""
        return self._typologies.get(nature, frozenset())


class Classifications:
    """Which version is in force at the ministry, and which one the platform holds for whom."""

    def __init__(self, day: date) -> None:
        self.in_force = Classification(day)
        self._first: Classification | None = self.in_force
        self._held: dict[str, Classification] = {}

    def publish(self, day: date, *, known_to_platform: bool) -> None:
        """Put a new version in force. The platform learns it at once, or by asking for it."""
        self.in_force = Classification(day)
        if known_to_platform:
            self._first = self.in_force
            self._held.clear()

    def forget(self) -> None:
        """Leave the platform without any classification, as before its first request."""
        self._first = None
        self._held.clear()

    def held_for(self, siren: str) -> Classification | None:
        """The version that the platform serves to an authority."""
        return self._held.get(siren, self._first)

    def deliver(self, siren: str) -> None:
        """The ministry answered: the authority now has the version in force."""
        self._held[siren] = self.in_force

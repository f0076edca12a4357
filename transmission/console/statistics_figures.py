"""Delays from adoption to receipt in lines and sections: what is drawn, told and exported alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from transmission.console.charts import PANEL, POSTER, Column, Frame, columns
from transmission.console.matieres import matiere_label
from transmission.console.words import month, number, percent, plural
from transmission.domain.delays import BINS, LONG, Bin, Delays, UsualDelay
from transmission.store.queries.delays import OwnerName, ReceptionDelays

NATURES, MATIERES, MONTHS = "nature", "matiere", "mois"
"""Keys of the sections."""

MATIERES_DRAWN = 12
MONTHS_DRAWN = 24


@dataclass(frozen=True, slots=True)
class Line:
    """Some acts and their delays; ``code`` names them in exports, and ``key`` in the page."""

    key: str
    code: str
    label: str
    delays: Delays

    @property
    def bins(self) -> tuple[tuple[Bin, int, str], ...]:
        """Each bin, how many acts it has, which share of the line."""
        return tuple(
            (b, acts, percent(acts, self.delays.acts))
            for b, acts in zip(BINS, self.delays.bins, strict=True)
        )

    @property
    def long_share(self) -> str:
        """Which share of the acts took longer than ``LONG`` days."""
        return percent(self.delays.long, self.delays.acts)

    @property
    def brief(self) -> str:
        """Acts and delays in a few words, under a chart."""
        told = plural(self.delays.acts, "acte", "actes")
        if self.delays.acts < 2:
            return told
        return f"{told} · médiane {in_days(self.delays.median)}"

    def chart(self, ceiling: float, frame: Frame = PANEL) -> Markup:
        """The distribution, drawn; ``ceiling`` is the share of the highest possible column."""
        acts = self.delays.acts
        drawn = [Column(b.mark, part, n / acts / ceiling, b.is_long) for b, n, part in self.bins]
        told = " ; ".join(f"{b.label} : {number(n)} ({part})" for b, n, part in self.bins)
        description = f"{plural(acts, 'acte', 'actes')}. {told[:1].upper()}{told[1:]}."
        return columns(f"graphe-{self.key}", self.label, description, drawn, frame)


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one kind. ``heading`` is that of their labels; ``drawn`` are those with a chart, and
    ``choice`` says which they are when others have none."""

    key: str
    title: str
    heading: str
    lines: tuple[Line, ...]
    drawn: tuple[Line, ...]
    choice: str = ""

    @property
    def charts(self) -> Iterator[tuple[Line, Markup]]:
        """Each line that is drawn and its chart, all to one scale."""
        ceiling = max((_highest(line.delays) for line in self.drawn), default=1)
        return ((line, line.chart(ceiling)) for line in self.drawn)

    @property
    def left_out(self) -> int:
        """How many lines have acts and no chart."""
        return len(_with_acts(self.lines)) - len(self.drawn)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was found for a period, of one authority or, without ``owner``, of all.

    ``usual`` is by name of TdT, over the acts of all authorities; empty for one of them.
    """

    owner: OwnerName | None
    delays: ReceptionDelays
    usual: Mapping[str, UsualDelay]

    @property
    def overall(self) -> Line:
        """All the acts of the period as one line."""
        return Line("tous", "", "Tous les actes", self.delays.overall)

    @property
    def poster(self) -> Markup:
        """The distribution of all the acts, drawn large."""
        return self.overall.chart(_highest(self.delays.overall), POSTER)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The acts by nature, by matière and by month of adoption."""
        natures = tuple(
            Line(f"nature-{nature.abrege}", nature.abrege, nature.label, found)
            for nature, found in self.delays.natures
        )
        matieres = tuple(
            Line(f"matiere-{code.replace('.', '-')}", code, matiere_label(code), found)
            for code, found in self.delays.matieres
        )
        months = tuple(
            Line(f"mois-{first:%Y-%m}", f"{first:%Y-%m}", month(first), found)
            for first, found in self.delays.months
        )
        frequent = sorted(matieres, key=lambda line: -line.delays.acts)[:MATIERES_DRAWN]
        latest = months[-MONTHS_DRAWN:]
        return (
            Section(NATURES, "Par nature", "Nature", natures, _with_acts(natures)),
            Section(
                *(MATIERES, "Par matière", "Matière", matieres, _with_acts(frequent)),
                f"Seules les {MATIERES_DRAWN} matières qui ont le plus d'actes sont dessinées.",
            ),
            Section(
                *(MONTHS, "Par mois d'adoption", "Mois", months, _with_acts(latest)),
                f"Seuls les {MONTHS_DRAWN} derniers mois sont dessinés.",
            ),
        )

    @property
    def summary(self) -> str:
        """The whole period in a sentence or two."""
        found, when = self.delays.overall, self._when
        if not found.acts:
            return f"Aucun acte adopté {when} n'est encore reçu en préfecture."
        if found.acts == 1:
            return f"Un seul acte adopté {when} est reçu en préfecture, {_taken(found.longest)}."
        return (
            f"{plural(found.acts, 'acte adopté', 'actes adoptés')} {when} sont reçus en "
            f"préfecture\u00a0: la moitié {_within(found.median)}, neuf sur dix "
            f"{_within(found.p90)}, le plus tardif {_taken(found.longest)}. {_beyond(found)}"
        )

    @property
    def remarks(self) -> Iterator[str]:
        """What the figures leave out, and why it matters."""
        found = self.delays.overall
        if found.pending:
            one = "acte n'est pas encore reçu et n'est pas compté"
            several = "actes ne sont pas encore reçus et ne sont pas comptés"
            yield (
                f"{plural(found.pending, one, several)} : les derniers mois paraissent plus "
                "rapides qu'ils ne le seront."
            )
        if found.impossible:
            one = "acte n'est pas compté : son accusé est daté"
            several = "actes ne sont pas comptés : leur accusé est daté"
            yield (
                f"{plural(found.impossible, one, several)} d'avant l'adoption. Vérifiez la date de "
                "la décision."
            )

    @property
    def _when(self) -> str:
        first, last = self.delays.period.first, self.delays.period.last
        return f"en {month(first)}" if first == last else f"de {month(first)} à {month(last)}"


def in_days(days: int | None) -> str:
    """A delay in a table: ``3 j``; a dash when there is none."""
    return "–" if days is None else f"{number(days)}\u00a0j"


def _highest(delays: Delays) -> float:
    return max(delays.bins) / delays.acts if delays.acts else 1


def _with_acts(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.delays.acts)


def _within(days: int | None) -> str:
    return f"en {plural(days, 'jour', 'jours')} au plus" if days else "le jour même"


def _taken(days: int | None) -> str:
    return f"en {plural(days, 'jour', 'jours')}" if days else "le jour même"


def _beyond(delays: Delays) -> str:
    if not delays.long:
        return f"Aucun n'a pris plus de {LONG} jours."
    several = "a" if delays.long == 1 else "ont"
    share = percent(delays.long, delays.acts)
    return f"{number(delays.long)} ({share}) {several} pris plus de {LONG} jours."

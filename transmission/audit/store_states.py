"""Where a transmission stands, told from its journal alone by a table of our own.

Written from the diagram of docs/lifecycle.md: event, states that it may leave, where it leads.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from transmission.domain.audits import Kind, Place, Report

_ALIVE = "prepared submitting in_doubt submitted held delivered"
_ARROWS: dict[str, tuple[tuple[str, str], ...]] = {
    "prepared": (("accepted", "prepared"),),
    "preparation_failed": (("accepted", "held"),),
    "submission_started": (("prepared", "submitting"),),
    "submission_accepted": (("submitting in_doubt", "submitted"),),
    "submission_refused": (("submitting in_doubt", "held"),),
    "submission_unavailable": (("submitting", "prepared"),),
    "submission_uncertain": (("submitting", "in_doubt"),),
    "found_at_tdt": (("in_doubt", "submitted"),),
    "absent_at_tdt": (("in_doubt", "prepared"),),
    "delivered": (("submitted", "delivered"),),
    "ar_received": ((_ALIVE, "acknowledged"), ("rejected", "held")),
    "anomalie_received": (
        ("prepared", "held"),
        ("submitting in_doubt submitted held delivered", "rejected"),
    ),
    "cancel_requested": (("acknowledged", "cancelling"),),
    "cancel_refused": (("cancelling", "acknowledged"),),
    "ar_annulation_received": (("cancelling", "cancelled"),),
    "withdrawn": (("accepted prepared", "cancelled"),),
    "held": (("accepted prepared in_doubt submitted cancelling", "held"),),
    "released_to_prepare": (("held", "accepted"),),
    "released_to_submit": (("held", "prepared"),),
    "ar_upheld": (("held", "acknowledged"),),
    "abandoned": (("held", "rejected"),),
}
_BEGINNING = ("accepted", None, "accepted")


def review_state(
    report: Report, place: Place, sent: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> None:
    """Compare the state of a transmission, and since when, with what its journal tells.

    ``lines`` are those of the journal about it, in order.
    """
    moves = [line for line in lines if line["target"] is not None]
    if not moves:
        report.differs(Kind.ETAT, place.of("state"), "une première ligne au journal", "aucune")
        return
    state = _replayed(report, place, moves)
    report.same(Kind.ETAT, place.of("state"), state, sent["state"])
    report.same(Kind.ETAT, place.of("state_since"), moves[-1]["at"], sent["state_since"])


def _replayed(report: Report, place: Place, moves: Sequence[Mapping[str, Any]]) -> str | None:
    state: str | None = None
    for rank, line in enumerate(moves):
        arrow = (line["event"], line["source"], line["target"])
        expected = _BEGINNING if rank == 0 else (line["event"], state, _leads(line["event"], state))
        report.same(Kind.JOURNAL, place.at("journal", line["id"]), expected, arrow)
        state = line["target"]
    return state


def _leads(event: str, state: str | None) -> str | None:
    for sources, target in _ARROWS.get(event, ()):
        if state in sources.split():
            return target
    return None

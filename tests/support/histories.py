"""Any act, authority, log and settings, for the properties of the clock."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from transmission.domain.acte import Matiere
from transmission.domain.collectivite import Calendrier
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.periods import Carry, MonthEnd
from transmission.domain.legal.settings import (
    AnnulationEffect,
    ArDate,
    LegalSettings,
    MarketThresholdDate,
    PartialPieces,
    Timeliness,
)
from transmission.domain.legal.sujets import (
    ActeKind,
    AuthorityKind,
    BudgetDocument,
    BudgetKind,
    Categorie,
    LegalActe,
    LegalAuthority,
    PublicityMode,
)

DECIDED = date(2026, 3, 2)
MATIERES = ((1, 1), (1, 2), (2, 1), (2, 2), (4, 1), (6, 1), (6, 4), (6, 5), (7, 1), (7, 5), (8, 3))
MODES = (None, *PublicityMode)
SETTINGS = st.builds(
    LegalSettings,
    franc_deferre=st.booleans(),
    month_end_rule=st.sampled_from(MonthEnd),
    ar_date_source=st.sampled_from(ArDate),
    gracieux_timeliness=st.sampled_from(Timeliness),
    late_pieces_restart=st.booleans(),
    pieces_after_lo=st.booleans(),
    second_gracieux_extends=st.booleans(),
    urba_lo_extends=st.booleans(),
    r4213_blocks_expiry=st.booleans(),
    suspension_10d_franc=st.booleans(),
    reglement_next_day=st.booleans(),
    roll_own_obligations=st.sampled_from(Carry),
    plu_month_plus_one=st.booleans(),
    annulation_effect=st.sampled_from(AnnulationEffect),
    partial_pieces=st.sampled_from(PartialPieces),
    renonciation_ends_clock=st.booleans(),
    lo_is_gracieux=st.booleans(),
    repeat_requests=st.booleans(),
    retransmission_restarts=st.booleans(),
    market_threshold_date=st.sampled_from(MarketThresholdDate),
)
DAYS = st.dates(DECIDED - timedelta(days=3), DECIDED + timedelta(days=900))
OWNERS = st.builds(
    LegalAuthority,
    st.sampled_from(AuthorityKind),
    population=st.sampled_from([None, 900, 12_000, 60_000]),
    calendrier=st.sampled_from(Calendrier),
    publicity=st.sampled_from([(), ((date(2022, 9, 12), PublicityMode.AFFICHAGE),)]),
)
BUDGETS = st.none() | st.builds(
    BudgetDocument,
    st.sampled_from(BudgetKind),
    st.sampled_from([2025, 2026]),
    st.sampled_from([None, False, True]),
)


@st.composite
def acts(draw: st.DrawFn) -> LegalActe:
    """Any act, with facts that may be missing, and may not go together."""
    soon = st.none() | st.dates(DECIDED - timedelta(days=60), DECIDED + timedelta(days=60))
    return LegalActe(
        draw(st.sampled_from(NatureActe)),
        Matiere(draw(st.sampled_from(MATIERES))),
        draw(st.sampled_from([DECIDED, date(2025, 11, 20), date(2021, 5, 4)])),
        date_signature=draw(soon),
        stated_kind=draw(st.none() | st.sampled_from(ActeKind)),
        stated_categorie=draw(st.none() | st.sampled_from(Categorie)),
        par_delegation=draw(st.booleans()),
        budget=draw(BUDGETS),
        date_effet=draw(soon),
        date_deliberation_recue=draw(soon),
        creates_rights=draw(st.sampled_from([None, False, True])),
        tacite=draw(st.integers(0, 5)) == 0,
        sous_scot=draw(st.sampled_from([None, False, True])),
    )


@st.composite
def events(draw: st.DrawFn, kinds: Any = tuple(EventKind)) -> LegalEvent:
    """An event within two years of the decision, sent up to a week before it was received."""
    received = DECIDED + timedelta(days=draw(st.integers(0, 500)))
    sent = received - timedelta(days=draw(st.integers(0, 7)))
    return LegalEvent(
        draw(st.sampled_from(kinds)),
        received,
        sent,
        complete=draw(st.booleans()),
        mode=draw(st.sampled_from(MODES)),
        remedies=draw(st.sampled_from([None, False, True])),
    )


LIKELY = (EventKind.ACCUSE_RECEPTION, EventKind.PUBLICATION, EventKind.NOTIFICATION)


@st.composite
def logs(draw: st.DrawFn) -> tuple[LegalEvent, ...]:
    """Events of different days, the ordinary ones more often than the others."""
    found = draw(st.lists(events(LIKELY), max_size=4)) + draw(st.lists(events(), max_size=7))
    return tuple({event.received: event for event in found}.values())

"""What is said of an act and of its letters, from the register."""

from datetime import datetime

from transmission.cli.facts import Facts, facts_of
from transmission.console.labels import message_label
from transmission.console.threads import expected, summary, title, unanswered
from transmission.console.words import day
from transmission.domain.collectivite import Collectivite
from transmission.domain.legal.reading import Reading
from transmission.domain.lifecycle import State
from transmission.domain.messages import ANNULATION
from transmission.ports.time_stamps import KnownTimeStamp
from transmission.store.queries import ActeStory, LetterLine, Thread


def story_facts(
    collectivite: Collectivite, story: ActeStory, reading: Reading, now: datetime
) -> Facts:
    """Where an act stands, and what followed; ``now`` is an aware UTC instant."""
    facts = facts_of(collectivite, story.acte, story.latest, reading, now)
    if story.date_mise_en_ligne is not None:
        facts["Mis en ligne le"] = f"{story.date_mise_en_ligne:%d/%m/%Y}"
    return facts | _what_followed(story)


def _what_followed(story: ActeStory) -> Facts:
    facts: Facts = {}
    sent_as = story.latest.id_acte.numero_interne
    if sent_as != story.acte.numero_interne:
        facts["Envoyé sous le numéro"] = sent_as
    for sent in story.of_message(ANNULATION)[:1]:
        facts["Annulation"] = summary(sent)
    for thread in reversed(story.threads):
        told = expected(thread, story.latest.state)
        facts[f"Courrier n° {thread.letter.id}"] = f"{title(thread.letter)}. {told}"
        for answer in reversed(thread.answers):
            facts[f"Réponse n° {answer.sent.id}"] = summary(answer.sent)
    facts |= _about_pdfs(story)
    for known in story.time_stamps:
        facts[f"Horodatage ({known.kind.label})"] = _stamped(known)
    return facts


def _about_pdfs(story: ActeStory) -> Facts:
    """The signatures that the PDFs of the latest sending bear, and the seals put on them."""
    facts: Facts = {}
    for sent, read in story.signatures:
        if sent.id == story.latest.id:
            told = " — ".join(read.found.reasons)
            facts[f"Signature reçue ({_piece(read.ordre)})"] = told
    documents = story.latest.parcel.documents if story.latest.parcel else ()
    for rank, document in enumerate(documents, start=1):
        if document is not None:
            level = f"copie scellée envoyée, PAdES-{document.level}" if document.file else ""
            told = " ; ".join(filter(None, (level, document.reason)))
            facts[f"Sceau ({_piece(rank)})"] = (
                told if document.file else f"envoyé tel que reçu : {told}"
            )
    return facts


def _piece(ordre: int) -> str:
    return "acte" if ordre == 1 else f"annexe {ordre - 1}"


def _stamped(known: KnownTimeStamp) -> str:
    if known.obtained is None:
        return f"pas encore obtenu ; il le sera plus tard. {known.reason or ''}".rstrip()
    told = f"{known.obtained.at:%d/%m/%Y à %H:%M:%S} UTC, par {known.obtained.tsa}"
    return told if known.obtained.oddity is None else f"{told}. {known.obtained.oddity}"


def letter_facts(thread: Thread, numero: str, acte: State) -> Facts:
    """A letter under its act, which is in a state."""
    facts: Facts = {
        "Courrier": title(thread.letter),
        **_text(thread.letter.texte),
        "Acte": numero,
        "Documents": str(len(thread.documents)),
        "Attend": expected(thread, acte),
    }
    for answer in reversed(thread.answers):
        facts[f"Réponse n° {answer.sent.id}"] = summary(answer.sent)
    if thread.receipt:
        facts["Accusé du courrier"] = summary(thread.receipt)
    return facts


def line_facts(line: LetterLine) -> Facts:
    """A letter that nobody answered."""
    return {
        "Courrier": f"{message_label(line.message)} du {day(line.date_courrier)}",
        **_text(line.texte),
        "Acte": f"{line.numero_interne}, {line.objet}",
        "Collectivité": line.collectivite,
        "Attend": unanswered(line.message),
    }


def _text(texte: str) -> Facts:
    return {"Texte": texte} if texte else {}

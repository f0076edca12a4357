"""Sealed copies of the PDFs that an authority sends; what was received is kept as it came."""

import tempfile
from collections.abc import Sequence
from functools import partial

from transmission.domain.collectivite import Collectivite
from transmission.domain.transmission import Piece, SealedDocument
from transmission.ports import Signer
from transmission.ports.pdf_seals import PdfSealing, StampDigest, UnsealablePdfError
from transmission.ports.time_stamps import NotStamped
from transmission.services.toolbox import Toolbox

_NO_TSA = NotStamped("aucune autorité d'horodatage n'est configurée")


def sealed_documents(
    tools: Toolbox, owner: Collectivite, pieces: Sequence[Piece], signer: Signer | None
) -> tuple[SealedDocument | None, ...]:
    """What is sent of each piece, in their order; nothing at all when the authority seals none.

    A PDF that cannot be sealed is sent as it came, and the reason stands beside it. Raises
    SignatureError, DamagedDocumentError, OSError.
    """
    if owner.seals_pdf == "non" or signer is None:
        return ()
    stamp = _stamp_of(tools) if owner.seals_pdf == "t" else None
    return tuple(
        _sealed(tools, piece, signer, stamp) if piece.extension == "pdf" else None
        for piece in pieces
    )


def _stamp_of(tools: Toolbox) -> StampDigest:
    if tools.seal_stamper is None:
        return lambda _digest: _NO_TSA
    return tools.seal_stamper.stamp


def _sealed(
    tools: Toolbox, piece: Piece, signer: Signer, stamp: StampDigest | None
) -> SealedDocument:
    with tools.documents.open(piece.file) as source, tempfile.TemporaryFile() as target:
        seal = partial(signer.seal_pdf, source, target, tools.clock.now(), stamp)
        try:
            made: PdfSealing = seal()
        except UnsealablePdfError as error:
            return SealedDocument(None, None, str(error))
        target.flush()
        problem = tools.inspector.examine(target).pdf_problem
        if problem is not None:
            reason = f"le PDF scellé ne pourrait pas être lu : {problem.rstrip('.')}"
            return SealedDocument(None, None, reason)
        target.seek(0)
        return SealedDocument(tools.documents.put(target), made.level, made.reason)

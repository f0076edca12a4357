"""What the services need of the register to take files in pieces: part of the unit of work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from transmission.domain.transmission import StoredFile
from transmission.domain.uploads import NewUpload, Upload


class UploadRegister(Protocol):
    """Part of the unit of work."""

    def uploads_held(self, token_id: int) -> tuple[int, int]:
        """How many uploads of a token still hold bytes of their own, and how many bytes they
        announced. Nobody adds one before the end of the transaction."""
        ...

    def add_upload(self, new: NewUpload, at: datetime, expires_at: datetime) -> Upload: ...

    def upload(self, collectivite_id: int, upload_id: int) -> Upload | None:
        """An upload of an authority, whether or not its time is over."""
        ...

    def extend_upload(
        self, upload_id: int, offset: int, block: bytes, now: datetime, expires_at: datetime
    ) -> bool:
        """Add bytes that begin at ``offset``; False, and nothing, when the upload ends elsewhere,
        would be longer than announced, is over or gone."""
        ...

    def upload_block(self, upload_id: int, first_byte: int) -> bytes | None:
        """The bytes that were added there in one go."""
        ...

    def settle_uploads(
        self, became: Sequence[tuple[int, StoredFile]], expires_at: datetime
    ) -> None:
        """Uploads are documents now: their own bytes are gone."""
        ...

    def remove_upload(self, collectivite_id: int, upload_id: int) -> bool:
        """False when the authority has none such."""
        ...

    def remove_expired_uploads(self, now: datetime, most: int) -> int:
        """Remove up to ``most`` uploads whose time is over; how many were."""
        ...

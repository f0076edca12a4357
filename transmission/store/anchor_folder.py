"""The folder of anchors: files written whole, read-only, and never again."""

import os
import secrets
from pathlib import Path

from transmission.ports.chain import AnchorFolderError, OtherAnchorError


class DiskAnchorFolder:
    """The port ``AnchorFolder`` on a disk, which must know hard links; made by the first file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        """Its path."""
        return str(self._folder)

    def names(self) -> frozenset[str]:
        """Names of the files, none when the folder is not there. Raises AnchorFolderError."""
        try:
            return frozenset(
                entry.name for entry in self._folder.iterdir() if not entry.name.startswith(".")
            )
        except FileNotFoundError:
            return frozenset()
        except OSError as error:
            raise self._away(error) from error

    def read(self, name: str) -> bytes:
        """Content of a file, none when it is not there. Raises AnchorFolderError."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise self._away(error) from error

    def put(self, name: str, content: bytes) -> bool:
        """Write a file, durable on return; False when it is there with the same bytes.

        Raises OtherAnchorError when it is there with others, AnchorFolderError.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._put(self._folder / name, content)
        except OSError as error:
            raise self._away(error) from error

    def _put(self, path: Path, content: bytes) -> bool:
        aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            _write(aside, content)
            # Unlike a rename, a link never takes the place of a file.
            os.link(aside, path)
        except FileExistsError:
            if path.read_bytes() == content:
                return False
            raise OtherAnchorError(
                f"Le fichier {path} n'est pas celui de la base de données : l'un des deux a été "
                "changé. Rien n'y a été écrit. Gardez les deux en l'état et faites chercher d'où "
                "vient la différence : « transmission anchors --check »."
            ) from None
        finally:
            aside.unlink(missing_ok=True)
        _sync(self._folder)
        return True

    def _away(self, error: OSError) -> AnchorFolderError:
        return AnchorFolderError(
            f"Le dossier des ancres {self._folder} ne peut pas être lu ou écrit "
            f"({error.strerror}). Corrigez le dossier, ses droits ou TRANSMISSION_ANCHORS_DIR ; "
            "les ancres y seront écrites au prochain passage."
        )


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    with os.fdopen(descriptor, "wb") as file:
        # Whatever the mask of this process takes away.
        os.fchmod(descriptor, 0o444)
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

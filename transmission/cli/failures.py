"""What the system refuses, said in French."""

import errno

_REASONS = {
    errno.EACCES: "ce compte n'en a pas le droit",
    errno.EPERM: "ce compte n'en a pas le droit",
    errno.ENOENT: "le fichier ou son dossier n'existe pas",
    errno.ENOTDIR: "ce n'est pas un dossier",
    errno.EISDIR: "c'est un dossier",
    errno.EEXIST: "il existe déjà",
    errno.ENOSPC: "il n'y a plus de place sur ce disque",
    errno.EDQUOT: "le quota de ce compte est atteint",
    errno.EROFS: "ce disque est en lecture seule",
    errno.ENAMETOOLONG: "ce nom est trop long",
}


def reason(error: OSError) -> str:
    """Why, in a few words."""
    return _REASONS.get(error.errno or 0, error.strerror or str(error))


def explained(error: OSError) -> str:
    """One sentence: which file, why, and what to look at."""
    what = f"Impossible d'utiliser {error.filename}" if error.filename else "Échec du système"
    return f"{what} : {reason(error)}. Vérifiez le chemin et les droits, puis recommencez."

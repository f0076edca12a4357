"""What an e-mail address looks like: enough for a mail server, and nothing that splits a header."""

import re

_ADDRESS = re.compile(
    r"(?=.{3,254}\Z)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)


def is_mail_address(text: str) -> bool:
    """Whether a text is one bare address in ASCII: no name, no quoted part, no literal (RFC 5321).

    The schema of the ACTES protocol is stricter (``is_schema_email``).
    """
    return _ADDRESS.fullmatch(text) is not None

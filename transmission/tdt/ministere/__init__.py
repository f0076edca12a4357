"""The ministry itself, for authorities that are their own transmitter: its bounds."""

from transmission.ports import Capabilities

ENVELOPPE = "enveloppe"

# The schema takes objects of 500 characters (ACTES protocol §2.3). No limit of annexes is known
# (§3.6): 99 only keeps a mistake from opening thousands of files.
CAPABILITIES = {
    ENVELOPPE: Capabilities(
        objet_max=500,
        annexes_max=99,
        numero_unique=False,
        has_status=False,
        lists_waiting=False,
        sends_receipts=False,
        gives_classification=False,
    )
}

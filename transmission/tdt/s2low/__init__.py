"""S²LOW and the platforms which speak its API: what they bound, without opening anything."""

from transmission.ports import Capabilities

ENVELOPPE = "enveloppe"
CHAMPS = "champs"

# Objects of 499 characters (S²LOW API §1.6). Field by field, PHP takes 20 files unless set
# otherwise, the act among them; it counts the detached signatures too, so that an act signed with
# more than nine annexes is refused by the platform itself. An envelope is one file and nothing
# bounds what it holds: 99 only keeps a mistake from opening thousands of files. Answers go field by
# field in both modes.
_FILES_MAX = 20
CAPABILITIES = {
    ENVELOPPE: Capabilities(
        objet_max=499, annexes_max=99, lists_waiting=True, files_per_reply=_FILES_MAX
    ),
    CHAMPS: Capabilities(
        objet_max=499, annexes_max=_FILES_MAX - 1, lists_waiting=True, files_per_reply=_FILES_MAX
    ),
}

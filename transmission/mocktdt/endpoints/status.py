"""Where a transaction stands, and its AR (S²LOW API §4.9, §4.10)."""

from transmission.mocktdt import rights
from transmission.mocktdt.accounts import Permission
from transmission.mocktdt.answers import Answer, ok_echo
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import ANY_PERMISSION, Platform
from transmission.mocktdt.transactions import Status


def get_status(platform: Platform, request: Request) -> Answer:
    """`OK`, the status, then the XML of that status and, for −1, its text in ISO-8859-1."""
    account = rights.agent(platform, request, Permission.WRITE)
    with platform.lock:
        platform.settle()
        identifier = request.query.get("transaction", "")
        if unique_id := request.query.get("unique_id"):
            found = platform.registry.by_unique_id(unique_id)
            identifier = str(found.id) if found else ""
        step = rights.followed(platform, account, identifier).steps[-1]
    content = b"%d\n" % step.status + step.xml
    if step.status is Status.ERROR:
        content += step.text.encode("iso-8859-1", "replace")
    return ok_echo(content)


def get_ar_acte(platform: Platform, request: Request) -> Answer:
    """The AR alone; 200 and nothing at all when there is none."""
    account = platform.allow(request, *ANY_PERMISSION)
    with platform.lock:
        platform.settle()
        transaction = rights.viewed(platform, account, request.query.get("id", ""))
        step = transaction.step_of(Status.ACKNOWLEDGED)
    return Answer(step.xml if step else b"", content_type="application/xml")

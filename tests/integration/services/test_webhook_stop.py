"""A program that takes nothing is stopped, and people are told."""

from dataclasses import replace
from typing import Any

from tests.support.bench import Bench
from tests.support.limits import notices
from tests.support.programs import Programs
from tests.support.scene import AUTHOR
from transmission.domain.transmission import Author
from transmission.domain.webhooks import WebhookState
from transmission.services.webhook_stop import disable_webhook
from transmission.services.webhooks import end_webhook, pause_webhook
from transmission.store.tables import journal


def _mailed(bench: Bench, *recipients: str) -> None:
    mailer: Any = object()
    bench.tools = replace(bench.tools, mailer=mailer)
    bench.changed(
        lambda owner: replace(owner, droit=replace(owner.droit, rappels_courriels=recipients))
    )


def test_it_is_told_in_the_journal_and_by_mail_once(bench: Bench, programs: Programs) -> None:
    program = programs.add()
    _mailed(bench, "dgs@example.org", "dsi@example.org")
    bench.silence()
    for _ in range(2):
        disable_webhook(bench.tools, program.webhook, "le programme a répondu 410 (Gone)")
    stopped = programs.now_of(program)
    assert stopped.state is WebhookState.DISABLED
    assert stopped.state_reason == "le programme a répondu 410 (Gone)"
    mails = notices(bench.engine, "mail")
    assert [mail.target for mail in mails] == ["dgs@example.org", "dsi@example.org"]
    assert mails[0].content["subject"] == "Webhook arrêté : agenda"
    assert "410 (Gone)" in mails[0].content["text"]
    assert "<p>" in mails[0].content["html"]
    assert ("deliver", bench.authority_id) in bench.bells()
    with bench.engine.connect() as connection:
        line = connection.execute(
            journal.select().where(journal.c.event == "webhook_disabled")
        ).one()
    assert (line.author, line.reason) == ("service", "le programme a répondu 410 (Gone)")


def test_without_a_mail_server_none_is_written(bench: Bench, programs: Programs) -> None:
    program = programs.add()
    bench.changed(
        lambda owner: replace(
            owner, droit=replace(owner.droit, rappels_courriels=("a@example.org",))
        )
    )
    disable_webhook(bench.tools, program.webhook, "x")
    assert notices(bench.engine, "mail") == []
    assert programs.now_of(program).state is WebhookState.DISABLED


def test_what_a_person_decided_meanwhile_stays(bench: Bench, programs: Programs) -> None:
    program = programs.add()
    key = (bench.authority_id, program.webhook.id)
    pause_webhook(bench.tools, *key, AUTHOR)
    disable_webhook(bench.tools, program.webhook, "x")
    assert programs.now_of(program).state is WebhookState.PAUSED
    end_webhook(bench.tools, *key, Author("a", "b"))
    disable_webhook(bench.tools, program.webhook, "x")

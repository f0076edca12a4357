"""Subscriptions: made, changed, ended; their secrets are kept under seal and shown once."""

import logging
import os
from datetime import timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from tests.support.bench import Bench
from tests.support.programs import Programs
from tests.support.scene import AUTHOR
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError
from transmission.domain.transmission import Author
from transmission.domain.webhooks import WebhookState
from transmission.ports.webhooks import SealError
from transmission.services.webhook_log import try_webhook
from transmission.services.webhooks import (
    Changes,
    add_webhook,
    change_webhook,
    end_webhook,
    list_webhooks,
    open_secrets,
    pause_webhook,
    resume_webhook,
    rotate_secret,
    webhook_named,
)
from transmission.store.tables import journal
from transmission.store.tables_webhooks import webhook

REASONED = Author("administration", "remplacé")


def _told(bench: Bench) -> list[Any]:
    with bench.engine.connect() as connection:
        wanted = journal.select().where(journal.c.event.startswith("webhook"))
        return list(connection.execute(wanted.order_by(journal.c.id)))


def _row(bench: Bench, number: int) -> Any:
    with bench.engine.connect() as connection:
        return connection.execute(webhook.select().where(webhook.c.id == number)).one()


def test_a_subscription_is_made_in_service_and_told_in_the_journal(
    bench: Bench, programs: Programs
) -> None:
    made = programs.add(types=["acte.recu"]).webhook
    assert (made.state, made.types) == (WebhookState.ACTIVE, ("fr.transmission.acte.recu",))
    assert made.created_at == made.state_since == made.secret_since == bench.clock.now()
    (line,) = _told(bench)
    assert (line.event, line.author, line.acte_id) == ("webhook_created", AUTHOR.name, None)
    assert line.details == {
        "webhook": made.id, "nom": "agenda", "types": ["fr.transmission.acte.recu"]
    }  # fmt: skip


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_made(
    bench: Bench, programs: Programs
) -> None:
    with pytest.raises(RefusedError) as refused:
        add_webhook(
            bench.tools, bench.authority_id, "", "ftp://x", ["perdu"], AUTHOR,
            randomness=os.urandom,
        )  # fmt: skip
    assert [each.field for each in refused.value.problems] == ["nom", "types", "url"]
    with pytest.raises(RefusedError, match="trop longue"):
        add_webhook(
            bench.tools, bench.authority_id, "a", f"https://x/{'y' * 2000}", [], AUTHOR,
            randomness=os.urandom,
        )  # fmt: skip
    assert list_webhooks(bench.tools, bench.authority_id) == []
    with pytest.raises(NotFoundError):
        programs.add(authority_id=999)


def test_a_name_is_of_one_living_subscription_of_an_authority(
    bench: Bench, programs: Programs
) -> None:
    first = programs.add()
    with pytest.raises(ConflictError, match="« agenda » existe déjà"):
        programs.add()
    programs.add(authority_id=bench.second_id)
    other = programs.add("autre").webhook
    with pytest.raises(ConflictError):
        change_webhook(bench.tools, bench.authority_id, other.id, Changes(name="agenda"), AUTHOR)
    end_webhook(bench.tools, bench.authority_id, first.webhook.id, REASONED)
    programs.add()
    names = [each.name for each in list_webhooks(bench.tools, bench.authority_id)]
    assert names == ["agenda", "autre"]


def test_what_is_not_given_stays(bench: Bench, programs: Programs) -> None:
    made = programs.add(types=["acte.recu"]).webhook
    key = (bench.authority_id, made.id)
    named = change_webhook(bench.tools, *key, Changes(name="  nouveau  nom "), AUTHOR)
    assert (named.name, named.url, named.types) == ("nouveau nom", made.url, made.types)
    every = change_webhook(bench.tools, *key, Changes(types=()), AUTHOR)
    assert every.types == ()
    with pytest.raises(RefusedError, match="pas une adresse de cette machine"):
        change_webhook(bench.tools, *key, Changes(url="http://192.0.2.1/"), AUTHOR)
    before = len(_told(bench))
    change_webhook(bench.tools, *key, Changes(name="nouveau nom"), AUTHOR)
    assert len(_told(bench)) == before
    assert webhook_named(bench.tools, bench.authority_id, "nouveau nom").id == made.id
    with pytest.raises(NotFoundError, match="« agenda »"):
        webhook_named(bench.tools, bench.authority_id, "agenda")


def test_what_is_of_another_authority_is_not_found(bench: Bench, programs: Programs) -> None:
    number = programs.add().webhook.id
    theirs = (bench.second_id, number)
    for act in (
        lambda: change_webhook(bench.tools, *theirs, Changes(name="x"), AUTHOR),
        lambda: pause_webhook(bench.tools, *theirs, AUTHOR),
        lambda: resume_webhook(bench.tools, *theirs, AUTHOR),
        lambda: end_webhook(bench.tools, *theirs, REASONED),
        lambda: rotate_secret(bench.tools, *theirs, AUTHOR, randomness=os.urandom),
        lambda: try_webhook(bench.tools, *theirs, AUTHOR),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert len(_told(bench)) == 1
    assert programs.known[0].asked == []


def test_an_end_takes_a_reason_and_forgets_the_secret_and_what_waits(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add(page=500)
    bench.acknowledged()
    programs.run()
    key = (bench.authority_id, program.webhook.id)
    with pytest.raises(RefusedError, match="motif"):
        end_webhook(bench.tools, *key, AUTHOR)
    end_webhook(bench.tools, *key, REASONED)
    row = _row(bench, program.webhook.id)
    assert (row.state, row.state_reason, bytes(row.secret)) == ("ended", "remplacé", b"")
    waiting = [each.next_attempt_at for each in programs.notices(program)]
    assert set(waiting) == {None}
    before = len(program.asked)
    bench.clock.advance(10**7)
    programs.run()
    assert len(program.asked) == before
    with pytest.raises(NotFoundError):
        end_webhook(bench.tools, *key, REASONED)


def test_a_rest_is_over_when_a_person_resumes(bench: Bench, programs: Programs) -> None:
    program = programs.add(page=500)
    bench.acknowledged()
    programs.run()
    assert programs.now_of(program).rests_until is not None
    program.answers(200)
    resume_webhook(bench.tools, bench.authority_id, program.webhook.id, AUTHOR)
    bench.run("announce", "tell")
    assert program.sequences == [1, 2, 1, 2, 3]


def test_pausing_and_resuming_twice_is_told_once(bench: Bench, programs: Programs) -> None:
    key = (bench.authority_id, programs.add().webhook.id)
    for act in (pause_webhook, pause_webhook, resume_webhook, resume_webhook):
        act(bench.tools, *key, AUTHOR)
    assert [line.event for line in _told(bench)] == [
        "webhook_created", "webhook_paused", "webhook_resumed",
    ]  # fmt: skip


def test_the_former_secret_may_end_at_once(bench: Bench, programs: Programs) -> None:
    program = programs.add()
    key = (bench.authority_id, program.webhook.id)
    rotate_secret(bench.tools, *key, AUTHOR, randomness=os.urandom)
    assert len(open_secrets(bench.tools, program.webhook, bench.clock.now())) == 2
    rotate_secret(bench.tools, *key, AUTHOR, randomness=os.urandom, overlap=timedelta())
    assert len(open_secrets(bench.tools, program.webhook, bench.clock.now())) == 1
    assert _row(bench, program.webhook.id).former_secret is None


def test_a_secret_is_under_seal_for_its_authority_alone(bench: Bench, programs: Programs) -> None:
    ours = programs.add()
    theirs = programs.add(authority_id=bench.second_id)
    with bench.engine.begin() as connection:
        copied = webhook.update().where(webhook.c.id == theirs.webhook.id)
        connection.execute(copied.values(secret=_row(bench, ours.webhook.id).secret))
    with pytest.raises(SealError):
        open_secrets(bench.tools, theirs.webhook, bench.clock.now())


def test_no_secret_is_anywhere_but_where_it_is_shown(
    bench: Bench, programs: Programs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logs:
        program = programs.add()
        _, new = rotate_secret(
            bench.tools, bench.authority_id, program.webhook.id, AUTHOR, randomness=os.urandom
        )
        echo = program.web

        def reflect(request: Any) -> None:
            said = request.server.asked[-1].headers["webhook-signature"].encode()
            request.says(said, 500)

        echo.pages[program.path] = reflect
        bench.acknowledged()
        programs.run()
        try_webhook(bench.tools, bench.authority_id, program.webhook.id, AUTHOR)
        program.answers(410)
        bench.clock.advance(3600)
        programs.run()
    with bench.engine.connect() as connection:
        names = connection.execute(
            text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = "
                 "'public'::regnamespace")
        ).scalars().all()  # fmt: skip
        kept = "".join(
            str(connection.execute(text(f'SELECT t::text FROM "{name}" t')).scalars().all())
            for name in names
        )
    everything = kept + str(logs) + caplog.text + repr(programs.now_of(program))
    for secret in (program.secret, new):
        body = secret.removeprefix("whsec_")
        assert len(body) == 44
        # As text, in hexadecimal, and the text of it in hexadecimal, as the database shows bytes.
        for shape in (body, secret.encode().hex(), body.encode().hex()):
            assert shape not in everything
    assert "webhook_created" in everything

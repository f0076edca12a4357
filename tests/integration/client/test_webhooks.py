"""Webhooks are kept through the client, and their secret is told once."""

import pytest

from transmission.client import Client, InvalidError, UnknownError


def test_a_webhook_is_added_changed_and_ended(client: Client) -> None:
    made = client.add_webhook("logiciel", "http://127.0.0.1:1/evenements")
    assert made.secret.startswith("whsec_")
    assert made.secret not in repr(made)
    assert [each.nom for each in client.webhooks()] == ["logiciel"]
    assert client.change_webhook(made.id, etat="paused").etat.code == "paused"
    assert client.rotate_webhook(made.id, 1).secret != made.secret
    assert list(client.envois(made.id)) == []
    client.end_webhook(made.id, "remplacé")
    with pytest.raises(UnknownError):
        client.webhook(made.id)


def test_an_address_that_cannot_be_called_is_refused(client: Client) -> None:
    with pytest.raises(InvalidError):
        client.add_webhook("logiciel", "http://assemblees.example.org/")

"""Who may talk to the platform, and what a stranger hears."""

import json
import socket
import ssl

import pytest

KO_LATIN = b"KO\nAucun compte ne correspond au certificat pr\xe9sent\xe9\n"


def test_the_connexion_test_answers_two_bytes(tdt):
    answer = tdt.get("/api/test-connexion.php")
    assert (answer.status_code, answer.content) == (200, b"OK")


def test_the_content_type_lies_as_php_does(tdt):
    assert tdt.get("/api/test-connexion.php").headers["Content-Type"] == "text/html; charset=UTF-8"


def test_each_account_has_a_login_line(tdt, neighbour):
    path = "/admin/users/api-list-login.php"
    assert tdt.get(path).content == b"mock-123456782\n"
    assert neighbour.get(path).content == b"agent\n"


def test_a_stranger_has_no_login_at_all(stranger):
    answer = stranger.get("/admin/users/api-list-login.php")
    assert (answer.status_code, answer.content) == (200, b"")


def test_info_connexion_is_pretty_printed_ascii(tdt):
    content = tdt.get("/api/info-connexion.php").content
    assert content.startswith(b'{\n    "user_info": {\n        "id": 1,\n')
    assert content.isascii()
    authority = json.loads(content)["authority_info"]
    assert authority["department"] == "042"
    assert set(authority) == {
        *("id", "authority_type_id", "status", "name", "email", "address", "postal_code"),
        *("city", "telephone", "department", "district", "authority_group_id"),
    }


def test_without_client_certificate_the_handshake_fails(mock):
    context = ssl.create_default_context(cafile=str(mock.ca_file))
    port = int(mock.url.rsplit(":", 1)[1])
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        pytest.raises(ssl.SSLError),
        context.wrap_socket(plain, server_hostname="localhost"),
    ):
        pass


def test_a_certificate_of_another_run_is_refused(mock, start_mock):
    other = start_mock()
    files = other.identity("123456782")
    context = ssl.create_default_context(cafile=str(mock.ca_file))
    context.load_cert_chain(files.certificate_file, files.key_file)
    port = int(mock.url.rsplit(":", 1)[1])
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        pytest.raises(ssl.SSLError, match="unknown ca"),
        context.wrap_socket(plain, server_hostname="localhost"),
    ):
        pass
    # The client hears the alert before the server has noted it: let the threads end first.
    mock.stop()
    assert mock.platform.record.refused_handshakes == 1


def test_a_stranger_gets_a_ko_block_where_the_api_is_forced(stranger):
    assert stranger.get("/api/test-connexion.php").content == KO_LATIN


def test_a_stranger_gets_a_ko_block_with_api_and_a_redirect_without(stranger):
    path = "/modules/actes/actes_transac_get_status.php"
    assert stranger.get(path, transaction=1, api=1).content == KO_LATIN
    answer = stranger.get(path, transaction=1)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/connexion-status")


def test_a_blindly_followed_redirect_ends_on_a_page_with_200(stranger):
    answer = stranger.session.get(stranger.url + "/modules/actes/api/list_actes.php")
    assert answer.status_code == 200
    assert answer.content.startswith(b"<!DOCTYPE html>")


def test_version_6_refuses_strangers_with_a_fixed_body(start_mock, connect):
    client = connect(start_mock(version=6), "stranger")
    content = client.get("/modules/actes/api/list_actes.php").content
    assert content == b"KO\nLa connexion n&#039;a pas pu ?tre ?tablie\n"


def test_a_disabled_account_is_refused_in_the_dialect_of_the_script(tdt, management):
    management.post("/account", siren="123456782", enabled=False)
    echo = tdt.get("/modules/actes/actes_transac_get_status.php", transaction=1).content
    assert echo == "KO\nÉchec de l'authentification : le compte est désactivé".encode()
    block = tdt.get("/modules/actes/actes_classification_fetch.php", api=1).content
    assert block == (b"KO\n\xc9chec de l&#039;authentification : le compte est d\xe9sactiv\xe9\n")
    for path in ("actes_classification_fetch.php", "actes_create_pdf.php"):
        assert tdt.get(f"/modules/actes/{path}").headers["Location"] == "/connexion-status"


def test_an_unknown_path_is_404(tdt):
    assert tdt.get("/modules/actes/nothing.php").status_code == 404


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "DELETE"])
def test_scripts_do_not_look_at_the_verb(tdt, verb):
    assert tdt.session.request(verb, tdt.url + "/api/test-connexion.php").content == b"OK"


def test_pastell_repeats_its_post_fields_on_every_call(tdt):
    fields = [("api", "1"), ("number", "X"), ("number", "Y"), ("unknown[]", "1")]
    answer = tdt.post("/admin/users/api-list-login.php", data=fields)
    assert answer.content == b"mock-123456782\n"


def test_every_answer_opens_a_php_session(tdt):
    assert "PHPSESSID=" in tdt.get("/api/test-connexion.php").headers["Set-Cookie"]

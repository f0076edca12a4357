"""An authority described by a TOML file, by options, or by both."""

from datetime import date
from pathlib import Path

import pytest

from transmission.cli.collectivites import absent_files, described
from transmission.domain.collectivite import (
    Calendrier,
    Collectivite,
    LegalOptions,
    Mailbox,
    PublicityMode,
    SigningKey,
    TransmissionWindow,
    Webhook,
)
from transmission.domain.errors import RefusedError

COMPLETE = """\
siren = "123456782"
departement = "042"
arrondissement = 2
nature = "31"
nom = "Commune de Saint-Exemple"
adresses_retour = ["retours@saint-exemple.example.org"]
calendrier = "FR-AM"
[tdt]
connector = "s2low"
nom = "TdT"
base_url = "https://tdt.example.org"
certificate_file = "agent.pem"
ca_file = "/etc/ca.pem"
[referent]
nom = "Service des assemblées"
[signing_key]
key_file = "cachets/cachet.p12"
"""
DIRECT = COMPLETE.replace(
    "[referent]",
    """\
[tdt.mailbox]
host = "courriel.example.org"
user = "retours"
password_file = "boite.password"
ca_file = "/etc/courriel-ca.pem"
[[tdt.windows]]
start_hour = 8
end_hour = 12
bytes_per_hour = 50_000_000
[[tdt.windows]]
start_hour = 14
end_hour = 18
bytes_per_hour = 20_000_000
[referent]""",
)
OPTIONS = {
    "siren": "123456782",
    "departement": "042",
    "arrondissement": 2,
    "nature": "31",
    "nom": "Commune de Saint-Exemple",
    "adresses_retour": ("retours@saint-exemple.example.org",),
    "tdt__nom": "TdT",
    "tdt__base_url": "https://tdt.example.org",
    "tdt__certificate_file": "agent.pem",
    "tdt__ca_file": "ca.pem",
}


def read(tmp_path: Path, text: str = COMPLETE, **options: object) -> Collectivite:
    path = tmp_path / "saint-exemple.toml"
    path.write_text(text, encoding="utf-8")
    return described(path, options)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(RefusedError) as refused:
        read(tmp_path, text)
    return str(refused.value)


def test_a_complete_file_describes_an_authority(tmp_path: Path) -> None:
    made = read(tmp_path)
    assert (made.siren, made.departement, made.arrondissement) == ("123456782", "042", 2)
    assert made.adresses_retour == ("retours@saint-exemple.example.org",)
    assert made.calendrier is Calendrier.ALSACE_MOSELLE
    assert (made.tdt.mode, made.referent.nom) == ("enveloppe", "Service des assemblées")


def test_files_are_named_from_the_folder_of_the_description(tmp_path: Path) -> None:
    made = read(tmp_path)
    assert made.tdt.certificate_file == str(tmp_path / "agent.pem")
    assert made.tdt.ca_file == "/etc/ca.pem"
    assert made.tdt.key_file is None
    assert made.signing_key is not None
    assert made.signing_key.key_file == str(tmp_path / "cachets/cachet.p12")


def test_what_is_wanted_of_pdfs_is_described_or_nothing_is(tmp_path: Path) -> None:
    usual = read(tmp_path)
    assert (usual.seals_pdf, usual.signature_exigee) == ("non", False)
    wanted = 'seals_pdf = "t"\nsignature_exigee = true\n' + COMPLETE
    chosen = read(tmp_path, wanted)
    assert (chosen.seals_pdf, chosen.signature_exigee) == ("t", True)


def test_files_that_are_not_there_are_known(tmp_path: Path) -> None:
    (tmp_path / "agent.pem").touch()
    assert absent_files(read(tmp_path)) == [
        Path("/etc/ca.pem"),
        tmp_path / "cachets/cachet.p12",
    ]


def test_other_signing_keys_are_read_and_their_files_known(tmp_path: Path) -> None:
    more = """\
[[signing_keys]]
key_file = "cachet-2027.p12"
[[signing_keys]]
module_file = "/usr/lib/hsm/pkcs11.so"
token = "mairie"
key_id = "0a01"
pin_file = "cachet.pin"
"""
    made = read(tmp_path, COMPLETE + more)
    assert made.signing_keys == (
        SigningKey(str(tmp_path / "cachet-2027.p12")),
        SigningKey(
            module_file="/usr/lib/hsm/pkcs11.so",
            token="mairie",
            key_id="0a01",
            pin_file=str(tmp_path / "cachet.pin"),
        ),
    )
    assert made.all_signing_keys == (made.signing_key, *made.signing_keys)
    absent = {path.name for path in absent_files(made)}
    assert {"cachet-2027.p12", "cachet.pin", "pkcs11.so"} <= absent


def test_the_mailbox_and_the_windows_of_the_direct_route_are_read(tmp_path: Path) -> None:
    made = read(tmp_path, DIRECT)
    assert made.tdt.mailbox == Mailbox(
        "courriel.example.org", "retours", str(tmp_path / "boite.password"), "/etc/courriel-ca.pem"
    )
    assert made.tdt.windows == (
        TransmissionWindow(8, 12, 50_000_000),
        TransmissionWindow(14, 18, 20_000_000),
    )
    assert (made.tdt.mailbox.port, made.tdt.mailbox.folder) == (993, "INBOX")


def test_a_description_without_them_has_neither(tmp_path: Path) -> None:
    made = read(tmp_path)
    assert (made.tdt.mailbox, made.tdt.windows) == (None, ())


def test_files_of_the_mailbox_that_are_not_there_are_known(tmp_path: Path) -> None:
    absent = absent_files(read(tmp_path, DIRECT))
    assert {tmp_path / "boite.password", Path("/etc/courriel-ca.pem")} < set(absent)


@pytest.mark.parametrize(
    ("changed", "into", "fault"),
    [
        ('host = "c', 'hote = "c', "tdt.mailbox.hote : ce nom est inconnu"),
        ('host = "c', 'hote = "c', "il manque tdt.mailbox.host (un texte"),
        ('user = "retours"', "user = 1", "tdt.mailbox.user doit être un texte"),
        ('user = "retours"', 'port = "993"', "tdt.mailbox.port doit être un nombre entier"),
        ("[tdt.mailbox]", "[[tdt.mailbox]]", "tdt.mailbox doit être une section entre crochets"),
        ("end_hour = 18", "", "il manque tdt.windows[2].end_hour (un nombre entier)"),
        ("start_hour = 8", "start_hour = 8.5", "tdt.windows[1].start_hour doit être un nombre"),
        ("start_hour = 8", "debut = 8", "tdt.windows[1].debut : ce nom est inconnu"),
    ],
)
def test_a_fault_of_the_direct_route_is_named_in_french(
    tmp_path: Path, changed: str, into: str, fault: str
) -> None:
    assert changed in DIRECT
    assert fault in refusal(tmp_path, DIRECT.replace(changed, into))


@pytest.mark.parametrize(
    ("place", "windows"),
    [("[referent]", "[tdt.windows]\nstart_hour = 8\n[referent]"), ("[tdt]", "[tdt]\nwindows = 8")],
)
def test_windows_are_a_list_of_sections(tmp_path: Path, place: str, windows: str) -> None:
    told = refusal(tmp_path, COMPLETE.replace(place, windows))
    assert "tdt.windows doit être une suite de sections entre doubles crochets" in told


def test_windows_hold_sections_only(tmp_path: Path) -> None:
    told = refusal(tmp_path, COMPLETE.replace("[tdt]", "[tdt]\nwindows = [8]"))
    assert "tdt.windows[1] doit être une section" in told


LEGAL = """\
[droit]
population = 2400
teletransmission_depuis = 2015-01-01
profil = "strict"
[[droit.publicite]]
date = 2022-07-01
mode = "affichage"
[droit.reglages]
late_pieces_restart = true
annulation_effect = "informative"
[rappels]
jours = [10, 2]
courriels = ["assemblees@saint-exemple.example.org"]
[[rappels.webhooks]]
url = "https://logiciel.example.org/rappels"
secret_file = "webhook.secret"
"""


def test_the_options_of_the_legal_clock_are_read(tmp_path: Path) -> None:
    droit = read(tmp_path, COMPLETE + LEGAL).droit
    assert droit == LegalOptions(
        population=2400,
        publicity=((date(2022, 7, 1), PublicityMode.AFFICHAGE),),
        telematics_from=date(2015, 1, 1),
        profile="strict",
        settings=(("annulation_effect", "informative"), ("late_pieces_restart", "oui")),
        rappels_jours=(10, 2),
        rappels_courriels=("assemblees@saint-exemple.example.org",),
        rappels_webhooks=(
            Webhook("https://logiciel.example.org/rappels", str(tmp_path / "webhook.secret")),
        ),
    )


def test_a_description_without_them_has_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path).droit == LegalOptions()


def test_the_secret_of_a_program_that_is_not_there_is_known(tmp_path: Path) -> None:
    assert tmp_path / "webhook.secret" in absent_files(read(tmp_path, COMPLETE + LEGAL))


def test_faults_of_the_legal_clock_are_told_with_the_others(tmp_path: Path) -> None:
    wrong = LEGAL.replace("2400", '"beaucoup"').replace('"strict"', '"hardi"')
    told = refusal(tmp_path, "arrondissements = 3\n" + COMPLETE + wrong)
    faults = (
        "arrondissements : ce nom est inconnu",
        "droit.population doit être un nombre entier positif",
        "droit.profil : choisissez parmi prudent, strict",
    )
    assert told.splitlines() == [
        f"saint-exemple.toml : {fault}. Corrigez ce fichier." for fault in faults
    ]


@pytest.mark.parametrize("name", ["droit", "rappels"])
def test_a_section_of_the_legal_clock_is_a_section(tmp_path: Path, name: str) -> None:
    assert f"{name} doit être une section" in refusal(tmp_path, f"{name} = 1\n" + COMPLETE)


def test_an_option_wins_over_the_file(tmp_path: Path) -> None:
    made = read(tmp_path, nom="Autre nom", tdt__nom="Autre TdT", adresses_retour=("a@b.fr",))
    assert (made.nom, made.tdt.nom, made.adresses_retour) == ("Autre nom", "Autre TdT", ("a@b.fr",))


def test_options_alone_describe_an_authority(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    made = described(None, OPTIONS)
    assert (made.tdt.connector, made.tdt.nom) == ("s2low", "TdT")
    assert made.tdt.certificate_file == str(tmp_path / "agent.pem")


def test_every_option_that_is_missing_is_named() -> None:
    with pytest.raises(RefusedError) as refused:
        described(None, {"nom": "Commune"})
    told = str(refused.value)
    assert all(name in told for name in ("siren", "nature", "tdt.base_url", "tdt.ca_file"))
    assert "FICHIER" in told


@pytest.mark.parametrize(
    ("changed", "into", "fault"),
    [
        ('nom = "Commune', 'nome = "Commune', "nome : ce nom est inconnu"),
        ('nom = "Commune', 'nome = "Commune', "il manque nom (un texte"),
        ("arrondissement = 2", 'arrondissement = "2"', "arrondissement doit être un nombre entier"),
        ("arrondissement = 2", "arrondissement = true", "arrondissement doit être un nombre"),
        ('"042"', "42", "departement doit être un texte"),
        (
            '["retours@saint-exemple.example.org"]',
            '"a@b.fr"',
            "adresses_retour doit être une liste",
        ),
        ('["retours@saint-exemple.example.org"]', "[1]", "adresses_retour doit être une liste"),
        ("[tdt]", "[[tdt]]", "tdt doit être une section"),
        ("[tdt]", "[tiers]", "il manque tdt"),
        ('ca_file = "/etc/ca.pem"', "", "il manque tdt.ca_file"),
        ("certificate_file", "certificate", "tdt.certificate : ce nom est inconnu"),
        ('"FR-AM"', '"DE"', "calendrier : choisissez parmi FR, FR-AM"),
        ("[signing_key]", "[signing_key]\nsecret = 'x'", "signing_key.secret : ce nom est inconnu"),
    ],
)
def test_a_fault_is_named_in_french(tmp_path: Path, changed: str, into: str, fault: str) -> None:
    assert changed in COMPLETE
    told = refusal(tmp_path, COMPLETE.replace(changed, into))
    assert fault in told
    assert told.startswith("saint-exemple.toml : ")


def test_a_wrong_siren_is_refused(tmp_path: Path) -> None:
    told = refusal(tmp_path, COMPLETE.replace("123456782", "123456783"))
    assert "« 123456783 » n'est pas un SIREN" in told


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    told = refusal(tmp_path, "foo = 1")
    assert len(told.splitlines()) == 8

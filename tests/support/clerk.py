"""A clerk at the console: the four tasks of the guide, by labels, buttons and links alone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from transmission.console.words import day as in_words
from transmission.embedded.processes import wait_until

PATIENCE = 90
"""Seconds after which a page that does not change has failed: a bound, never a measure."""

RECEIVED = "Accusé de réception reçu"
ACTE_RECEIVED = "la préfecture a reçu l'acte"
"""What no page says before: the stages ahead are named on it from the start."""

_ONE = "1\u00a0chose est à corriger"
_BESIDE = re.compile("ne peut pas servir de numéro d'acte : 1 à 15 lettres capitales")


@dataclass(frozen=True, slots=True)
class Act:
    """An act to hand over: `path` is its PDF."""

    numero: str
    day: date
    objet: str
    path: Path


def _unseen(name: str, *parts: Locator) -> None:
    del name, parts


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody before a page. `see` is called where the guide has a picture, with its name and
    what to show; without `is_live` the page has no script, and is asked for again."""

    page: Page
    is_live: bool = True
    see: Callable[..., None] = _unseen

    def enter(self, address: str, login: str, password: str) -> None:
        """Come in by the only address that one has to know."""
        self.page.goto(address)
        self.page.get_by_label("Identifiant").fill(login)
        self.page.get_by_label("Mot de passe").fill(password)
        self.see("entrer", self._main)
        self.page.get_by_role("button", name="Se connecter").click()
        expect(self.page.get_by_role("heading", name="File d'attente")).to_be_visible()

    def hand_over(self, act: Act) -> None:
        """Task 1: send an act, its number first written as it is in the minutes."""
        self._follow("Remettre")
        page = self.page
        numero = page.get_by_label("Numéro de l'acte")
        numero.fill(act.numero.replace("_", "-"))
        page.get_by_label("Date de la décision").fill(act.day.isoformat())
        page.get_by_label("Nature").select_option(label="Délibération")
        page.get_by_label("Matière").fill("7.5")
        page.get_by_label("Objet").fill(act.objet)
        page.get_by_label("Document (PDF)").set_input_files(act.path)
        send = page.get_by_role("button", name="Remettre l'acte")
        self.see("remettre", page.get_by_role("heading", level=1), send)
        send.click()
        expect(page.get_by_role("alert")).to_contain_text(_ONE)
        expect(numero).to_have_attribute("aria-invalid", "true")
        expect(numero).to_have_accessible_description(_BESIDE)
        expect(page.get_by_label("Objet")).to_have_value(act.objet)
        self.see("corriger", page.get_by_role("heading", level=1), page.get_by_label("Matière"))
        numero.fill(act.numero)
        page.get_by_label("Document (PDF)").set_input_files(act.path)
        send.click()
        expect(page.get_by_role("status").first).to_contain_text("l'acte est remis")
        self.await_in(self._situation, ACTE_RECEIVED)
        expect(self._dates).to_contain_text("date lue dans l'accusé de réception")
        self.see("recu", page.get_by_role("heading", level=1), self._situation)

    def await_desk(self, numero: str) -> None:
        """Wait at the desks until an act is there."""
        self._follow("Bureaux")
        self.await_in(self._main, numero)

    def unblock(self, numero: str, why: str) -> None:
        """Task 2: find an act that is held at its desk, read `why`, let it go on."""
        page = self.page
        row = self._row_at("Envois en attente d'un opérateur", numero)
        expect(row).to_contain_text(why)
        self.see("bloque", self._main)
        row.get_by_role("link", name="Relancer").click()
        expect(self._main).to_contain_text(why)
        page.get_by_label("Motif").fill("Le TdT a rendu ses droits à notre certificat.")
        go = page.get_by_role("button", name="Relancer l'envoi")
        self.see("relancer", self._main)
        go.click()
        expect(page.get_by_role("status").first).to_contain_text("l'envoi reprend")
        self.await_in(self._situation, ACTE_RECEIVED)

    def answer(self, numero: str, asked: str, path: Path) -> None:
        """Task 3: take the request `asked` in charge, answer it with a file."""
        page = self.page
        row = self._row_at("Courriers de la préfecture", numero)
        expect(row).to_contain_text(asked)
        self.await_in(row, "refus tacite le")
        self.see("demande", self._main)
        row.get_by_role("button", name="Je m'en charge").click()
        expect(page.get_by_role("status").first).to_have_text("Ce dossier est à votre charge.")
        row.get_by_role("link", name="Répondre").click()
        page.get_by_role("link", name="Envoyer les pièces").click()
        expect(self._main).to_contain_text(asked)
        page.get_by_label("Documents, groupe 1").set_input_files(path)
        page.get_by_label("Motif").fill("Le plan demandé par la préfecture.")
        self.see("repondre", self._main)
        page.get_by_role("button", name="Envoyer les pièces").click()
        answered = page.get_by_role("region", name="Pièces complémentaires", exact=True)
        expect(answered).to_contain_text(path.name)
        self.await_in(answered, RECEIVED)
        expect(answered).to_contain_text("Reçu en préfecture le")
        thread = page.get_by_role("article").filter(has=answered)
        self.see("repondu", thread)

    def find_proof(self, word: str, numero: str, received: date) -> tuple[bytes, Path]:
        """Task 4: the AR and the stamped PDF of an act of which one knows a word."""
        page = self.page
        self._follow("File d'attente")
        page.get_by_label("Numéro, objet ou identifiant").fill(word)
        page.get_by_role("button", name="Rechercher").click()
        row = page.get_by_role("row").filter(has_text=numero)
        expect(row).to_contain_text(f"Reçu en préfecture le {in_words(received)}")
        self.see("chercher", self._main)
        row.get_by_role("link", name=re.compile(numero)).click()
        expect(self._dates).to_contain_text(in_words(received))
        self.see("preuve", page.get_by_role("heading", level=1), self._dates)
        accuse = self._saved("Enregistrer l'accusé de réception (XML)").read_bytes()
        return accuse, self._saved("Enregistrer l'acte tamponné (PDF)")

    def await_in(self, place: Locator, words: str) -> None:
        """Wait until a part of the page says something: by itself, or by asking for it again."""
        if self.is_live:
            expect(place).to_contain_text(words, timeout=PATIENCE * 1000)
            return
        wait_until(lambda: words in self._again(place), PATIENCE)
        expect(place).to_contain_text(words)

    def _again(self, place: Locator) -> str:
        self.page.reload()
        return place.inner_text()

    def _row_at(self, desk: str, numero: str) -> Locator:
        """The line of an act at a desk, once it is there."""
        self.await_desk(numero)
        expect(self._main.get_by_role("heading", name=desk)).to_be_visible()
        return self.page.get_by_role("row").filter(has_text=numero)

    def _follow(self, name: str) -> None:
        self.page.get_by_role("navigation", name="Navigation principale").get_by_role(
            "link", name=name, exact=True
        ).click()

    def _saved(self, link: str) -> Path:
        with self.page.expect_download() as saving:
            self.page.get_by_role("link", name=link).click()
        return saving.value.path()

    @property
    def _main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def _situation(self) -> Locator:
        return self.page.get_by_role("region", name="Où en est cet acte ?")

    @property
    def _dates(self) -> Locator:
        return self.page.get_by_role("region", name="Dates", exact=True)

// Live updates: told by /live that something happened, the page fetches itself again and swaps
// its live part. Without this script the page reloads once a minute; nothing else changes.
(() => {
  "use strict";
  const zone = document.querySelector("[data-direct]");
  const address = zone && zone.dataset.direct;
  if (!address || !("EventSource" in window)) return;

  const spoken = document.getElementById("annonce");
  let shown = zone.innerHTML;
  let source = null;
  let running = false;
  let missed = false;

  function tell(text) {
    const place = zone.querySelector("[data-direct-etat]");
    if (place) place.textContent = text;
  }

  function isSelecting() {
    const selection = document.getSelection();
    return !selection.isCollapsed && zone.contains(selection.anchorNode);
  }

  function isFilling() {
    return zone.querySelector("[data-garde]:focus-within") !== null;
  }

  // What the reader opened stays open, and a form keeps what was typed in it.
  function keep(fresh) {
    for (const open of zone.querySelectorAll("details[open][id]")) {
      const same = fresh.querySelector(`#${CSS.escape(open.id)}`);
      if (same) same.open = true;
    }
    for (const box of zone.querySelectorAll("input[form]:checked")) {
      const same = fresh.querySelector(`#${CSS.escape(box.id)}`);
      if (same) same.checked = true;
    }
    for (const form of zone.querySelectorAll("[data-garde]")) {
      fresh.querySelector(`#${CSS.escape(form.id)}`)?.replaceWith(form);
    }
  }

  function markChanges(fresh) {
    for (const row of fresh.querySelectorAll("[data-etat]")) {
      const before = document.getElementById(row.id);
      if (!before || before.dataset.etat !== row.dataset.etat) row.classList.add("change");
    }
  }

  function swap(page) {
    const fresh = page.querySelector("[data-direct]");
    if (!fresh || fresh.innerHTML === shown) return;
    shown = fresh.innerHTML;
    markChanges(fresh);
    keep(fresh);
    const held = zone.contains(document.activeElement) ? document.activeElement.id : "";
    const news = fresh.dataset.annonce !== zone.dataset.annonce;
    zone.replaceChildren(...fresh.childNodes);
    zone.dataset.annonce = fresh.dataset.annonce;
    document.title = page.title;
    if (held) document.getElementById(held)?.focus({ preventScroll: true });
    if (news) spoken.textContent = fresh.dataset.annonce;
  }

  async function refresh() {
    if (running) {
      missed = true;
      return;
    }
    running = true;
    try {
      const answer = await fetch(location.href, { redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // A selection being copied is left alone, and a form being filled: the next bell brings the
      // page up to date.
      if (!isSelecting() && !isFilling()) swap(page);
      tell("Cette page se met à jour d'elle-même.");
    } catch {
      tell("Mise à jour interrompue, nouvel essai en cours.");
    } finally {
      running = false;
      if (missed) {
        missed = false;
        refresh();
      }
    }
  }

  // A hidden page holds no connection: browsers grant few of them per site.
  function listen() {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      source = new EventSource(address);
      source.onmessage = refresh;
      source.onerror = () => tell("Mise à jour interrompue, nouvel essai en cours.");
    }
  }

  document.addEventListener("visibilitychange", listen);
  listen();
})();

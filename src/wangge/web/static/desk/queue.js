/**
 * The queue under the hands of somebody who never touches the mouse, and kept honest while it is
 * open: changes are counted in a quiet bar, rows never jump under a finger.
 */
import { wordsOf } from "./dom.js";
import { concernsCases, onFact } from "./live.js";

class CaseQueue extends HTMLElement {
  /** @type {AbortController | undefined} */ #gone;
  /** @type {Set<string>} */ #changed = new Set();

  connectedCallback() {
    this.#gone = new AbortController();
    const signal = this.#gone.signal;
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.addEventListener("click", (event) => this.#click(event), { signal });
    this.addEventListener(
      "htmx:afterSwap",
      () => {
        this.#changed.clear();
        this.#show();
      },
      { signal },
    );
    onFact(
      (heard) => {
        if (!concernsCases(heard)) return;
        this.#changed.add(heard.subject_id);
        this.#show();
      },
      { signal },
    );
  }

  disconnectedCallback() {
    this.#gone?.abort();
  }

  /** @returns {HTMLAnchorElement[]} */
  get #rows() {
    return [...this.querySelectorAll(/** @type {"a"} */ ("a.queue-open"))];
  }

  #show() {
    const bar = this.querySelector(".queue-news");
    if (!(bar instanceof HTMLElement)) return;
    const count = this.#changed.size;
    bar.hidden = count === 0;
    const words = bar.querySelector("[data-count]");
    if (words) words.textContent = wordsOf(this)("news", { n: count });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = event.target;
    const typing =
      at instanceof HTMLElement &&
      (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
    if (typing) {
      if (event.key === "Escape") at.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const help = this.querySelector("dialog.queue-help");
    if (help instanceof HTMLDialogElement && help.open) return;
    const rows = this.#rows;
    const here = rows.findIndex((row) => row === document.activeElement);
    /** @type {Record<string, () => void>} */
    const keys = {
      j: () => rows[Math.min(here + 1, rows.length - 1)]?.focus(),
      k: () => rows[Math.max(here - 1, 0)]?.focus(),
      "/": () => {
        const box = document.querySelector('#queue-filter input[name="q"]');
        if (box instanceof HTMLInputElement) {
          box.focus();
          box.select();
        }
      },
      "?": () => help instanceof HTMLDialogElement && help.showModal(),
      r: () => this.querySelector(/** @type {"a"} */ (".queue-refresh"))?.click(),
      n: () => this.querySelector(/** @type {"a"} */ ("a.queue-new"))?.click(),
    };
    const work = keys[event.key];
    if (!work) return;
    event.preventDefault();
    work();
  }

  /** A click anywhere on a row opens it; a click on a link or with a selection does not. @param {MouseEvent} event */
  #click(event) {
    const at = event.target;
    if (!(at instanceof Element)) return;
    if (at.closest("[data-help]")) {
      const help = this.querySelector("dialog.queue-help");
      if (help instanceof HTMLDialogElement) help.showModal();
      return;
    }
    if (at.closest("a, button, input, select, label, summary, dialog")) return;
    if (getSelection()?.toString()) return;
    const link = at.closest("tr[data-row]")?.querySelector("a.queue-open");
    if (link instanceof HTMLAnchorElement) link.click();
  }
}

customElements.define("case-queue", CaseQueue);

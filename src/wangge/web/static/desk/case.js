/**
 * <case-page case-id="…"> says quietly that the case has changed under the reader, keeps what was
 * typed across a reload, and lets one form be open at a time.
 */
import { onFact } from "./live.js";

class CasePage extends HTMLElement {
  /** @type {AbortController | undefined} */ #gone;

  connectedCallback() {
    this.#gone = new AbortController();
    const signal = this.#gone.signal;
    const id = this.getAttribute("case-id") ?? "";
    const bar = this.querySelector(".case-news");
    let sending = false;
    onFact(
      (heard) => {
        if (heard.subject_id === id && bar instanceof HTMLElement && !sending) bar.hidden = false;
      },
      { signal },
    );
    this.addEventListener(
      "toggle",
      (event) => {
        const opened = event.target;
        if (!(opened instanceof HTMLDetailsElement) || !opened.open) return;
        if (!opened.matches(".deed")) return;
        for (const other of this.querySelectorAll(/** @type {"details"} */ ("details.deed"))) {
          if (other !== opened) other.open = false;
        }
        const field = opened.querySelector("select, textarea, input:not([type=hidden])");
        if (field instanceof HTMLElement) field.focus();
      },
      { capture: true, signal },
    );
    this.addEventListener(
      "submit",
      (event) => {
        sending = true;
        const button = /** @type {SubmitEvent} */ (event).submitter;
        if (button instanceof HTMLButtonElement) setTimeout(() => (button.disabled = true));
      },
      { signal },
    );
    this.#keepTyped(id, signal);
  }

  disconnectedCallback() {
    this.#gone?.abort();
  }

  /** @param {string} id @param {AbortSignal} signal */
  #keepTyped(id, signal) {
    for (const box of this.querySelectorAll("textarea")) {
      const key = `typed:${id}:${box.closest("form")?.dataset["verb"] ?? ""}:${box.name}`;
      const kept = sessionStorage.getItem(key);
      if (kept !== null && !box.value) box.value = kept;
      box.addEventListener("input", () => sessionStorage.setItem(key, box.value), { signal });
      box.form?.addEventListener("submit", () => sessionStorage.removeItem(key), { signal });
    }
  }
}

customElements.define("case-page", CasePage);

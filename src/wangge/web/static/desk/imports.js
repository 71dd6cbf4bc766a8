/**
 * Files dropped on the zone are named before they are sent, and one that is too large is said to be
 * at once. A sheet of rows to mend is typed through like a spreadsheet.
 */
import { wordsOf } from "./dom.js";

class DropZone extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    if (!input) return;
    for (const [kind, on] of /** @type {const} */ ([["dragover", true], ["dragleave", false], ["drop", false]]))
      this.addEventListener(kind, () => this.classList.toggle("over", on));
    input.addEventListener("change", () => this.#show(input));
  }

  /** @param {HTMLInputElement} input */
  #show(input) {
    const place = this.querySelector("[data-chosen]");
    if (!place) return;
    const say = wordsOf(this);
    const files = [...(input.files ?? [])];
    const large = files.find((file) => file.size > Number(this.dataset.most));
    place.classList.toggle("bad", large !== undefined);
    if (large) {
      input.value = "";
      place.textContent = say("large", { name: large.name });
      return;
    }
    place.textContent = files.length
      ? say("chosen", { n: files.length, names: files.map((file) => file.name).join("、") })
      : "";
  }
}

class MendGrid extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("input", (event) => this.#changed(event));
    this.addEventListener("focusin", (event) => {
      if (event.target instanceof HTMLInputElement && event.target.dataset.column) event.target.select();
    });
    // A quick hand types before anybody listens: that is looked for as soon as somebody does.
    document.body.addEventListener("htmx:load", () => this.#search(), { once: true });
    const first = this.querySelector("input[aria-invalid]") ?? this.querySelector("input[data-column], input[data-search]");
    if (first instanceof HTMLElement && matchMedia("(min-width: 768px)").matches) first.focus();
  }

  #search() {
    for (const box of this.querySelectorAll("input[data-search]")) {
      if (box instanceof HTMLInputElement && box.value) box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = event.target;
    if (event.isComposing || !(at instanceof HTMLInputElement)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      at.form?.requestSubmit();
      return;
    }
    const step = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const wanted = at.dataset.column ? `input[data-column="${at.dataset.column}"]` : "input[data-search]";
    const column = [...this.querySelectorAll(wanted)];
    const next = column[column.indexOf(at) + step];
    if (next instanceof HTMLElement) next.focus();
  }

  /** @param {Event} event */
  #changed(event) {
    const at = event.target;
    if (!(at instanceof HTMLInputElement) || !at.dataset.column) return;
    at.classList.toggle("changed", at.value !== at.defaultValue);
    const place = this.querySelector("[data-changed]");
    const n = this.querySelectorAll("input.changed").length;
    if (place) place.textContent = n ? wordsOf(this)("changed", { n }) : "";
  }
}

customElements.define("drop-zone", DropZone);
customElements.define("mend-grid", MendGrid);

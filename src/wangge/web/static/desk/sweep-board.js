/**
 * <sweep-board round="…" area="…" live>: the board of a round. The server has drawn it; the stream
 * keeps it right, the whole first and then the lines that changed. Nothing is counted here.
 */
import { base } from "./dom.js";

/** @typedef {{ code: string, total: number, done: number, asks: number, left: number, flagged: number, unstarted: number, per_minute: number, need: string, reason: string }} Line */
/** @typedef {{ minutes_left: number | null, totals: Line, lines: Line[] }} Told */

class SweepBoard extends HTMLElement {
  /** @type {EventSource | undefined} */ #wire;
  /** @type {{ marks: Record<string, string>, colours: Record<string, string> }} */ #words = { marks: {}, colours: {} };
  #at = 0;

  connectedCallback() {
    this.#words = JSON.parse(this.querySelector("script[data-words]")?.textContent ?? "{}");
    if (!this.hasAttribute("live")) return;
    const path = `/api/v1/sweeps/${this.getAttribute("round")}/live?area=${this.getAttribute("area") ?? ""}`;
    this.#wire = new EventSource(base() + path);
    this.#wire.addEventListener("board", (event) => this.#show(JSON.parse(event.data)));
    this.#wire.onerror = () => this.toggleAttribute("stale", true);
    this.#wire.onopen = () => this.toggleAttribute("stale", false);
  }

  disconnectedCallback() {
    this.#wire?.close();
  }

  /** @param {Told} told */
  #show(told) {
    for (const box of this.querySelectorAll("[data-total]")) {
      const name = /** @type {keyof Line} */ (box.getAttribute("data-total"));
      put(box, String(told.totals[name]));
    }
    const left = this.querySelector("[data-head='minutes_left']");
    if (left) this.#left(left, told.minutes_left);
    const state = this.querySelector(".sweep-state");
    if (state) this.#tag(state, told.totals);
    for (const line of told.lines) {
      const row = this.querySelector(`[data-line="${CSS.escape(line.code)}"]`);
      if (row) this.#row(row, line);
    }
    if (this.hasAttribute("fine")) void this.#blocks();
  }

  /** A round of days is not counted in minutes, and one whose time is over in minutes over. @param {Element} box @param {number | null} minutes */
  #left(box, minutes) {
    const size = Math.abs(minutes ?? 0);
    const at = size < 180 ? 0 : size < 4320 ? 1 : 2;
    const whole = at === 0 ? 1 : at === 1 ? 60 : 1440;
    put(box, minutes === null ? "—" : String(Math.floor(size / whole)));
    const unit = box.previousElementSibling;
    const word = unit?.getAttribute("data-units")?.split("|")[at + ((minutes ?? 0) < 0 ? 3 : 0)];
    if (unit && word) put(unit, word);
  }

  /** @param {Element} row @param {Line} line */
  #row(row, line) {
    for (const box of row.querySelectorAll("[data-of]")) {
      const name = /** @type {keyof Line} */ (box.getAttribute("data-of"));
      put(box.firstElementChild ?? box, String(line[name]));
    }
    const whole = line.total || 1;
    row.querySelector(".bar-done")?.setAttribute("width", String((100 * line.done) / whole));
    const asks = row.querySelector(".bar-asks");
    asks?.setAttribute("x", String((100 * line.done) / whole));
    asks?.setAttribute("width", String((100 * line.asks) / whole));
    this.#tag(row, line);
  }

  /** @param {Element} place @param {Line} line */
  #tag(place, line) {
    place.setAttribute("data-need", line.need);
    const tag = place.querySelector("[data-tag]");
    if (!tag) return;
    tag.setAttribute("data-colour", this.#words.colours[line.need] ?? "");
    put(tag, `${this.#words.marks[line.need] ?? ""} ${line.reason}`);
  }

  /** The stairwells are drawn by the server, at most once a second. */
  async #blocks() {
    const now = performance.now();
    if (now - this.#at < 900) return;
    this.#at = now;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = drawn.querySelector("[data-blocks]");
    const here = this.querySelector("[data-blocks]");
    if (fresh && here && !here.contains(document.activeElement)) here.replaceWith(fresh);
  }
}

/** @param {Element} box @param {string} text */
function put(box, text) {
  if (box.textContent?.trim() !== text) box.textContent = text;
}

customElements.define("sweep-board", SweepBoard);

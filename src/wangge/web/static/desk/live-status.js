/**
 * <live-status> shows whether the page's wire to the server holds, and hands every fact on as
 * `wangge:fact` and `fact:room.Kind` events on `document.body`, where htmx can hear them.
 */
import { live } from "./live.js";

export class LiveStatus extends HTMLElement {
  #quiet = new AbortController();

  connectedCallback() {
    this.#quiet = new AbortController();
    const { signal } = this.#quiet;
    live.addEventListener("state", () => this.#say(), { signal });
    live.addEventListener(
      "fact",
      (event) => {
        const { detail } = /** @type {CustomEvent<import("./live.js").Heard>} */ (event);
        document.body.dispatchEvent(new CustomEvent("wangge:fact", { detail }));
        document.body.dispatchEvent(new CustomEvent(`fact:${detail.kind}`, { detail }));
      },
      { signal },
    );
    this.#say();
    live.start();
  }

  disconnectedCallback() {
    this.#quiet.abort();
  }

  #say() {
    const state = live.state === "open" ? "on" : live.state === "away" ? "off" : "wait";
    this.setAttribute("state", state);
    this.textContent = this.dataset[state] ?? "";
  }
}

customElements.define("live-status", LiveStatus);

/** What every screen is: an element in the page's own style, drawn anew when the app changed. */

import { LitElement, html } from "lit";

/** @import {App} from "../app.js" */

export class View extends LitElement {
  /** @type {App | undefined} */ #app;
  #draw = () => this.requestUpdate();

  /** Given before the element is put on the page. @returns {App} */
  get app() {
    if (!this.#app) throw new Error("a view without its app");
    return this.#app;
  }

  set app(app) {
    this.#app = app;
  }

  connectedCallback() {
    super.connectedCallback();
    this.app.addEventListener("changed", this.#draw);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.app.removeEventListener("changed", this.#draw);
  }

  createRenderRoot() {
    return this;
  }
}

/** Line icons, 24 by 24. */
const ICONS = {
  tasks: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  report: "M12 5v14M5 12h14",
  mine: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20a7.5 7.5 0 0 1 15 0",
  back: "M15 5l-7 7 7 7",
  camera: "M4 8h3l2-3h6l2 3h3v11H4ZM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z",
  place: "M12 21s7-6.2 7-11.5a7 7 0 1 0-14 0C5 14.8 12 21 12 21ZM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  phone: "M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a1 1 0 0 1-1 1A15.5 15.5 0 0 1 4 5a1 1 0 0 1 1-1Z",
  check: "M5 13l5 5L20 7",
  cloud: "M7 18a4.5 4.5 0 0 1-.6-9A6 6 0 0 1 18 9.5 4.3 4.3 0 0 1 17.5 18ZM12 15v-5M9.5 12 12 9.5l2.5 2.5",
  alert: "M12 4 2.5 20h19ZM12 10v4M12 17h.01",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l5 5",
  close: "M6 6l12 12M18 6L6 18",
  sweep: "M4 20V5l8-2v17M12 8l8 2v10M3 20h18M7.5 8.5h1M7.5 12h1M7.5 15.5h1M15.5 13h1M15.5 16.5h1",
  undo: "M8 5 4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3",
  lock: "M6 11h12v9H6ZM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
};

/** @param {keyof typeof ICONS} name */
export const icon = (name) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
  <path d=${ICONS[name]}></path>
</svg>`;

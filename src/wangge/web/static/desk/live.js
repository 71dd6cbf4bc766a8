/**
 * The district's stream, once a page: whoever needs to know what happened listens here, so that a
 * page with five elements still holds one connection.
 *
 * Events: "fact" (detail: Heard) and "state" (detail: "open" | "away").
 */
import { base } from "./dom.js";

/**
 * @typedef {{ seq: number, kind: string, subject_id: string, area_code: string, at: string }} Heard
 */

/** Milliseconds before the wire is tried again; grows to ten times this. */
const AGAIN = 1000;

class Live extends EventTarget {
  /** @type {EventSource | undefined} */ #wire;
  /** @type {number | undefined} */ #seen;
  #tries = 0;
  /** "" until the first answer. @type {"" | "open" | "away"} */ state = "";

  /** Begin, once. @param {number} [after] the mark of what the page already shows */
  start(after) {
    if (this.#wire) return;
    this.#seen ??= after;
    this.#open();
    addEventListener("pagehide", () => this.#wire?.close());
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.#open();
    });
  }

  #open() {
    const after = this.#seen === undefined ? "" : `?after=${this.#seen}`;
    const wire = new EventSource(`${base()}/api/v1/live${after}`);
    this.#wire = wire;
    wire.addEventListener("open", () => {
      this.#tries = 0;
      this.#say("open");
    });
    wire.addEventListener("fact", (message) => {
      /** @type {Heard} */
      const heard = JSON.parse(/** @type {MessageEvent} */ (message).data);
      this.#seen = heard.seq;
      this.dispatchEvent(new CustomEvent("fact", { detail: heard }));
    });
    // We reopen by ourselves: the browser would send the old `after` again.
    wire.addEventListener("error", () => {
      wire.close();
      this.#say("away");
      this.#tries += 1;
      const wait = AGAIN * Math.min(10, this.#tries) * (0.5 + Math.random());
      setTimeout(() => {
        if (this.#wire === wire) this.#open();
      }, wait);
    });
  }

  /** @param {"open" | "away"} state */
  #say(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}

export const live = new Live();

/**
 * @param {(heard: Heard) => void} listener
 * @param {{ after?: number, signal?: AbortSignal }} [options]
 */
export function onFact(listener, { after, signal } = {}) {
  live.addEventListener(
    "fact",
    (event) => listener(/** @type {CustomEvent<Heard>} */ (event).detail),
    signal ? { signal } : undefined,
  );
  live.start(after);
}

/** Whether a fact changes what a list of cases shows. @param {Heard} heard */
export function concernsCases(heard) {
  return /^(cases|dispatch|tasks)\./.test(heard.kind);
}

/**
 * The network, as the outbox sees it: an answer, or a rejected promise when there was none.
 *
 * @import {Deed, Network, Photo, Reply} from "./types.js"
 */

import { base64Of } from "./letters.js";

/** What says that a photo comes as a letter. */
const SEALED = "application/vnd.wangge.letter";
/** Milliseconds a question may take; a photo on a weak network gets longer. */
const PATIENCE = 20_000;
const PATIENCE_PHOTO = 90_000;

/** @implements {Network} */
export class Wire {
  /** @param {string} base prefix of the district */
  constructor(base) {
    this.base = base;
  }

  who() {
    return this.get("/api/v1/field/me");
  }

  /** @param {Photo} photo */
  upload(photo) {
    return this.#ask(`/api/v1/files/${photo.id}`, {
      method: "PUT", body: photo.letter ?? photo.blob ?? null,
      headers: { "Content-Type": photo.letter ? SEALED : photo.blob?.type || "image/jpeg" },
    }, PATIENCE_PHOTO);
  }

  /** @param {Deed[]} deeds */
  send(deeds) {
    return this.#ask("/api/v1/deeds", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        deeds: deeds.map(({ id, kind, at, body, letter }) =>
          letter ? { id, kind, at, letter: base64Of(letter) } : { id, kind, at, body }),
        // What this clock says while it sends: how wrong it is, it cannot know itself.
        now: new Date().toISOString(),
      }),
    });
  }

  /** @param {string} login @param {string} password @param {string} code "" unless asked for */
  signIn(login, password, code) {
    return this.#ask("/api/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ login, password, code: code || null }),
    });
  }

  signOut() {
    return this.#ask("/api/v1/session", { method: "DELETE" });
  }

  /** A letter read back to whoever wrote it. @param {string} id @param {Uint8Array} letter */
  open(id, letter) {
    return this.#ask("/api/v1/field/letter", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ id, letter: base64Of(letter) }),
    });
  }

  /** @param {string} path under the prefix */
  get(path) {
    return this.#ask(path, {});
  }

  /**
   * @param {string} path
   * @param {RequestInit} how
   * @param {number} [patience] milliseconds
   * @returns {Promise<Reply>}
   */
  async #ask(path, how, patience = PATIENCE) {
    const answer = await fetch(this.base + path, {
      ...how,
      cache: "no-store",
      redirect: "error", // a portal's sign-in page is not our answer
      signal: AbortSignal.timeout(patience),
      headers: { Accept: "application/json", ...how.headers },
    });
    const media = answer.headers.get("Content-Type") ?? "";
    const text = await answer.text();
    if (answer.ok && text && !media.includes("json")) throw new TypeError("not our server");
    /** @type {unknown} */
    const body = media.includes("json") && text ? JSON.parse(text) : null;
    const after = Number(answer.headers.get("Retry-After"));
    return { status: answer.status, body, ...(after > 0 ? { retryAfter: after } : {}) };
  }
}

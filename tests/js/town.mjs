/** A store in memory and a network that answers from a script, for tests of the outbox. */

import { isAsBefore } from "../../src/wangge/web/static/field/letters.js";

/** The same promises as the phone's storage, kept in a Map. */
export class MemoryStore {
  deeds = new Map();
  photos = new Map();
  full = false;

  #room() {
    if (this.full) {
      throw Object.assign(new Error("no room"), { name: "QuotaExceededError" });
    }
  }

  async add(deed, photos) {
    this.#room();
    const n = Math.max(0, ...[...this.deeds.values()].map((one) => one.n)) + 1;
    for (const photo of photos) this.photos.set(photo.id, photo);
    this.deeds.set(deed.id, { ...deed, n });
  }

  async replace(oldId, deed, photos) {
    this.#room();
    const n = this.deeds.get(oldId).n;
    this.deeds.delete(oldId);
    for (const photo of photos) this.photos.set(photo.id, photo);
    this.deeds.set(deed.id, { ...deed, n });
  }

  async close(old, sealed, photos) {
    if (!isAsBefore(old, this.deeds.get(old.id))) return;
    this.deeds.set(old.id, sealed);
    for (const photo of photos) this.photos.set(photo.id, { ...photo, sent: this.photos.get(photo.id).sent });
  }

  async all() {
    return [...this.deeds.values()].sort((a, b) => a.n - b.n).map((deed) => ({ ...deed }));
  }

  async save(deed) {
    this.deeds.set(deed.id, deed);
    if (deed.state === "done") for (const id of deed.photos) this.photos.delete(id);
  }

  doors = new Map();

  async settle(deeds, memos) {
    const told = new Set(memos.map((memo) => memo.id));
    for (const deed of deeds) {
      if (deed.state === "done" && told.has(`${deed.body.round}/${deed.body.door}`)) {
        this.deeds.delete(deed.id);
      } else {
        await this.save(deed);
      }
    }
    for (const memo of memos) this.doors.set(memo.id, memo);
  }

  async memos() {
    return [...this.doors.values()];
  }

  async remove(id) {
    for (const photo of this.deeds.get(id)?.photos ?? []) this.photos.delete(photo);
    this.deeds.delete(id);
  }

  async photo(id) {
    return this.photos.get(id);
  }

  async photoSent(id) {
    this.photos.set(id, { ...this.photos.get(id), sent: true });
  }
}

/** A server that remembers deeds by id, and does what the test tells it to. */
export class Town {
  online = true;
  session = "me";
  heard = [];
  done = new Map();
  /** deed id -> {status, body} said instead of doing it */
  says = new Map();
  /** what to answer to whole requests, first come first served */
  next = [];
  loseAnswers = 0;

  #reach() {
    if (!this.online) throw new TypeError("fetch failed");
  }

  async who() {
    this.#reach();
    return this.session ? { status: 200, body: { id: this.session } } : { status: 401, body: {} };
  }

  async upload(photo) {
    this.#reach();
    this.heard.push(`photo ${photo.id}`);
    return this.says.get(photo.id) ?? { status: 201, body: {} };
  }

  async send(deeds) {
    this.#reach();
    if (!this.session) return { status: 401, body: {} };
    const scripted = this.next.shift();
    if (scripted) return scripted;
    const answers = deeds.map((deed) => {
      this.heard.push(deed.id);
      const said = this.says.get(deed.id);
      if (said) return { id: deed.id, ...said };
      if (!this.done.has(deed.id)) {
        this.done.set(deed.id, { receipt: `R${this.done.size + 1}`, by: this.session });
      }
      return { id: deed.id, status: 200, body: this.done.get(deed.id) };
    });
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      throw new TypeError("the wire broke after the server had done it");
    }
    return { status: 200, body: { answers } };
  }
}

/** A deed with everything that a test does not care about filled in. */
export const deedOf = (id, more = {}) => ({
  id, kind: "cases.report", at: "2026-03-18T04:00:00Z", body: { words: id }, by: "me",
  subject: id, title: id, photos: [], ...more,
});

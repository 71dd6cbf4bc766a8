/**
 * What has grown old behind my doors, on the phone: asked at the next visit only, and confirmed
 * without a network. Masks and the names of fields, no number of anybody.
 *
 * @import {OldHome, OldStairwell} from "./types.js"
 */

import { StorageFull } from "./outbox.js";
import { t } from "./words.js";

export const CONFIRM = "people.confirm";
/** Milliseconds after which the list is asked for anew. */
const OFTEN = 600_000;

/** @typedef {{by: string, at: string, stairwells: OldStairwell[]}} Kept */

export class Stale {
  /** @type {Kept | undefined} */ #kept;
  #asked = 0;

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
  }

  async open() {
    this.#kept = /** @type {Kept | undefined} */ (await this.app.store.read("stale"));
  }

  /** Ask for the list, now and then. @param {boolean} [now] somebody else is signed in */
  async sync(now = false) {
    const { app } = this;
    if (!app.me?.may[CONFIRM]) return;
    if (!now && this.#kept && Date.now() - this.#asked < OFTEN) return;
    this.#asked = Date.now();
    const reply = await app.wire.get("/api/v1/field/stale").catch(() => undefined);
    if (reply?.status !== 200) return;
    const { at, stairwells } = /** @type {{at: string, stairwells: OldStairwell[]}} */ (reply.body);
    this.#kept = { by: app.me.id, at, stairwells };
    await app.store.write("stale", this.#kept).catch(() => undefined);
    app.changed();
  }

  async forget() {
    this.#kept = undefined;
    await this.app.store.write("stale", undefined);
  }

  /** Stairwells with what is left to ask; what was confirmed since is left out. */
  get stairwells() {
    const kept = this.#kept;
    if (!kept || kept.by !== this.app.me?.id) return [];
    const said = new Set(this.app.deeds
      .filter((deed) => deed.kind === CONFIRM && deed.state !== "refused" && (deed.endedAt ?? deed.at) > kept.at)
      .map((deed) => deed.subject));
    return kept.stairwells
      .map((one) => ({ ...one, homes: one.homes.filter((home) => !said.has(home.id)) }))
      .filter((one) => one.homes.length > 0);
  }

  get left() {
    return this.stairwells.reduce((sum, one) => sum + one.homes.length, 0);
  }

  /** 没变: everything that was shown of this household is still so. @param {OldHome} home */
  async confirm(home) {
    const seen = home.seen.map(([id, version]) => ({ id, version }));
    try {
      await this.app.do(CONFIRM, { household_id: home.id, seen }, {
        subject: home.id, title: t("没变:{door}", { door: home.dwelling }),
      });
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      this.app.say(t("手机存储已满,这一条没有存下。请清理手机后再试。"));
      return;
    }
    // Deeds that are done are forgotten in time; what was confirmed must not come back with them.
    const kept = this.#kept;
    if (!kept) return;
    const stairwells = kept.stairwells
      .map((one) => ({ ...one, homes: one.homes.filter(({ id }) => id !== home.id) }));
    this.#kept = { ...kept, stairwells };
    await this.app.store.write("stale", this.#kept).catch(() => undefined);
    this.app.changed();
  }
}

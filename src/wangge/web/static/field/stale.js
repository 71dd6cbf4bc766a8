/**
 * What has grown old behind my doors, on the phone: asked at the next visit only, and confirmed
 * without a network. Masks and the names of fields, no number of anybody; on the disk it lies under
 * the key of the rosters, and only how many homes there are is said before the PIN.
 *
 * @import {OldHome, OldStairwell} from "./types.js"
 */

import { StorageFull } from "./outbox.js";
import { t } from "./words.js";

export const CONFIRM = "people.confirm";
/** Milliseconds after which the list is asked for anew. */
const OFTEN = 600_000;

/**
 * @import {Sealed} from "./vault.js"
 * @typedef {{by: string, at: string, stairwells: OldStairwell[]}} Kept `at`: when it was asked for
 * @typedef {{by: string, homes: number, sealed: Sealed}} OnDisk
 */

export class Stale {
  /** @type {Kept | undefined} */ #kept;
  /** @type {OnDisk | undefined} */ #disk;
  #asked = 0;

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
  }

  async open() {
    const found = /** @type {Partial<OnDisk> | undefined} */ (await this.app.store.read("stale"));
    this.#disk = found?.sealed ? /** @type {OnDisk} */ (found) : undefined;
    // An earlier version left it open: that copy goes, and the list is asked for anew.
    if (found && !this.#disk) await this.app.store.write("stale", undefined);
  }

  /** The PIN was typed: read what lies on the disk, or lay down what is at hand. */
  async unlocked() {
    const { vault } = this.app.sweeps;
    const disk = this.#disk;
    if (this.#kept || !disk || disk.by !== this.app.me?.id) return this.#keep();
    try {
      this.#kept = /** @type {Kept} */ (await vault.unseal(disk.sealed, place(disk.by)));
    } catch (error) {
      console.warn("the list of what has grown old cannot be read and is asked for anew", error);
      await this.forget();
      this.#asked = 0;
    }
  }

  /** Locked again: nothing of it stays in memory. */
  lock() {
    this.#kept = undefined;
  }

  /** On the disk only under the key; without one it stays in memory until the app ends. */
  async #keep() {
    const { sweeps, store } = this.app;
    const kept = this.#kept;
    if (!kept || sweeps.vault.state !== "open") return;
    const homes = kept.stairwells.reduce((sum, one) => sum + one.homes.length, 0);
    const sealed = await sweeps.vault.seal(kept, place(kept.by));
    this.#disk = { by: kept.by, homes, sealed };
    await store.write("stale", this.#disk).catch(() => undefined);
  }

  /** Ask for the list, now and then. @param {boolean} [now] somebody else is signed in */
  async sync(now = false) {
    const { app } = this;
    if (!app.me?.may[CONFIRM]) return;
    if (!now && this.#kept && Date.now() - this.#asked < OFTEN) return;
    this.#asked = Date.now();
    // By this phone's clock, as what is done at the doors: the server's may be hours from it.
    const asked = new Date().toISOString();
    const reply = await app.wire.get("/api/v1/field/stale").catch(() => undefined);
    if (reply?.status !== 200) return;
    const { stairwells } = /** @type {{stairwells: OldStairwell[]}} */ (reply.body);
    this.#kept = { by: app.me.id, at: asked, stairwells };
    await this.#keep();
    app.changed();
  }

  async forget() {
    this.#kept = undefined;
    this.#disk = undefined;
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

  /** The PIN was typed, and what lies on the disk has not been read yet. */
  get opening() {
    return !this.#kept && this.#disk?.by === this.app.me?.id && this.app.sweeps.vault.state === "open";
  }

  get left() {
    const disk = this.#disk;
    if (!this.#kept && disk?.by === this.app.me?.id) return disk?.homes ?? 0;
    return this.stairwells.reduce((sum, one) => sum + one.homes.length, 0);
  }

  /** 没变: everything that was shown of this household is still so. @param {OldHome} home */
  async confirm(home) {
    const seen = home.seen.map(([id, version]) => ({ id, version }));
    try {
      await this.app.do(CONFIRM, { household_id: home.id, seen }, {
        subject: home.id, title: t("没变:{door}", { door: home.dwelling }), plain: t("没变"),
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
    await this.#keep();
    this.app.changed();
  }
}

/** What the sealed list is bound to. @param {string} by */
const place = (by) => `stale ${by}`;

/**
 * The phone's storage: IndexedDB. One database a district, because one phone may serve two.
 *
 * `openDB` is handed in, since a page finds the library by its import map and a service worker,
 * which has none, by its path.
 *
 * @import {DBSchema, IDBPDatabase, openDB} from "idb"
 * @import {Deed, DoorMemo, Photo, SealedRoster, Store} from "./types.js"
 */

import { memoId } from "./doors.js";
import { isAsBefore } from "./letters.js";

/**
 * @typedef {object} Shapes
 * @property {{key: string, value: Deed, indexes: {line: number}}} deeds
 * @property {{key: string, value: Photo}} photos
 * @property {{key: string, value: unknown}} keep
 * @property {{key: string, value: DoorMemo}} doors
 * @property {{key: string, value: SealedRoster}} sealed
 */

/** @typedef {DBSchema & Shapes} Tables */

/**
 * @param {typeof openDB} open
 * @param {string} base prefix of the district, "" or "/d/slug"
 */
export async function openStore(open, base) {
  /** @type {IDBPDatabase<Tables>} */
  const db = await open(`wangge-field${base}`, 2, {
    upgrade(made, before) {
      if (before < 1) {
        made.createObjectStore("deeds", { keyPath: "id" }).createIndex("line", "n");
        made.createObjectStore("photos", { keyPath: "id" });
        made.createObjectStore("keep");
      }
      made.createObjectStore("doors", { keyPath: "id" });
      made.createObjectStore("sealed", { keyPath: "id" });
    },
    // Another tab wants a newer shape: let go at once, it is reloaded with the newer app.
    blocking: () => db.close(),
  });
  return new PhoneStore(db);
}

/** `durability: strict`: "safe" is said after the disk has it, not after the cache has it. */
const SAFE = /** @type {const} */ ({ durability: "strict" });

/** @implements {Store} */
export class PhoneStore {
  /** @param {IDBPDatabase<Tables>} db */
  constructor(db) {
    this.db = db;
  }

  /** @param {Deed} deed @param {Photo[]} photos */
  async add(deed, photos) {
    await this.#put("", deed, photos);
  }

  /** @param {string} oldId @param {Deed} deed @param {Photo[]} photos */
  async replace(oldId, deed, photos) {
    await this.#put(oldId, deed, photos);
  }

  /** @param {string} oldId @param {Deed} deed @param {Photo[]} photos */
  async #put(oldId, deed, photos) {
    const tx = this.db.transaction(["deeds", "photos"], "readwrite", SAFE);
    const deeds = tx.objectStore("deeds");
    const shelf = tx.objectStore("photos");
    const work = (async () => {
      const old = oldId ? await deeds.get(oldId) : undefined;
      const last = await deeds.index("line").openCursor(null, "prev");
      const n = old?.n ?? (last?.value.n ?? 0) + 1;
      if (old && old.id !== deed.id) await deeds.delete(old.id);
      for (const id of old?.photos ?? []) {
        if (!deed.photos.includes(id)) await shelf.delete(id);
      }
      for (const photo of photos) await shelf.put(photo);
      await deeds.put({ ...deed, n });
    })();
    // Whichever fails first says why; the other's complaint is about the same thing.
    await Promise.all([work, tx.done]);
  }

  /** @param {Deed} old @param {Deed} sealed @param {Photo[]} photos */
  async close(old, sealed, photos) {
    const tx = this.db.transaction(["deeds", "photos"], "readwrite", SAFE);
    const shelf = tx.objectStore("photos");
    const work = (async () => {
      if (!isAsBefore(old, await tx.objectStore("deeds").get(old.id))) return;
      await tx.objectStore("deeds").put(sealed);
      for (const photo of photos) {
        const there = await shelf.get(photo.id);
        if (there) await shelf.put({ ...photo, sent: there.sent });
      }
    })();
    await Promise.all([work, tx.done]);
  }

  async all() {
    return this.db.getAllFromIndex("deeds", "line");
  }

  /** @param {Deed} deed */
  async save(deed) {
    const tx = this.db.transaction(["deeds", "photos"], "readwrite", SAFE);
    await tx.objectStore("deeds").put(deed);
    if (deed.state === "done") {
      for (const id of deed.photos) await tx.objectStore("photos").delete(id);
    }
    await tx.done;
  }

  /**
   * What became of a whole batch, at once: a phone that dies meanwhile sends all of it again.
   * @param {Deed[]} deeds
   * @param {DoorMemo[]} memos of reports among them that were taken in
   */
  async settle(deeds, memos) {
    const told = new Set(memos.map((memo) => memo.id));
    const tx = this.db.transaction(["deeds", "photos", "doors"], "readwrite", SAFE);
    const work = (async () => {
      for (const deed of deeds) {
        if (deed.state === "done" && told.has(memoId(String(deed.body.round), String(deed.body.door)))) {
          await tx.objectStore("deeds").delete(deed.id);
          continue;
        }
        await tx.objectStore("deeds").put(deed);
        if (deed.state === "done") {
          for (const id of deed.photos) await tx.objectStore("photos").delete(id);
        }
      }
      for (const memo of memos) await tx.objectStore("doors").put(memo);
    })();
    await Promise.all([work, tx.done]);
  }

  async memos() {
    return this.db.getAll("doors");
  }

  async sealed() {
    return this.db.getAll("sealed");
  }

  /** @param {SealedRoster[]} rosters */
  async seal(rosters) {
    const tx = this.db.transaction("sealed", "readwrite", SAFE);
    await Promise.all([...rosters.map((one) => tx.store.put(one)), tx.done]);
  }

  /**
   * Throw rosters away, and what is remembered of the doors of rounds that are over for somebody.
   * @param {SealedRoster[]} rosters
   * @param {DoorMemo[]} memos
   */
  async wipe(rosters, memos) {
    const tx = this.db.transaction(["sealed", "doors"], "readwrite", SAFE);
    await Promise.all([
      ...rosters.map((one) => tx.objectStore("sealed").delete(one.id)),
      ...memos.map((one) => tx.objectStore("doors").delete(one.id)),
      tx.done,
    ]);
  }

  /** @param {string} id */
  async remove(id) {
    const tx = this.db.transaction(["deeds", "photos"], "readwrite", SAFE);
    const deed = await tx.objectStore("deeds").get(id);
    for (const photo of deed?.photos ?? []) await tx.objectStore("photos").delete(photo);
    await tx.objectStore("deeds").delete(id);
    await tx.done;
  }

  /** @param {string} id */
  async photo(id) {
    return this.db.get("photos", id);
  }

  /** @param {string} id */
  async photoSent(id) {
    const tx = this.db.transaction("photos", "readwrite", SAFE);
    const photo = await tx.store.get(id);
    if (photo) await tx.store.put({ ...photo, sent: true });
    await tx.done;
  }

  /**
   * Things that are not deeds: the bundle, the draft, choices.
   * @param {string} key
   * @returns {Promise<unknown>}
   */
  async read(key) {
    return this.db.get("keep", key);
  }

  /** @param {string} key @param {unknown} value undefined forgets it */
  async write(key, value) {
    const tx = this.db.transaction("keep", "readwrite", SAFE);
    const work = value === undefined ? tx.store.delete(key) : tx.store.put(value, key);
    await Promise.all([work, tx.done]);
  }
}

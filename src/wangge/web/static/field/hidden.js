/**
 * What was typed at a door, in the outbox: answers and words lie under the rosters' key, each bound
 * to its deed, so that whoever holds the phone reads none of it and cannot move it to another door.
 * The outcome lies open beside it. While the PIN has not been typed such a deed waits; the others go.
 *
 * @import {Deed} from "./types.js"
 * @import {Vault} from "./vault.js"
 */

/** Parts of a report that somebody said or typed. */
const TYPED = /** @type {const} */ (["answers", "words"]);

/** @typedef {Record<string, unknown>} Body */

/** What a sealed part is bound to. @param {string} id of the deed */
const place = (id) => `deed ${id}`;

export class Hidden {
  /** @type {Map<string, Body>} deed -> what was typed, while the key is in memory */
  #read = new Map();

  /** @param {Vault} vault */
  constructor(vault) {
    this.vault = vault;
  }

  /**
   * A body as it may lie on the disk. Throws while the vault is locked.
   * @param {string} id of the deed
   * @param {Body} body
   * @returns {Promise<{body: Body, sealed?: import("./vault.js").Sealed}>}
   */
  async seal(id, body) {
    const typed = Object.fromEntries(TYPED.filter((name) => name in body).map((name) => [name, body[name]]));
    if (Object.keys(typed).length === 0) return { body };
    const sealed = await this.vault.seal(typed, place(id));
    this.#read.set(id, typed);
    return { body: Object.fromEntries(Object.entries(body).filter(([name]) => !(name in typed))), sealed };
  }

  /** The deed as it was meant, undefined while that is locked. @param {Deed} deed @returns {Deed | undefined} */
  whole(deed) {
    if (!deed.sealed) return deed;
    const typed = this.#read.get(deed.id);
    return typed && { ...deed, body: { ...deed.body, ...typed } };
  }

  /**
   * The PIN was typed: read what lies sealed.
   * @param {Deed[]} deeds
   * @returns {Promise<Deed[]>} those that this key does not open
   */
  async open(deeds) {
    const closed = deeds.filter((deed) => deed.sealed && !this.#read.has(deed.id));
    const lost = await Promise.all(closed.map(async (deed) => {
      try {
        if (deed.sealed) this.#read.set(deed.id, /** @type {Body} */ (await this.vault.unseal(deed.sealed, place(deed.id))));
        return undefined;
      } catch (error) {
        return /** @type {{name?: string}} */ (error).name === "OperationError" ? deed : undefined;
      }
    }));
    return lost.filter((deed) => deed !== undefined);
  }

  /** @param {string} id of a deed that has gone */
  forget(id) {
    this.#read.delete(id);
  }

  /** Locked again: nothing of it stays in memory. */
  lock() {
    this.#read.clear();
  }
}

/**
 * A deed whose key is gone, without what nobody can read any more; undefined where nothing is left
 * that a door could be reported with. Had it arrived whole before, the server answers it again.
 * @param {Deed} deed
 * @returns {Deed | undefined}
 */
export function bare(deed) {
  const { sealed: _, ...rest } = deed;
  const { outcome, undoes, persons, needs } = deed.body;
  return outcome || undoes || persons || needs ? rest : undefined;
}

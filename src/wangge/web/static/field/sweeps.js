/**
 * Rounds on this phone: which stairwells are mine, their rosters under the vault's key, and the
 * taps. What is not secret (titles, stairwells, counts) is readable without the PIN, so that a
 * cold start shows where to go; who lives where is not.
 *
 * @import {App} from "./app.js"
 * @import {Block, Deed, Line, MyRound, Round, SealedRoster} from "./types.js"
 * @import {ShownDoor} from "./doors.js"
 */

import { REPORT, byDoor, mergedBlock, mineOf, reportOf, settledFor, shownDoors, tally } from "./doors.js";
import { Hidden } from "./hidden.js";
import { newId } from "./ids.js";
import { painted } from "./painted.js";
import { dayOf } from "./questions.js";
import { fillsAt, withFills } from "./tubes.js";
import { t } from "./words.js";
import { Vault } from "./vault.js";

/** Blocks asked for in one request. */
const ASK_MAX = 20;
/** Milliseconds out of sight after which the PIN is asked for again. */
const LOCK_AFTER = 15 * 60_000;

/**
 * @typedef {object} Kept what a cold start shows without the PIN
 * @property {MyRound[]} rounds
 * @property {number} off milliseconds that the server's clock is ahead of this phone's
 * @property {number} seen the latest moment this phone believed it was, Unix milliseconds
 * @property {string[]} notices
 *
 * @typedef {{round: Round, block: Block, doors: ShownDoor[], borrowed: boolean}} Board
 */

export class Sweeps {
  /** @type {MyRound[]} */ rounds = [];
  /** Said until they were read: a round that ended, a stairwell that went to somebody else. @type {string[]} */
  notices = [];
  /** Why the rosters could not be kept, in words. */
  trouble = "";
  /** A PIN was typed and its board is not painted yet: whatever can wait does. */
  opening = false;

  #off = 0;
  #seen = 0;
  #owner = "";
  /** @type {Map<string, {round: Round, block: Block, borrowed: boolean}>} `round/block` -> roster */
  #rosters = new Map();
  /** @type {Map<string, string | null>} door -> what is not on the disk yet */
  #saving = new Map();
  /** @type {Promise<void> | undefined} */ #syncing;
  #again = false;
  #hiddenAt = 0;
  /** Settles when what is over has been thrown away; nothing is opened before. @type {Promise<void> | undefined} */
  #expired;

  /** @param {App} app @param {Vault} [vault] */
  constructor(app, vault) {
    this.app = app;
    this.vault = vault ?? new Vault(app.store, { now: () => this.now() });
    this.hidden = new Hidden(this.vault);
    app.outbox.whole = (deed) => this.hidden.whole(deed);
    app.outbox.addEventListener("done", (event) => {
      this.hidden.forget(/** @type {CustomEvent<{deed: Deed}>} */ (event).detail.deed.id);
    });
    document.addEventListener("visibilitychange", () => this.#sight());
  }

  /** Now, by the server's clock as far as it is known. */
  now() {
    return Math.max(Date.now() + this.#off, this.#seen);
  }

  #sight() {
    if (document.visibilityState === "hidden") {
      this.#hiddenAt = Date.now();
    } else if (this.#hiddenAt && Math.abs(Date.now() - this.#hiddenAt) > LOCK_AFTER) {
      this.lock();
    }
  }

  /** From cold: what may be shown without a PIN, and what is over is thrown away. */
  async open() {
    this.#owner = this.app.me?.id ?? "";
    this.#rosters.clear();
    this.rounds = [];
    const [found] = await Promise.all([this.app.store.read(this.#place), this.vault.of(this.#owner)]);
    const kept = /** @type {Kept | undefined} */ (found);
    if (kept) {
      this.rounds = kept.rounds;
      this.notices = kept.notices;
      this.#off = kept.off;
      this.#seen = Math.max(kept.seen, Date.now() + kept.off);
    }
    this.rounds = this.rounds.filter((one) => !this.#over(one.round.wipe_at));
    this.#expired = undefined;
    this.app.changed();
  }

  /** What is over is thrown away, once: after the first paint, and before anything is unsealed. */
  expire() {
    this.#expired ??= this.#expire().catch((error) => {
      this.#expired = undefined;
      throw error;
    });
    return this.#expired;
  }

  /** The same where nobody waits for it: what could not be thrown away is tried again before the PIN. */
  expireLater() {
    this.expire().catch((error) => console.warn("what is over could not be thrown away", error));
  }

  get #place() {
    return `sweeps ${this.#owner}`;
  }

  async #keep() {
    /** @type {Kept} */
    const kept = { rounds: this.rounds, off: this.#off, seen: this.#seen, notices: this.notices };
    await this.app.store.write(this.#place, kept).catch(() => undefined);
  }

  /** Rosters whose time is over go, whoever's they are and whether there is a network or not. */
  async #expire() {
    const going = new Set(this.rounds.map(({ round }) => round.id));
    await this.#wipe((one) => this.#over(one.wipeAt), (round) => !going.has(round));
    if (this.#owner) await this.#keep();
  }

  /** @param {string} iso moment */
  #over(iso) {
    return Date.parse(iso) <= this.now();
  }

  /**
   * @param {(one: SealedRoster) => boolean} which
   * @param {(round: string) => boolean} forgotten rounds whose doors are not remembered either
   */
  async #wipe(which, forgotten) {
    const { store, outbox } = this.app;
    const gone = (await store.sealed()).filter(which);
    const memos = [...outbox.memos.values()].filter(
      (memo) => memo.by === this.#owner && forgotten(memo.round),
    );
    if (gone.length + memos.length === 0) return;
    await store.wipe(gone, memos);
    for (const memo of memos) outbox.memos.delete(memo.id);
    for (const one of gone) this.#rosters.delete(`${one.round}/${one.block}`);
  }

  // -- the vault --------------------------------------------------------------------------------

  /** Choose a PIN, the first time or after it was forgotten. @param {string} pin */
  async choosePin(pin) {
    await this.#wipe((one) => one.owner === this.#owner, () => false);
    await this.app.outbox.strip(this.#typed);
    await this.vault.make(pin);
    await this.app.stale.unlocked();
    this.app.changed();
    await this.sync();
  }

  /** @param {string} pin */
  async unlock(pin) {
    this.opening = true;
    try {
      return await this.#unlock(pin);
    } finally {
      this.opening = false;
    }
  }

  /** @param {string} pin */
  async #unlock(pin) {
    await this.expire();
    // Read while the PIN is stretched; what of it may be shown, the key says.
    const lying = this.app.store.sealed();
    lying.catch(() => undefined); // whoever waits for it hears of it
    const tried = await this.vault.open(pin);
    if (tried.is === "gone") {
      await this.#wipe((one) => one.owner === this.#owner, () => false);
      await this.app.outbox.strip(this.#typed);
      await this.app.stale.forget();
    }
    if (tried.is === "open") {
      const [, lost] = await Promise.all([this.#unseal(await lying), this.hidden.open(this.#typed)]);
      await this.app.outbox.strip(lost); // sealed under a key that was given up since
    }
    this.app.changed();
    if (tried.is === "open") {
      await painted(); // whoever stands at the door sees it first
      if (this.vault.state !== "open") return tried; // locked again meanwhile
      await this.app.stale.unlocked();
      this.app.changed();
      void this.app.outbox.drain({ force: true });
      void this.sync();
    }
    return tried;
  }

  /** Reports of mine in which something was typed that has not been sent. */
  get #typed() {
    return this.app.outbox.open.filter((deed) => deed.sealed && deed.by === this.#owner);
  }

  /** Those among them that wait for the PIN. */
  get locked() {
    return this.#typed.filter((deed) => deed.state === "waiting" && !this.hidden.whole(deed));
  }

  /** What was typed in another tab is read where the key is at hand. */
  async readTyped() {
    if (this.vault.state === "open") await this.hidden.open(this.#typed);
  }

  /** The PIN is forgotten: the rosters go and what was typed and not sent, the reports stay. */
  async forgetPin() {
    await this.vault.forget();
    this.hidden.lock();
    await this.app.outbox.strip(this.#typed);
    await this.#wipe((one) => one.owner === this.#owner, () => false);
    await this.app.stale.forget();
    this.#rosters.clear();
    this.app.changed();
    void this.app.stale.sync(true);
  }

  lock() {
    this.vault.lock();
    this.hidden.lock();
    this.app.stale.lock();
    this.app.letters.forget();
    this.#rosters.clear();
    this.app.changed();
  }

  /** @param {SealedRoster[]} lying */
  async #unseal(lying) {
    for (const one of lying) {
      if (one.owner !== this.#owner) continue;
      try {
        const { round, block } = /** @type {{round: Round, block: Block}} */ (
          await this.vault.unseal(one, one.id)
        );
        this.#rosters.set(`${one.round}/${one.block}`, { round, block, borrowed: one.borrowed });
      } catch (error) {
        console.warn("a roster cannot be read and is fetched anew", error);
        await this.app.store.wipe([one], []);
      }
    }
  }

  /** Signed out: nothing of anybody's stays. Unsent reports do, and the key of what was typed there. */
  async forget() {
    if (this.#typed.length > 0) this.vault.lock();
    else await this.vault.forget();
    this.hidden.lock();
    await this.#wipe((one) => one.owner === this.#owner, () => true);
    await this.app.store.write(this.#place, undefined);
    this.#rosters.clear();
    this.rounds = [];
    this.notices = [];
  }

  // -- the server -------------------------------------------------------------------------------

  /** @param {string} at the server's clock, in an answer that has just come */
  heard(at) {
    this.#off = Date.parse(at) - Date.now();
    this.#seen = 0; // this clock is measured again: an earlier leap of it counts no more
  }

  /** Ask what changed; what cannot be had stays as it was. */
  sync() {
    if (this.#syncing) {
      this.#again = true;
      return this.#syncing;
    }
    this.#syncing = (async () => {
      try {
        do {
          this.#again = false;
          await this.#sync();
        } while (this.#again);
      } catch (error) {
        console.warn("rosters", error);
      } finally {
        this.#syncing = undefined;
        this.app.changed();
      }
    })();
    return this.#syncing;
  }

  async #sync() {
    const owner = this.#owner;
    const reply = await this.app.wire.get("/api/v1/sweeps/mine").catch(() => undefined);
    if (reply?.status !== 200 || owner !== this.app.me?.id) return;
    const rounds = /** @type {MyRound[]} */ (reply.body);
    await this.#changed(rounds);
    if (this.vault.state !== "open") return;
    for (const { round, blocks } of rounds) {
      const wanted = blocks.map((block) => block.id);
      for (let at = 0; at < wanted.length; at += ASK_MAX) {
        await this.#fetch(round.id, wanted.slice(at, at + ASK_MAX), false);
      }
    }
    const borrowed = [...this.#rosters.values()].filter((one) => one.borrowed);
    for (const one of borrowed) await this.#fetch(one.round.id, [one.block.id], true);
  }

  /** Rounds and stairwells that are no longer mine go, and it is said why. @param {MyRound[]} rounds */
  async #changed(rounds) {
    const now = new Set(rounds.flatMap(({ round, blocks }) => blocks.map((b) => `${round.id}/${b.id}`)));
    const going = new Set(rounds.map(({ round }) => round.id));
    const fresh = rounds.filter(({ round }) => !this.rounds.some((one) => one.round.id === round.id));
    for (const { round, blocks } of this.rounds) {
      if (!going.has(round.id) && (await this.#ended(round.id))) {
        this.notices.push(t("“{title}”已经结束,名册已从这部手机里删除。没发完的上报会继续发。", { title: round.title }));
        continue;
      }
      for (const block of blocks) {
        if (now.has(`${round.id}/${block.id}`)) continue;
        this.notices.push(t("{label} 已经转给别人,名册已删除。您报过的都算数,没发完的会继续发。", { label: block.label }));
      }
    }
    this.notices = this.notices.slice(-5);
    this.rounds = rounds;
    await this.#wipe(
      (one) => one.owner === this.#owner && !one.borrowed && !now.has(`${one.round}/${one.block}`),
      (round) => !going.has(round) && !this.#borrowedOf(round),
    );
    await this.#keep();
    if (fresh.length > 0) this.app.newRound(fresh.length);
  }

  /** A round that is no longer listed has ended, or goes on without me. @param {string} round */
  async #ended(round) {
    const reply = await this.app.wire.get(`/api/v1/sweeps/${round}`).catch(() => undefined);
    return reply?.status !== 200 || /** @type {Round} */ (reply.body).closed_at !== null;
  }

  /** @param {string} round */
  #borrowedOf(round) {
    return [...this.#rosters.values()].some((one) => one.borrowed && one.round.id === round);
  }

  /**
   * The roster of some blocks, or what changed of it since.
   * @param {string} round @param {string[]} blocks @param {boolean} borrowed
   * @returns {Promise<string[]>} those there were
   */
  async #fetch(round, blocks, borrowed) {
    const asked = new URLSearchParams();
    for (const block of blocks) {
      asked.append("block", block);
      const held = this.#rosters.get(`${round}/${block}`);
      if (held) asked.append("since", `${block}:${held.block.mark}`);
    }
    const reply = await this.app.wire.get(`/api/v1/sweeps/${round}/roster?${asked}`)
      .catch(() => undefined);
    if (borrowed && reply?.status === 404) {
      await this.#wipe((one) => one.round === round && blocks.includes(one.block), () => false);
    }
    if (reply?.status !== 200) return [];
    const told = /** @type {{at: string, round: Round, blocks: Block[]}} */ (reply.body);
    this.heard(told.at);
    if (told.round.closed_at) {
      if (borrowed) await this.#wipe((one) => one.round === round && one.borrowed, () => false);
      return [];
    }
    await this.#take(told.round, told.blocks, borrowed);
    return told.blocks.map((block) => block.id);
  }

  /** Sealed on the disk first, shown second. @param {Round} round @param {Block[]} blocks @param {boolean} borrowed */
  async #take(round, blocks, borrowed) {
    const dealt = this.rounds.find((one) => one.round.id === round.id)?.blocks ?? [];
    const lent = (/** @type {string} */ id) => borrowed && !dealt.some((one) => one.id === id);
    /** @type {SealedRoster[]} */
    const sealed = [];
    const merged = blocks.map((block) =>
      mergedBlock(this.#rosters.get(`${round.id}/${block.id}`)?.block, block));
    for (const block of merged) {
      const id = `${this.#owner}/${round.id}/${block.id}`;
      sealed.push({
        id, owner: this.#owner, round: round.id, block: block.id, wipeAt: round.wipe_at, borrowed: lent(block.id),
        ...(await this.vault.seal({ round, block }, id)),
      });
    }
    try {
      await this.app.store.seal(sealed);
      this.trouble = "";
    } catch {
      this.trouble = t("手机存储已满,名册没有存下:没有网络时会打不开。请清理手机。");
    }
    for (const block of merged) this.#rosters.set(`${round.id}/${block.id}`, { round, block, borrowed: lent(block.id) });
  }

  /**
   * A code at the door was opened: the board of that stairwell, dealt to me or not.
   * @param {string} unit id
   * @returns {Promise<string>} `round/block`, "" when no round of mine goes there
   */
  async find(unit) {
    const known = () => {
      const dealt = this.rounds.find((one) => one.blocks.some((block) => block.id === unit));
      if (dealt) return `${dealt.round.id}/${unit}`;
      const [held] = [...this.#rosters.values()].filter((one) => one.block.id === unit);
      return held ? `${held.round.id}/${unit}` : "";
    };
    if (known()) return known();
    await this.sync();
    if (known() || this.vault.state !== "open") return known();
    const reply = await this.app.wire.get("/api/v1/sweeps?open_only=true").catch(() => undefined);
    if (reply?.status !== 200) return "";
    const page = /** @type {{items: {id: string}[]}} */ (reply.body);
    for (const { id } of page.items) {
      // A house without a stairwell stands on the list of its road.
      const [block] = await this.#fetch(id, [unit], true);
      if (block) return `${id}/${block}`;
    }
    return known();
  }

  // -- what is shown ----------------------------------------------------------------------------

  /** @param {string} round @param {string} block @returns {Board | undefined} */
  board(round, block) {
    const held = this.#rosters.get(`${round}/${block}`);
    if (!held) return undefined;
    const { outbox } = this.app;
    const deeds = byDoor(outbox.deeds.map((deed) => this.hidden.whole(deed) ?? deed), this.#owner);
    const doors = shownDoors(
      held.block, held.round, outbox.memos, deeds, this.#saving, dayOf(this.now()),
    );
    const own = held.round.tubes ? this.app.deeds : [];
    return {
      ...held,
      doors: held.round.tubes ? doors.map((door) => withFills(door, fillsAt(own, door.id))) : doors,
    };
  }

  /** Counts of one stairwell: by the roster when it is open, as last listed otherwise. @param {Round} round @param {{id: string, total: number, reported: number, floors: number[][] | null}} block */
  counts(round, block) {
    const board = this.board(round.id, block.id);
    if (board) {
      const mine = mineOf(board.doors, board.block).map((door) => /** @type {ShownDoor} */ (door));
      return tally(mine, settledFor(round, board.block));
    }
    const unsent = this.app.deeds.filter(
      (deed) => deed.kind === REPORT && deed.state === "waiting" && deed.body.block === block.id,
    ).length;
    return {
      total: block.total, left: Math.max(0, block.total - block.reported), again: 0, unsent,
      refused: 0, flagged: 0, late: 0, asks: 0,
    };
  }

  /** Boards that a person can open, those of codes included. */
  get borrowed() {
    return [...this.#rosters.values()].filter((one) => one.borrowed);
  }

  /** "1幢1单元 302", when the rosters are open; "" otherwise. @param {string} round @param {string} block @param {string} door */
  nameOf(round, block, door) {
    const held = this.#rosters.get(`${round}/${block}`);
    const found = held?.block.doors.find((one) => one.id === door);
    return held && found ? `${held.block.label} ${found.room || found.label}` : "";
  }

  /** @param {Round} round @param {string | null} outcome */
  words(round, outcome) {
    if (outcome === null) return t("没上报");
    const known = round.buttons.find((one) => one.code === outcome);
    return known?.words ?? (outcome === "moved" ? (round.stops ? t("已注销") : t("已迁出")) : outcome);
  }

  // -- taps -------------------------------------------------------------------------------------

  /**
   * Say what was found. On the disk when the promise settles, and shown as safe only then.
   * @param {Board} board @param {ShownDoor} door @param {Line} line
   */
  async say(board, door, line) {
    if (this.#saving.has(door.id)) return;
    this.#saving.set(door.id, line.undoes ? null : line.outcome ?? door.outcome);
    this.app.changed();
    try {
      const id = newId();
      const { body, sealed } = await this.hidden.seal(id, reportOf(board.round, board.block.id, door, line));
      await this.app.do(REPORT, body, {
        id, subject: door.id, title: t("清查上报"), was: line.undoes ? null : door.outcome,
        ...(sealed ? { sealed } : {}),
      });
    } finally {
      this.#saving.delete(door.id);
      this.app.changed();
    }
  }

  /** Take this phone's own last word back. @param {Board} board @param {ShownDoor} door */
  async undo(board, door) {
    if (!door.mine) return;
    await this.say(board, door, { outcome: null, how: "door", undoes: door.mine });
  }

  /** The last door of this board that can be taken back. @param {Board} board */
  lastOf(board) {
    const { outbox } = this.app;
    const waiting = outbox.deeds.filter(
      (deed) => deed.kind === REPORT && deed.body.block === board.block.id && deed.by === this.#owner,
    );
    const last = waiting.at(-1);
    const among = board.doors.filter((door) => door.mine && door.state !== "saving");
    if (last) return last.body.undoes ? undefined : among.find((door) => door.id === last.body.door);
    // Ids are made in the order of time (UUIDv7). Comparing as people sort words would have the
    // browser read its tables of languages before the first board is painted.
    return among.reduce((/** @type {ShownDoor | undefined} */ late, door) => !late || door.mine > late.mine ? door : late, undefined);
  }

  /** @param {number} at of a notice that was read */
  async read(at) {
    this.notices.splice(at, 1);
    await this.#keep();
    this.app.changed();
  }
}

/**
 * Safe first, sent second. A deed is in the phone's storage before anybody is told it is safe,
 * and leaves it only when the server has answered; it is sent in order, and done once because
 * its id stays the same however often it is sent.
 *
 * Storage, network, lock and clock are handed in, so that all of it is tested in milliseconds.
 *
 * @import {Deed, DoorMemo, Lock, Network, Photo, Refused, Reply, Store} from "./types.js"
 */

import { REPORT, memoOf } from "./doors.js";
import { bare } from "./hidden.js";
import { FILL, TAKE_BACK } from "./tubes.js";

/** Each says what was seen or done, whatever became of another at the same door. */
const ALONE = new Set([REPORT, FILL, TAKE_BACK]);

/** Deeds in one request. */
export const BATCH_MAX = 20;
/** Reports of doors in one request: the server takes them many at a time, in order. */
export const REPORTS_MAX = 100;
/** Deeds remembered as done, for the person to look up a receipt. */
export const DONE_KEPT = 20;
/** Seconds between tries after 1, 2, 3… failures. */
export const BACKOFF = [2, 5, 15, 30, 30];
/** Seconds between looks when all that waits belongs to somebody who is not signed in. */
export const PAUSE_OTHERS = 30;

/** The phone has no room: the deed is not safe, and the person must know at once. */
export class StorageFull extends Error {}

/**
 * What an HTTP status means for a deed.
 * @param {number} status
 * @returns {"done" | "refused" | "session" | "later"}
 */
export function verdict(status) {
  if (status >= 200 && status < 300) return "done";
  if (status === 401) return "session";
  if ([408, 425, 429].includes(status) || status >= 500 || status < 400) return "later";
  return "refused";
}

/**
 * Deeds that wait for a refused one on the same case or task to be mended or given up.
 * @param {Deed[]} deeds in order
 * @returns {Map<string, Deed>} id of the held deed -> the refused one
 */
export function held(deeds) {
  /** @type {Map<string, Deed>} */
  const refused = new Map();
  /** @type {Map<string, Deed>} */
  const found = new Map();
  for (const deed of deeds) {
    if (ALONE.has(deed.kind)) continue;
    const before = refused.get(deed.subject);
    if (deed.state === "refused" && !before) refused.set(deed.subject, deed);
    if (deed.state === "waiting" && before) found.set(deed.id, before);
  }
  return found;
}

/** @typedef {"" | "offline" | "session" | "busy"} Trouble why the last try ended early */

export class Outbox extends EventTarget {
  /** @type {Deed[]} everything in the store, in order */
  deeds = [];
  /** @type {Map<string, DoorMemo>} what became of reports of doors */
  memos = new Map();
  /** @type {Trouble} */
  trouble = "";
  /** Whether a try is under way in this tab. */
  sending = false;
  /** Unix milliseconds before which no try is made by itself. */
  notBefore = 0;

  /**
   * A deed as it is sent; undefined while what was typed lies under a key that is not at hand.
   * @type {(deed: Deed) => Deed | undefined}
   */
  whole = (deed) => (deed.sealed ? undefined : deed);

  #failures = 0;
  #again = false;
  /** @type {Promise<void> | undefined} */
  #running;

  /**
   * @param {Store} store
   * @param {Network} network
   * @param {{lock?: Lock, now?: () => number}} [means]
   */
  constructor(store, network, means = {}) {
    super();
    this.store = store;
    this.network = network;
    this.lock = means.lock ?? ((work) => work());
    this.now = means.now ?? Date.now;
  }

  /** Look at the store again: at the start, and when another tab has changed it. */
  async load() {
    this.deeds = await this.store.all();
    this.memos = new Map((await this.store.memos()).map((memo) => [memo.id, memo]));
    this.#changed();
  }

  async #look() {
    this.deeds = await this.store.all();
    this.#changed();
  }

  /**
   * Keep the deed safe; then try the network, without making the person wait for it.
   * @param {Omit<Deed, "state" | "n">} deed
   * @param {Photo[]} [photos]
   * @throws {StorageFull}
   */
  async add(deed, photos = []) {
    await this.#keep(() => this.store.add({ ...deed, state: "waiting" }, photos));
    await this.#look();
    void this.drain({ force: true });
  }

  /**
   * A refused deed, put right: a new deed in the old one's place in the line.
   * @param {string} oldId
   * @param {Omit<Deed, "state" | "n">} deed
   * @param {Photo[]} [photos]
   * @throws {StorageFull}
   */
  async mend(oldId, deed, photos = []) {
    await this.#keep(() => this.store.replace(oldId, { ...deed, state: "waiting" }, photos));
    await this.load();
    void this.drain({ force: true });
  }

  /** Send a refused deed as it is once more. @param {string} id */
  async retry(id) {
    const deed = this.deeds.find((one) => one.id === id);
    if (deed?.state !== "refused") return;
    const { refusal: _, ...rest } = deed;
    await this.store.save({ ...rest, state: "waiting" });
    await this.load();
    void this.drain({ force: true });
  }

  /** Give deeds up, because the person said so. @param {string[]} ids */
  async discard(...ids) {
    for (const id of ids) await this.store.remove(id);
    await this.load();
    void this.drain({ force: true });
  }

  /** Deeds that have not been done. */
  get open() {
    return this.deeds.filter((deed) => deed.state !== "done");
  }

  /** Deeds on their way. */
  get waiting() {
    const waits = held(this.deeds);
    return this.deeds.filter((deed) => deed.state === "waiting" && !waits.has(deed.id));
  }

  /** Deeds on their way that wait for nothing but the network. */
  get ready() {
    return this.waiting.filter((deed) => this.whole(deed) !== undefined);
  }

  /** The key of what was typed in these is gone: what is left of them goes. @param {Deed[]} deeds */
  async strip(deeds) {
    for (const deed of deeds) {
      const left = bare(deed);
      await (left ? this.store.save(left) : this.store.remove(deed.id));
    }
    if (deeds.length > 0) await this.load();
  }

  /**
   * Send what waits. Never rejects: whatever goes wrong, the deeds are still there.
   * @param {{force?: boolean}} [how] `force` does not wait for the backoff
   */
  drain(how = {}) {
    if (this.#running) {
      this.#again ||= how.force === true;
      return this.#running;
    }
    if (!how.force && this.now() < this.notBefore) return Promise.resolve();
    this.#running = (async () => {
      try {
        do {
          this.#again = false;
          await this.#drain();
        } while (this.#again);
      } finally {
        this.#running = undefined;
      }
    })();
    return this.#running;
  }

  async #drain() {
    try {
      await this.lock(async () => {
        this.deeds = await this.store.all();
        if (this.ready.length === 0) {
          this.#ended("");
          return;
        }
        this.sending = true;
        this.#changed();
        this.#ended(await this.#deliverAll());
      });
    } catch (error) {
      console.error("outbox", error);
      this.#ended("offline");
    } finally {
      this.sending = false;
      this.deeds = await this.store.all().catch(() => this.deeds);
      this.#changed();
    }
  }

  /** @returns {Promise<Trouble>} */
  async #deliverAll() {
    const who = await this.#ask(() => this.network.who());
    if (!who) return "offline";
    const meaning = verdict(who.status);
    if (meaning === "session") return "session";
    const me = /** @type {{id?: unknown} | null} */ (who.body)?.id;
    if (meaning !== "done" || typeof me !== "string") return this.#busy(who);
    let batchMax = REPORTS_MAX;
    for (;;) {
      // A deed belongs to whoever did it: nobody else's session may carry it.
      const mine = this.ready.filter((deed) => deed.by === me);
      const { batch, trouble } = await this.#together(mine, batchMax);
      if (batch.length > 0) {
        const sent = batch.map(this.whole).filter((deed) => deed !== undefined);
        if (sent.length < batch.length) continue; // locked meanwhile
        const reply = await this.#ask(() => this.network.send(sent));
        if (!reply) return "offline";
        const whole = verdict(reply.status);
        if (whole === "session") return "session";
        if (whole === "later") return this.#busy(reply);
        if (whole === "refused" && batch.length > 1) {
          batchMax = batch.length > BATCH_MAX ? BATCH_MAX : 1; // find the one it cannot even read
          continue;
        }
        const after = await this.#answered(batch, sent, reply, whole === "refused");
        if (after) return after;
      }
      if (trouble) return trouble;
      if (batch.length === 0 && mine.length === 0) return "";
    }
  }

  /**
   * The next deeds that may go together, their photos already there. Two deeds on one subject
   * never share a request, since the second must see what became of the first; reports of doors
   * do, since they say themselves what they know of.
   * @param {Deed[]} mine
   * @param {number} most
   * @returns {Promise<{batch: Deed[], trouble: Trouble}>}
   */
  async #together(mine, most) {
    /** @type {Deed[]} */
    const batch = [];
    const subjects = new Set();
    for (const deed of mine) {
      const report = deed.kind === REPORT;
      if (batch.length >= Math.min(most, report ? REPORTS_MAX : BATCH_MAX)) break;
      if (!report && subjects.has(deed.subject)) break;
      const outcome = await this.#photosOf(deed);
      if (outcome === "refused") break; // the list has changed; look again
      if (outcome !== "done") return { batch, trouble: outcome };
      subjects.add(deed.subject);
      batch.push(deed);
    }
    return { batch, trouble: "" };
  }

  /**
   * @param {Deed} deed
   * @returns {Promise<"done" | "refused" | Exclude<Trouble, "">>}
   */
  async #photosOf(deed) {
    for (const id of deed.photos) {
      const photo = await this.store.photo(id);
      if (!photo) {
        await this.#refuse(deed, {
          status: 0, title: "照片已经不在这部手机里。请重新拍照后提交。",
          problems: [{ field: "photos", words: "照片已经不在这部手机里。请重新拍照后提交。" }],
        });
        return "refused";
      }
      if (photo.sent) continue;
      const reply = await this.#ask(() => this.network.upload(photo));
      if (!reply) return "offline";
      const meaning = verdict(reply.status);
      if (meaning === "session") return "session";
      if (meaning === "later") return this.#busy(reply) || "busy";
      if (meaning === "refused") {
        await this.#refuse(deed, refusalOf(reply.status, reply.body, "photos"));
        return "refused";
      }
      await this.store.photoSent(id);
    }
    return "done";
  }

  /**
   * @param {Deed[]} batch as they lie on the disk
   * @param {Deed[]} sent the same as they were sent
   * @param {Reply} reply
   * @param {boolean} refused the whole request, which held one deed
   * @returns {Promise<Trouble>}
   */
  async #answered(batch, sent, reply, refused) {
    const answers = new Map(
      refused ? batch.map((deed) => [deed.id, reply]) : answersIn(reply.body),
    );
    /** @type {Trouble} */
    let trouble = "";
    /** @type {Deed[]} */
    const ended = [];
    /** @type {Map<string, DoorMemo>} */
    const memos = new Map();
    const endedAt = new Date(this.now()).toISOString();
    for (const [at, deed] of batch.entries()) {
      const answer = answers.get(deed.id);
      const meaning = answer ? verdict(answer.status) : "later";
      if (answer && meaning === "done") {
        const { letter: _, ...rest } = deed;
        /** @type {Deed} */
        const done = { ...rest, state: "done", answer: objectOf(answer.body), endedAt };
        const id = `${deed.body.round}/${deed.body.door}`;
        const memo = memoOf({ ...done, body: sent[at]?.body ?? done.body }, memos.get(id) ?? this.memos.get(id));
        if (memo) memos.set(memo.id, memo);
        ended.push(done);
      } else if (answer && meaning === "refused") {
        ended.push({ ...deed, state: "refused", refusal: refusalOf(answer.status, answer.body) });
      } else {
        trouble ||= meaning === "session" ? "session" : this.#busy(answer ?? reply);
      }
    }
    await this.#settle(ended, [...memos.values()]);
    return trouble;
  }

  /** @param {Deed[]} ended @param {DoorMemo[]} memos */
  async #settle(ended, memos) {
    if (ended.length > 0) await this.store.settle(ended, memos);
    for (const memo of memos) this.memos.set(memo.id, memo);
    this.deeds = await this.store.all();
    const done = this.deeds.filter((one) => one.state === "done");
    for (const old of done.slice(0, -DONE_KEPT)) await this.store.remove(old.id);
    if (done.length > DONE_KEPT) this.deeds = await this.store.all();
    this.#changed();
    for (const deed of ended) {
      const detail = { deed, answer: deed.answer, refusal: deed.refusal };
      this.dispatchEvent(new CustomEvent(deed.state, { detail }));
    }
  }

  /** @param {Deed} deed @param {Refused} refusal */
  async #refuse(deed, refusal) {
    await this.#settle([{ ...deed, state: "refused", refusal }], []);
  }

  /** @param {() => Promise<Reply>} question @returns {Promise<Reply | undefined>} */
  async #ask(question) {
    try {
      return await question();
    } catch {
      return undefined; // no network, or too slow: nobody knows whether it arrived
    }
  }

  /** @param {Reply} reply @returns {Trouble} */
  #busy(reply) {
    if (reply.retryAfter) this.notBefore = this.now() + reply.retryAfter * 1000;
    return "busy";
  }

  /** @param {Trouble} trouble */
  #ended(trouble) {
    this.trouble = trouble;
    if (trouble === "") {
      this.#failures = 0;
      // What still waits is another person's: look now and then whether they are back.
      this.notBefore = this.ready.length > 0 ? this.now() + PAUSE_OTHERS * 1000 : 0;
      return;
    }
    const wait = BACKOFF[Math.min(this.#failures, BACKOFF.length - 1)] ?? 30;
    this.#failures += 1;
    this.notBefore = Math.max(this.notBefore, this.now() + wait * 1000);
  }

  /** @param {() => Promise<void>} write */
  async #keep(write) {
    try {
      await write();
    } catch (error) {
      const name = /** @type {{name?: string}} */ (error).name;
      if (name === "QuotaExceededError") throw new StorageFull(String(error));
      throw error;
    }
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }
}

/** @param {unknown} body @returns {Record<string, unknown>} */
const objectOf = (body) =>
  /** @type {Record<string, unknown>} */ (typeof body === "object" && body !== null ? body : {});

/**
 * @param {unknown} body
 * @returns {[string, {status: number, body: unknown}][]}
 */
function answersIn(body) {
  const answers = /** @type {{answers?: {id: string, status: number, body: unknown}[]} | null} */ (
    body
  )?.answers;
  return (answers ?? []).map((one) => [one.id, { status: one.status, body: one.body }]);
}

/**
 * problem+json, or whatever came instead of it.
 * @param {number} status
 * @param {unknown} body
 * @param {string} [field] what was being sent
 * @returns {Refused}
 */
export function refusalOf(status, body, field) {
  const said = /** @type {{title?: unknown, problems?: unknown}} */ (
    typeof body === "object" && body !== null ? body : {}
  );
  const problems = /** @type {{field: string, words: string}[]} */ (
    Array.isArray(said.problems) ? said.problems : []
  );
  const title = typeof said.title === "string" ? said.title : "系统没有接受这一条。";
  if (field && problems.length === 0) problems.push({ field, words: title });
  return { status, title, problems };
}

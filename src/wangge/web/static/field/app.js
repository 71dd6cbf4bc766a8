/**
 * What the screens stand on: who is signed in, the last bundle, the outbox, the choices. One
 * object, which says "changed" when any of it did.
 *
 * @import {Bundle, CaseClass, Deed, Photo, Task} from "./types.js"
 * @import {PhoneStore} from "./store.js"
 * @import {Locale} from "./words.js"
 */

import { badge, ring } from "./alert.js";
import { note } from "./before.js";
import { draftKey } from "./draft.js";
import { newId } from "./ids.js";
import { overlay } from "./overlay.js";
import { REPORT } from "./doors.js";
import { Letters, sealOld } from "./letters.js";
import { Sweeps } from "./sweeps.js";
import { Stale } from "./stale.js";
import { Suggester } from "./suggest.js";
import { locale, speak, t } from "./words.js";

/** @typedef {{locale: Locale, large: boolean, sound: boolean}} Choices */

export class App extends EventTarget {
  /** @type {Bundle | undefined} */ bundle;
  /** @type {Choices} */ choices = { locale: "zh", large: false, sound: true };
  /** The server said that nobody is signed in. */
  signedOut = false;
  online = navigator.onLine;
  /** A newer app is on the phone. */
  newer = false;
  toast = "";

  /** @type {Set<string>} offers already heard */ #heard = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #toastEnds;
  /** @type {Promise<void> | undefined} */ #refreshing;
  /** @type {Suggester | undefined} */ #suggester;
  #looked = false;
  #opened = false;

  /**
   * @param {string} base prefix of the district
   * @param {PhoneStore} store
   * @param {import("./network.js").Wire} wire
   * @param {import("./outbox.js").Outbox} outbox
   */
  constructor(base, store, wire, outbox) {
    super();
    this.base = base;
    this.store = store;
    this.wire = wire;
    this.outbox = outbox;
    this.letters = new Letters();
    this.sweeps = new Sweeps(this);
    this.stale = new Stale(this);
    outbox.addEventListener("changed", () => this.changed());
    outbox.addEventListener("done", (event) => this.#done(event));
    outbox.addEventListener("refused", () => this.say(t("有一件没有被接受,请看“我的”")));
    for (const what of ["online", "offline"]) {
      addEventListener(what, () => {
        this.online = navigator.onLine;
        this.changed();
      });
    }
  }

  /** From cold, without a network: what the phone has. */
  async open() {
    const [choices, bundle] = await Promise.all([
      this.store.read("choices"), this.store.read("bundle"), this.outbox.load(), this.stale.open(),
    ]);
    await this.#speak(/** @type {Partial<Choices>} */ (choices ?? {}));
    if (bundle) this.#take(/** @type {Bundle} */ (bundle));
    await this.sweeps.open();
    this.#opened = true;
    this.changed();
  }

  /** @param {Event} event */
  #done(event) {
    const { deed, answer } = /** @type {CustomEvent<{deed: Deed, answer: Record<string, unknown>}>} */ (
      event
    ).detail;
    this.letters.drop(deed);
    if (deed.kind !== REPORT) {
      void this.refresh();
      return;
    }
    if (answer.late) this.say(t("这一轮已经结束。您的上报仍收下了,会补进核对表。"));
    else if (deed.body.outcome && Array.isArray(answer.flagged) && answer.flagged.includes("outcome")) {
      this.say(t("有一处和别人报的不一样,已请社区看过后裁定。"));
    }
    void this.sweeps.sync();
  }

  /** @param {number} count of rounds that were not there before */
  newRound(count) {
    if (!this.#looked) return; // what was there when the app opened is not news
    if (this.choices.sound) ring();
    this.say(t("有 {n} 轮新的清查分给您,请看“清查”。", { n: count }));
  }

  /** Ask for everything anew; what cannot be had stays as it was. */
  refresh() {
    this.#refreshing ??= this.#refresh().finally(() => { this.#refreshing = undefined; });
    return this.#refreshing;
  }

  async #refresh() {
    const asked = new Date().toISOString();
    const have = encodeURIComponent(this.bundle?.version ?? "");
    const reply = await this.wire.get(`/api/v1/field/bundle?have=${have}`).catch(() => undefined);
    if (!reply) return;
    const before = this.signedOut;
    this.signedOut = reply.status === 401;
    if (reply.status === 200) {
      const fresh = merged(this.bundle, /** @type {Bundle} */ (reply.body), asked);
      await this.store.write("bundle", fresh).catch(() => undefined);
      const first = this.bundle === undefined;
      const other = this.me?.id !== fresh.me.id;
      this.#take(fresh);
      this.#announce(first);
      if (other) {
        await this.sweeps.open();
        this.sweeps.expireLater();
      }
      this.sweeps.heard(fresh.at);
      void this.stale.sync(other);
      void this.sweeps.sync().then(() => { this.#looked = true; });
      if (await sealOld(this.letters, this.store, this.deeds)) await this.outbox.load();
      if (first || before) this.dispatchEvent(new Event("signed-in"));
      // Signed in again: what waited for that need not wait for the backoff.
      if (before) void this.outbox.drain({ force: true });
    }
    this.changed();
  }

  /** @param {Bundle} bundle */
  #take(bundle) {
    if (bundle.keywords !== this.bundle?.keywords) this.#suggester = undefined;
    this.bundle = bundle;
    this.letters.address = bundle.letterbox ?? "";
    this.changed();
  }

  /** @param {boolean} first what was there when the app opened is not news */
  #announce(first) {
    const offers = this.tasks.filter((task) => task.state === "offered");
    const news = offers.filter((task) => !this.#heard.has(task.id));
    this.#heard = new Set(offers.map((task) => task.id));
    if (news.length > 0 && !first && this.choices.sound) ring();
  }

  get tasks() {
    return overlay(this.bundle?.tasks ?? [], this.deeds, this.bundle?.asked);
  }

  /** This person's deeds; what another one left on the phone is not theirs to read. */
  get deeds() {
    return this.outbox.deeds.filter((deed) => deed.by === this.me?.id);
  }

  get me() {
    return this.bundle?.me;
  }

  /** Classes that may be reported now. @returns {CaseClass[]} */
  get classes() {
    return (this.bundle?.classes ?? []).filter((one) => one.open);
  }

  /** @param {string} code */
  classOf(code) {
    return this.bundle?.classes.find((one) => one.code === code);
  }

  /** @param {CaseClass} one */
  nameOf(one) {
    return locale() === "en" ? one.name_en : one.name;
  }

  /**
   * Do something: safe on this phone when the promise settles.
   * @param {string} kind
   * @param {Record<string, unknown>} body
   * @param {{subject: string, title: string, photos?: Photo[], id?: string, mends?: Deed,
   *   was?: string | null, sealed?: Deed["sealed"], plain?: string}} about `plain` is what the
   *   title leaves on the disk
   */
  async do(kind, body, about) {
    const taken = about.photos ?? [];
    const { deed, photos } = await this.letters.seal({
      id: about.id ?? newId(), kind, body, by: this.me?.id ?? "", subject: about.subject,
      title: about.title, photos: taken.map((photo) => photo.id),
      at: about.mends?.at ?? new Date().toISOString(),
      ...(about.was === undefined ? {} : { was: about.was }),
      ...(about.sealed ? { sealed: about.sealed } : {}),
      ...(about.plain === undefined ? {} : { plain: about.plain }),
    }, taken);
    if (about.mends) await this.outbox.mend(about.mends.id, deed, photos);
    else await this.outbox.add(deed, photos);
    void askForSync();
  }

  /** Made when words are typed for the first time. */
  get suggester() {
    this.#suggester ??= new Suggester(this.bundle?.keywords ?? []);
    return this.#suggester;
  }

  /** @param {Partial<Choices>} wanted */
  async choose(wanted) {
    await this.#speak(wanted);
    await this.store.write("choices", this.choices).catch(() => undefined);
    this.changed();
  }

  /** @param {Partial<Choices>} wanted */
  async #speak(wanted) {
    this.choices = { ...this.choices, ...wanted };
    document.documentElement.classList.toggle("large", this.choices.large);
    document.documentElement.lang = this.choices.locale === "en" ? "en" : "zh-CN";
    await speak(this.choices.locale, async () => {
      const answer = await fetch(`${this.base}/field/words.en.json`);
      return answer.json();
    });
  }

  /** Leave nothing of other people's on the phone; one's own unsent deeds stay. */
  async forget() {
    await this.sweeps.forget();
    this.letters.forget();
    await this.store.write("bundle", undefined);
    await this.store.write(draftKey(this.me?.id ?? ""), undefined);
    await this.stale.forget();
    this.bundle = undefined;
    this.signedOut = true;
    for (const deed of this.outbox.deeds.filter((one) => one.state === "done")) {
      await this.store.remove(deed.id);
    }
    await this.outbox.load();
  }

  /** A sentence for a few seconds. @param {string} words */
  say(words) {
    this.toast = words;
    clearTimeout(this.#toastEnds);
    this.#toastEnds = setTimeout(() => {
      this.toast = "";
      this.changed();
    }, 5_000);
    this.changed();
  }

  changed() {
    badge(t("网格"), this.tasks.filter((task) => task.state === "offered").length);
    if (this.#opened) {
      const { locale: spoken, large } = this.choices;
      const pin = this.bundle !== undefined && this.sweeps.vault.state !== "none";
      note(this.base, { english: spoken === "en", large, pin });
    }
    this.dispatchEvent(new Event("changed"));
  }

  /**
   * What a deed says, read back from the server where this phone cannot; undefined when it cannot be had.
   * @param {Deed} deed
   */
  async bodyOf(deed) {
    if (deed.letter && !this.letters.of(deed)) {
      const reply = await this.wire.open(deed.id, deed.letter).catch(() => undefined);
      if (reply?.status !== 200) return undefined;
      this.letters.remember(deed, /** @type {{body: Record<string, unknown>}} */ (reply.body).body);
      this.changed();
    }
    return this.letters.of(deed)?.body;
  }

  /** A deed in words; what it says of a household only while the rosters are open. @param {Deed} deed */
  titleOf(deed) {
    if (deed.kind !== REPORT) {
      const title = this.letters.of(deed)?.title || deed.title;
      const task = deed.letter ? this.bundle?.tasks.find((one) => one.id === deed.subject) : undefined;
      return task && title === deed.title ? `${title}:${task.title}` : title;
    }
    const { round, block, door, outcome } = /** @type {Record<string, string>} */ (deed.body);
    const name = this.sweeps.nameOf(round ?? "", block ?? "", door ?? "");
    const board = name ? this.sweeps.board(round ?? "", block ?? "") : undefined;
    if (!board) return t("清查上报");
    return `${name}:${outcome ? this.sweeps.words(board.round, outcome) : t("撤回")}`;
  }

  /** @param {string} id @returns {Task | undefined} */
  task(id) {
    return this.tasks.find((task) => task.id === id);
  }
}

/**
 * The bundle as kept: what the server left out, because this phone has it, stays.
 * @param {Bundle | undefined} old
 * @param {Bundle} fresh
 * @param {string} asked
 * @returns {Bundle}
 */
function merged(old, fresh, asked) {
  return {
    ...fresh, asked, classes: fresh.classes ?? old?.classes ?? [],
    keywords: fresh.keywords ?? old?.keywords ?? [], units: fresh.units ?? old?.units ?? [],
  };
}

/** Where the browser can, it sends what waits even after the app was closed. */
async function askForSync() {
  try {
    const worker = await navigator.serviceWorker?.ready;
    const sync = /** @type {{sync?: {register(tag: string): Promise<void>}} | undefined} */ (
      worker
    )?.sync;
    await sync?.register("outbox");
  } catch {
    // Not here, or not allowed: the app sends while it is open.
  }
}

/** A testing round at one door: who went into which tube. The code is typed or scanned; a tube for
 * ten is kept in hand from door to door until it is full. */

import { html, nothing } from "lit";

import { newId } from "../ids.js";
import { FILL, HOLDS, TAKE_BACK, fillsAt, isSampled, letGo, misread, peopleOf, tubesOf } from "../tubes.js";
import { t } from "../words.js";
import { notSafe } from "./stairwell.js";
import { View, icon } from "./view.js";

/** @import {Board} from "../sweeps.js" */
/** @import {ShownDoor} from "../doors.js" */
/** @import {Hand} from "../tubes.js" */
/** @import {Deed} from "../types.js" */

/** @typedef {{detect: (source: HTMLVideoElement) => Promise<{rawValue: string}[]>}} Detector */

/** As printed on tubes; the same rule as the server's. */
const CODE = /^[A-Z0-9][A-Z0-9-]{3,39}$/;
/** The tube in hand: it goes along from door to door. @type {Hand} */
const hand = { id: "", code: "", mode: "ten", held: 0, round: "" };

export class WgTube extends View {
  static properties = {
    board: { attribute: false }, shown: { attribute: false }, code: { state: true }, mode: { state: true },
    chosen: { state: true }, trouble: { state: true }, looking: { state: true }, told: { state: true },
    backing: { state: true },
  };

  /** @type {MediaStream | undefined} */ #camera;

  constructor() {
    super();
    this.board = /** @type {Board} */ (/** @type {unknown} */ (undefined));
    this.shown = /** @type {ShownDoor} */ (/** @type {unknown} */ (undefined));
    this.code = hand.code;
    this.mode = hand.mode;
    /** @type {string[]} */
    this.chosen = [];
    this.trouble = "";
    this.looking = false;
    /** What has just been done, in words. */
    this.told = "";
    /** The tube that is about to be taken back, by its code. */
    this.backing = "";
  }

  connectedCallback() {
    super.connectedCallback();
    if (hand.round !== this.board.round.id) Object.assign(hand, { id: "", code: "", held: 0, round: this.board.round.id });
    this.code = hand.code;
    this.chosen = this.#missing();
  }

  /** Who is in no tube yet. */
  #missing() {
    const { sent, waiting } = this.#fills;
    return this.shown.people.filter((one) => !waiting.has(one.id) && !isSampled(this.shown, one.id, sent)).map((one) => one.id);
  }

  /** How many are in a tube. @param {string} code @param {{held: number} | undefined} known */
  #held(code, known) {
    return Math.max(known?.held ?? 0, hand.code === code && hand.round === this.board.round.id ? hand.held : 0);
  }

  /** The tube of a code as this phone knows it: also after the app was closed meanwhile. @param {string} code */
  #known(code) {
    return tubesOf(this.app.deeds, this.board.round.id).get(code);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#dark();
  }

  get #fills() {
    return fillsAt(this.app.deeds, this.shown.id);
  }

  willUpdate() {
    const gone = letGo(hand, this.app.deeds);
    if (gone && this.code.trim().toUpperCase() === gone) this.code = "";
  }

  render() {
    const { shown } = this;
    const { refused, sent, unbacked, waiting } = this.#fills;
    const code = this.code.trim().toUpperCase();
    const before = this.#known(code);
    const held = this.#held(code, before);
    const room = HOLDS[this.mode] ?? 1;
    const full = held + this.chosen.filter((one) => !before?.people.has(one)).length > room;
    const other = before !== undefined && before.mode !== this.mode;
    const wrong = misread(this.board.round.id, code);
    const fine = CODE.test(code) && !wrong && !other;
    const words = { single: t("单采"), five: t("5 合 1"), ten: t("10 合 1"), household: t("一户一管") };
    return html`<fieldset class="tube"><legend>${t("采样装管")}</legend>
      ${refused.map((deed) => this.#refused(deed))}
      ${unbacked.map((deed) => html`<div class="note bad" role="alert"><p>✖ ${t("管 {code} 没有撤回:{why}", { code: String(deed.body.code), why: t(deed.refusal?.title ?? "") })}</p>
        <div class="pair"><button class="button" @click=${() => this.app.outbox.discard(deed.id)}>${t("知道了")}</button>
        <button class="button" @click=${() => this.app.outbox.retry(deed.id)}>${t("原样再发")}</button></div></div>`)}
      <div class="chips">${Object.entries(words).map(([mode, name]) => html`<button class="chip" aria-pressed=${this.mode === mode} @click=${() => { this.mode = mode; }}>${name}</button>`)}</div>
      <label>${t("管码(照标签输入)")}<input autocapitalize="characters" autocomplete="off" maxlength="40" .value=${this.code}
        @input=${(/** @type {Event} */ event) => { this.code = /** @type {HTMLInputElement} */ (event.target).value; }}></label>
      ${canScan() ? html`<button class="button" @click=${this.#scan}>${icon("camera")}${this.looking ? t("对准管上的条码…") : t("扫管码")}</button>` : nothing}
      ${this.looking ? html`<video class="tube-eye" muted playsinline></video>` : nothing}
      ${held ? html`<p class="sub">${t("这支管里已有 {n} 人,还能装 {m} 人", { n: held, m: Math.max(0, room - held) })}</p>` : nothing}
      ${shown.people.map((person) => html`<label class="one-person">${person.name || t("住户")}${person.special ? html` <span title=${t("行动不便等要上门的")}>★</span>` : nothing}
        ${waiting.has(person.id) ? html`<small>⇡ ${t("已装管 {code},待发送", { code: waiting.get(person.id) ?? "" })}</small>`
          : isSampled(shown, person.id, sent) ? html`<small>✔ ${t("已采")}</small>` : nothing}
        <input type="checkbox" .checked=${this.chosen.includes(person.id)} @change=${() => this.#flip(person.id)}></label>`)}
      ${this.code && !CODE.test(code) ? html`<p class="note bad" role="alert">${t("管码应是 4 到 40 位字母或数字")}</p>` : nothing}
      ${wrong ? html`<p class="note bad" role="alert">${t("管码抄错了,请照着标签核对,或扫码")}</p>` : nothing}
      ${other ? html`<p class="note bad" role="alert">${t("这支管是按“{mode}”装的,不能换方式", { mode: words[/** @type {"ten"} */ (before?.mode)] })}</p>` : nothing}
      ${full ? html`<p class="note bad" role="alert">${t("这支管放不下这么多人,请换一支。")}</p>` : nothing}
      ${this.trouble ? html`<p class="note bad" role="alert">${this.trouble}</p>` : nothing}
      <button class="button primary wide" ?disabled=${!fine || full || this.chosen.length === 0} @click=${this.#fill}>${icon("check")}${t("装管:{n} 人", { n: this.chosen.length })}</button>
      ${this.told ? html`<p class="note" role="status">✔ ${this.told}</p>` : nothing}
      ${this.#tubes()}
    </fieldset>`;
  }

  /** Tubes that this phone filled at this door, each of which can be taken back. */
  #tubes() {
    const here = [...tubesOf(this.app.deeds, this.board.round.id).values()].filter((tube) => tube.doors.has(this.shown.id));
    return here.map((tube) => html`<div class="tube-line"><span><b>${tube.code}</b> ${t("{n} 人", { n: tube.people.size })}</span>
      ${this.backing === tube.code
        ? html`<p class="sub">${t("管里 {n} 人都变回没采。管子请另放,不要送检。", { n: tube.people.size })}</p><div class="pair">
          <button class="button" @click=${() => { this.backing = ""; }}>${t("不撤")}</button>
          <button class="button danger" @click=${() => this.#takeBack(tube)}>${t("撤回这支管")}</button></div>`
        : html`<button class="button" @click=${() => { this.backing = tube.code; }}>${icon("undo")}${t("登记错了")}</button>`}</div>`);
  }

  /** @param {{id: string, code: string}} tube */
  async #takeBack(tube) {
    this.backing = "";
    try {
      await this.app.do(TAKE_BACK, { round: this.board.round.id, tube: tube.id, code: tube.code }, {
        id: newId(), subject: this.shown.id, title: t("撤回采样管"),
      });
    } catch (error) {
      this.trouble = notSafe(error, this.shown);
      return;
    }
    if (hand.code === tube.code) Object.assign(hand, { id: "", code: "", held: 0 });
    this.told = t("管 {code} 已撤回", { code: tube.code });
    this.code = hand.code;
    await this.updateComplete;
    this.chosen = this.#missing();
    void this.app.sweeps.sync();
  }

  /** @param {Deed} deed */
  #refused(deed) {
    const { outbox } = this.app;
    const why = deed.refusal?.problems[0]?.words ?? deed.refusal?.title ?? "";
    return html`<div class="note bad" role="alert"><p>✖ ${t("管 {code}({n} 人)没有被接受:{why}", { code: String(deed.body.code), n: peopleOf(deed).length, why: t(why) })}</p>
      <div class="pair three">
        <button class="button" @click=${() => outbox.discard(deed.id)}>${t("不要了")}</button>
        <button class="button" @click=${() => outbox.retry(deed.id)}>${t("原样再发")}</button>
        <button class="button primary" @click=${() => this.#another(deed)}>${t("换一支管重装")}</button>
      </div></div>`;
  }

  /** The same people into another tube, whose code is still to be typed. @param {Deed} deed */
  async #another(deed) {
    const again = new Set(peopleOf(deed));
    await this.app.outbox.discard(deed.id);
    this.chosen = this.shown.people.filter((one) => again.has(one.id)).map((one) => one.id);
    /** @type {HTMLInputElement | null} */ (this.querySelector("input[maxlength]"))?.focus();
  }

  /** @param {string} person */
  #flip(person) {
    this.chosen = this.chosen.includes(person) ? this.chosen.filter((one) => one !== person) : [...this.chosen, person];
  }

  async #fill() {
    const { board, shown, chosen, mode } = this;
    const code = this.code.trim().toUpperCase();
    const before = this.#known(code);
    Object.assign(hand, { id: before?.id ?? newId(), code, mode, held: this.#held(code, before) });
    const fresh = chosen.filter((one) => !before?.people.has(one)).length;
    const body = {
      round: board.round.id, tube: hand.id, code, mode,
      people: chosen.map((person) => ({ door: shown.id, person })), claimed_at: new Date().toISOString(),
    };
    try {
      await this.app.do(FILL, body, { id: newId(), subject: shown.id, title: t("采样装管") });
    } catch (error) {
      this.trouble = notSafe(error, shown);
      return;
    }
    hand.held += fresh;
    const room = (HOLDS[mode] ?? 1) - hand.held;
    const closed = room <= 0 || mode === "household";
    this.told = closed ? t("管 {code} 装好 {n} 人,请封管", { code, n: hand.held })
      : t("管 {code} 已装 {n} 人,还能装 {m} 人", { code, n: hand.held, m: room });
    if (closed) Object.assign(hand, { id: "", code: "", held: 0 });
    this.code = hand.code;
    this.chosen = [];
    void this.app.sweeps.sync();
  }

  async #scan() {
    if (this.looking) {
      this.#dark();
      return;
    }
    try {
      this.#camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      this.trouble = t("相机打不开,请照着标签输入管码。");
      return;
    }
    this.looking = true;
    await this.updateComplete;
    const eye = /** @type {HTMLVideoElement | null} */ (this.querySelector(".tube-eye"));
    if (!eye) return;
    eye.srcObject = this.#camera;
    await eye.play();
    const detector = /** @type {Detector} */ (new /** @type {any} */ (globalThis).BarcodeDetector());
    while (this.looking) {
      const [seen] = await detector.detect(eye).catch(() => []);
      if (seen?.rawValue) {
        this.code = seen.rawValue;
        this.#dark();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  #dark() {
    this.looking = false;
    for (const track of this.#camera?.getTracks() ?? []) track.stop();
    this.#camera = undefined;
  }
}

/** Whether this browser reads bar codes by itself. */
const canScan = () => "BarcodeDetector" in globalThis && Boolean(navigator.mediaDevices);

customElements.define("wg-tube", WgTube);

/** A testing round at one door: who went into which tube. The code is typed or scanned; a tube for
 * ten is kept in hand from door to door until it is full. */

import { html, nothing } from "lit";

import { newId } from "../ids.js";
import { t } from "../words.js";
import { notSafe } from "./stairwell.js";
import { View, icon } from "./view.js";

/** @import {Board} from "../sweeps.js" */
/** @import {ShownDoor} from "../doors.js" */

/** @typedef {{detect: (source: HTMLVideoElement) => Promise<{rawValue: string}[]>}} Detector */

const FILL = "sweeps.fill_tube";
/** As printed on tubes; the same rule as the server's. */
const CODE = /^[A-Z0-9][A-Z0-9-]{3,39}$/;
/** People in one tube. @type {Record<string, number>} */
const HOLDS = { single: 1, five: 5, ten: 10, household: 60 };
/** The tube in hand: it goes along from door to door. */
const hand = { id: "", code: "", mode: "ten", held: 0, round: "" };

export class WgTube extends View {
  static properties = {
    board: { attribute: false }, shown: { attribute: false }, code: { state: true }, mode: { state: true },
    chosen: { state: true }, trouble: { state: true }, looking: { state: true },
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
  }

  connectedCallback() {
    super.connectedCallback();
    if (hand.round !== this.board.round.id) Object.assign(hand, { id: "", code: "", held: 0, round: this.board.round.id });
    this.code = hand.code;
    this.chosen = this.shown.people.filter((one) => this.shown.persons[one.id] !== "done" && !this.#waiting.has(one.id)).map((one) => one.id);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#dark();
  }

  /** People of this door whose tube lies in this phone, with its code. @returns {Map<string, string>} */
  get #waiting() {
    /** @type {Map<string, string>} */
    const found = new Map();
    for (const deed of this.app.deeds) {
      if (deed.kind !== FILL || deed.subject !== this.shown.id || deed.state === "refused") continue;
      for (const one of /** @type {{person: string}[]} */ (deed.body.people)) found.set(one.person, String(deed.body.code));
    }
    return found;
  }

  render() {
    const { shown } = this;
    const waiting = this.#waiting;
    const code = this.code.trim().toUpperCase();
    const same = code === hand.code && this.mode === hand.mode;
    const held = same ? hand.held : 0;
    const full = held + this.chosen.length > (HOLDS[this.mode] ?? 1);
    const fine = CODE.test(code);
    const words = { single: t("单采"), five: t("5 合 1"), ten: t("10 合 1"), household: t("一户一管") };
    return html`<fieldset class="tube"><legend>${t("采样装管")}</legend>
      <div class="chips">${Object.entries(words).map(([mode, name]) => html`<button class="chip" aria-pressed=${this.mode === mode} @click=${() => { this.mode = mode; }}>${name}</button>`)}</div>
      <label>${t("管码(照标签输入)")}<input autocapitalize="characters" autocomplete="off" maxlength="40" .value=${this.code}
        @input=${(/** @type {Event} */ event) => { this.code = /** @type {HTMLInputElement} */ (event.target).value; }}></label>
      ${canScan() ? html`<button class="button" @click=${this.#scan}>${icon("camera")}${this.looking ? t("对准管上的条码…") : t("扫管码")}</button>` : nothing}
      ${this.looking ? html`<video class="tube-eye" muted playsinline></video>` : nothing}
      ${held ? html`<p class="sub">${t("这支管里已有 {n} 人", { n: held })}</p>` : nothing}
      ${shown.people.map((person) => html`<label class="one-person">${person.name || t("住户")}${person.special ? html` <span title=${t("行动不便等要上门的")}>★</span>` : nothing}
        ${waiting.has(person.id) ? html`<small>⇡ ${t("已装管 {code},待发送", { code: waiting.get(person.id) ?? "" })}</small>`
          : shown.persons[person.id] === "done" || shown.outcome === "all" ? html`<small>✔ ${t("已采")}</small>` : nothing}
        <input type="checkbox" .checked=${this.chosen.includes(person.id)} @change=${() => this.#flip(person.id)}></label>`)}
      ${this.code && !fine ? html`<p class="note bad" role="alert">${t("管码应是 4 到 40 位字母或数字")}</p>` : nothing}
      ${full ? html`<p class="note bad" role="alert">${t("这支管放不下这么多人,请换一支。")}</p>` : nothing}
      ${this.trouble ? html`<p class="note bad" role="alert">${this.trouble}</p>` : nothing}
      <button class="button primary wide" ?disabled=${!fine || full || this.chosen.length === 0} @click=${this.#fill}>${icon("check")}${t("装管:{n} 人", { n: this.chosen.length })}</button>
    </fieldset>`;
  }

  /** @param {string} person */
  #flip(person) {
    this.chosen = this.chosen.includes(person) ? this.chosen.filter((one) => one !== person) : [...this.chosen, person];
  }

  async #fill() {
    const { board, shown, chosen, mode } = this;
    const code = this.code.trim().toUpperCase();
    if (code !== hand.code || mode !== hand.mode) Object.assign(hand, { id: newId(), code, mode, held: 0 });
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
    hand.held += chosen.length;
    if (hand.held >= (HOLDS[mode] ?? 1) || mode === "household") Object.assign(hand, { id: "", code: "", held: 0 });
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

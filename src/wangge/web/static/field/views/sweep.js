/** Sweeps: my stairwells; behind the PIN the board of one, and behind a long press one door. */

import { html, nothing } from "lit";

import { Vault } from "../vault.js";
import { counted, left, t, tone, unitOf } from "../words.js";
import { isHere } from "./later.js";
import { View, icon } from "./view.js";
import "./pin.js";
import "./stairwell.js";

/** @import {MyRound} from "../types.js" */

/** Milliseconds between looks at what others reported in the same stairwell. */
const LOOK_EVERY = 20_000;

export class WgSweep extends View {
  static properties = {
    round: { attribute: false }, block: { attribute: false }, door: { attribute: false },
    unit: { attribute: false }, missing: { state: true },
  };

  /** @type {ReturnType<typeof setInterval> | undefined} */ #clock;
  #looked = 0;
  #sought = "";

  constructor() {
    super();
    this.round = "";
    this.block = "";
    this.door = "";
    /** Id of the stairwell whose code was opened, as 32 hex digits. */
    this.unit = "";
    this.missing = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#clock = setInterval(() => {
      this.requestUpdate();
      const { app } = this;
      if (!app.online || document.visibilityState !== "visible") return;
      if (Date.now() - this.#looked < LOOK_EVERY) return;
      this.#looked = Date.now();
      void app.sweeps.sync();
    }, 5_000);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#clock);
  }

  render() {
    const { app } = this;
    const { sweeps } = app;
    if (!this.block && !this.unit) return this.#list();
    if (!Vault.possible) {
      return html`${this.#back()}<p class="note warn">${t("这个网址没有加密(https),浏览器不让名册加密保存。请用 https 网址打开,或先用纸质名册。")}</p>`;
    }
    if (sweeps.vault.state !== "open") return html`${this.#back()}<wg-pin .app=${app}></wg-pin>`;
    if (this.unit) return this.#seek();
    const board = sweeps.board(this.round, this.block);
    if (!board) {
      return html`${this.#back()}<p class="empty">${this.#mine()
        ? app.online ? t("正在下载名册…") : t("这个楼道的名册还没有下载到手机里。有网络时打开一次,之后没有网络也能用。")
        : t("这个楼道现在不在您名下,或者这一轮已经结束。")}</p>`;
    }
    const door = this.door ? board.doors.find((one) => one.id === this.door) : undefined;
    if (door) return isHere("door", () => this.requestUpdate()) ? html`<wg-door .app=${app} .board=${board} .shown=${door}></wg-door>` : nothing;
    return html`<wg-stairwell .app=${app} .board=${board}></wg-stairwell>`;
  }

  #mine() {
    return this.app.sweeps.rounds.some(
      ({ round, blocks }) => round.id === this.round && blocks.some((one) => one.id === this.block),
    );
  }

  #back() {
    return html`<a class="back" href="#sweep">${icon("back")}${t("清查")}</a>`;
  }

  /** The code at the door says which stairwell; which round goes there, the phone or the server knows. */
  #seek() {
    const hex = this.unit;
    if (this.#sought !== hex) {
      this.#sought = hex;
      this.missing = false;
      const unit = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
      void this.app.sweeps.find(unit).then((found) => {
        if (found) location.replace(`#sweep/${found}`);
        else this.missing = true;
      });
    }
    return html`${this.#back()}<p class="empty">${this.missing
      ? this.app.online ? t("现在没有到这个楼道的清查。") : t("这个楼道的名册不在这部手机里。有网络后再扫一次。")
      : t("正在打开…")}</p>`;
  }

  #list() {
    const { app } = this;
    const { sweeps } = app;
    const borrowed = sweeps.borrowed;
    return html`<h1>${t("清查")}</h1>
      ${sweeps.notices.map((words, at) => html`<p class="note">${words}
        <button class="button" @click=${() => sweeps.read(at)}>${t("知道了")}</button></p>`)}
      ${sweeps.trouble ? html`<p class="note bad" role="alert">${sweeps.trouble}</p>` : nothing}
      ${sweeps.rounds.map((one) => this.#round(one))}
      ${borrowed.length ? html`<h2>${t("扫码打开的楼道")}</h2>${borrowed.map(({ round, block }) =>
        this.#card(round, { ...block, total: block.doors.length, reported: 0, floors: null }))}` : nothing}
      ${sweeps.rounds.length + borrowed.length ? nothing : html`<p class="empty">${t("现在没有分给您的清查。社区发起后,这里会响铃提醒。")}</p>`}
      ${sweeps.vault.state === "open" ? html`<button class="button wide" @click=${() => sweeps.lock()}>${icon("lock")}${t("锁上名册")}</button>` : nothing}`;
  }

  /** @param {MyRound} one */
  #round({ round, blocks }) {
    return html`<section class="round">
      <h2>${round.title}</h2>
      <p class="row"><span class="mark">${round.kind_name}</span>
        <span class="left ${tone(round.ends_at, this.app.sweeps.now())}">${left(round.ends_at, this.app.sweeps.now())}</span>
        ${round.turn > 1 ? html`<span class="mark wait">${t("第 {n} 遍", { n: round.turn })}</span>` : nothing}</p>
      ${blocks.map((block) => this.#card(round, block))}
    </section>`;
  }

  /** @param {MyRound["round"]} round @param {MyRound["blocks"][number]} block */
  #card(round, block) {
    const counts = this.app.sweeps.counts(round, block);
    const todo = counts.left + counts.again;
    return html`<a class="card stairs" href="#sweep/${round.id}/${block.id}">
      <span><b>${block.label}</b>${block.home ? html` <span class="mark">★ ${t("上门")}</span>` : nothing}
        ${counts.unsent ? html`<small>${t("{some}已存在手机里,待发送", { some: counted(round, counts.unsent) })}</small>` : nothing}</span>
      <span class="todo ${todo ? "" : "none"}">${todo ? html`${t("还差")} <b>${todo}</b> ${unitOf(round)}` : html`✔ ${t("都报了")}`}
        <small>${t("共 {some}", { some: counted(round, counts.total) })}</small></span></a>`;
  }
}

customElements.define("wg-sweep", WgSweep);

/** The PIN that opens the rosters on this phone: chosen once, typed at every start. */

import { html, nothing } from "lit";

import { typedBefore } from "../before.js";
import { PIN_LENGTH, isPin, isWeak } from "../vault.js";
import { t } from "../words.js";
import { View, icon } from "./view.js";

export class WgPin extends View {
  static properties = {
    trouble: { state: true }, busy: { state: true }, first: { state: true }, forgetting: { state: true },
    wait: { state: true },
  };

  constructor() {
    super();
    this.trouble = "";
    this.busy = false;
    /** What was typed the first time, while choosing. */
    this.first = "";
    this.forgetting = false;
    /** Seconds until the next one may be typed. */
    this.wait = 0;
  }

  /** @type {ReturnType<typeof setInterval> | undefined} */ #clock;

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#clock);
  }

  firstUpdated() {
    const field = this.querySelector("input");
    const digits = typedBefore();
    if (!field) return;
    if (digits && this.app.sweeps.vault.state === "locked") {
      field.value = digits;
      field.setSelectionRange(digits.length, digits.length);
      void this.#typed(field);
    }
    field.focus();
  }

  render() {
    const choosing = this.app.sweeps.vault.state === "none";
    const locked = this.app.sweeps.locked.length;
    if (choosing && !this.app.online) {
      return html`<p class="note warn">${t("第一次打开名册要有网络。现在没有网络,请到有信号的地方打开一次。")}</p>`;
    }
    return html`<section class="pin">
      <h1>${icon("lock")} ${choosing ? this.first ? t("再输一遍") : t("给名册设一个 6 位密码") : t("输入名册密码")}</h1>
      <p>${choosing
        ? t("名册加密存在这部手机里,没有网络也能打开。每次打开应用输一次。别用生日、123456。")
        : t("名册加密存在这部手机里。")}</p>
      <form @submit=${(/** @type {SubmitEvent} */ event) => event.preventDefault()}>
        <input class="digits" name="pin" type="password" inputmode="numeric" autocomplete="off" maxlength=${PIN_LENGTH}
          aria-label=${t("6 位数字密码")} ?disabled=${this.busy || this.wait > 0} @input=${(/** @type {Event} */ event) => this.#typed(/** @type {HTMLInputElement} */ (event.target))}>
        ${this.busy ? html`<p class="empty" role="status">${t("正在打开…")}</p>` : nothing}
        ${this.wait > 0 ? html`<p class="empty">${t("还要等 {n} 秒", { n: this.wait })}</p>` : nothing}
        ${this.trouble ? html`<p class="note bad" role="alert">${this.trouble}</p>` : nothing}
        ${locked && !choosing ? html`<p class="note">${t("有 {n} 户的回答等着发送,输入密码后就发。", { n: locked })}</p>` : nothing}
      </form>
      ${choosing ? nothing : this.#forgot()}
    </section>`;
  }

  #forgot() {
    const { app } = this;
    if (!this.forgetting) {
      return html`<button class="button wide" @click=${() => { this.forgetting = true; }}>${t("忘记密码")}</button>`;
    }
    return html`<div class="note warn"><p>${t("会删掉手机里的名册,再从系统重新下载一份,并重设密码。您报过的都不会丢:没发送的仍在手机里,照样会发。")}</p>
      ${this.#losses()}
      ${app.online && !app.signedOut ? nothing : html`<p><b>${t("要有网络并已登录才能重新下载。")}</b></p>`}
      <div class="pair"><button class="button" @click=${() => { this.forgetting = false; }}>${t("再想想")}</button>
      <button class="button danger" ?disabled=${!app.online || app.signedOut} @click=${this.#forget}>${t("删掉名册,重设密码")}</button></div></div>`;
  }

  /** What the PIN alone opens, said before it is given up. */
  #losses() {
    const n = this.app.sweeps.locked.length;
    return n ? html`<p class="lost"><b>${t("只有 {n} 户会少一样:没发送的回答和文字只有这个密码打得开,会丢,要重新问。这几户的情况(齐、无人等)照样会发。", { n })}</b></p>` : nothing;
  }

  async #forget() {
    this.forgetting = false;
    this.trouble = "";
    // The wait was for the PIN that goes.
    this.wait = 0;
    clearInterval(this.#clock);
    await this.app.sweeps.forgetPin();
  }

  /** @param {HTMLInputElement} field */
  async #typed(field) {
    if (!isPin(field.value)) return;
    const pin = field.value;
    field.value = "";
    this.busy = true;
    this.trouble = "";
    try {
      await (this.app.sweeps.vault.state === "none" ? this.#choose(pin) : this.#open(pin));
    } catch {
      this.trouble = t("手机存储已满,没有存下。请清理手机后再试。");
    } finally {
      this.busy = false;
      await this.updateComplete;
      this.querySelector("input")?.focus();
    }
  }

  /** @param {string} pin */
  async #choose(pin) {
    if (!this.first) {
      if (isWeak(pin)) this.trouble = t("这个密码太好猜,请换一个。");
      else this.first = pin;
      return;
    }
    const same = this.first === pin;
    this.first = "";
    if (!same) this.trouble = t("两遍不一样,请重新设。");
    else await this.app.sweeps.choosePin(pin);
  }

  /** Nothing can be typed for so long, and how long is counted down. @param {number} seconds */
  #pause(seconds) {
    const until = Date.now() + seconds * 1000;
    this.wait = seconds;
    clearInterval(this.#clock);
    this.#clock = setInterval(() => {
      // A second less each time, whatever the clock says: set back meanwhile, it has nobody wait longer.
      this.wait = Math.max(0, Math.min(this.wait - 1, Math.ceil((until - Date.now()) / 1000)));
      if (this.wait > 0) return;
      clearInterval(this.#clock);
      this.trouble = "";
      void this.updateComplete.then(() => this.querySelector("input")?.focus());
    }, 1000);
  }

  /** @param {string} pin */
  async #open(pin) {
    const { length: n } = this.app.sweeps.locked;
    const tried = await this.app.sweeps.unlock(pin);
    if ((tried.is === "wait" || tried.is === "wrong") && tried.wait) this.#pause(tried.wait);
    if (tried.is === "wait") this.trouble = t("试错太多次,请等 {n} 秒再输。", { n: tried.wait });
    if (tried.is === "wrong") {
      this.trouble = tried.wait
        ? t("密码不对。请等 {n} 秒再输。再错 {m} 次,手机里的名册会被删除(您报过的不会丢)。", { n: tried.wait, m: tried.left })
        : t("密码不对,还可以试 {n} 次。", { n: tried.left });
    }
    if (tried.is === "wrong" && tried.wait && n) this.trouble += t("没发送的 {n} 户的回答也只有这个密码打得开。", { n });
    if (tried.is === "gone") {
      this.trouble = n
        ? t("试错太多次,名册已删除。请重设密码,名册会重新下载。您报的情况都没有丢,但 {n} 户的回答和文字打不开了,请重新问。", { n })
        : t("试错太多次,名册已删除。请重设密码,名册会重新下载。您报过的都没有丢。");
    }
  }
}

customElements.define("wg-pin", WgPin);

/** Signing in on the phone, in the app itself, so that nothing on the screen is left behind. */

import { html, nothing } from "lit";

import { t } from "../words.js";
import { View } from "./view.js";

export class WgSignIn extends View {
  static properties = {
    trouble: { state: true }, wantsCode: { state: true }, busy: { state: true },
  };

  constructor() {
    super();
    this.trouble = "";
    this.wantsCode = false;
    this.busy = false;
  }

  render() {
    const { app } = this;
    const waiting = app.outbox.open.length;
    return html`<section class="welcome">
      <h1>${t("网格 · 现场")}</h1>
      <p>${t("任务、上报,没有网络也能用。")}</p>
      ${waiting ? html`<p class="note warn">${t("手机里还有 {n} 件没有发送,本人登录后自动发送。", { n: waiting })}</p>` : nothing}
      ${app.online ? nothing : html`<p class="note warn">${t("现在没有网络,要联网才能登录。")}</p>`}
      <form class="stack" @submit=${this.#submit}>
        <label>${t("登录名")}<input name="login" required autocomplete="username" autocapitalize="none" spellcheck="false"></label>
        <label>${t("口令")}<input name="password" type="password" required autocomplete="current-password"></label>
        ${this.wantsCode ? html`<label>${t("验证器上的 6 位数字")}<input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="20"></label>` : nothing}
        ${this.trouble ? html`<p class="note bad" role="alert">${this.trouble}</p>` : nothing}
        <button class="button primary wide" ?disabled=${this.busy}>${t("登录")}</button>
      </form>
      <button class="button wide" @click=${() => app.choose({ locale: app.choices.locale === "en" ? "zh" : "en" })}>
        ${app.choices.locale === "en" ? "中文" : "English"}</button>
      ${app.bundle ? html`<a class="back" href="#tasks">${t("先不登录,回去")}</a>` : nothing}
    </section>`;
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const said = (/** @type {string} */ name) => String(data.get(name) ?? "");
    this.busy = true;
    this.trouble = "";
    const reply = await this.app.wire
      .signIn(said("login").trim(), said("password"), said("code").trim())
      .catch(() => undefined);
    this.busy = false;
    if (reply?.status === 200) {
      await this.app.refresh();
      void this.app.outbox.drain({ force: true });
      // Whoever has already gone on is not called back.
      if (location.hash === "#signin") location.hash = "#tasks";
      return;
    }
    const problem = /** @type {{code?: string, title?: string} | undefined} */ (reply?.body);
    if (problem?.code === "second-factor-wanted") this.wantsCode = true;
    this.trouble = reply ? problem?.title ?? t("登录没有成功,请再试。") : t("现在没有网络,要联网才能登录。");
  }
}

customElements.define("wg-sign-in", WgSignIn);

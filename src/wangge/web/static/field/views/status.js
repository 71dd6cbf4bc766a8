/** The honest state: what waits, where it is safe, and why it has not gone yet. */

import { html, nothing } from "lit";

import { held } from "../outbox.js";
import { t } from "../words.js";
import { View, icon } from "./view.js";

/** Rem that one line takes; what sticks below it stands there unless told otherwise. */
const ONE_LINE = 2.3;

export class WgStatus extends View {
  /** Two lines, or more in large type: the name of a stairwell and what is left must not slip under them. */
  #tall = new ResizeObserver(([now]) => {
    const height = now?.borderBoxSize[0]?.blockSize ?? 0;
    const { style } = document.documentElement;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    if (Math.abs(height - ONE_LINE * rem) < 2) style.removeProperty("--status");
    else style.setProperty("--status", `${height}px`);
  });

  firstUpdated() {
    const line = this.querySelector(".status");
    if (line) this.#tall.observe(line);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#tall.disconnect();
  }

  render() {
    const { app } = this;
    const { outbox } = app;
    const refused = app.deeds.filter((deed) => deed.state === "refused").length;
    const stuck = held(app.deeds).size;
    const waiting = outbox.ready.filter((deed) => deed.by === app.me?.id).length;
    const { locked } = app.sweeps;
    return html`<header class="status" role="status">
      ${app.newer ? html`<button class="line" @click=${() => dispatchEvent(new Event("wangge-renew"))}>
        ${t("有新版本,点此更新")}</button>` : nothing}
      ${app.signedOut ? html`<a class="line warn" href="#signin">
        ${icon("alert")}${t("登录已过期,点此重新登录。您的内容都在手机里,没有丢。")}</a>` : nothing}
      ${refused ? html`<a class="line bad" href="#mine">
        ${icon("alert")}${stuck
          ? t("{n} 件没有被接受,另有 {m} 件在等它,点此处理", { n: refused, m: stuck })
          : t("{n} 件没有被接受,点此处理", { n: refused })}</a>` : nothing}
      ${locked.length ? html`<a class="line wait" href="#sweep/${locked[0]?.body.round}/${locked[0]?.body.block}">
        ${icon("lock")}<span>${t("{n} 户的回答已锁在手机里,点此输入名册密码后发送", { n: locked.length })}</span></a>` : nothing}
      ${locked.length && !waiting && app.online ? nothing : html`<p class="line ${waiting ? "wait" : app.online ? "good" : ""}">
        ${waiting
          ? html`${icon("cloud")}<span>${t("{n} 件待发送 · 已存在手机里", { n: waiting })}
              <small>${this.#why()}</small></span>`
          : app.online
            ? html`${icon("check")}${refused ? t("已连接 · 其余已发送") : t("已连接 · 全部已发送")}`
            : html`${icon("cloud")}${t("没有网络 · 照常使用,内容先存在手机里")}`}
      </p>`}
      ${app.toast ? html`<p class="toast" role="status">${app.toast}</p>` : nothing}
    </header>`;
  }

  #why() {
    const { app } = this;
    if (app.outbox.sending) return t("正在发送…");
    if (!app.online) return t("没有网络,恢复后自动发送");
    return {
      session: t("登录后自动发送"),
      busy: t("系统正忙,稍后自动再发"),
      offline: t("网络不通,稍后自动再发"),
      "": t("马上发送"),
    }[app.outbox.trouble];
  }
}

customElements.define("wg-status", WgStatus);

/** Mine: who I am, what waits and what was refused, and the few choices there are. */

import { html, nothing } from "lit";

import { newId } from "../ids.js";
import { held } from "../outbox.js";
import { clock, t } from "../words.js";
import { View } from "./view.js";

/** @import {Deed} from "../types.js" */

/** The one field of words that a task's deed carries, for mending it in place. */
const WORDS = /** @type {const} */ (["result", "reason", "note"]);

export class WgMine extends View {
  static properties = { mending: { state: true }, leaving: { state: true } };

  constructor() {
    super();
    /** Id of the refused deed whose words are being changed. */
    this.mending = "";
    this.leaving = false;
  }

  render() {
    const { app } = this;
    const deeds = app.deeds;
    const others = app.outbox.open.length - deeds.filter((deed) => deed.state !== "done").length;
    const waits = held(deeds);
    const refused = deeds.filter((deed) => deed.state === "refused");
    const waiting = deeds.filter((deed) => deed.state === "waiting");
    const done = deeds.filter((deed) => deed.state === "done").reverse();
    const me = app.me;
    return html`
      <h1>${me?.name}</h1>
      <p class="sub">${me?.roles.join(" · ")}<br>${me?.areas.map((area) => area.name).join("、")}</p>
      ${refused.length ? html`<h2>${t("没有被接受,请处理")}</h2>${refused.map((deed) => this.#refused(deed, waits))}` : nothing}
      <h2>${t("待发送")} <small>${waiting.length}</small></h2>
      ${waiting.length ? html`<ul class="deeds">${waiting.map((deed) => html`<li>
          <b>${app.titleOf(deed)}</b>
          <small>${clock(deed.at)} · ${this.#state(deed, waits.get(deed.id))}</small></li>`)}</ul>`
        : html`<p class="empty">${t("没有待发送的内容。")}</p>`}
      ${others ? html`<p class="note">${t("这部手机里还有另一位使用者的 {n} 件,等本人登录后发送。", { n: others })}</p>` : nothing}
      ${done.length ? html`<details><summary>${t("最近已送达")} <small>${done.length}</small></summary>
        <ul class="deeds">${done.map((deed) => html`<li><b>${app.titleOf(deed)}</b>
          <small>${clock(deed.endedAt ?? deed.at)}${deed.answer?.receipt ? ` · ${t("编号 {receipt}", { receipt: String(deed.answer.receipt) })}` : ""}</small></li>`)}</ul></details>` : nothing}
      ${app.signedOut || !app.online ? nothing : html`<a class="button wide" href="${app.base}/hours/mine">${t("我的班次和工时")}</a>`}
      ${this.#choices()}
      ${this.#leave(deeds.filter((deed) => deed.state !== "done").length)}`;
  }

  /** @param {Deed} deed @param {Deed | undefined} before */
  #state(deed, before) {
    const { app } = this;
    if (before) return t("在等“{title}”处理好", { title: app.titleOf(before) });
    if (!app.outbox.whole(deed)) return t("已存在手机里,输入名册密码后发送");
    if (app.outbox.sending) return t("正在发送…");
    return t("已存在手机里");
  }

  /** @param {Deed} deed @param {Map<string, Deed>} waits */
  #refused(deed, waits) {
    const { outbox } = this.app;
    const after = outbox.deeds.filter((one) => waits.get(one.id)?.id === deed.id);
    const body = this.app.letters.of(deed)?.body;
    const field = WORDS.find((name) => typeof body?.[name] === "string");
    const problems = deed.refusal?.problems ?? [];
    return html`<article class="card refused">
      <h3>${this.app.titleOf(deed)}</h3>
      <p><small>${clock(deed.at)}</small></p>
      <div class="note bad">${problems.length ? problems.map((one) => html`<p>${t(one.words)}</p>`) : html`<p>${t(deed.refusal?.title ?? "")}</p>`}</div>
      ${after.length ? html`<p class="note wait">${t("后面 {n} 件在等这一件:{titles}", { n: after.length, titles: after.map((one) => this.app.titleOf(one)).join("、") })}</p>` : nothing}
      ${this.mending === deed.id && field ? html`<form class="stack" @submit=${(/** @type {SubmitEvent} */ event) => this.#mended(event, deed, field)}>
        <label>${t("改好后再交")}<textarea name="words" rows="3" maxlength="2000" .value=${String(body?.[field])}></textarea></label>
        <button class="button primary wide">${t("改好,重新提交")}</button></form>`
      : html`<div class="pair three">
        <button class="button" @click=${() => outbox.discard(deed.id)}>${t("不要了")}</button>
        <button class="button" @click=${() => outbox.retry(deed.id)}>${t("原样再发")}</button>
        ${deed.kind === "cases.report" ? html`<a class="button primary" href="#report/${deed.id}">${t("改一改")}</a>`
          : field || !body ? html`<button class="button primary" @click=${() => this.#mend(deed)}>${t("改一改")}</button>` : nothing}
      </div>
      ${after.length ? html`<button class="button wide" @click=${() => outbox.discard(deed.id, ...after.map((one) => one.id))}>${t("连同后面 {n} 件都不要了", { n: after.length })}</button>` : nothing}`}
    </article>`;
  }

  /** @param {Deed} deed */
  async #mend(deed) {
    if (await this.app.bodyOf(deed)) this.mending = deed.id;
    else this.app.say(t("写的内容已加密,这部手机自己也读不了。有网络时再打开,就能改。"));
  }

  /** @param {SubmitEvent} event @param {Deed} deed @param {typeof WORDS[number]} field */
  async #mended(event, deed, field) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const photos = await Promise.all(deed.photos.map((id) => this.app.store.photo(id)));
    const there = photos.filter((photo) => photo !== undefined);
    const body = { ...this.app.letters.of(deed)?.body, [field]: String(data.get("words") ?? "").trim() };
    await this.app.do(deed.kind, {
      ...body, ...("photos" in body ? { photos: there.map((photo) => photo.id) } : {}),
    }, { id: newId(), subject: deed.subject, title: this.app.titleOf(deed), ...(deed.plain ? { plain: deed.plain } : {}), photos: there, mends: deed });
    this.mending = "";
  }

  #choices() {
    const { app } = this;
    const { choices } = app;
    return html`<h2>${t("设置")}</h2>
      <div class="pair">
        <button class="button" aria-pressed=${choices.locale === "zh"} @click=${() => this.#speak("zh")}>中文</button>
        <button class="button" aria-pressed=${choices.locale === "en"} @click=${() => this.#speak("en")}>English</button>
      </div>
      <label class="switch"><input type="checkbox" .checked=${choices.large} @change=${(/** @type {Event} */ event) => app.choose({ large: checked(event) })}><span>${t("大字")}</span></label>
      <label class="switch"><input type="checkbox" .checked=${choices.sound} @change=${(/** @type {Event} */ event) => app.choose({ sound: checked(event) })}><span>${t("有新任务时响铃")}</span></label>`;
  }

  /** @param {import("../words.js").Locale} locale */
  async #speak(locale) {
    await this.app.choose({ locale });
    // The server speaks the same language from now on.
    await fetch(`${this.app.base}/preferences`, {
      method: "POST", body: new URLSearchParams({ locale, back: "/healthz" }),
    }).catch(() => undefined);
    await this.app.refresh();
  }

  /** @param {number} open deeds that have not gone */
  #leave(open) {
    const { app } = this;
    if (app.signedOut) return nothing;
    const leave = html`<button class="button wide ${this.leaving ? "danger" : ""}" ?disabled=${!app.online} @click=${this.#signOut}>${t("退出登录")}</button>`;
    if (open === 0) return leave;
    if (!this.leaving) return html`<button class="button wide" @click=${() => { this.leaving = true; }}>${t("退出登录")}</button>`;
    return html`<div class="note warn"><p>${t("还有 {n} 件没有发送。退出后仍存在这部手机里,您本人下次登录后才会发送。", { n: open })}</p>
      <div class="pair"><button class="button" @click=${() => { this.leaving = false; }}>${t("先不退出")}</button>${leave}</div></div>`;
  }

  async #signOut() {
    const { app } = this;
    const reply = await app.wire.signOut().catch(() => undefined);
    if (!reply || reply.status >= 500) {
      app.say(t("现在没有网络,不能退出登录。"));
      return;
    }
    this.leaving = false;
    await app.forget();
    location.hash = "#signin";
  }
}

/** @param {Event} event */
const checked = (event) => /** @type {HTMLInputElement} */ (event.target).checked;

customElements.define("wg-mine", WgMine);

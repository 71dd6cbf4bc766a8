/**
 * Report in three taps: the tab, a tile (or just words), submit. Place and photo when they help;
 * what was settled on the spot is closed in the same breath.
 */

import { html, nothing } from "lit";

import { blank, draftKey, draftOf, isBlank, kept, reportOf, tiles } from "../draft.js";
import { newId } from "../ids.js";
import { StorageFull } from "../outbox.js";
import { here } from "../place.js";
import { t } from "../words.js";
import { View, icon } from "./view.js";
import "./photos-field.js";

/** @import {Draft} from "../draft.js" */
/** @import {CaseClass, Photo} from "../types.js" */

const TILES = 6;
/** Milliseconds of quiet before the draft is kept, and before a neighbour is asked about. */
const QUIET = 300;

/** @typedef {{receipt: string, title: string, metres: number, minutes: number}} Near */

export class WgReport extends View {
  static properties = {
    mends: { attribute: false }, draft: { state: true }, finding: { state: true },
    query: { state: true }, trouble: { state: true }, locating: { state: true },
    near: { state: true }, used: { state: true },
  };

  constructor() {
    super();
    /** Id of the refused deed being mended, "" for a new report. */
    this.mends = "";
    /** @type {Draft} */
    this.draft = blank();
    this.finding = false;
    this.query = "";
    this.trouble = "";
    this.locating = false;
    /** @type {Near[]} */
    this.near = [];
    /** @type {Record<string, number>} */
    this.used = {};
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */ #soon;
  #asked = "";
  #sending = false;

  connectedCallback() {
    super.connectedCallback();
    void this.#open();
  }

  async #open() {
    const { store, outbox } = this.app;
    const deed = outbox.deeds.find((one) => one.id === this.mends);
    const again = deed ? await draftOf(this.app, deed) : await kept(store, this.app.me?.id ?? "");
    if (again) this.draft = again;
    else this.trouble = t("写的内容已加密,这部手机自己也读不了。有网络时再打开,就能改。");
    const used = await store.read("used");
    this.used = /** @type {Record<string, number>} */ (used ?? {});
    const only = this.app.bundle?.units.length === 1 ? this.app.bundle.units[0] : undefined;
    if (only && !this.draft.unit_id) this.#set({ unit_id: only.id });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#soon);
    if (!this.mends) void this.#keep();
  }

  /** @param {Partial<Draft>} part */
  #set(part) {
    this.draft = { ...this.draft, ...part };
    this.trouble = "";
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => {
      if (!this.mends) void this.#keep();
      void this.#askNear();
    }, QUIET);
  }

  async #keep() {
    const draft = isBlank(this.draft) ? undefined : { ...this.draft, at: Date.now() };
    await this.app.store.write(draftKey(this.app.me?.id ?? ""), draft).catch(() => {
      this.trouble = t("手机存储已满,草稿没有存下。");
    });
  }

  render() {
    const { draft } = this;
    const chosen = this.app.classOf(draft.class_code);
    const hint = chosen ? undefined : this.app.suggester.suggest(draft.words);
    const hinted = hint && this.app.classes.find((one) => one.code === hint.code);
    return html`<form class="stack report" @submit=${this.#submit}>
      <h1>${this.mends ? t("改好后再交") : t("上报")}</h1>
      ${this.#refused()}
      <label>${t("什么事?")} <small>${t("一两句话;选了分类也可不写")}</small>
        <textarea rows="3" maxlength="2000" .value=${draft.words}
          @input=${(/** @type {InputEvent} */ event) => this.#set({ words: value(event) })}></textarea></label>
      ${hinted ? html`<button type="button" class="chip hint" @click=${() => this.#choose(hinted)}>
        ${t("是“{name}”吗?点此选定", { name: this.app.nameOf(hinted) })}</button>` : nothing}
      ${this.finding ? this.#search() : this.#tiles(chosen)}
      ${this.#emergency(chosen ?? hinted)}
      ${this.#where()}
      <wg-photos .app=${this.app} .photos=${draft.photos}
        @photos=${(/** @type {CustomEvent<Photo[]>} */ event) => this.#set({ photos: event.detail })}></wg-photos>
      ${this.#solved()}
      ${this.near.length ? html`<div class="note warn"><b>${t("附近已有同类的事,可能是同一件:")}</b>
        ${this.near.map((one) => html`<br>${one.receipt} · ${one.title} · ${t("{m} 米内,{n} 分钟前", { m: Math.ceil(one.metres), n: Math.round(one.minutes) })}`)}
        <br>${t("不是同一件就照常提交。")}</div>` : nothing}
      ${this.trouble ? html`<p class="note bad" role="alert">${this.trouble}</p>` : nothing}
      <div class="send"><button class="button primary wide">${t("提交")}</button></div>
    </form>`;
  }

  #refused() {
    const deed = this.app.outbox.deeds.find((one) => one.id === this.mends);
    if (!deed?.refusal) return nothing;
    const { title, problems } = deed.refusal;
    return html`<div class="note bad" role="alert">${problems.length
      ? problems.map((problem) => html`<p>${t(problem.words)}</p>`) : html`<p>${t(title)}</p>`}</div>`;
  }

  /** @param {CaseClass | undefined} chosen */
  #tiles(chosen) {
    const open = new Set(this.app.classes.map((one) => one.code));
    const codes = tiles(this.used, open, TILES);
    if (chosen && !codes.includes(chosen.code)) codes.splice(TILES - 1, 1, chosen.code);
    return html`<div class="tiles" role="group" aria-label=${t("分类")}>
      ${codes.map((code) => {
        const one = this.app.classOf(code);
        return one ? html`<button type="button" class="tile" aria-pressed=${code === this.draft.class_code}
          @click=${() => this.#choose(one)}>${short(this.app.nameOf(one))}</button>` : nothing;
      })}
      <button type="button" class="tile more" @click=${() => { this.finding = true; this.query = ""; }}>
        ${icon("search")}${t("全部分类")}</button>
    </div>`;
  }

  #search() {
    const query = this.query.trim().toLowerCase();
    const found = this.app.classes.filter((one) =>
      [one.name, one.name_en, one.condition, one.code].some((text) => text.toLowerCase().includes(query)));
    return html`<div class="find">
      <div class="searching"><input type="search" aria-label=${t("查找分类")} placeholder=${t("查找分类")} autofocus .value=${this.query}
        @input=${(/** @type {InputEvent} */ event) => { this.query = value(event); }}>
        <button type="button" class="button" @click=${() => { this.finding = false; }}>${t("收起")}</button></div>
      <ul>${found.map((one) => html`<li><button type="button" @click=${() => this.#choose(one)}>
        <b>${this.app.nameOf(one)}</b><small>${one.condition}</small></button></li>`)}
        ${found.length ? nothing : html`<li class="empty">${t("没有这样的分类。只写文字也可以提交。")}</li>`}</ul>
    </div>`;
  }

  /** @param {CaseClass} one */
  #choose(one) {
    this.finding = false;
    const again = one.code === this.draft.class_code;
    this.#set({ class_code: again ? "" : one.code, ...(one.on_the_spot && !again ? {} : { solved: false }) });
  }

  /** @param {CaseClass | undefined} one */
  #emergency(one) {
    if (!one?.emergency_line) return nothing;
    const lines = one.emergency_line.split(/\D+/).filter(Boolean);
    return html`<div class="note bad urgent"><b>${t("先打电话,再上报:")}</b>
      ${lines.map((line) => html`<a class="button call" href="tel:${line}">${icon("phone")}${t("拨 {line}", { line })}</a>`)}</div>`;
  }

  #where() {
    const { draft } = this;
    const units = this.app.bundle?.units ?? [];
    return html`<fieldset class="place"><legend>${t("在哪里?")}</legend>
      ${units.length ? html`<select aria-label=${t("楼道")} @change=${(/** @type {Event} */ event) => this.#set({ unit_id: value(event), spot: undefined })}>
        <option value="" ?selected=${!draft.unit_id}>${t("选楼道")}</option>
        ${units.map((unit) => html`<option value=${unit.id} ?selected=${unit.id === draft.unit_id}>${unit.name}</option>`)}
      </select>` : nothing}
      <div class="spot">
        <input type="text" maxlength="200" aria-label=${t("具体位置")} placeholder=${t("具体位置,如:3 楼楼道")} .value=${draft.place}
          @input=${(/** @type {InputEvent} */ event) => this.#set({ place: value(event) })}>
        <button type="button" class="button" aria-pressed=${Boolean(draft.spot)} ?disabled=${this.locating} @click=${this.#locate}>
          ${icon("place")}${this.locating ? t("定位中…") : draft.spot ? t("已定位") : t("用此刻位置")}</button>
      </div>
      <small>${t("只在点按时取一次位置,不跟踪。")}</small>
    </fieldset>`;
  }

  #solved() {
    const { draft } = this;
    return html`<label class="switch"><input type="checkbox" .checked=${draft.solved}
        @change=${(/** @type {Event} */ event) => this.#set({ solved: /** @type {HTMLInputElement} */ (event.target).checked })}>
      <span>${t("现场已解决")}<small>${t("只留记录,直接结案")}</small></span></label>
      ${draft.solved ? html`<label>${t("怎么解决的")}
        <textarea rows="2" maxlength="1000" .value=${draft.result}
          @input=${(/** @type {InputEvent} */ event) => this.#set({ result: value(event) })}></textarea></label>` : nothing}`;
  }

  async #locate() {
    if (this.draft.spot) {
      this.#set({ spot: undefined });
      return;
    }
    this.locating = true;
    const spot = await here();
    this.locating = false;
    if (spot) this.#set({ spot, unit_id: "" });
    else this.trouble = t("手机没有给出位置。请选楼道或写明地点。");
  }

  /** Whether somebody has just reported the same thing here. Only a hint, so failure is silence. */
  async #askNear() {
    const { draft } = this;
    const unit = this.app.bundle?.units.find((one) => one.id === draft.unit_id);
    const lon = draft.spot?.lon ?? unit?.lon;
    const lat = draft.spot?.lat ?? unit?.lat;
    const code = draft.class_code;
    if (!code || lon === undefined || lon === null || lat === undefined || lat === null) {
      this.near = [];
      return;
    }
    const path = `/api/v1/cases/near?lon=${lon}&lat=${lat}&class_code=${encodeURIComponent(code)}`;
    if (!this.app.online || path === this.#asked) return;
    this.#asked = path;
    const reply = await this.app.wire.get(path).catch(() => undefined);
    if (path !== this.#asked) return;
    this.near = reply?.status === 200 ? /** @type {{items: Near[]}} */ (reply.body).items.slice(0, 3) : [];
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const { draft, app } = this;
    const chosen = app.classOf(draft.class_code);
    const trouble =
      !draft.words.trim() && !chosen ? t("请选一个分类,或写一句话。")
      : draft.solved && !draft.result.trim() ? t("请写一句怎么解决的。")
      : !draft.unit_id && !draft.spot && !draft.place.trim() && (app.bundle?.units.length ?? 0) > 0
        ? t("请选楼道,或写明地点。") : "";
    if (trouble) {
      this.trouble = trouble;
      return;
    }
    if (this.#sending) return;
    this.#sending = true;
    const mended = app.outbox.deeds.find((one) => one.id === this.mends);
    const id = newId();
    const name = chosen?.name ?? "";
    const unit = app.bundle?.units.find((one) => one.id === draft.unit_id);
    const areas = app.me?.areas ?? [];
    const area = unit?.area_code ?? (areas.length === 1 ? areas[0]?.code : undefined);
    const body = reportOf(draft, id, name, mended?.at ?? new Date().toISOString(), area);
    try {
      await app.do("cases.report", body, {
        id, subject: id, title: `${t("上报")}:${name || draft.words.trim().slice(0, 20)}`,
        plain: t("上报"), photos: draft.photos, ...(mended ? { mends: mended } : {}),
      });
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      // Nothing was kept: the form stays as it is.
      this.trouble = t("手机存储已满,这一条没有存下。请清理手机后再试。");
      return;
    } finally {
      this.#sending = false;
    }
    await this.#afterwards();
  }

  async #afterwards() {
    const { app, draft } = this;
    if (draft.class_code) {
      this.used = { ...this.used, [draft.class_code]: (this.used[draft.class_code] ?? 0) + 1 };
      await app.store.write("used", this.used).catch(() => undefined);
    }
    clearTimeout(this.#soon);
    const unit = draft.unit_id;
    this.draft = { ...blank(), unit_id: unit };
    this.near = [];
    this.#asked = "";
    if (!this.mends) await this.#keep();
    app.say(t("已存在手机里,{how}。", {
      how: app.online ? t("马上发送") : t("有网络时自动发送"),
    }));
    location.hash = "#mine";
  }
}

/** Without what only tells classes of one kind apart. @param {string} name */
const short = (name) => name.replace(/\(.*\)$|,.*$/, "");

/** @param {Event} event */
const value = (event) => /** @type {HTMLInputElement} */ (event.target).value;

customElements.define("wg-report", WgReport);
